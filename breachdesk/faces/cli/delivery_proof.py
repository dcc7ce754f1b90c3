"""`breachdesk delivery`: what is published, what is shown of one, who is told otherwise."""

import csv
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TextIO

import click

from breachdesk.delivery import commands, queries
from breachdesk.delivery.terms import Channel, Elsewhere, Proof
from breachdesk.faces.cli.delivery_control import campaign_option, chosen, of_notice
from breachdesk.faces.cli.terminal import ASKED, Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.cells import safe
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.times import instant
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.terms import Person, Ring

OTHER_WAYS = [each.value for each in Channel if each is not Channel.EMAIL]
CONTACTS = (Channel.SECOND_ADDRESS, Channel.LETTER, Channel.PHONE)


@click.command("proof")
@click.argument("reference")
@click.argument("person")
@click.option("--reason", default=ASKED, help="For what you look; it is noted on the trail.")
@json_option
@pass_terminal
def proof(
    terminal: Terminal, reference: str, person: str, *, reason: str, as_json: bool
) -> None:
    """Show what the ledger holds of one PERSON of REFERENCE, by key: text, attempts, reports.

    Looking is recorded. It can be shown after a purge as well.
    """
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        found = commands.prove(tx, incident, person, reason=reason, counted=False)
    answer(found.as_json(), as_json=as_json, text=lambda: _as_text(found))


@click.command("elsewhere")
@click.argument("reference")
@of_notice
@click.option(
    "--contacts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with person_key and, where known, second_address, letter, phone.",
)
@json_option
@pass_terminal
def elsewhere(
    terminal: Terminal,
    reference: str,
    *,
    obligation: str,
    kind: str,
    contacts: Path | None,
    as_json: bool,
) -> None:
    """List whom the e-mail did not reach, why, and by what way to go on (CSV, or JSON).

    Permitted and recorded, as every look at the list is.
    """
    known = _contacts(contacts) if contacts else {}
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        scope = scopes.latest(tx.session, incident.id)
        if scope is None:
            raise Unusable(f"it is not measured yet who is affected by {reference}")
        people = scoping.list_people(
            tx, incident, scope, Ring("population"), terminal.desk.population
        )
        keys = ((each.person_key, _ways(each, known)) for each in people)
        found = list(
            queries.elsewhere(
                tx.session,
                terminal.desk.transactions.vault,
                incident.id,
                keys,
                queries.letter(obligation, kind),
            )
        )
    rows = [_row(each) for each in found]
    if as_json:
        answer(rows, as_json=True, text="")
        return
    writer = csv.DictWriter(sys.stdout, list(_row_names()))
    writer.writeheader()
    writer.writerows(rows)


@click.command("told")
@click.argument("reference")
@click.argument("people", type=click.File("r", encoding="utf-8"))
@click.option("--by", "channel", type=click.Choice(OTHER_WAYS), required=True)
@click.option("--at", "at", required=True, help="When, as an instant with offset.")
@click.option("--evidence", required=True, help="What proves it.")
@json_option
@pass_terminal
def told(
    terminal: Terminal,
    reference: str,
    people: TextIO,
    *,
    channel: str,
    at: str,
    evidence: str,
    as_json: bool,
) -> None:
    """Record that PEOPLE (a file of keys, one a line) of REFERENCE were told by another way."""
    keys = [line.strip() for line in people if line.strip()]
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        count = commands.tell_otherwise(
            tx, incident, keys, Channel(channel), instant(at), evidence
        )
    answer({"told": count}, as_json=as_json, text=f"{count:,} people were told by {channel}")


@click.command("publish")
@click.argument("reference")
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="LANGUAGE=FILE",
    help="Text in place of what all readers are told alike.",
)
@click.option("--waive", help="Publish nothing, for this reason.")
@click.option("--withdraw", help="Take back what is published, for this reason.")
@campaign_option
@json_option
@pass_terminal
def publish(
    terminal: Terminal,
    reference: str,
    *,
    texts: tuple[str, ...],
    waive: str | None,
    withdraw: str | None,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Let readers check on /genuine/ that a message of REFERENCE is ours, before it leaves."""
    given = dict(_text_file(each) for each in texts)
    with terminal.transaction() as tx:
        row = chosen(tx.session, reference, campaign)
        if waive is not None:
            kept = commands.waive_page(tx, row, waive)
        elif withdraw is not None:
            kept = commands.withdraw(tx, row, withdraw)
        else:
            kept = commands.publish(tx, row, given)
    document = {
        "campaign": row.name,
        "sender": kept.sender,
        "subjects": kept.subjects,
        "texts": kept.texts,
        "digest": kept.digest,
        "published_at": kept.published_at,
        "withdrawn_at": kept.withdrawn_at,
        "waived_why": kept.waived_why,
    }
    answer(document, as_json=as_json, text=f"{row.name}: {kept.digest or kept.waived_why}")


def _ways(person: Person, known: Mapping[str, Collection[Channel]]) -> Collection[Channel]:
    """Return by which ways a person can be reached: as was said, else a letter."""
    ways = set(known.get(person.person_key, (Channel.LETTER,)))
    return ways | ({Channel.SECOND_ADDRESS} if person.second_email else set())


def _contacts(path: Path) -> dict[str, Collection[Channel]]:
    """Return by which ways each person can be reached, by key. Raises Unusable."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if "person_key" not in (rows.fieldnames or ()):
            raise Unusable(f"{path}: the first line must name a column person_key")
        return {
            row["person_key"]: [
                each for each in CONTACTS if (row.get(each.value) or "").strip()
            ]
            for row in rows
        }


def _text_file(given: str) -> tuple[str, str]:
    language, _, name = given.partition("=")
    try:
        return language, Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Unusable(f"{given!r}: write LANGUAGE=FILE, and a file of text") from None


def _row_names() -> Iterator[str]:
    yield from ("person_key", "standing", "reason", "next", "told_by", "told_at")


def _row(each: Elsewhere) -> dict[str, str]:
    values = (
        each.person,
        each.standing,
        each.reason,
        each.channel.value,
        each.told_by.value if each.told_by else "",
        each.told_at.isoformat() if each.told_at else "",
    )
    return dict(zip(_row_names(), map(safe, values), strict=True))


def _as_text(found: Proof) -> str:
    lines = []
    for each in found.letters:
        informed = (
            f"informed by {each.informed_by} at {each.informed_at.isoformat()}"
            if each.informed_at
            else f"not informed ({each.reason or each.standing})"
        )
        lines.append(f"{each.letter}, campaign {each.campaign}: {informed}")
        if each.text_digest:
            lines.append(f"  text {each.text_digest} in {each.language}")
        if each.note:
            lines.append(f"  {each.note}")
        lines.append(f"  of {each.content_digest}, frozen {each.frozen_at}")
        lines += [f"  approved by {a['member']} at {a['at']}" for a in each.approvals]
        lines += [
            f"  attempt {a.number} by {a.mailer} at {a.began_at}: {a.result} {a.proof}"
            for a in each.attempts
        ]
        lines += [f"  {e.kind} at {e.at} {e.reason}" for e in each.events]
        lines += [
            f"  told by {o['channel']} at {o['at']}: {o['evidence']}" for o in each.otherwise
        ]
    if found.purged:
        lines.append("The addresses of this incident were purged; this proof remains.")
    return "\n".join(lines)


COMMANDS = (proof, elsewhere, told, publish)
