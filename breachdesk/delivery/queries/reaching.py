"""Who was not reached at an address, and which addresses a letter has gone to."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, Chunk, Delivery, Telling
from breachdesk.delivery.queries.telling import Known
from breachdesk.delivery.terms import ChunkState, EventKind, Reason, Tally

_WRITTEN = (Delivery.address_mark.is_not(None), Chunk.state != ChunkState.CANCELLED.value)


def unreached(session: Session, incident_id: UUID, of: str, marks: Collection[str]) -> set[str]:
    """Return which of these people a letter did not reach, nor any other way."""
    told = exists().where(Telling.delivery_id == Delivery.id)
    rows = session.execute(
        select(Delivery.person_mark, Chunk.state, Delivery.outcome, Delivery.reason)
        .outerjoin(Chunk, Chunk.id == Delivery.chunk_id)
        .where(
            Delivery.incident_id == incident_id,
            Delivery.letter == of,
            Delivery.superseded.is_(False),
            Delivery.person_mark.in_(marks),
            ~told,
        )
    )
    return {
        row.person_mark for row in rows if _goes_elsewhere(row.state, row.outcome, row.reason)
    }


def _goes_elsewhere(state: str | None, outcome: str | None, reason: str | None) -> bool:
    tally = Tally(
        ChunkState(state) if state else None,
        EventKind(outcome) if outcome else None,
        Reason(reason) if reason else None,
        1,
    )
    standing = rules.standing(tally.chunk, tally.event)
    return rules.goes_elsewhere(standing, rules.reason(tally))


def mailboxes_written(
    session: Session, campaign: Campaign, mailboxes: Collection[str]
) -> set[str]:
    """Return to which of these mailboxes the campaign's letter has gone, or goes, before it."""
    earlier = select(Campaign.id).where(
        Campaign.incident_id == campaign.incident_id,
        Campaign.letter == campaign.letter,
        Campaign.id != campaign.id,
    )
    rows = session.scalars(
        select(Delivery.address_mark)
        .join(Chunk, Chunk.id == Delivery.chunk_id)
        .where(
            Delivery.campaign_id.in_(earlier), Delivery.address_mark.in_(mailboxes), *_WRITTEN
        )
    )
    return {each for each in rows if each is not None}


def written_before(
    session: Session, incident_id: UUID, of: str, known: Mapping[str, Known]
) -> set[tuple[str, str]]:
    """Return the addresses, other than the last, that people were written to: pairs of marks.

    Most people have one row, so most batches ask nothing.
    """
    several = [mark for mark, row in known.items() if row.seq > 1]
    if not several:
        return set()
    rows = session.execute(
        select(Delivery.person_mark, Delivery.address_mark)
        .join(Chunk, Chunk.id == Delivery.chunk_id)
        .where(
            Delivery.incident_id == incident_id,
            Delivery.letter == of,
            Delivery.superseded.is_(True),
            Delivery.person_mark.in_(several),
            *_WRITTEN,
        )
    )
    return {(person, box) for person, box in rows if box is not None}
