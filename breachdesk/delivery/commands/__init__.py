"""What can be done to a campaign and to its chunks.

People freeze, start, pause, resume, cancel and decide. Errands claim, begin, settle, reclaim
and resolve; they hold no state, so any of them may die after any command.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from breachdesk.audit.transaction import Transaction, command
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.freezing import Freezing, reader
from breachdesk.delivery.commands.moving import (
    Lost,
    NothingWaits,
    campaign_of,
    close,
    finish_if_done,
    held,
    put_back,
    split,
)
from breachdesk.delivery.models import (
    Attempt,
    Campaign,
    CampaignVariant,
    Chunk,
    Delivery,
    Event,
)
from breachdesk.delivery.terms import (
    Breach,
    CampaignState,
    ChunkState,
    Decision,
    EventKind,
    Finding,
    Folder,
    Happening,
    Outcome,
    Parcel,
    Reader,
    Recipient,
    Result,
    Sender,
    Slip,
    ToTell,
)
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.kernel.states import advance
from breachdesk.kernel.vault import Purged, Tampered
from breachdesk.law.terms import Law
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from breachdesk.scoping.terms import Person

__all__ = ["Lost", "NothingWaits"]

# -- by people -----------------------------------------------------------------------------


@command("delivery.freeze")
def freeze(
    tx: Transaction,
    incident: Breach,
    notice: ToTell,
    people: Iterable[Person | Reader],
    law: Law,
    *,
    excluded: Mapping[str, str] | None = None,
    separate: bool = False,
) -> Campaign:
    """Fix who is sent which text, for good. Nothing is sent yet.

    `excluded` gives a written reason by key of a person; `separate` gives each person a
    message of their own, also where people share a mailbox and a text. Whoever was, or may
    have been, sent this letter before is passed over. Raises Refused for a notice that two
    did not approve, or whose facts have changed since, or that has no text for somebody.
    """
    approved = notice_queries.by_id(tx.session, notice.id)
    notices.freeze(tx, approved)
    changed = notice_queries.review(tx.session, law, approved).changed
    if changed:
        names = ", ".join(changed)
        raise Refused(f"the facts have changed since the approval ({names}); draft it again")
    sender = rules.sender_of(datamap.current(tx.session).organisation)
    campaign = _new_campaign(tx, incident, notice, sender)
    texts = _texts(tx, campaign, notice)
    freezing = Freezing(
        tx,
        campaign,
        texts,
        tuple(notice.languages),
        excluded=excluded or {},
        separate=separate,
    )
    freezing.fill(reader(person) for person in people)
    if not campaign.people:
        raise Refused(
            f"nobody is left to freeze: all {freezing.skipped} people of the list are in the "
            "ledger already"
        )
    campaign.state = advance(
        rules.CAMPAIGN, CampaignState(campaign.state), CampaignState.FROZEN
    ).value
    tx.record(
        campaign,
        notice=notice.id,
        people=campaign.people,
        messages=campaign.messages,
        passed_over=freezing.skipped,
        content=campaign.content_digest,
    )
    return campaign


@command("delivery.start")
def start(tx: Transaction, campaign: Campaign) -> Campaign:
    """Let a frozen campaign be sent. Who starts it answers for the list, as for the text."""
    _move(campaign, CampaignState.APPROVED)
    _move(campaign, CampaignState.SENDING)
    campaign.started_at, campaign.started_by = tx.now, tx.actor.name
    finish_if_done(tx, campaign)
    tx.record(campaign, people=campaign.people, messages=campaign.messages)
    return campaign


@command("delivery.pause")
def pause(tx: Transaction, campaign: Campaign, why: str = "") -> Campaign:
    """Hold back every chunk that is not being posted at this moment."""
    _move(campaign, CampaignState.PAUSED)
    campaign.why = why
    tx.record(campaign, why=why)
    return campaign


@command("delivery.resume")
def resume(tx: Transaction, campaign: Campaign) -> Campaign:
    """Go on with a paused campaign; what was blocked is tried again."""
    _move(campaign, CampaignState.SENDING)
    campaign.why = ""
    blocked = _in_state(tx, campaign, ChunkState.BLOCKED)
    for chunk in blocked:
        put_back(chunk, campaign)
    finish_if_done(tx, campaign)
    tx.record(campaign, unblocked=len(blocked))
    return campaign


@command("delivery.cancel")
def cancel(tx: Transaction, campaign: Campaign, why: str = "") -> Campaign:
    """Send no more of a campaign. The report lists who was informed and who was not."""
    _move(campaign, CampaignState.CANCELLED)
    campaign.why, campaign.ended_at = why, tx.now
    waiting = [
        *_in_state(tx, campaign, ChunkState.READY),
        *_in_state(tx, campaign, ChunkState.BLOCKED),
    ]
    for chunk in waiting:
        chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.CANCELLED).value
    tx.record(
        campaign, why=why, chunks=len(waiting), messages=sum(each.messages for each in waiting)
    )
    return campaign


@command("delivery.decide")
def decide(tx: Transaction, campaign: Campaign, decision: Decision, reason: str) -> Campaign:
    """Decide on every message of a campaign that stays in doubt. Raises Refused without any."""
    if not reason.strip():
        raise Refused("say why: a decision on messages in doubt is evidence")
    doubtful = _in_state(tx, campaign, ChunkState.DOUBT)
    if not doubtful:
        raise Refused(f"no message of {campaign.name} is in doubt")
    for chunk in doubtful:
        if decision is Decision.SEND_AGAIN:
            put_back(chunk, campaign)
        else:
            to = ChunkState.ACCEPTED if decision is Decision.INFORMED else ChunkState.REJECTED
            chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), to).value
            chunk.settled_at = tx.now
    finish_if_done(tx, campaign)
    tx.record(
        campaign,
        decision=decision.value,
        reason=reason,
        messages=sum(each.messages for each in doubtful),
    )
    return campaign


# -- by errands ----------------------------------------------------------------------------


@command("delivery.claim")
def claim(
    tx: Transaction, owner: str, lease: timedelta, incident_id: UUID | None = None
) -> Chunk:
    """Take the next chunk that waits, for as long as `lease`. Raises NothingWaits."""
    chunk = tx.session.scalars(
        select(Chunk)
        .join(Campaign, Campaign.id == Chunk.campaign_id)
        .where(*queries.waiting(tx.now, incident_id))
        .order_by(Chunk.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Chunk)  # SQLite has one writer anyway
    ).first()
    if chunk is None:
        raise NothingWaits("no chunk waits to be sent")
    chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.CLAIMED).value
    chunk.owner, chunk.lease_until, chunk.not_before = owner, tx.now + lease, None
    chunk.attempts += 1
    tx.record(chunk, attempt=chunk.attempts, owner=owner)
    return chunk


@command("delivery.begin")
def begin(
    tx: Transaction, chunk_id: UUID, owner: str, lease: timedelta, mailer: str
) -> Parcel | None:
    """Note that a claimed chunk is about to leave, and return what is to be posted.

    Must be kept before the first byte leaves. None if the campaign was stopped meanwhile, or
    must be because its people were purged. Raises Lost if the chunk is no longer the owner's.
    """
    chunk = held(tx, chunk_id, ChunkState.CLAIMED)
    if chunk.owner != owner or chunk.lease_until is None or chunk.lease_until <= tx.now:
        raise Lost(f"chunk {chunk_id} is no longer held by {owner}")
    campaign = campaign_of(tx, chunk)
    if campaign.state != CampaignState.SENDING.value:
        put_back(chunk, campaign)
        tx.record(chunk, stopped=campaign.state)
        return None
    try:
        parcel = _parcel(tx, campaign, chunk)
    except (Purged, Tampered) as fault:
        put_back(chunk, campaign)
        _move(campaign, CampaignState.PAUSED)
        campaign.why = str(fault)
        tx.record(chunk, stopped=campaign.state, why=campaign.why)
        return None
    chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.POSTING).value
    chunk.lease_until = tx.now + lease
    tx.session.add(
        Attempt(
            id=tx.new_id(),
            chunk_id=chunk.id,
            number=chunk.attempts,
            owner=owner,
            mailer=mailer,
            began_at=tx.now,
            proof="",
        )
    )
    tx.record(chunk, attempt=chunk.attempts, payload=chunk.payload_digest)
    return parcel


@command("delivery.settle")
def settle(
    tx: Transaction, chunk_id: UUID, owner: str, attempt: int, outcome: Outcome
) -> Chunk:
    """Write down what a mailer said of an attempt. A late word is kept, and changes nothing."""
    chunk = held(tx, chunk_id)
    ours = (chunk.owner, chunk.attempts) == (owner, attempt)
    if chunk.state != ChunkState.POSTING.value or not ours:
        tx.record(chunk, late=outcome.result.value, attempt=attempt, proof=outcome.proof)
        return chunk
    close(tx, chunk, outcome.result.value, outcome.proof)
    campaign = campaign_of(tx, chunk)
    chunk.state = rules.settled(outcome.result, chunk.messages).value
    chunk.owner = chunk.lease_until = None
    if outcome.result is Result.RETRY:
        chunk.not_before = outcome.until or tx.now + rules.wait_after(chunk.attempts)
        put_back(chunk, campaign)
    elif chunk.state == ChunkState.SPLIT.value:
        split(tx, chunk, campaign)
    elif chunk.state == ChunkState.UNKNOWN.value:
        chunk.unknown_since = tx.now
    elif chunk.state == ChunkState.BLOCKED.value:
        if campaign.state == CampaignState.SENDING.value:
            _move(campaign, CampaignState.PAUSED)
        campaign.why = outcome.why
    else:
        chunk.settled_at = tx.now
    finish_if_done(tx, campaign)
    tx.record(
        chunk,
        attempt=attempt,
        result=outcome.result.value,
        state=chunk.state,
        messages=chunk.messages,
        people=chunk.people,
        proof=outcome.proof,
        why=outcome.why,
    )
    return chunk


@command("delivery.reclaim")
def reclaim(tx: Transaction, chunk_id: UUID) -> Chunk:
    """Take a chunk from a sender whose time is over. What was being posted becomes unknown.

    Raises Lost if the sender is still within its time, or has let go of the chunk.
    """
    chunk = held(tx, chunk_id)
    if chunk.lease_until is None or chunk.lease_until > tx.now:
        raise Lost(f"chunk {chunk_id} is not overdue")
    owner = chunk.owner
    if chunk.state == ChunkState.CLAIMED.value:
        put_back(chunk, campaign_of(tx, chunk))
    else:
        chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.UNKNOWN).value
        chunk.unknown_since = tx.now
    chunk.owner = chunk.lease_until = None
    tx.record(chunk, from_owner=owner, attempt=chunk.attempts, state=chunk.state)
    return chunk


@command("delivery.resolve")
def resolve(tx: Transaction, chunk_id: UUID, attempt: int, finding: Finding) -> Chunk:
    """Resolve a chunk in unknown by what its mailer found. Raises Lost if it has moved."""
    chunk = held(tx, chunk_id, ChunkState.UNKNOWN)
    if chunk.attempts != attempt or chunk.unknown_since is None:
        raise Lost(f"chunk {chunk_id} is at attempt {chunk.attempts}, not {attempt}")
    campaign = campaign_of(tx, chunk)
    to = rules.resolved(finding, since=chunk.unknown_since, now=tx.now)
    chunk.state = to.value
    if finding is not Finding.CANNOT_TELL:
        close(tx, chunk, finding.value, "")
        chunk.unknown_since = None
    if to is ChunkState.READY:
        put_back(chunk, campaign)
    elif to is ChunkState.ACCEPTED:
        chunk.settled_at = tx.now
    finish_if_done(tx, campaign)
    tx.record(chunk, attempt=attempt, finding=finding.value, state=chunk.state)
    return chunk


@command("delivery.record_event")
def record_event(tx: Transaction, happening: Happening) -> Event:
    """Write down what the world reports of a message. A repeat of a report is ignored."""
    campaign = tx.session.get(Campaign, happening.campaign_id)
    if campaign is None:
        raise Unknown(f"there is no campaign {happening.campaign_id}")
    before = tx.session.scalars(select(Event).where(Event.source == happening.source)).first()
    if before is not None:
        tx.record(before, repeated=True)
        return before
    event = Event(
        id=tx.new_id(),
        campaign_id=campaign.id,
        source=happening.source,
        message=happening.message,
        kind=happening.kind.value,
        at=happening.at,
        reason=happening.reason,
        recorded_at=tx.now,
    )
    tx.session.add(event)
    deliveries = tx.session.scalars(
        select(Delivery).where(
            Delivery.campaign_id == campaign.id, Delivery.message == happening.message
        )
    ).all()
    if not deliveries:
        raise Unknown(f"{campaign.name} has no message {happening.message}")
    for delivery in deliveries:
        kept = EventKind(delivery.outcome) if delivery.outcome else None
        if rules.later_event(kept, happening.kind) is not kept:
            delivery.outcome, delivery.outcome_at = happening.kind.value, happening.at
    tx.record(event, kind=happening.kind.value, people=len(deliveries))
    return event


# ------------------------------------------------------------------------------------------


def _move(campaign: Campaign, to: CampaignState) -> None:
    campaign.state = advance(rules.CAMPAIGN, CampaignState(campaign.state), to).value


def _in_state(tx: Transaction, campaign: Campaign, state: ChunkState) -> list[Chunk]:
    """Return the campaign's chunks in one state, held until this transaction ends."""
    return list(
        tx.session.scalars(
            select(Chunk)
            .where(Chunk.campaign_id == campaign.id, Chunk.state == state.value)
            .order_by(Chunk.id)
            .with_for_update()
        )
    )


