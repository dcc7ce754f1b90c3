"""Who was told: each person once, by what can be proved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, Chunk, Delivery, Telling
from breachdesk.delivery.queries.ledger import LOOK_UP, PEOPLE, campaigns_of, secret
from breachdesk.delivery.terms import (
    Channel,
    ChunkState,
    EventKind,
    Reason,
    Report,
    Standing,
    Tally,
)
from breachdesk.kernel.vault import Vault


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one letter of an incident has come, in counts by standing and by reason."""

    letter: str
    folder: str
    content_digest: str
    first_at: datetime | None
    last_at: datetime | None
    standings: Mapping[str, int]
    reasons: Mapping[str, int]

    @property
    def people(self) -> int:
        """Return how many people the letter is for."""
        return sum(self.standings.values())


def report(session: Session, incident_id: UUID, of: str = PEOPLE) -> Report:
    """Return who was told by the letter `of`, over all its campaigns, each person once."""
    ours = (Delivery.incident_id == incident_id, Delivery.letter == of)
    standings, reasons = rules.sums(_tallies(session, *ours, Delivery.superseded.is_(False)))
    chunks = _chunks(session, Campaign.incident_id == incident_id, Campaign.letter == of)
    return Report(
        people=sum(standings.values()),
        **{standing.value: people for standing, people in standings.items()},
        messages=sum(n for state, n, _, _ in chunks if state is ChunkState.ACCEPTED),
        chunks={state.value: n for state, _, _, n in chunks},
        reasons={reason.value: people for reason, people in reasons.items()},
        campaigns=tuple(
            _of_campaign(session, campaign) for campaign in campaigns_of(session, incident_id)
        ),
        whole=_placed(session, *ours)
        == sum(n for state, _, n, _ in chunks if state is not ChunkState.SPLIT),
        otherwise=_otherwise(session, *ours),
        second_address=_at_second(session, *ours),
    )


def reached_of_many(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[Reached, ...]]:
    """Return who was told by each letter of several incidents, in two statements.

    Each person counts once, as in `report`.
    """
    campaigns: dict[tuple[UUID, str], list[Campaign]] = defaultdict(list)
    of_these = select(Campaign).where(Campaign.incident_id.in_(ids)).order_by(Campaign.number)
    for campaign in session.scalars(of_these):
        campaigns[campaign.incident_id, campaign.letter].append(campaign)
    tallies = _tallies_of_many(session, {incident_id for incident_id, _ in campaigns})
    found: dict[UUID, tuple[Reached, ...]] = defaultdict(tuple)
    for (incident_id, of), ours in campaigns.items():
        standings, reasons = rules.sums(tallies[incident_id, of])
        found[incident_id] += (
            Reached(
                letter=of,
                folder=ours[-1].folder,
                content_digest=ours[-1].content_digest,
                first_at=min((c.started_at for c in ours if c.started_at), default=None),
                last_at=max((c.ended_at for c in ours if c.ended_at), default=None),
                standings={each.value: people for each, people in standings.items()},
                reasons={each.value: people for each, people in reasons.items()},
            ),
        )
    return found


def progress(session: Session, incident_id: UUID) -> tuple[int, int]:
    """Return how many people in the chunks of an incident's campaigns are done, of how many."""
    states = _chunks(session, Campaign.incident_id == incident_id)
    held = [(state, people) for state, _, people, _ in states if state is not ChunkState.SPLIT]
    return (
        sum(people for state, people in held if state not in rules.OPEN),
        sum(people for _, people in held),
    )


def standings(
    session: Session, vault: Vault, incident_id: UUID, keys: Iterable[str], of: str = PEOPLE
) -> Iterator[tuple[str, Standing | None]]:
    """Yield each person's key with what can be proved of them; None for the unknown.

    The answer to "was this person told?": the ledger itself holds no names to look up.
    """
    key = secret(vault, incident_id)
    for batch in rules.batches(keys, LOOK_UP):
        marks = {each: rules.mark(key, "person", each) for each in batch}
        found = known(session, incident_id, of, marks.values())
        for each in batch:
            row = found.get(marks[each])
            yield each, rules.standing(row.chunk, row.event) if row else None


class Known:
    """What the ledger holds of a person who was in a list before."""

    __slots__ = ("address", "campaign_id", "chunk", "event", "id", "seq", "variant_id")

    def __init__(self, row: Any) -> None:
        """Read one row of `known`."""
        self.id: UUID = row.id
        self.seq: int = row.seq
        self.address: str | None = row.address_mark
        self.campaign_id: UUID = row.campaign_id
        self.variant_id: UUID | None = row.variant_id
        self.chunk = ChunkState(row.state) if row.state else None
        self.event = EventKind(row.outcome) if row.outcome else None


