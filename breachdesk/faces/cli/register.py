"""`breachdesk register`: export the record of every breach, close an incident, reopen it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from breachdesk.faces.cli.filing import DEFAULT_FORM, write, writing
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.filings import reading
from breachdesk.filings.terms import Form
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.register import commands, queries, rules
from breachdesk.register import reading as added
from breachdesk.register.terms import Reader, Row, Sought, Status, Yearly

FORMATS = ("csv", "json", "xlsx", "pdf")
BINARY = ("xlsx", "pdf")
PAPER = "register/register.typ"
PAPER_LINES = 1000
"""Lines that a document on paper may hold: some two thousand pages."""
F = TypeVar("F", bound=Callable[..., Any])


@click.group("register")
def register() -> None:
    """Keep the record of every breach, notified or not (GDPR art. 33(5))."""


def filters(function: F) -> F:
    """Add the options that say which lines are asked for."""
    for option in (
        click.option("--year", type=int, help="Lines of this year's numbers."),
        click.option(
            "--status",
            type=click.Choice([each.value for each in Status]),
            help="Frozen or not.",
        ),
        click.option("--cause", help="A code of the form's causes."),
        click.option("--notified/--not-notified", default=None, help="Whether filed."),
        click.option("--late/--on-time", default=None, help="Whether past the deadline."),
        click.option("--text", default="", help="Words in title, facts, reasons, lessons."),
        click.option("--drills", is_flag=True, help="Put drills in as well."),
    ):
        function = option(function)
    return function


@register.command("export")
@click.option("--format", "layout", default="csv", help=f"One of {', '.join(FORMATS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@click.option("--excel", is_flag=True, help="CSV as a French spreadsheet opens it.")
@filters
@json_option
@pass_terminal
def export(
    terminal: Terminal,
    /,
    *,
    layout: str,
    output: Path | None,
    excel: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Write the register: one line an incident, open or closed, with its reasons."""
    _check(layout, output, excel=excel)
    now, years = terminal.desk.transactions.clock.now(), rules.Years()
    form, sought = _form(terminal), _sought(_form(terminal), asked)
    with terminal.reading() as session:
        rows = years.passing(queries.lines(session, terminal.law, form, now, sought))
        reader = queries.reader(session, terminal.law, form)
        if output is None and as_json:
            register_lines, digest = [*rows], None
        elif output is None:
            for piece in _pieces(rows, layout, excel=excel):
                click.echo(piece, nl=False)
            return
        else:
            register_lines = None
            with writing(output) as out:
                _lay_out(terminal, out, rows, reader, (layout, excel, now))
            digest = _digest(output)
    document = {
        "file": output and str(output),
        "format": layout,
        "lines": years.lines,
        "digest": digest,
        "statistics": [asdict(each) for each in years.figures()],
        "register": register_lines,
    }
    answer(document, as_json=as_json, text=f"{years.lines} lines are in {output}.")


@register.command("statistics")
@filters
@json_option
@pass_terminal
def statistics(terminal: Terminal, /, *, as_json: bool, **asked: Any) -> None:
    """Count each year: causes, detection delay, filings on time, people told."""
    form, now = _form(terminal), terminal.desk.transactions.clock.now()
    with terminal.reading() as session:
        rows = queries.lines(session, terminal.law, form, now, _sought(form, asked))
        years = rules.yearly(rows)
    answer([asdict(each) for each in years], as_json=as_json, text=lambda: _said(years))


