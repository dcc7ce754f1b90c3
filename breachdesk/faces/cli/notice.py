"""`breachdesk notice`: draft, check, preview and approve what is said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from breachdesk.access import queries as members
from breachdesk.delivery import queries as delivery
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.law.terms import Law
from breachdesk.notices import commands, errands, queries, reading, rules
from breachdesk.notices.terms import FIRST, KINDS, PEOPLE, Finding, Order, Words

RINGS = ("proven", "reachable", "population")
FORMATS = ("text", "html")

obligation_option = click.option(
    "--obligation", default=PEOPLE, show_default=True, help="The duty that it answers."
)

kind_option = click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=FIRST,
    show_default=True,
    help="The first notice, its words for people found late, or what follows.",
)


class NothingDrafted(Refused):
    """There is no notice yet."""


@click.group("notice")
def notice() -> None:
    """Draft, check, preview and approve notices."""


@notice.command("draft")
@click.argument("reference")
@obligation_option
@kind_option
@click.option("--ring", type=click.Choice(RINGS), default="proven", show_default=True)
@click.option(
    "--words",
    type=click.Path(path_type=Path),
    help="A TOML file: for each language, what_happened, not_touched and news.",
)
@click.option(
    "--happened",
    multiple=True,
    metavar="LANGUAGE=TEXT",
    help="What happened, in one language; may be given again for another.",
)
@click.option(
    "--language", "languages", multiple=True, help="Write in these languages and no other."
)
@json_option
@pass_terminal
def draft(  # noqa: PLR0913  (each is an option of the command)
    terminal: Terminal,
    reference: str,
    *,
    obligation: str,
    kind: str,
    ring: str,
    words: Path | None,
    happened: tuple[str, ...],
    languages: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the notice on incident REFERENCE, one text per language and set of data."""
    typed = reading.read_words(words) if words else {}
    for each in happened:
        language, sign, text = each.partition("=")
        if not sign:
            raise Unusable(f"--happened is {each!r}; write it like fr=TEXT")
        typed[language] = replace(typed.get(language, Words()), what_happened=text)
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
    drafted = errands.draft(
        terminal.desk.transactions,
        terminal.desk.renderer,
        terminal.actor,
        terminal.desk.law,
        terminal.desk.templates,
        Order(incident.id, obligation, ring, typed, languages, kind),
    )
    _tell(terminal, drafted, as_json=as_json)


@notice.command("customers")
@click.argument("reference")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@pass_terminal
def customers(terminal: Terminal, reference: str, file: Path, *, as_json: bool) -> None:
    """Keep, sealed, where the customers of REFERENCE are alerted: a CSV of customer, email.

    `name` and `locale` may be columns too. What was named before is replaced.
    """
    named = reading.read_customers(file)
    with terminal.transaction() as tx:
        book = commands.name_customers(tx, incidents.by_reference(tx.session, reference), named)
    answer(
        {"reference": reference, "customers": book.customers, "digest": book.digest},
        as_json=as_json,
        text=f"{book.customers} customers can be alerted.",
    )


@notice.command("check")
@click.argument("reference")
@obligation_option
@kind_option
@json_option
@pass_terminal
def check(
    terminal: Terminal, reference: str, obligation: str, kind: str, *, as_json: bool
) -> None:
    """Tell what the notice lacks, and whether the facts have moved since it was drafted."""
    with terminal.reading() as session:
        found = _latest(session, reference, obligation, kind)
    _tell(terminal, found, as_json=as_json)


@notice.command("preview")
@click.argument("reference")
@obligation_option
@kind_option
@click.option("--variant", help="The key of one text; see: breachdesk notice check.")
@click.option("--language", help="The text that most people read in this language.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
)
@json_option
@pass_terminal
def preview(  # noqa: PLR0913  (each is an option of the command)
    terminal: Terminal,
    reference: str,
    *,
    obligation: str,
    kind: str,
    variant: str | None,
    language: str | None,
    form: str,
    as_json: bool,
) -> None:
    """Show the very message a reader gets, with a made-up code in place of theirs."""
    with terminal.reading() as session:
        found = _latest(session, reference, obligation, kind)
        chosen = queries.variant(session, found.id, key=variant, language=language)
        message = queries.preview(session, found, chosen)
        whole = _document(session, terminal.desk.law, found)
    document = {
        **whole,
        "variant": chosen.key,
        "language": chosen.locale,
        "people": chosen.people,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
    }
    shown = message.html if form == "html" else f"{message.subject}\n\n{message.text}"
    answer(document, as_json=as_json, text=shown)


