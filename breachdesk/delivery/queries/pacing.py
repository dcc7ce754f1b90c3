"""How a campaign goes: what of its waves is settled, how fast, and when it will be over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Attempt, Campaign, Chunk, Delivery
from breachdesk.delivery.queries.hearing import alarm, heard_of, left_at
from breachdesk.delivery.terms import (
    CampaignState,
    ChunkState,
    EventKind,
    Folder,
    Forecast,
    Slip,
    Ticket,
    pace_of,
)

_GONE = (ChunkState.ACCEPTED.value, ChunkState.REJECTED.value, ChunkState.CANCELLED.value)
_STUCK = (ChunkState.UNKNOWN.value, ChunkState.DOUBT.value)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wave:
    """What has become of the messages of a campaign's waves that may leave by now."""

    messages: int
    """Handed over; where the carrier reports on each, also those of which nobody knows."""
    left: int
    """Not handed over yet, or nobody knows and no report will tell."""
    rejected: int
    left_at: datetime | None
    """When the last of them was let go of."""
    reports: bool


def wave_so_far(session: Session, campaign: Campaign) -> Wave:
    """Return what has become of every message up to the campaign's present wave."""
    rows = session.execute(
        select(Chunk.state, func.sum(Chunk.messages))
        .where(Chunk.campaign_id == campaign.id, Chunk.wave <= campaign.wave)
        .group_by(Chunk.state)
    )
    sums: dict[str, int] = {state: int(n) for state, n in rows}
    sums.pop(ChunkState.SPLIT.value, None)
    last = session.execute(
        select(func.max(func.coalesce(Attempt.leaves_at, Attempt.ended_at)), Attempt.mailer)
        .join(Chunk, Chunk.id == Attempt.chunk_id)
        .where(Chunk.campaign_id == campaign.id, Chunk.wave <= campaign.wave)
        .group_by(Attempt.mailer)
    ).all()
    reports = any(mailer in rules.REPORTING for _, mailer in last)
    stuck = sum(sums.pop(state, 0) for state in _STUCK)
    return Wave(
        messages=sums.get(ChunkState.ACCEPTED.value, 0) + (stuck if reports else 0),
        left=sum(n for state, n in sums.items() if state not in _GONE)
        + (0 if reports else stuck),
        rejected=sums.get(ChunkState.REJECTED.value, 0),
        left_at=max((at for at, _ in last if at is not None), default=None),
        reports=reports,
    )


def messages_heard(session: Session, campaign: Campaign) -> dict[EventKind, int]:
    """Return how many messages' ends are known, by kind, in the waves that may leave."""
    rows = session.execute(
        select(Delivery.outcome, func.count(func.distinct(Delivery.message)))
        .join(Chunk, Chunk.id == Delivery.chunk_id)
        .where(
            Delivery.campaign_id == campaign.id,
            Delivery.outcome.is_not(None),
            Chunk.wave <= campaign.wave,
        )
        .group_by(Delivery.outcome)
    )
    return rules.counted((name, n) for name, n in rows if name is not None)


def forecast(session: Session, campaign: Campaign, now: datetime) -> Forecast:
    """Return when the rest of a campaign will be handed over, as it goes now."""
    rows = session.execute(
        select(Chunk.zone, func.sum(Chunk.messages))
        .where(
            Chunk.campaign_id == campaign.id,
            Chunk.state.in_([state.value for state in rules.OPEN]),
        )
        .group_by(Chunk.zone)
    )
    left = {zone: int(messages) for zone, messages in rows}
    return rules.forecast(
        pace_of(campaign.pace),
        left=sum(left.values()),
        zones=left or (None,),
        measured=_measured(session, campaign, now),
        started_at=campaign.started_at,
        now=now,
    )


def handed_over(session: Session, campaign_id: UUID) -> list[tuple[datetime, int]]:
    """Return when so many messages were taken by the carrier, the first first."""
    rows = session.execute(
        select(Chunk.settled_at, Chunk.messages)
        .where(
            Chunk.campaign_id == campaign_id,
            Chunk.state == ChunkState.ACCEPTED.value,
            Chunk.settled_at.is_not(None),
        )
        .order_by(Chunk.settled_at)
    )
    return [(at, n) for at, n in rows if at is not None]