@register.command("pack")
@click.argument("reference")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
@click.option("--addresses-for", "purpose", help="Put the addresses in, sealed, for this.")
@click.option(
    "--passphrase-file", type=click.Path(path_type=Path), help="Whose first line opens them."
)
@json_option
@pass_terminal
def pack(
    terminal: Terminal,
    reference: str,
    *,
    output: Path,
    purpose: str | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Write all that is kept of REFERENCE to a ZIP that an inspector can verify offline.

    Without --addresses-for no address is in it. With it they are, under a passphrase, and the
    trail says what for.
    """
    if (purpose is None) is not (passphrase_file is None):
        said = "and --addresses-for go together"
        raise Unusable(Problem(said, field="passphrase-file"))
    passphrase = "" if passphrase_file is None else _first_line(passphrase_file)
    desk = terminal.desk
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        addresses = (
            None
            if purpose is None
            else commands.seal_addresses(tx, incident, purpose, passphrase)
        )
        files = commands.export_pack(
            tx,
            incident,
            terminal.law,
            _form(terminal),
            desk.writers.pdf,
            _stationery(terminal),
            addresses=addresses,
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
@click.option("--left-open", default="", help="Why duties or tasks stay open, if any do.")
@click.option(
    "--because", multiple=True, type=(str, str), metavar="NAME REASON", help="Why one does."
)
@json_option
@pass_terminal
def close(
    terminal: Terminal,
    reference: str,
    *,
    lessons: str,
    left_open: str,
    because: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Close REFERENCE and freeze its line.

    What stays open has a reason of its own (--because), or the one for all (--left-open).
    """
    form, reasons = _form(terminal), {**dict(because), "": left_open}
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        line = commands.close(tx, incident, terminal.law, form, lessons, left_open=reasons)
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


def _check(layout: str, output: Path | None, *, excel: bool) -> None:
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


def _sought(form: Form, asked: Mapping[str, Any]) -> Sought:
    causes = [choice.code for choice in form.lists.get("causes", ())]
    if asked["cause"] not in {None, *causes}:
        known = ", ".join(causes)
        raise Unusable(
            Problem(f"{asked['cause']!r} is no cause; these are: {known}", field="cause")
        )
    status = asked["status"] and Status(asked["status"])
    return Sought(**{**asked, "status": status})


def _pieces(rows: Iterable[Row], layout: str, *, excel: bool) -> Iterator[str]:
    return rules.json_of(rows) if layout == "json" else rules.csv_of(rows, excel=excel)


def _lay_out(
    terminal: Terminal,
    out: BinaryIO,
    rows: Iterable[Row],
    reader: Reader,
    how: tuple[str, bool, datetime],
) -> None:
    """Write the register to `out`: a line at a time, save on paper, which holds so many."""
    layout, excel, now = how
    if layout == "xlsx":
        terminal.desk.writers.xlsx.write(out, rules.sheets(rows, reader))
    elif layout == "pdf":
        out.write(_on_paper(terminal, rows, reader, now))
    else:
        out.writelines(each.encode() for each in _pieces(rows, layout, excel=excel))


def _on_paper(terminal: Terminal, rows: Iterable[Row], reader: Reader, now: datetime) -> bytes:
    lines = [*islice(rows, PAPER_LINES + 1)]
    if len(lines) > PAPER_LINES:
        raise Unusable(
            Problem(
                f"pdf holds {PAPER_LINES} lines at most; ask for a --year, or another format",
                field="format",
            )
        )
    digest = rules.sha256("".join(rules.json_of(lines)).encode())
    return terminal.desk.writers.pdf.write(PAPER, rules.paper(lines, reader, now, digest))


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").partition("\n")[0].strip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(Problem(f"cannot be read: {error}", file=str(path))) from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _said(years: Iterable[Yearly]) -> str:
    """Return the years for a person, a paragraph each."""
    said = []
    for each in years:
        causes = ", ".join(f"{code} {count}" for code, count in each.causes.items())
        delays = ", ".join(f"{name} {count}" for name, count in each.delays.items() if count)
        share = "-" if each.on_time_share is None else f"{each.on_time_share:.0%}"
        said.append(
            f"{each.year}: {each.lines} breaches, {each.open} open\n"
            f"  causes: {causes}\n  detected within: {delays}\n"
            f"  authority told on time: {share}\n"
            f"  people: {each.affected} affected, {each.told} told, {each.not_told} not told"
        )
    return "\n".join(said) or "The register is empty."


def _stationery(terminal: Terminal) -> commands.Stationery:
    templates = terminal.desk.templates
    forms = reading.read_forms(templates, terminal.desk.home)
    return commands.Stationery(
        forms=forms,
        layouts={each.id: reading.layout(templates, each, "typ") for each in forms.values()},
        register=PAPER,
        files=added.stationery(templates),
    )


def _form(terminal: Terminal) -> Form:
    """Return the form whose fields the register's columns are read from."""
    return reading.form(terminal.desk.templates, DEFAULT_FORM, terminal.desk.home)
