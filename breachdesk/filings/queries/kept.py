"""What people typed, what was drafted, and what the authority answered."""

import tempfile
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.filings.models import (
    FilingAnswer,
    FilingCopy,
    FilingReceipt,
    FilingSnapshot,
)
from breachdesk.filings.terms import Answer, Beside, Change, Copied, Draft, Field, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Unknown
from breachdesk.kernel.vault import Vault

ReceiptRow = FilingReceipt
"""An acknowledgement, for stations that hold one and never touch its table."""
PAPER = "receipt"
"""The name under which the vault keeps the paper of a receipt, by the receipt's id."""
BESIDE, SEEN = "beside", "seen"
"""In what was told: a text kept beside the one that stands, and up to which number of them."""


def answers_of(session: Session, incident_id: UUID, authority: str) -> dict[str, Answer]:
    """Return what people typed, by field; the last answer of a field counts."""
    return answers_of_many(session, [incident_id], authority)[incident_id]


def answers_of_many(
    session: Session, ids: Collection[UUID], authority: str
) -> dict[UUID, dict[str, Answer]]:
    """Return what `answers_of` does, for each of several incidents in one statement."""
    rows = session.scalars(
        select(FilingAnswer)
        .where(FilingAnswer.incident_id.in_(ids), FilingAnswer.authority == authority)
        .order_by(FilingAnswer.number)
    )
    found: dict[UUID, dict[str, Answer]] = defaultdict(dict)
    for row in rows:
        answers = found[row.incident_id]
        if BESIDE in row.told:
            continue
        if "value" in row.told or row.confirms:
            answers[row.code] = Answer(
                row.told.get("value"), row.answered_by, row.answered_at, row.confirms
            )
        else:
            answers.pop(row.code, None)
    return found


def beside_of(session: Session, incident_id: UUID, authority: str) -> dict[str, list[Beside]]:
    """Return by field the texts that nobody has decided on since they were kept."""
    rows = session.scalars(
        select(FilingAnswer)
        .where(FilingAnswer.incident_id == incident_id, FilingAnswer.authority == authority)
        .order_by(FilingAnswer.number)
    )
    found: dict[str, list[Beside]] = defaultdict(list)
    for row in rows:
        if BESIDE in row.told:
            kept = Beside(row.number, row.told[BESIDE], row.answered_by, row.answered_at)
            found[row.code].append(kept)
        elif row.code in found:
            seen = row.told.get(SEEN, 0)
            found[row.code] = [each for each in found[row.code] if each.number > seen]
    return {code: kept for code, kept in found.items() if kept}


def copies_of(
    session: Session, incident_id: UUID, form_id: str, series: int
) -> dict[str, Copied]:
    """Return the ticks of a filing that goes after `series` others, by field."""
    rows = session.scalars(
        select(FilingCopy).where(
            FilingCopy.incident_id == incident_id,
            FilingCopy.form == form_id,
            FilingCopy.series == series,
        )
    )
    return {
        row.code: Copied(row.code, row.digest, row.copied_by, row.copied_at) for row in rows
    }


def receipt(session: Session, incident_id: UUID, reference: str) -> FilingReceipt:
    """Return the acknowledgement of that number. Raises Unknown."""
    for each in receipts_of(session, incident_id):
        if each.reference == reference:
            return each
    raise Unknown(f"there is no receipt {reference!r} here")


def paper_of(row: FilingReceipt, vault: Vault) -> bytes:
    """Return the paper of an acknowledgement. Raises Unknown where none was kept."""
    if not row.file_name:
        raise Unknown(f"no file was kept with the receipt {row.reference!r}")
    with tempfile.TemporaryDirectory() as folder:
        clear = Path(folder) / PAPER
        vault.fetch_list(row.id, PAPER, clear)
        return clear.read_bytes()


def drafts_of(
    session: Session, incident_id: UUID, authority: str | None = None
) -> Sequence[FilingSnapshot]:
    """Return every snapshot of an incident, the earliest first."""
    found = select(FilingSnapshot).where(FilingSnapshot.incident_id == incident_id)
    if authority is not None:
        found = found.where(FilingSnapshot.authority == authority)
    return session.scalars(found.order_by(FilingSnapshot.number)).all()


def draft(session: Session, incident_id: UUID, authority: str, number: int) -> FilingSnapshot:
    """Return the snapshot of that number. Raises Unknown."""
    found = [
        each for each in drafts_of(session, incident_id, authority) if each.number == number
    ]
    if not found:
        raise Unknown(f"there is no draft {number} for {authority}")
    return found[0]


def next_number(
    session: Session,
    incident_id: UUID,
    authority: str,
    of: type[FilingSnapshot] | type[FilingAnswer],
) -> int:
    """Return the number of the next snapshot or answer of an incident."""
    last = select(func.max(of.number)).where(
        of.incident_id == incident_id, of.authority == authority
    )
    return (session.scalar(last) or 0) + 1


def receipts_of(
    session: Session, incident_id: UUID, authority: str | None = None
) -> Sequence[FilingReceipt]:
    """Return the authority's acknowledgements, the first filing first."""
    every = receipts_of_many(session, [incident_id])[incident_id]
    return [each for each in every if authority in {None, each.authority}]


def receipts_of_many(
    session: Session, ids: Collection[UUID]
) -> dict[UUID, list[FilingReceipt]]:
    """Return what `receipts_of` does, for each of several incidents in one statement."""
    found: dict[UUID, list[FilingReceipt]] = defaultdict(list)
    of_these = select(FilingReceipt).where(FilingReceipt.incident_id.in_(ids))
    order = (FilingReceipt.filed_at, FilingReceipt.recorded_at, FilingReceipt.id)
    for row in session.scalars(of_these.order_by(*order)):
        found[row.incident_id].append(row)
    return found


def filed_before(session: Session, incident_id: UUID, authority: str) -> FilingSnapshot | None:
    """Return the snapshot that was filed last; None where none is known."""
    receipts = receipts_of(session, incident_id, authority)
    if not receipts or receipts[-1].snapshot_id is None:
        return None
    return session.get(FilingSnapshot, receipts[-1].snapshot_id)


def fields_in(snapshot: FilingSnapshot) -> tuple[Field, ...]:
    """Return the fields that a snapshot holds."""
    return tuple(
        Field(**{**each, "notes": tuple(each["notes"]), "edpb": tuple(each["edpb"])})
        for each in snapshot.content["fields"]
    )


def as_draft(incident: Incident, snapshot: FilingSnapshot) -> Draft:
    """Return a snapshot in the words of a draft."""
    return Draft(
        reference=incident.reference,
        authority=snapshot.authority,
        form=snapshot.form,
        kind=Kind(snapshot.kind),
        number=snapshot.number,
        digest=snapshot.digest,
        drafted_at=snapshot.drafted_at,
        fields=fields_in(snapshot),
        changes=tuple(Change(**each) for each in snapshot.content["changes"]),
    )
