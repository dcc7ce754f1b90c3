"""`breachdesk register`: export the record of every breach, close an incident, reopen it."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from breachdesk.faces.cli.files import write, writing
from breachdesk.faces.cli.filing_forms import DEFAULT_FORM
from breachdesk.faces.cli.register_export import (
    FORMATS,
    PAPER,
    asked_for,
    check,
    digest,
    filters,
    lay_out,
    pieces,
)
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.filings import reading
from breachdesk.filings.terms import Form
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.register import commands, queries, rules
from breachdesk.register import reading as added
from breachdesk.register.terms import Yearly


@click.group("register")
def register() -> None:
    """Keep the record of every breach, notified or not (GDPR art. 33(5))."""


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
    check(layout, output, excel=excel)
    now, years = terminal.desk.transactions.clock.now(), rules.Years()
    form = _form(terminal)
    sought = asked_for(form, asked)
    with terminal.reading() as session:
        rows = years.passing(queries.lines(session, terminal.law, form, now, sought))
        reader = queries.reader(session, terminal.law, form)
        if output is None and as_json:
            register_lines, made = [*rows], None
        elif output is None:
            for piece in pieces(rows, layout, excel=excel):
                click.echo(piece, nl=False)
            return
        else:
            register_lines = None
            with writing(output) as out:
                lay_out(terminal, out, rows, reader, (layout, excel, now))
            made = digest(output)
    document = {
        "file": output and str(output),
        "format": layout,
        "lines": years.lines,
        "digest": made,
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
        rows = queries.lines(session, terminal.law, form, now, asked_for(form, asked))
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
    said = (
        f"{len(files)} files are in {output}; their manifest is {document['manifest']}.\n"
        "Keep that digest apart; in the pack: python3 -I verify.py --anchor THAT-DIGEST"
    )
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


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").partition("\n")[0].strip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(Problem(f"cannot be read: {error}", file=str(path))) from None


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