def callable_back(session: Session, campaign_id: UUID, now: datetime) -> list[tuple[Slip, int]]:
    """Return what the carrier still holds and may be told to discard, and its people.

    The newest first, and no more than a carrier lets stand cancelled at once.
    """
    rows = session.execute(
        select(
            Campaign.name,
            Campaign.folder,
            Chunk.id,
            Chunk.attempts,
            Attempt.ticket,
            Attempt.leaves_at,
            Chunk.people,
        )
        .join(Chunk, Chunk.campaign_id == Campaign.id)
        .join(Attempt, (Attempt.chunk_id == Chunk.id) & (Attempt.number == Chunk.attempts))
        .where(
            Campaign.id == campaign_id,
            Chunk.state == ChunkState.ACCEPTED.value,
            Attempt.leaves_at > now + rules.LAST_CALL,
        )
        .order_by(Attempt.leaves_at.desc(), Chunk.id.desc())
        .limit(rules.MOST_RECALLS)
    )
    return [
        (Slip(name, Folder(folder), chunk, n, Ticket(ticket or "", leaves_at)), people)
        for name, folder, chunk, n, ticket, leaves_at, people in rows
    ]


def going(session: Session, campaign: Campaign, now: datetime) -> Mapping[str, Any]:
    """Return how a campaign goes: pace, wave, forecast, silence, what can be called back."""
    pace = pace_of(campaign.pace)
    ahead = forecast(session, campaign, now)
    held = callable_back(session, campaign.id, now)
    silent = alarm(session, campaign, now)
    heard = heard_of(session, campaign.id)
    return {
        "name": campaign.name,
        "pace": pace.as_json(),
        "wave": campaign.wave + 1,
        "waves": len(pace.waves),
        "left": ahead.left,
        "hourly": ahead.hourly,
        "ends_at": ahead.ends_at and ahead.ends_at.isoformat(),
        "heard_at": campaign.heard_at and campaign.heard_at.isoformat(),
        "silent_since": silent and silent.isoformat(),
        "complained": heard.get(EventKind.COMPLAINED, 0),
        "can_be_called_back": sum(people for _, people in held),
    }


def needs_word(session: Session, campaign: Campaign, now: datetime) -> bool:
    """Tell whether a campaign must be halted, its next wave begin, or a silence be noted."""
    running = campaign.state == CampaignState.SENDING.value
    if campaign.alarmed_at is None and alarm(session, campaign, now) is not None:
        return True
    if not running:
        return False
    pace, wave = pace_of(campaign.pace), wave_so_far(session, campaign)
    heard = messages_heard(session, campaign)
    if rules.why_halt(pace, heard, wave.rejected) is not None:
        return True
    if wave.left or campaign.wave >= len(pace.waves) - 1:
        return False
    known = sum(heard.values()) + wave.rejected
    rest = now - (wave.left_at or now)
    return rules.may_go_on(wave.messages, known, reports=wave.reports, rest=rest)


def asks_logs(session: Session, campaign: Campaign, now: datetime) -> bool:
    """Tell whether the carrier's logs should be asked: all is silent, and not all is known."""
    gone = left_at(session, campaign.id, rules.REPORTING)
    if not rules.wants_logs(gone, campaign.heard_at, now):
        return False
    return sum(heard_of(session, campaign.id).values()) < campaign.people


def _measured(session: Session, campaign: Campaign, now: datetime) -> float | None:
    """Return messages an hour over the last hour, or since the first was taken."""
    rows = handed_over(session, campaign.id)
    recent = [(at, n) for at, n in rows if now - at <= _HOUR]
    if not recent:
        return None
    span = max(now - max(recent[0][0], now - _HOUR), timedelta(seconds=1))
    return sum(n for _, n in recent) / (span / _HOUR)
