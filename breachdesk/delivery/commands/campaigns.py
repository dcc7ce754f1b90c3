"""What people do: fix who is told, start, pause, resume, cancel, decide what is in doubt."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from breachdesk.audit.transaction import Transaction, command
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.freezing import Freezing, reader
from breachdesk.delivery.commands.moving import (
    Lost,
    campaign_of,
    close,
    finish_if_done,
    held,
    move,
    put_back,
)
from breachdesk.delivery.commands.publishing import must_be_open, publish
from breachdesk.delivery.commands.second import at_second_addresses
from breachdesk.delivery.models import Campaign, CampaignVariant, Chunk
from breachdesk.delivery.terms import (
    Breach,
    CampaignState,
    Channel,
    ChunkState,
    Decision,
    Finding,
    Reader,
    Sender,
    ToTell,
    pace_of,
)
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.states import advance
from breachdesk.law.terms import Law
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from breachdesk.notices import rules as notice_rules
from breachdesk.notices.terms import FIRST, FOLLOW_UP
from breachdesk.scoping.terms import Person


@command("delivery.freeze")
def freeze(  # noqa: PLR0913  (who, what, and how the list is cut)
    tx: Transaction,
    incident: Breach,
    notice: ToTell,
    people: Iterable[Person | Reader],
    law: Law,
    *,
    excluded: Mapping[str, str] | None = None,
    separate: bool = False,
    second: Mapping[str, str] | None = None,
    by_zone: bool = False,
) -> Campaign:
    """Fix who is sent which text, for good. Nothing is sent yet.

    A follow-up goes to those of the list whom the first notice reached or may have reached,
    and to the second address of the directories where it was there that it came; people found
    late count with the first notice, so that nobody has both.

    `excluded` gives a written reason by key of a person; `separate` gives each person a
    message of their own, also where people share a mailbox and a text. Whoever was, or may
    have been, sent this letter before is passed over. With `second`, addresses by key, it goes
    to whom it did not reach, at second addresses: these, else those of the directories.
    `by_zone` keeps readers apart whose clocks differ, so that quiet hours are theirs.

    Raises Refused for a notice that two did not approve, or whose facts have changed since,
    or that has no text for somebody.
    """
    _take_over(tx, notice, law)
    data = datamap.current(tx.session)
    sender = rules.sender_of(data.organisation)
    campaign = _new_campaign(tx, incident, notice, sender)
    if second is not None:
        campaign.channel = Channel.SECOND_ADDRESS.value
    texts = _texts(tx, campaign, notice)
    freezing = Freezing(
        tx,
        campaign,
        texts,
        tuple(notice.languages),
        excluded=excluded or {},
        separate=separate,
        after=queries.letter(notice.obligation, FIRST)
        if notice_rules.base_kind(notice.kind) == FOLLOW_UP
        else None,
        clocks=rules.Clocks(tx.now) if by_zone else None,
    )
    audience = notice_queries.audiences(data)
    readers = (reader(person, audience) for person in people)
    freezing.fill(
        readers if second is None else at_second_addresses(tx, campaign, readers, second)
    )
    if not campaign.people and second is not None:
        raise Refused(
            "nobody is left to freeze: of those whom the e-mail did not reach, nobody has a "
            "second address that was not written to"
        )
    if not campaign.people:
        raise Refused(
            f"nobody is left to freeze: all {freezing.skipped} people of the list are in the "
            "ledger already"
        )
    move(campaign, CampaignState.FROZEN)
    tx.record(
        campaign,
        notice=notice.id,
        people=campaign.people,
        messages=campaign.messages,
        passed_over=freezing.skipped,
        content=campaign.content_digest,
        channel=campaign.channel,
    )
    publish(tx, campaign)
    return campaign


@command("delivery.start")
def start(tx: Transaction, campaign: Campaign) -> Campaign:
    """Let a frozen campaign be sent. Who starts it answers for the list, as for the text.

    Raises NotPublished where nobody could check a message, and nobody said why.
    """
    must_be_open(tx, campaign)
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


def _take_over(tx: Transaction, notice: ToTell, law: Law) -> None:
    """Take an approved notice over for good. Raises Refused if its facts have changed since."""
    approved = notice_queries.by_id(tx.session, notice.id)
    notices.freeze(tx, approved)
    changed = notice_queries.review(tx.session, law, approved).changed
    if changed:
        names = ", ".join(changed)
        raise Refused(f"the facts have changed since the approval ({names}); draft it again")
