"""All that can be shown of one person, and whom the e-mail did not reach."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import (
    Attempt,
    Campaign,
    CampaignVariant,
    Chunk,
    Delivery,
    Telling,
)
from breachdesk.delivery.queries.hearing import events_of
from breachdesk.delivery.queries.ledger import LOOK_UP, PEOPLE, recipients_of, secret
from breachdesk.delivery.terms import (
    Channel,
    ChunkState,
    Elsewhere,
    EventKind,
    Proof,
    Reason,
    Sign,
    Standing,
    Step,
    Tally,
    Told,
)
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.vault import Vault
from breachdesk.notices import queries as notices


def proof(
    session: Session, vault: Vault, incident_id: UUID, reference: str, person: str
) -> Proof:
    """Return all that the ledger holds of the person of that key; empty for a stranger."""
    mark = rules.mark(secret(vault, incident_id, session), "person", person)
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.incident_id == incident_id, Delivery.person_mark == mark)
        .order_by(Delivery.letter, Delivery.seq)
    ).all()
    purged = session.scalars(
        select(Campaign.id).where(
            Campaign.incident_id == incident_id, Campaign.proof_key.is_not(None)
        )
    ).first()
    return Proof(reference, purged is not None, tuple(_told(session, row) for row in rows))


def _told(session: Session, row: Delivery) -> Told:
    campaign = session.get_one(Campaign, row.campaign_id)
    chunk = session.get(Chunk, row.chunk_id) if row.chunk_id else None
    variant = session.get_one(CampaignVariant, chunk.variant_id) if chunk else None
    event = EventKind(row.outcome) if row.outcome else None
    state = ChunkState(chunk.state) if chunk else None
    standing = rules.standing(state, event)
    reason = rules.reason(Tally(state, event, Reason(row.reason) if row.reason else None, 1))
    others = session.scalars(
        select(Telling).where(Telling.delivery_id == row.id).order_by(Telling.told_at)
    ).all()
    events = events_of(session, campaign.id, row.message) if row.message else []
    steps = tuple(_steps(session, chunk))
    by, at = _informed(standing, row, chunk, others, steps, campaign.channel)
    return Told(
        letter=row.letter,
        seq=row.seq,
        campaign=campaign.name,
        state=chunk.state if chunk else "",
        standing=standing.value,
        reason=reason.value if reason else None,
        note=row.note,
        frozen_at=campaign.frozen_at,
        frozen_by=campaign.frozen_by,
        started_by=campaign.started_by,
        message=row.message,
        language=variant.locale if variant else None,
        text_digest=variant.digest if variant else None,
        content_digest=campaign.content_digest,
        payload_digest=chunk.payload_digest if chunk else None,
        approvals=tuple(
            {"member": each.member, "at": each.at, "digest": each.digest}
            for each in notices.approvals_of(session, campaign.notice_id)
        ),
        attempts=steps,
        events=tuple(
            Sign(each.kind, each.at, each.reason, each.source, each.recorded_at)
            for each in events
        ),
        otherwise=tuple(
            {"channel": each.channel, "at": each.told_at, "evidence": each.evidence,
             "recorded_by": each.recorded_by}
            for each in others
        ),
        informed_by=by,
        informed_at=at,
    )  # fmt: skip


def _informed(
    standing: Standing,
    row: Delivery,
    chunk: Chunk | None,
    others: Sequence[Telling],
    steps: Sequence[Step],
    channel: str,
) -> tuple[str | None, datetime | None]:
    """Return by what way a person was informed, and when; the earliest that can be shown.

    That a carrier took a message shows it only where the carrier reports nothing more.
    """
    reports = any(each.mailer in rules.REPORTING for each in steps)
    ways = [(each.told_at, each.channel) for each in others]
    if standing is Standing.DELIVERED and row.outcome_at is not None:
        ways.append((row.outcome_at, channel))
    elif standing is Standing.ACCEPTED and chunk and chunk.settled_at and not reports:
        ways.append((chunk.settled_at, channel))
    if not ways:
        return None, None
    at, way = min(ways)
    return way, at


def _steps(session: Session, chunk: Chunk | None) -> Iterator[Step]:
    """Yield every attempt at a chunk and at those it was split from, the first first."""
    line: list[Chunk] = []
    while chunk is not None:
        line.append(chunk)
        chunk = session.get(Chunk, chunk.parent_id) if chunk.parent_id else None
    sizes = {each.id: each.messages for each in line}
    rows = session.scalars(
        select(Attempt)
        .where(Attempt.chunk_id.in_(sizes))
        .order_by(Attempt.began_at, Attempt.id)
    )
    for each in rows:
        yield Step(
            number=each.number,
            mailer=each.mailer,
            began_at=each.began_at,
            ended_at=each.ended_at,
            result=each.result,
            proof=each.proof,
            messages=sizes[each.chunk_id],
        )


def elsewhere(
    session: Session,
    vault: Vault,
    incident_id: UUID,
    people: Iterable[tuple[str, Collection[Channel]]],
    of: str = PEOPLE,
) -> Iterator[Elsewhere]:
    """Yield who of `people` must be told by another way, why, and by which way next.

    Each person comes with the channels for which data are held.
    """
    key = secret(vault, incident_id, session)
    for batch in rules.batches(people, LOOK_UP):
        marks = {rules.mark(key, "person", person): (person, held) for person, held in batch}
        rows = session.execute(
            select(Delivery, Chunk.state, Campaign.channel)
            .join(Campaign, Campaign.id == Delivery.campaign_id)
            .outerjoin(Chunk, Chunk.id == Delivery.chunk_id)
            .where(
                Delivery.incident_id == incident_id,
                Delivery.letter == of,
                Delivery.superseded.is_(False),
                Delivery.person_mark.in_(marks),
            )
        ).all()
        told = _tellings(session, [row.id for row, _, _ in rows])
        for row, state, channel in rows:
            person, held = marks[row.person_mark]
            found = _elsewhere(person, row, state, channel, held, told.get(row.id, []))
            if found is not None:
                yield found


def _elsewhere(
    person: str,
    row: Delivery,
    state: str | None,
    channel: str,
    held: Collection[Channel],
    told: list[Telling],
) -> Elsewhere | None:
    chunk = ChunkState(state) if state else None
    event = EventKind(row.outcome) if row.outcome else None
    standing = rules.standing(chunk, event)
    reason = rules.reason(Tally(chunk, event, Reason(row.reason) if row.reason else None, 1))
    if not rules.goes_elsewhere(standing, reason):
        return None
    tried = {Channel.EMAIL, Channel(channel), *(Channel(each.channel) for each in told)}
    last = told[-1] if told else None
    return Elsewhere(
        person=person,
        standing=standing.value,
        reason=reason.value if reason else (row.outcome or ""),
        channel=rules.next_channel(tried, held),
        told_by=Channel(last.channel) if last else None,
        told_at=last.told_at if last else None,
    )


def _tellings(session: Session, deliveries: list[UUID]) -> Mapping[UUID, list[Any]]:
    found: dict[UUID, list[Telling]] = {}
    for each in session.scalars(
        select(Telling).where(Telling.delivery_id.in_(deliveries)).order_by(Telling.told_at)
    ):
        found.setdefault(each.delivery_id, []).append(each)
    return found


def sample_of(
    session: Session, vault: Vault, chunk_id: UUID
) -> tuple[datetime | None, list[str]]:
    """Return when the last attempt at a chunk began, and its readers' addresses.

    The instant is None where the chunk cannot be opened any more.
    """
    chunk = session.get_one(Chunk, chunk_id)
    began = session.scalar(
        select(Attempt.began_at).where(
            Attempt.chunk_id == chunk_id, Attempt.number == chunk.attempts
        )
    )
    campaign = session.get_one(Campaign, chunk.campaign_id)
    try:
        recipients = recipients_of(session, vault, campaign, chunk_id)
    except Refused:
        return None, []
    return began, [address for _, address, _ in recipients]


def addresses_of(session: Session, vault: Vault, campaign: Campaign) -> list[str]:
    """Return the addresses of a frozen list, as its chunks hold them. Raises Purged."""
    found: list[str] = []
    chunks = session.scalars(
        select(Chunk.id).where(
            Chunk.campaign_id == campaign.id, Chunk.state != ChunkState.SPLIT.value
        )
    ).all()
    for chunk_id in chunks:
        recipients = recipients_of(session, vault, campaign, chunk_id)
        found.extend(address for _, address, _ in recipients)
    return found
