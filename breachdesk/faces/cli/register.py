"""`breachdesk register`: export the record of every breach, close an incident, reopen it."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from breachdesk.faces.cli.filing import DEFAULT_FORM, write
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.filings import reading
from breachdesk.filings.terms import Form
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.register import commands, queries, rules
from breachdesk.register import reading as added
from breachdesk.register.terms import Reader, Row

FORMATS = ("csv", "json", "xlsx", "pdf")
BINARY = ("xlsx", "pdf")
PAPER = "register/register.typ"


@click.group("register")
def register() -> None:
    """Keep the record of every breach, notified or not (GDPR art. 33(5))."""


@register.command("export")
@click.option("--format", "layout", default="csv", help=f"One of {', '.join(FORMATS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@click.option("--drills", is_flag=True, help="Put drills in as well.")
@click.option("--excel", is_flag=True, help="CSV as a French spreadsheet opens it.")
@json_option
@pass_terminal
def export(
    terminal: Terminal,
    *,
    layout: str,
    output: Path | None,
    drills: bool,
    excel: bool,
    as_json: bool,
) -> None:
    """Write the register: one line an incident, open or closed, with its reasons."""
    if layout not in FORMATS:
        raise Unusable(
            Problem(
                f"{layout!r} is not available; the formats are {', '.join(FORMATS)}",
                field="format",
            )
        )
    if excel and layout != "csv":
        raise Unusable(Problem("goes with --format csv only", field="excel"))
    if layout in BINARY and output is None:
        raise Unusable(Problem(f"name the file that the {layout} goes to", field="output"))
    now = terminal.desk.transactions.clock.now()
    with terminal.reading() as session:
        form = _form(terminal)
        rows = queries.lines(session, terminal.law, form, now, drills=drills)
        reader = queries.reader(session, terminal.law, form)
    made = _laid_out(terminal, rows, reader, "excel" if excel else layout, now)
    if output is not None:
        write(output, made)
    elif not as_json:
        click.echo(made.decode(), nl=False)
        return
    document = {
        "file": output and str(output),
        "format": layout,
        "lines": len(rows),
        "digest": rules.sha256(made),
        "register": rows if output is None else None,
    }
    answer(document, as_json=as_json, text=f"{len(rows)} lines are in {output}.")


@register.command("pack")
@click.argument("reference")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
@json_option
@pass_terminal
def pack(terminal: Terminal, reference: str, *, output: Path, as_json: bool) -> None:
    """Write all that is kept of REFERENCE to a ZIP that an inspector can verify offline."""
    desk = terminal.desk
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        files = commands.export_pack(
            tx, incident, terminal.law, _form(terminal), desk.writers.pdf, _stationery(terminal)
        )
        write(output, rules.archive(files, tx.now))
    document = {
        "reference": reference,
        "file": str(output),
        "files": len(files),
        "manifest": rules.sha256(files[rules.MANIFEST]),
    }
    said = f"{len(files)} files are in {output}; their manifest is {document['manifest']}."
    answer(document, as_json=as_json, text=said)


@register.command("close")
@click.argument("reference")
@click.option("--lessons", required=True, help="What was learnt.")
@json_option
@pass_terminal
def close(terminal: Terminal, reference: str, *, lessons: str, as_json: bool) -> None:
    """Close REFERENCE and freeze its line."""
    form = _form(terminal)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        line = commands.close(tx, incident, terminal.law, form, lessons)
    answer(
        {"reference": reference, "digest": line.digest, "closed_at": line.closed_at},
        as_json=as_json,
        text=f"{reference} is closed; its line is {line.digest}.",
    )


@register.command("reopen")
@click.argument("reference")
@click.option("--reason", required=True, help="Why it is opened again.")
@json_option
@pass_terminal
def reopen(terminal: Terminal, reference: str, *, reason: str, as_json: bool) -> None:
    """Open REFERENCE again; the frozen line is kept."""
    with terminal.transaction() as tx:
        commands.reopen(tx, incidents.by_reference(tx.session, reference), reason)
    answer({"reference": reference}, as_json=as_json, text=f"{reference} is open again.")


def _laid_out(
    terminal: Terminal, rows: Sequence[Row], reader: Reader, layout: str, now: datetime
) -> bytes:
    """Return the register as a file of that format."""
    if layout in {"csv", "excel"}:
        return rules.as_csv(rows, excel=layout == "excel").encode()
    if layout == "xlsx":
        out = io.BytesIO()
        terminal.desk.writers.xlsx.write(out, rules.sheets(rows, reader))
        return out.getvalue()
    plain = rules.as_json(rows).encode()
    if layout == "json":
        return plain
    values = rules.paper(rows, reader, now, rules.sha256(plain))
    return terminal.desk.writers.pdf.write(PAPER, values)


def _stationery(terminal: Terminal) -> commands.Stationery:
    templates = terminal.desk.templates
    forms = reading.read_forms(templates)
    return commands.Stationery(
        forms=forms,
        layouts={each.id: reading.layout(templates, each, "typ") for each in forms.values()},
        register=PAPER,
        files=added.stationery(templates),
    )


def _form(terminal: Terminal) -> Form:
    """Return the form whose fields the register's columns are read from."""
    return reading.form(terminal.desk.templates, DEFAULT_FORM)
