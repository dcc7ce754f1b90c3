"""`breachdesk filing`: draft what the authority is told, and record what it answers."""

from pathlib import Path

import click

from breachdesk.faces.cli.files import write
from breachdesk.faces.cli.filing_forms import form_of, form_options
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.filings import commands, errands, queries, reading, rules
from breachdesk.filings.commands import Receipt
from breachdesk.filings.terms import Draft, Form, Kind
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import instant

FORMATS = ("json", "html", "docx", "pdf")
BINARY = ("docx", "pdf")


@click.group("filing")
def filing() -> None:
    """Draft what the authority is told, field by field, and record what it answers."""


@filing.command("draft")
@click.argument("reference")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), default="initial")
@form_options
@click.option("--format", "layout", default="json", help=f"One of {', '.join(FORMATS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@json_option
@pass_terminal
def draft(
    terminal: Terminal,
    /,
    reference: str,
    *,
    kind: str,
    layout: str,
    output: Path | None,
    as_json: bool,
    **asked: str | None,
) -> None:
    """Draft the filing of REFERENCE from all that is known, and say what is missing."""
    if layout not in FORMATS:
        raise Unusable(
            Problem(
                f"{layout!r} is not available; the formats are {', '.join(FORMATS)}",
                field="format",
            )
        )
    if layout in BINARY and output is None and not as_json:
        raise Unusable(Problem(f"name the file that the {layout} goes to", field="output"))
    form = form_of(terminal, asked)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        kept = commands.draft(tx, incident, terminal.law, form, Kind(kind))
        drafted = queries.as_draft(incident, kept)
        document = rules.document(form, drafted)
        made = errands.laid_out(terminal.desk, form, drafted, layout, incident.zone)
        if output is not None:
            write(output, made)
    if output is None and not as_json:
        click.echo(made.decode())
        return
    answer(
        {**document, "file": output and str(output)},
        as_json=as_json,
        text=lambda: summary(form, drafted, output),
    )


@filing.command("layout")
@form_options
@click.option("--format", "layout", type=click.Choice(BINARY), default="docx")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
@pass_terminal
def layout_(terminal: Terminal, /, *, layout: str, output: Path, **asked: str | None) -> None:
    """Write the layout of a draft to a file, to be edited and put among the templates."""
    desk, form = terminal.desk, form_of(terminal, asked)
    template = _template(terminal, form, layout)
    if layout == "docx":
        write(output, desk.writers.docx.layout(template))
    else:
        write(output, (desk.templates / template).read_bytes())
    click.echo(f"{template} is in {output}; edited, it goes to that place in the templates.")


@filing.command("answer")
@click.argument("reference")
@click.argument("code")
@click.argument("value")
@form_options
@json_option
@pass_terminal
def answer_(
    terminal: Terminal,
    /,
    reference: str,
    code: str,
    value: str,
    *,
    as_json: bool,
    **asked: str | None,
) -> None:
    """Type VALUE into the field CODE: a text, codes joined by commas, `unknown` or `none`."""
    form = form_of(terminal, asked)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.answer(tx, incident, form, code, value)
    answer({"reference": reference, "code": code}, as_json=as_json, text=f"{code} is answered.")


@filing.command("confirm")
@click.argument("reference")
@click.argument("codes", nargs=-1, required=True)
@form_options
@json_option
@pass_terminal
def confirm(
    terminal: Terminal,
    /,
    reference: str,
    codes: tuple[str, ...],
    *,
    as_json: bool,
    **asked: str | None,
) -> None:
    """Confirm what is proposed for the fields CODES, for as long as it reads the same."""
    form = form_of(terminal, asked)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        for code in codes:
            commands.confirm(tx, incident, terminal.law, form, code)
    answer(
        {"reference": reference, "confirmed": list(codes)},
        as_json=as_json,
        text=f"{', '.join(codes)}: confirmed.",
    )


@filing.command("withdraw")
@click.argument("reference")
@click.argument("code")
@form_options
@json_option
@pass_terminal
def withdraw(
    terminal: Terminal, /, reference: str, code: str, *, as_json: bool, **asked: str | None
) -> None:
    """Take back what was typed or confirmed for the field CODE."""
    form = form_of(terminal, asked)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.withdraw(tx, incident, form, code)
    answer(
        {"reference": reference, "code": code}, as_json=as_json, text=f"{code} is open again."
    )


@filing.command("receipt")
@click.argument("reference")
@click.option("--number", required=True, help="The number that the authority gave.")
@click.option("--at", "filed_at", required=True, help="The instant the authority took it.")
@click.option("--file", "paper", type=click.Path(path_type=Path), help="The acknowledgement.")
@click.option("--draft", "number_of_draft", type=int, help="Which draft was filed; the last.")
@form_options
@json_option
@pass_terminal
def receipt(
    terminal: Terminal,
    /,
    reference: str,
    *,
    number: str,
    filed_at: str,
    paper: Path | None,
    number_of_draft: int | None,
    as_json: bool,
    **asked: str | None,
) -> None:
    """Record that the authority took a filing of REFERENCE; the duty to notify is met then."""
    form = form_of(terminal, asked)
    told = Receipt(
        reference=number,
        filed_at=instant(filed_at),
        draft=number_of_draft,
        paper=_readable(paper),
    )
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        recorded = commands.record_receipt(tx, incident, terminal.law, form, told)
    answer(
        {
            "reference": reference,
            "number": recorded.reference,
            "kind": recorded.kind,
            "filed_at": recorded.filed_at,
            "file_digest": recorded.file_digest,
        },
        as_json=as_json,
        text=f"{reference}: {recorded.kind} filing {recorded.reference} is recorded.",
    )


@filing.command("paper")
@click.argument("reference")
@click.argument("number")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
@pass_terminal
def paper_(terminal: Terminal, /, reference: str, number: str, *, output: Path) -> None:
    """Write the acknowledgement of that NUMBER, which lies in the vault, to a file."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        row = queries.receipt(session, incident.id, number)
        write(output, queries.paper_of(row, terminal.desk.transactions.vault))
    click.echo(f"The receipt {number} is in {output}.")


@filing.command("list")
@click.argument("reference")
@json_option
@pass_terminal
def list_(terminal: Terminal, /, reference: str, *, as_json: bool) -> None:
    """List the drafts of REFERENCE and what the authority acknowledged."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        drafts = [
            {
                "number": each.number,
                "form": each.form,
                "kind": each.kind,
                "digest": each.digest,
                "drafted_at": each.drafted_at,
                "drafted_by": each.drafted_by,
                "missing": len([f for f in queries.fields_in(each) if f.missing]),
            }
            for each in queries.drafts_of(session, incident.id)
        ]
        receipts = [
            {
                "number": each.reference,
                "authority": each.authority,
                "kind": each.kind,
                "filed_at": each.filed_at,
                "file_digest": each.file_digest,
            }
            for each in queries.receipts_of(session, incident.id)
        ]
    lines = [
        f"{each['form']}  draft {each['number']}  {each['kind']}  {each['drafted_at']}  "
        f"missing: {each['missing']}"
        for each in drafts
    ] + [
        f"{each['authority']}  filed  {each['kind']}  {each['filed_at']}  {each['number']}"
        for each in receipts
    ]
    answer(
        {"drafts": drafts, "receipts": receipts},
        as_json=as_json,
        text="\n".join(lines) or f"Nothing was drafted for {reference} yet.",
    )


def summary(form: Form, drafted: Draft, output: Path | None) -> str:
    """Return what a person is told of a draft: where it is, what is missing, whom to ask."""
    lines = [f"Draft {drafted.number} of {drafted.reference} is in {output}."]
    lines += [
        f"  missing: {each.section}. {each.code}; ask {form.asks[each.ask].en}"
        for each in drafted.missing
    ]
    if not drafted.missing:
        lines.append("  nothing is missing")
    return "\n".join(lines)


def _template(terminal: Terminal, form: Form, layout: str) -> str:
    suffix = "typ" if layout == "pdf" else layout
    return reading.layout(terminal.desk.templates, form, suffix)


def _readable(paper: Path | None) -> Path | None:
    """Return the file of an acknowledgement. Raises Unusable where it cannot be read."""
    try:
        if paper is not None:
            paper.open("rb").close()
    except OSError as error:
        raise Unusable(Problem(f"cannot be read: {error.strerror}", file=str(paper))) from None
    return paper
