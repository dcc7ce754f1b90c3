"""What people do with a frozen list: start, pause, resume, cancel, decide what is in doubt."""

from uuid import UUID

from sqlalchemy import select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.moving import (
    Lost,
    campaign_of,
    close,
    finish_if_done,
    held,
    move,
    put_back,
)
from breachdesk.delivery.commands.publishing import must_be_open
from breachdesk.delivery.commands.taking_over import must_be_true
from breachdesk.delivery.models import Campaign, Chunk
from breachdesk.delivery.terms import CampaignState, ChunkState, Decision, Finding, pace_of
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.states import advance
from breachdesk.law.terms import Law


@command("delivery.start")
def start(tx: Transaction, campaign: Campaign, law: Law | None = None) -> Campaign:
    """Let a frozen campaign be sent. Who starts it answers for the list, as for the text.

    Raises NotPublished where nobody could check a message, and nobody said why; with `law`,
    Refused where a fact or the list is another since the approval. It needs none in the
    transaction that froze, which has looked.
    """
    must_be_open(tx, campaign)
    if law is not None:
        instead = f"cancel {campaign.name}, then draft it again"
        must_be_true(tx, campaign.notice_id, law, instead)
    move(campaign, CampaignState.APPROVED)
    move(campaign, CampaignState.SENDING)
    campaign.started_at, campaign.started_by = tx.now, tx.actor.name
    finish_if_done(tx, campaign)
    tx.record(campaign, people=campaign.people, messages=campaign.messages)
    return campaign


@command("delivery.pause")
def pause(tx: Transaction, campaign: Campaign, why: str = "") -> Campaign:
    """Hold back every chunk that is not being posted at this moment; or a frozen list."""
    move(campaign, CampaignState.PAUSED)
    campaign.why = why
    tx.record(campaign, why=why)
    return campaign


@command("delivery.resume")
def resume(tx: Transaction, campaign: Campaign) -> Campaign:
    """Go on with a paused campaign; what was blocked is tried again.

    One that was held before it started is frozen as it was: somebody has still to start it.
    Raises Refused while too many messages come back: who goes on raises the limit first.
    """
    if campaign.started_at is None:
        move(campaign, CampaignState.FROZEN)
        campaign.why = ""
        tx.record(campaign, started=False)
        return campaign
    wave = queries.wave_so_far(tx.session, campaign)
    heard = queries.messages_heard(tx.session, campaign)
    why = rules.why_halt(pace_of(campaign.pace), heard, wave.rejected)
    if why is not None:
        raise Refused(f"{why}; raise it with: breachdesk delivery pace, and say why")
    move(campaign, CampaignState.SENDING)
    campaign.why = ""
    blocked = _in_state(tx, campaign, ChunkState.BLOCKED)
    for chunk in blocked:
        put_back(chunk, campaign)
    finish_if_done(tx, campaign)
    tx.record(campaign, unblocked=len(blocked))
    return campaign


@command("delivery.cancel")
def cancel(tx: Transaction, campaign: Campaign, why: str = "") -> Campaign:
    """Send no more of a campaign. The report lists who was informed and who was not.

    A finished one can be cancelled while its carrier still holds messages to be called back.
    """
    over = campaign.state == CampaignState.FINISHED.value
    if over and not queries.callable_back(tx.session, campaign.id, tx.now):
        raise Refused(f"{campaign.name} is finished, and nothing of it can be called back")
    move(campaign, CampaignState.CANCELLED)
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


@command("delivery.take_back")
def take_back(tx: Transaction, chunk_id: UUID, attempt: int) -> Chunk:
    """Note that a carrier discards a chunk it had taken: nobody of it is told by it.

    Raises Lost if the chunk has moved, Refused unless its campaign was cancelled.
    """
    chunk = held(tx, chunk_id, ChunkState.ACCEPTED)
    campaign = campaign_of(tx, chunk)
    if chunk.attempts != attempt:
        raise Lost(f"chunk {chunk_id} is at attempt {chunk.attempts}, not {attempt}")
    if campaign.state != CampaignState.CANCELLED.value:
        raise Refused(f"{campaign.name} is {campaign.state}; cancel it, then call it back")
    close(tx, chunk, Finding.ABSENT.value, "called back")
    chunk.state = advance(rules.CHUNK, ChunkState.ACCEPTED, ChunkState.CANCELLED).value
    chunk.settled_at = tx.now
    tx.record(chunk, attempt=attempt, messages=chunk.messages, people=chunk.people)
    return chunk


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