@notice.command("approve")
@click.argument("reference")
@obligation_option
@kind_option
@click.option("--as", "member", help="The e-mail address of the member who approves.")
@json_option
@pass_terminal
def approve(
    terminal: Terminal,
    reference: str,
    obligation: str,
    kind: str,
    member: str | None,
    *,
    as_json: bool,
) -> None:
    """Approve exactly this text. Two different members must; any change asks them anew."""
    transactions, actor = terminal.desk.transactions, terminal.actor
    with terminal.reading() as session:
        found = _latest(session, reference, obligation, kind)
        if member is not None:
            actor = members.actor(members.member(session, member))
        tried = delivery.rehearsed_at(session, found.id) is not None
    rehearsed = None if terminal.desk.witness is None else tried
    with transactions.open(actor) as tx:
        approved = commands.approve(tx, found, terminal.desk.law, rehearsed=rehearsed)
    if rehearsed is False:
        click.echo(
            "warning: these texts were not rehearsed in the carrier's sandbox; run: "
            f"breachdesk delivery rehearse {reference}",
            err=True,
        )
    _tell(terminal, approved, as_json=as_json)


def _latest(session: Session, reference: str, obligation: str, kind: str) -> queries.NoticeRow:
    incident = incidents.by_reference(session, reference)
    found = queries.latest(session, incident.id, obligation, kind)
    if found is None:
        raise NothingDrafted(
            f"there is no notice for {obligation} yet; run: breachdesk notice draft {reference}"
        )
    return found


def _tell(terminal: Terminal, found: queries.NoticeRow, *, as_json: bool) -> None:
    with terminal.reading() as session:
        document = _document(session, terminal.desk.law, found)
    answer(document, as_json=as_json, text=lambda: _as_text(document))


def _document(session: Session, law: Law, found: queries.NoticeRow) -> dict[str, Any]:
    review = queries.review(session, law, found)
    return {
        "notice": found.id,
        "obligation": found.obligation,
        "kind": found.kind,
        "version": found.version,
        "stage": found.stage,
        "ring": found.ring,
        "languages": found.languages,
        "digest": found.content_digest,
        "missing": [_finding(each) for each in review.missing],
        "warnings": [_finding(each) for each in review.warnings],
        "changed": list(review.changed),
        "variants": [
            {
                "key": each.key,
                "language": each.locale,
                "role": each.role,
                "categories": each.categories,
                "people": each.people,
                "subject": each.subject,
                "digest": each.digest,
            }
            for each in queries.variants_of(session, found.id)
        ],
        "recipients": queries.recipients(session, found),
        "approvals": [
            {"member": each.member, "at": each.at}
            for each in queries.approvals_of(session, found.id)
        ],
        "may_be_sent": rules.may_be_sent(found.stage),
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "article": found.article,
        "language": found.language,
        "variant": found.variant,
        "sentence": dict(found.sentence),
    }


def _as_text(document: dict[str, Any]) -> str:
    lines = [
        "{obligation}, {kind}, version {version}: {stage}, {recipients} to be told.".format_map(
            document
        ),
        *(f"  {each['people']:>9}  {each['key']}" for each in document["variants"]),
    ]
    for mark, kind in (("missing", "missing"), ("warning", "warnings")):
        lines += [
            f"{mark}: {each['code']} ({each['language'] or '-'}): {each['sentence']['en']}"
            for each in document[kind]
        ]
    if document["changed"]:
        names = ", ".join(document["changed"])
        lines.append(f"The facts have changed since ({names}): draft it again.")
    lines += [f"Approved by {each['member']}." for each in document["approvals"]]
    return "\n".join(lines)
