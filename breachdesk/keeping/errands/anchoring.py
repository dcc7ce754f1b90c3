"""Keeps the head of each trail outside the database, day by day, where a cut end will show."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from breachdesk.access import queries as access
from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import rules as delivery
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import Folder, Outcome, Parcel, Recipient, Result, Sender, Slip
from breachdesk.keeping import commands
from breachdesk.keeping.ports import TimeStamper
from breachdesk.keeping.terms import Head
from breachdesk.kernel import documents, ids
from breachdesk.kernel.errors import Forbidden, Refused, Unusable
from breachdesk.kernel.sealing import write_whole
from breachdesk.kernel.times import instant
from breachdesk.kernel.vault import Vault

ANCHORED = "keeping.anchor"


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Where heads go besides the vault: to an authority, to an address, to both or neither."""

    stamper: TimeStamper | None = None
    address: str = ""
    mailer: Mailer | None = None


def head(session: Session, organisation_id: UUID, now: datetime) -> Head | None:
    """Return where an organisation's trail ends; None where it has not begun."""
    last = audit.last(session, organisation_id)
    if last is None:
        return None
    return Head(organisation_id, last.sequence, last.digest, now)


def anchor(transactions: Transactions, actor: Actor, how: Anchoring) -> Head | None:
    """Keep today's head, if nothing was kept today and something happened since.

    Return it, or None. The file comes first; what the authority or the mail cannot do today
    is told on the trail, and the next day's head covers it. Raises Forbidden before any of it.
    """
    with transactions.open(actor):
        if not actor.may(ANCHORED):
            raise Forbidden(f"{actor.name} may not run {ANCHORED}")
    now = transactions.clock.now()
    folder = _folder(transactions.vault, actor.organisation_id)
    with transactions.reading(actor.organisation_id) as session:
        found = head(session, actor.organisation_id, now)
        last = audit.last(session, actor.organisation_id)
        quiet = last is not None and last.action == ANCHORED
        sender = datamap.current_version(session)
        house = None if sender is None else datamap.parsed(sender).organisation
    kept = sorted(folder.glob("*.json"))
    today = kept and kept[-1].name.startswith(now.date().isoformat())
    if found is None or quiet or today:
        return None
    name = f"{now.date().isoformat()}-{found.sequence:010}"
    line = found.line().encode()
    token = _stamped(how, line)
    if token:
        write_whole(folder / f"{name}.tsr", token)
    write_whole(folder / f"{name}.json", json.dumps({"line": found.line()}).encode())
    mailed = house is not None and _mail(how, found, delivery.sender_of(house), now)
    with transactions.open(actor) as tx:
        organisation = access.organisation_of(tx.session, actor.organisation_id)
        by = how.stamper.name if how.stamper and token else ""
        commands.anchor(tx, organisation, found, stamped_by=by, mailed=mailed)
    return found


def kept(vault: Vault, organisation_id: UUID) -> Iterator[tuple[Head, bytes | None]]:
    """Yield every head that was kept, the first first, with its stamp. Raises Unusable."""
    for path in sorted(_folder(vault, organisation_id).glob("*.json")):
        try:
            found = read_line(documents.from_json(path.read_bytes())["line"])
        except (ValueError, KeyError, TypeError, Unusable):
            raise Unusable(f"{path} is no anchor: it was altered") from None
        stamp = path.with_suffix(".tsr")
        yield found, stamp.read_bytes() if stamp.exists() else None


def read_line(text: str) -> Head:
    """Read a head as it was printed, mailed or stamped. Raises Unusable."""
    try:
        chain, sequence, digest, at = text.split()
        return Head(UUID(chain), int(sequence), digest, instant(at))
    except ValueError:
        raise Unusable(f"{text.strip()!r} is no head of a trail") from None


def gap(
    session: Session,
    anchors: Iterator[tuple[Head, bytes | None]],
    how: Anchoring,
    *,
    kept_for: UUID | None = None,
) -> str:
    """Return the first anchor that the trail does not contain any more, or nothing.

    Of those that are `kept_for` an organisation none may be gone that its trail tells of, and
    none have lost its stamp.
    """
    told = [] if kept_for is None else _told(session, kept_for)
    found = list(anchors)
    if lost := _lost(told, found):
        return lost
    session.rollback()  # what is read from here on is newer than they are
    for each, stamp in found:
        entry = audit.entry_at(session, each.chain, each.sequence)
        day = each.at.date().isoformat()
        if entry is None:
            return f"the trail was anchored at entry {each.sequence} on {day}, which is gone"
        if entry.digest != each.digest:
            return f"entry {each.sequence} is not the one that was anchored on {day}"
        if stamp is not None and how.stamper is not None:
            try:
                how.stamper.check(each.line().encode(), stamp)
            except Refused as fault:
                return f"the anchor of {day}: {fault}"
    return ""


def _told(session: Session, organisation_id: UUID) -> list[tuple[int, str, bool]]:
    """Return each anchor that a trail tells of: its entry, its day, and whether stamped."""
    return [
        (
            each.details["sequence"],
            each.at.date().isoformat(),
            bool(each.details["stamped_by"]),
        )
        for each in audit.all_of(session, ANCHORED)
        if each.organisation_id == organisation_id
    ]


def _lost(
    told: Sequence[tuple[int, str, bool]], found: Sequence[tuple[Head, bytes | None]]
) -> str:
    """Say which anchor the trail told of and nobody finds, or finds without its stamp."""
    stamps = {head.sequence: stamp for head, stamp in found}
    for sequence, day, stamped in told:
        if sequence not in stamps:
            return f"the anchor of entry {sequence}, kept on {day}, is gone"
        if stamped and stamps[sequence] is None:
            return f"the stamp of entry {sequence}, kept on {day}, is gone"
    return ""


def _stamped(how: Anchoring, line: bytes) -> bytes | None:
    if how.stamper is None:
        return None
    try:
        return how.stamper.stamp(line)
    except Refused:
        return None  # the trail says that it was not stamped; doctor asks the authority


def _mail(how: Anchoring, found: Head, sender: Sender, now: datetime) -> bool:
    if not how.address or how.mailer is None:
        return False
    ticket = how.mailer.prepare()
    if isinstance(ticket, Outcome):
        return False
    text = (
        "The trail of the desk ended here:\n\n"
        f"{found.line()}\n\nKeep this message where nobody of the desk can delete it. "
        "breachdesk trail verify --anchor FILE checks that line.\n"
    )
    name = f"anchor-{str(found.chain)[-12:]}-{found.sequence}"
    outcome = how.mailer.post(
        Parcel(
            slip=Slip(name, Folder.STAFF, ids.new_id(now), 1, ticket),
            sender=sender,
            at=now,
            locale="en",
            subject=f"Head of the trail, {now.date().isoformat()}: entry {found.sequence}",
            text=text,
            html="<!doctype html>\n<p>" + found.line() + "</p>\n",
            recipients=(Recipient(1, how.address, {}),),
        )
    )
    return outcome.result is Result.ACCEPTED


def _folder(vault: Vault, organisation_id: UUID) -> Path:
    folder = vault.folder / "anchors" / str(organisation_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
