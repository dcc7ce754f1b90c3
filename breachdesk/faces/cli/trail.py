"""`breachdesk trail`: is what was written down still what was written down?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from breachdesk.access import queries as members
from breachdesk.audit import queries
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.keeping.errands import anchoring
from breachdesk.keeping.terms import Head
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION

UNSEALED = (
    "the desk fell in that moment or could not write there, or somebody else wrote them; "
    "read them before the next entry seals them"
)


class TrailBroken(Refused):
    """The trail is not whole."""


@click.group("trail")
def trail() -> None:
    """Verify the trail, and print where it ends."""


@trail.command("verify")
@click.option(
    "--anchor",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of lines that `trail head` printed or that were mailed; may be repeated.",
)
@json_option
@pass_terminal
def verify(terminal: Terminal, *, files: tuple[Path, ...], as_json: bool) -> None:
    """Read every organisation's trail and recompute its digests; exit 1 at the first gap.

    Every head that was kept day by day must still be in it, and those in the files given.
    """
    given = [head for file in files for head in _read(file)]
    try:
        document = _verified(terminal, given)
    except SQLAlchemyError as fault:
        why = type(fault).__name__
        raise TrailBroken(f"the trail cannot be read, its table was altered ({why})") from None
    if as_json or document["whole"]:
        answer(document, as_json=as_json, text=_said(document))
    if not document["whole"]:
        raise TrailBroken(f"the trail is broken: {document['gaps'][0]}")


@trail.command("head")
@json_option
@pass_terminal
def head(terminal: Terminal, *, as_json: bool) -> None:
    """Print where each trail ends, to be kept on paper or elsewhere out of reach."""
    desk = terminal.desk
    found: list[Head] = []
    with desk.transactions.reading(EVERY_ORGANISATION) as session:
        for each in members.organisations(session):
            last = anchoring.head(session, each.id, desk.transactions.clock.now())
            found += [] if last is None else [last]
    document = [
        {"chain": each.chain, "sequence": each.sequence, "digest": each.digest, "at": each.at}
        for each in found
    ]
    answer(document, as_json=as_json, text="\n".join(each.line() for each in found))


@trail.command("anchor")
@json_option
@pass_terminal
def anchor(terminal: Terminal, *, as_json: bool) -> None:
    """Keep the head of the trail now, stamped and mailed as the settings say.

    The same is done once a day by `run` and `work`.
    """
    desk = terminal.desk
    kept = anchoring.anchor(desk.transactions, terminal.actor, desk.anchoring)
    document = {"anchored": None if kept is None else kept.line()}
    said = "Nothing was kept: today's head is kept already, or nothing happened since."
    answer(document, as_json=as_json, text=said if kept is None else kept.line())


def _verified(terminal: Terminal, given: list[Head]) -> dict[str, Any]:
    """Return what is found of every trail, of the heads that were kept, and of those given."""
    transactions = terminal.desk.transactions
    entries, unsealed, anchors, gaps = 0, 0, len(given), []
    with transactions.reading(EVERY_ORGANISATION) as session:
        for house, name in [(each.id, each.name) for each in members.organisations(session)]:
            verdict = queries.verify(session, transactions.vault, house)
            entries, unsealed = entries + verdict.entries, unsealed + verdict.unsealed
            number, missing = _anchored(terminal, session, house)
            anchors += number
            gaps += [f"{name}: {each}" for each in (verdict.gap, missing) if each]
        strays = queries.strays(session)
        gone = queries.unknown_chains(session, transactions.vault)
        lost = anchoring.gap(session, ((e, None) for e in given), terminal.desk.anchoring)
    if lost:
        gaps.append(lost)
    if strays:
        gaps.append(f"{strays} entries belong to no organisation")
    if gone:
        gaps.append(f"the vault has sealed a trail whose organisation is gone: {gone[0]}")
    return {
        "entries": entries, "unsealed": unsealed, "anchors": anchors,
        "whole": not gaps, "gaps": gaps,
    }  # fmt: skip


def _said(found: Mapping[str, Any]) -> str:
    told = f"The trail is whole: {found['entries']} entries, {found['anchors']} anchors."
    if found["unsealed"]:
        told += f" Not sealed in the vault, the last {found['unsealed']}: {UNSEALED}."
    return told


def _anchored(terminal: Terminal, session: Session, organisation_id: UUID) -> tuple[int, str]:
    """Return how many heads were kept, and what is wrong with the first that is not there."""
    vault = terminal.desk.transactions.vault
    try:
        kept = list(anchoring.kept(vault, organisation_id))
    except Unusable as fault:
        return 0, str(fault)
    how = terminal.desk.anchoring
    return len(kept), anchoring.gap(session, iter(kept), how, kept_for=organisation_id)


def _read(file: Path) -> Iterator[Head]:
    """Yield every head in a file, whatever stands around it. Raises Unusable for none."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Unusable(Problem("cannot be read as text", file=str(file))) from None
    found = []
    for line in lines:
        try:
            found.append(anchoring.read_line(line))
        except Unusable:
            continue
    if not found:
        raise Unusable(Problem("holds no head of a trail", file=str(file)))
    yield from found