def known(
    session: Session, incident_id: UUID, of: str, marks: Collection[str]
) -> dict[str, Known]:
    """Return what the ledger holds of people, by mark. At most some thousand marks at once.

    PostgreSQL is given them as one text: a thousand values take longer to write than to find.
    """
    among: ColumnElement[bool] = Delivery.person_mark.in_(marks)
    if session.get_bind().dialect.name == "postgresql":
        among = Delivery.person_mark == func.any(func.string_to_array(",".join(marks), ","))
    rows = session.execute(
        select(
            Delivery.id,
            Delivery.person_mark,
            Delivery.address_mark,
            Delivery.seq,
            Delivery.campaign_id,
            Delivery.outcome,
            Chunk.state,
            Chunk.variant_id,
        )
        .outerjoin(Chunk, Chunk.id == Delivery.chunk_id)
        .where(
            Delivery.incident_id == incident_id,
            Delivery.letter == of,
            Delivery.superseded.is_(False),
            among,
        )
    )
    return {row.person_mark: Known(row) for row in rows}


def _otherwise(session: Session, *conditions: ColumnElement[bool]) -> dict[str, int]:
    """Return how many people were told by which other channel."""
    rows = session.execute(
        select(Telling.channel, func.count(func.distinct(Telling.delivery_id)))
        .join(Delivery, Delivery.id == Telling.delivery_id)
        .where(*conditions)
        .group_by(Telling.channel)
    )
    return dict(rows.all())


def _at_second(session: Session, *conditions: ColumnElement[bool]) -> dict[str, int]:
    """Return the standings of those who were written to at their second address."""
    second = select(Campaign.id).where(Campaign.channel == Channel.SECOND_ADDRESS.value)
    standings, _ = rules.sums(
        _tallies(
            session,
            *conditions,
            Delivery.superseded.is_(False),
            Delivery.campaign_id.in_(second),
        )
    )
    return {standing.value: people for standing, people in standings.items() if people}


def _of_campaign(session: Session, campaign: Campaign) -> Mapping[str, Any]:
    standings, reasons = rules.sums(_tallies(session, Delivery.campaign_id == campaign.id))
    chunks = _chunks(session, Campaign.id == campaign.id)
    return {
        "name": campaign.name,
        "letter": campaign.letter,
        "folder": campaign.folder,
        "channel": campaign.channel,
        "state": campaign.state,
        "why": campaign.why,
        "people": sum(standings.values()),
        **{standing.value: people for standing, people in standings.items()},
        "messages": sum(n for state, n, _, _ in chunks if state is ChunkState.ACCEPTED),
        "chunks": {state.value: n for state, _, _, n in chunks},
        "reasons": {reason.value: people for reason, people in reasons.items()},
        "frozen_at": campaign.frozen_at.isoformat(),
        "started_at": campaign.started_at and campaign.started_at.isoformat(),
        "ended_at": campaign.ended_at and campaign.ended_at.isoformat(),
    }


def _tallies(session: Session, *conditions: ColumnElement[bool]) -> list[Tally]:
    rows = session.execute(
        select(Chunk.state, Delivery.outcome, Delivery.reason, func.count(Delivery.id))
        .select_from(Delivery)
        .outerjoin(Chunk, Chunk.id == Delivery.chunk_id)
        .where(*conditions)
        .group_by(Chunk.state, Delivery.outcome, Delivery.reason)
    )
    return [_tally(*row) for row in rows]


def _tallies_of_many(
    session: Session, ids: Collection[UUID]
) -> dict[tuple[UUID, str], list[Tally]]:
    """Return the tallies of several incidents, by incident and letter."""
    found: dict[tuple[UUID, str], list[Tally]] = defaultdict(list)
    if not ids:
        return found
    by = (Delivery.incident_id, Delivery.letter, Chunk.state, Delivery.outcome, Delivery.reason)
    rows = session.execute(
        select(*by, func.count(Delivery.id))
        .select_from(Delivery)
        .outerjoin(Chunk, Chunk.id == Delivery.chunk_id)
        .where(Delivery.incident_id.in_(ids), Delivery.superseded.is_(False))
        .group_by(*by)
    )
    for incident_id, of, state, outcome, reason, people in rows:
        found[incident_id, of].append(_tally(state, outcome, reason, people))
    return found


def _tally(state: str | None, outcome: str | None, reason: str | None, people: int) -> Tally:
    return Tally(
        ChunkState(state) if state else None,
        EventKind(outcome) if outcome else None,
        Reason(reason) if reason else None,
        people,
    )


def _chunks(
    session: Session, *conditions: ColumnElement[bool]
) -> list[tuple[ChunkState, int, int, int]]:
    """Return state, messages, people and number of the chunks in each state."""
    rows = session.execute(
        select(
            Chunk.state, func.sum(Chunk.messages), func.sum(Chunk.people), func.count(Chunk.id)
        )
        .join(Campaign, Campaign.id == Chunk.campaign_id)
        .where(*conditions)
        .group_by(Chunk.state)
        .order_by(Chunk.state)
    )
    return [(ChunkState(state), int(m), int(p), n) for state, m, p, n in rows]


def _placed(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Return how many people of the ledger are in a chunk."""
    placed = select(func.count(Delivery.id)).where(*conditions, Delivery.chunk_id.is_not(None))
    return session.scalar(placed) or 0
