"""What people typed, what was drafted, and what the authority answered."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.filings.models import FilingAnswer, FilingReceipt, FilingSnapshot
from breachdesk.filings.terms import Answer, Change, Draft, Field, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Unknown


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
        if "value" in row.told or row.confirms:
            answers[row.code] = Answer(
                row.told.get("value"), row.answered_by, row.answered_at, row.confirms
            )
        else:
            answers.pop(row.code, None)
    return found


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