def _new_campaign(
    tx: Transaction, incident: Breach, notice: ToTell, sender: Sender
) -> Campaign:
    id_ = tx.new_id()
    number = len(queries.campaigns_of(tx.session, incident.id)) + 1
    campaign = Campaign(
        id=id_,
        incident_id=incident.id,
        notice_id=notice.id,
        letter=queries.letter(notice.obligation, notice.kind),
        number=number,
        name=f"{incident.reference}-{number}-{id_.hex[-8:]}",
        folder=rules.folder(notice.obligation).value,
        state=CampaignState.DRAFT.value,
        content_digest=notice.content_digest,
        sender_name=sender.name,
        sender_address=sender.address,
        reply_to=sender.reply_to,
        people=0,
        messages=0,
        frozen_at=tx.now,
        frozen_by=tx.actor.name,
        why="",
    )
    tx.session.add(campaign)
    try:
        tx.session.flush()  # the rows written next, thousands at a time, refer to it
    except IntegrityError:
        raise Refused("somebody else is freezing for this incident; try again") from None
    return campaign


def _texts(tx: Transaction, campaign: Campaign, notice: ToTell) -> dict[str, CampaignVariant]:
    """Keep the approved texts with the campaign: what was sent is what was frozen."""
    texts = {
        variant.key: CampaignVariant(
            id=tx.new_id(),
            campaign_id=campaign.id,
            locale=variant.locale,
            role=variant.role,
            categories=variant.categories,
            subject=variant.subject,
            text_frame=variant.text_frame,
            html_frame=variant.html_frame,
            digest=variant.digest,
        )
        for variant in notice_queries.variants_of(tx.session, notice.id)
    }
    tx.session.add_all(texts.values())
    tx.session.flush()  # chunks refer to them, and are written past the session
    return texts


def _parcel(tx: Transaction, campaign: Campaign, chunk: Chunk) -> Parcel:
    variant = tx.session.get_one(CampaignVariant, chunk.variant_id)
    clear = tx.vault.open(campaign.incident_id, chunk.payload, label=f"chunk {chunk.id}")
    return Parcel(
        slip=Slip(campaign.name, Folder(campaign.folder), chunk.id, chunk.attempts),
        sender=Sender(campaign.sender_name, campaign.sender_address, campaign.reply_to),
        at=tx.now,
        locale=variant.locale,
        subject=variant.subject,
        text=variant.text_frame,
        html=variant.html_frame,
        recipients=tuple(Recipient(n, box, tags) for n, box, tags in json.loads(clear)),
    )
