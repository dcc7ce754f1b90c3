"""What errands do with one chunk: claim, begin, settle, and take it from those that died."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import Select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.moving import (
    Lost,
    NothingWaits,
    campaign_of,
    close,
    cut,
    finish_if_done,
    held,
    move,
    piece,
    put_back,
    rest,
    split,
    take,
)
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.terms import (
    NO_TICKET,
    CampaignState,
    ChunkState,
    Finding,
    Folder,
    Outcome,
    Parcel,
    Recipient,
    Result,
    Sender,
    Slip,
    Ticket,
    pace_of,
)
from breachdesk.kernel.states import advance
from breachdesk.kernel.vault import Purged, Tampered


@command("delivery.claim")
def claim(
    tx: Transaction,
    owner: str,
    lease: timedelta,
    incident_id: UUID | None = None,
    *,
    campaign_id: UUID | None = None,
) -> Chunk:
    """Take the next chunk that waits, for as long as `lease`. Raises NothingWaits.

    Of an incident or a campaign alone, where one is given. Where a cap lets fewer messages
    leave together than it holds, it is cut first.
    """
    given = {"incident_id": incident_id, "campaign_id": campaign_id}
    of = {name: each for name, each in given.items() if each is not None}
    chunk = tx.session.scalars(_claimable(*of), {"now": tx.now, **of}).first()
    if chunk is None:
        raise NothingWaits("no chunk waits to be sent")
    chunk = take(tx, _within_cap(tx, chunk))
    chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.CLAIMED).value
    chunk.owner, chunk.lease_until, chunk.not_before = owner, tx.now + lease, None
    chunk.attempts += 1
    tx.record(chunk, attempt=chunk.attempts, owner=owner)
    return chunk


@cache
def _claimable(*of: str) -> Select[Chunk]:
    """Return what finds the next chunk, and holds it. SQLite has one writer anyway."""
    return queries.waiting(*of).with_for_update(skip_locked=True, of=Chunk)


def _within_cap(tx: Transaction, chunk: Chunk) -> Chunk:
    """Return the chunk, or as much of it as may leave together at the campaign's pace."""
    campaign = tx.session.get_one(Campaign, chunk.campaign_id)
    hourly = rules.hourly_now(pace_of(campaign.pace), campaign.started_at or tx.now, tx.now)
    most = rules.together(hourly, chunk.messages)
    if most >= chunk.messages:
        return chunk
    return cut(tx, chunk, campaign, most)[0]


