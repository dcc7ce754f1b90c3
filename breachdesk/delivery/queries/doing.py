"""What is to be done: what waits, what is overdue, what nobody knows the end of."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from breachdesk.delivery import rules
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.terms import (
    CampaignState,
    ChunkState,
    Folder,
    Slip,
    Ticket,
)


@cache
def waiting(*of: str) -> Select[Chunk]:
    """Return what finds the first chunk that may be claimed `now`, by any sender.

    Of an `incident_id` or a `campaign_id` alone, where one is named. Made once for each.
    """
    chosen = {"incident_id": Campaign.incident_id, "campaign_id": Chunk.campaign_id}
    now: BindParameter[datetime] = bindparam("now")
    return (
        select(Chunk)
        .join(Campaign, Campaign.id == Chunk.campaign_id)
        .where(
            Chunk.state == ChunkState.READY.value,
            Campaign.state == CampaignState.SENDING.value,
            Chunk.wave <= Campaign.wave,
            or_(Chunk.not_before.is_(None), Chunk.not_before <= now),
            or_(Campaign.next_turn.is_(None), Campaign.next_turn <= now),
            *(chosen[name] == bindparam(name) for name in of),
        )
        .order_by(Chunk.id)
        .limit(1)
    )


def has_waiting(session: Session, now: datetime, incident_id: UUID | None = None) -> bool:
    """Tell whether a chunk may be claimed now."""
    of = {} if incident_id is None else {"incident_id": incident_id}
    found = waiting(*of).with_only_columns(Chunk.id).order_by(None)
    return session.scalar(found, {"now": now, **of}) is not None


def expired(session: Session, now: datetime) -> Sequence[UUID]:
    """Return chunks whose sender's time is over."""
    held = (ChunkState.CLAIMED.value, ChunkState.POSTING.value)
    return session.scalars(
        select(Chunk.id)
        .where(Chunk.state.in_(held), Chunk.lease_until <= now)
        .order_by(Chunk.id)
    ).all()


def tickets_out(session: Session, now: datetime) -> list[tuple[Ticket, bool]]:
    """Return the tickets of attempts that nobody knows the end of, or that were called back.

    Those that their carrier let go of long ago are left out.
    """
    since = {"since": now - rules.LAST_CALL}
    return [
        (Ticket(name or "", at), result == "absent")
        for name, at, result in session.execute(_TICKETS_OUT, since)
    ]


_NOT_KNOWN = ("unknown", "recalled", "absent")
_OUT = aliased(
    Attempt,
    union_all(
        *(
            select(
                Attempt.ticket, Attempt.leaves_at, Attempt.result, Attempt.organisation_id
            ).where(Attempt.leaves_at > bindparam("since"), Attempt.ticket.is_not(None), ended)
            for ended in (Attempt.result.is_(None), Attempt.result.in_(_NOT_KNOWN))
        )
    ).subquery(),
)
"""Either kind by itself: for both at once SQLite reads every attempt there ever was."""
_TICKETS_OUT = select(_OUT.ticket, _OUT.leaves_at, _OUT.result)
"""Made once: each parcel that leaves asks for it."""


def unknown(session: Session) -> list[Slip]:
    """Return the attempts whose outcome nobody knows."""
    found = session.execute(
        select(
            Campaign.name,
            Campaign.folder,
            Chunk.id,
            Chunk.attempts,
            Attempt.ticket,
            Attempt.leaves_at,
        )
        .join(Chunk, Chunk.campaign_id == Campaign.id)
        .outerjoin(
            Attempt, and_(Attempt.chunk_id == Chunk.id, Attempt.number == Chunk.attempts)
        )
        .where(Chunk.state == ChunkState.UNKNOWN.value)
        .order_by(Chunk.id)
    )
    return [
        Slip(name, Folder(folder), chunk, n, Ticket(ticket or "", leaves_at))
        for name, folder, chunk, n, ticket, leaves_at in found
    ]


def accepted_of(session: Session, parent_id: UUID) -> int:
    """Return how many people are told by the accepted parts of a chunk."""
    people = select(func.sum(Chunk.people)).where(
        Chunk.parent_id == parent_id, Chunk.state == ChunkState.ACCEPTED.value
    )
    return session.scalar(people) or 0


def next_due(session: Session, incident_id: UUID) -> datetime | None:
    """Return when a chunk of a running campaign is next to be looked at; None if none is.

    What belongs to a later wave is not due: it waits for news of this one.
    """
    running = (
        Campaign.incident_id == incident_id,
        Campaign.state == CampaignState.SENDING.value,
    )
    moving = session.scalar(
        select(func.min(Chunk.lease_until))
        .join(Campaign, Campaign.id == Chunk.campaign_id)
        .where(*running, Chunk.state.in_((ChunkState.CLAIMED.value, ChunkState.POSTING.value)))
    )
    ready = session.execute(
        select(
            Campaign.next_turn, func.min(func.coalesce(Chunk.not_before, Campaign.started_at))
        )
        .join(Chunk, Chunk.campaign_id == Campaign.id)
        .where(*running, Chunk.state == ChunkState.READY.value, Chunk.wave <= Campaign.wave)
        .group_by(Campaign.id, Campaign.next_turn)
    )
    dues = [max(rests, turn) if turn else rests for turn, rests in ready if rests is not None]
    return min([*dues, *([moving] if moving else [])], default=None)
