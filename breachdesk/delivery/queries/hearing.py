"""Whose message a word of the world is about, and what has been heard of a campaign."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Attempt, Campaign, Chunk, Delivery, Event
from breachdesk.delivery.queries.ledger import secret
from breachdesk.delivery.terms import ChunkState, EventKind, Word
from breachdesk.kernel.vault import Purged, Vault


@dataclass(frozen=True, slots=True)
class Named:
    """A campaign as a word names it."""

    id: UUID
    organisation_id: UUID
    incident_id: UUID
    messages: int


def named(session: Session, names: Collection[str]) -> dict[str, Named]:
    """Return the campaigns of these names."""
    rows = session.execute(
        select(
            Campaign.name,
            Campaign.id,
            Campaign.organisation_id,
            Campaign.incident_id,
            Campaign.messages,
        ).where(Campaign.name.in_(names))
    )
    return {
        row.name: Named(row.id, row.organisation_id, row.incident_id, row.messages)
        for row in rows
    }


def by_house(session: Session, words: Iterable[Word]) -> dict[UUID, list[Word]]:
    """Return the words by the organisation whose campaign they are about.

    The session must see every organisation. A word that names no campaign of ours goes to
    every organisation that has one, which may know the address.
    """
    told: dict[str, list[Word]] = defaultdict(list)
    for word in words:
        told[word.campaign].append(word)
    nameless = [each for each in told.pop("", []) if each.receipt or each.address]
    campaigns = named(session, told)
    houses: dict[UUID, list[Word]] = defaultdict(list)
    for name, theirs in told.items():
        if name in campaigns:
            houses[campaigns[name].organisation_id].extend(theirs)
    if nameless:
        for house in session.scalars(select(Campaign.organisation_id).distinct()):
            houses[house].extend(nameless)
    return dict(houses)


def by_receipt(session: Session, receipts: Collection[str]) -> dict[str, tuple[str, UUID]]:
    """Return campaign's name and chunk by the carrier's receipt of an attempt."""
    rows = session.execute(
        select(Attempt.proof, Campaign.name, Chunk.id)
        .join(Chunk, Chunk.id == Attempt.chunk_id)
        .join(Campaign, Campaign.id == Chunk.campaign_id)
        .where(Attempt.proof.in_(receipts))
    )
    return {proof: (name, chunk_id) for proof, name, chunk_id in rows}


def by_address(
    session: Session, vault: Vault, address: str, name: str | None, chunk_id: UUID | None = None
) -> tuple[str, list[int]] | None:
    """Return campaign and messages to an address: of that name, else the latest that has one.

    People who share a mailbox may have a message each, in a chunk each: where the chunk is
    known, it is that one's.
    """
    chosen = () if name is None else (Campaign.name == name,)
    for campaign in session.scalars(
        select(Campaign).where(*chosen).order_by(Campaign.id.desc())
    ):
        try:
            key = secret(vault, campaign.incident_id)
        except Purged:
            continue
        rows = session.execute(
            select(Delivery.message, Delivery.chunk_id)
            .where(
                Delivery.campaign_id == campaign.id,
                Delivery.address_mark == rules.mark(key, "mailbox", rules.mailbox(address)),
                Delivery.message.is_not(None),
            )
            .order_by(Delivery.message)
        ).all()
        theirs = [message for message, chunk in rows if chunk == chunk_id]
        messages = dict.fromkeys(theirs or [message for message, _ in rows])
        if messages:
            return campaign.name, [each for each in messages if each is not None]
    return None


def recalled(session: Session, attempts: Collection[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
    """Return which of these attempts were proved never to have been taken."""
    rows = session.execute(
        select(Attempt.chunk_id, Attempt.number).where(
            Attempt.chunk_id.in_({chunk for chunk, _ in attempts}), Attempt.result == "absent"
        )
    )
    return {(chunk, number) for chunk, number in rows}


def heard_of(session: Session, campaign_id: UUID) -> dict[EventKind, int]:
    """Return how many people's rows bear which final word."""
    rows = session.execute(
        select(Delivery.outcome, func.count(Delivery.id))
        .where(Delivery.campaign_id == campaign_id, Delivery.outcome.is_not(None))
        .group_by(Delivery.outcome)
    )
    return rules.counted((name, n) for name, n in rows if name is not None)


def left_at(
    session: Session,
    campaign_id: UUID,
    mailers: Collection[str],
    after: datetime | None = None,
) -> datetime | None:
    """Return when the first message that a reporting carrier took was let go of.

    With `after`, the first of those that were let go of later.
    """
    gone = func.coalesce(Attempt.leaves_at, Attempt.began_at)
    return session.scalar(
        select(func.min(gone))
        .join(Chunk, and_(Chunk.id == Attempt.chunk_id, Chunk.attempts == Attempt.number))
        .where(
            Chunk.campaign_id == campaign_id,
            Chunk.state == ChunkState.ACCEPTED.value,
            Attempt.mailer.in_(mailers),
            *(() if after is None else (gone > after,)),
        )
    )


def alarm(session: Session, campaign: Campaign, now: datetime) -> datetime | None:
    """Return since when a campaign's carrier is silent though it took messages; None if not.

    It may fall silent in the middle, when it begins to review the account: only what it let
    go of since its last word counts, and not what left within moments of that word.
    """
    heard = campaign.heard_at
    after = None if heard is None else heard + rules.MOMENTS
    return rules.silent_since(left_at(session, campaign.id, rules.REPORTING, after), now)


def moving(session: Session) -> Sequence[Campaign]:
    """Return the campaigns whose messages may still be reported on."""
    return session.scalars(
        select(Campaign).where(Campaign.started_at.is_not(None)).order_by(Campaign.id)
    ).all()


def events_by_hour(
    session: Session, campaign_id: UUID, seconds: int
) -> list[tuple[str, datetime, int]]:
    """Return how many messages' ends were reported, by kind and span of so many seconds."""
    ends = session.execute(
        select(Delivery.outcome, Delivery.outcome_at, func.count(Delivery.id))
        .where(Delivery.campaign_id == campaign_id, Delivery.outcome_at.is_not(None))
        .group_by(Delivery.outcome, Delivery.outcome_at)
    )
    spans: dict[tuple[str, int], int] = defaultdict(int)
    for kind, at, people in ends:
        if kind is not None and at is not None:
            spans[kind, int(at.timestamp()) // seconds] += people
    return [
        (kind, datetime.fromtimestamp(span * seconds, tz=UTC), people)
        for (kind, span), people in sorted(spans.items(), key=lambda each: each[0][1])
    ]


def events_of(session: Session, campaign_id: UUID, message: int) -> Sequence[Event]:
    """Return what was reported of one message, the earliest first."""
    return session.scalars(
        select(Event)
        .where(Event.campaign_id == campaign_id, Event.message == message)
        .order_by(Event.at, Event.id)
    ).all()