@command("delivery.begin")
def begin(
    tx: Transaction,
    chunk_id: UUID,
    owner: str,
    lease: timedelta,
    mailer: str,
    ticket: Ticket = NO_TICKET,
) -> Parcel | None:
    """Note that a claimed chunk is about to leave, and return what is to be posted.

    Must be kept before the first byte leaves, with the ticket by which its carrier can be told
    to hold it back. None if the campaign was stopped meanwhile, or
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
    pace = pace_of(campaign.pace)
    over = rules.quiet_for(pace.quiet, chunk.zone, ticket.leaves_at or tx.now)
    turn = campaign.next_turn
    if over is not None or (turn is not None and turn > tx.now):
        chunk.not_before = over or turn
        chunk.attempts -= 1  # nothing was attempted
        put_back(chunk, campaign)
        if over is not None:
            rest(tx, campaign, chunk.zone, over)
        tx.record(chunk, rests_until=chunk.not_before)
        return None
    hourly = rules.hourly_now(pace, campaign.started_at or tx.now, tx.now)
    campaign.next_turn = rules.next_turn(turn, hourly, chunk.messages, tx.now)
    try:
        parcel = parcel_of(tx, campaign, chunk, ticket)
    except (Purged, Tampered) as fault:
        put_back(chunk, campaign)
        move(campaign, CampaignState.PAUSED)
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
            ticket=ticket.name or None,
            leaves_at=ticket.leaves_at,
            proof="",
        )
    )
    tx.record(chunk, attempt=chunk.attempts, payload=chunk.payload_digest, ticket=ticket.name)
    return parcel


@command("delivery.settle")
def settle(
    tx: Transaction,
    chunk_id: UUID,
    owner: str,
    attempt: int,
    outcome: Outcome,
    following: Callable[[UUID], bool] | None = None,
) -> Chunk:
    """Write down what a mailer said of an attempt. A late word is kept, and changes nothing.

    A claimed chunk is one that the mailer could not prepare: nothing of it left. `following`
    lets another chunk of the campaign leave in the same transaction; whether the campaign is
    done is looked for only where none does.
    """
    chunk = held(tx, chunk_id)
    ours = (chunk.owner, chunk.attempts) == (owner, attempt)
    if chunk.state not in {ChunkState.POSTING.value, ChunkState.CLAIMED.value} or not ours:
        tx.record(chunk, late=outcome.result.value, attempt=attempt, proof=outcome.proof)
        return chunk
    campaign = campaign_of(tx, chunk)
    if chunk.state == ChunkState.CLAIMED.value:
        _not_prepared(tx, chunk, campaign, outcome)
    else:
        close(tx, chunk, outcome.result.value, outcome.proof)
        _take(tx, chunk, campaign, outcome)
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
    if following is None or not following(campaign.id):
        finish_if_done(tx, campaign)
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
def resolve(
    tx: Transaction, chunk_id: UUID, attempt: int, finding: Finding, proof: str = ""
) -> Chunk:
    """Resolve a chunk in unknown by what was found, and where. Raises Lost if it has moved."""
    chunk = held(tx, chunk_id, ChunkState.UNKNOWN)
    if chunk.attempts != attempt or chunk.unknown_since is None:
        raise Lost(f"chunk {chunk_id} is at attempt {chunk.attempts}, not {attempt}")
    campaign = campaign_of(tx, chunk)
    to = rules.resolved(finding, since=chunk.unknown_since, now=tx.now)
    chunk.state = to.value
    if finding is not Finding.CANNOT_TELL:
        close(tx, chunk, finding.value, proof)
        chunk.unknown_since = None
    if to is ChunkState.READY:
        if chunk.attempts > 1:  # a carrier that fails again and again is not hurried
            chunk.not_before = tx.now + rules.wait_after(chunk.attempts)
        put_back(chunk, campaign)
    elif to is ChunkState.ACCEPTED:
        chunk.settled_at = tx.now
    finish_if_done(tx, campaign)
    tx.record(chunk, attempt=attempt, finding=finding.value, state=chunk.state)
    return chunk


def _not_prepared(tx: Transaction, chunk: Chunk, campaign: Campaign, outcome: Outcome) -> None:
    chunk.not_before = outcome.until or tx.now + rules.wait_after(chunk.attempts)
    put_back(chunk, campaign)
    if outcome.result is Result.BLOCKED:
        chunk.not_before = None
        _halt(campaign, outcome.why)


def _take(tx: Transaction, chunk: Chunk, campaign: Campaign, outcome: Outcome) -> None:
    """Let a chunk in posting become what its outcome makes of it."""
    chunk.state = rules.settled(outcome.result, chunk.messages).value
    chunk.owner = chunk.lease_until = None
    if outcome.result is Result.RETRY:
        chunk.not_before = outcome.until or tx.now + rules.wait_after(chunk.attempts)
        put_back(chunk, campaign)
    elif outcome.result is Result.PARTED:
        for result, numbers in outcome.parts.items():
            proof = outcome.proof if result is Result.ACCEPTED else ""
            word = replace(outcome, result=result, proof=proof, parts={})
            for theirs in rules.portions(result, numbers):
                _take(tx, piece(tx, chunk, campaign, theirs, word), campaign, word)
    elif chunk.state == ChunkState.SPLIT.value:
        split(tx, chunk, campaign)
    elif chunk.state == ChunkState.UNKNOWN.value:
        chunk.unknown_since = tx.now
    elif chunk.state == ChunkState.BLOCKED.value:
        _halt(campaign, outcome.why)
    else:
        chunk.settled_at = tx.now


def _halt(campaign: Campaign, why: str) -> None:
    if campaign.state == CampaignState.SENDING.value:
        move(campaign, CampaignState.PAUSED)
    campaign.why = why


def parcel_of(
    tx: Transaction, campaign: Campaign, chunk: Chunk, ticket: Ticket = NO_TICKET
) -> Parcel:
    """Return all that is needed to post a chunk. Raises Purged or Tampered."""
    with tx.session.no_autoflush:  # a claim is written once, with what follows it
        locale, subject, text, html, recipients = queries.text_and_recipients(
            tx.session, tx.vault, campaign, chunk
        )
    return Parcel(
        slip=Slip(campaign.name, Folder(campaign.folder), chunk.id, chunk.attempts, ticket),
        sender=Sender(campaign.sender_name, campaign.sender_address, campaign.reply_to),
        at=tx.now,
        locale=locale,
        subject=subject,
        text=text,
        html=html,
        recipients=tuple(map(Recipient._make, recipients)),
    )
