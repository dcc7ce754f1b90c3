"""How fast a campaign goes: its pace, its waves, and the cord that stops it."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select, update

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.moving import cut, move
from breachdesk.delivery.models import Campaign, Chunk
from breachdesk.delivery.terms import CampaignState, ChunkState, Pace, pace_of
from breachdesk.kernel.errors import Refused, Unknown

_SETTABLE = (
    CampaignState.FROZEN.value,
    CampaignState.SENDING.value,
    CampaignState.PAUSED.value,
)


@command("delivery.set_pace")
def set_pace(tx: Transaction, campaign: Campaign, pace: Pace) -> Campaign:
    """Say how fast, in which waves and at which hours a campaign may go.

    Waves can be chosen until it starts; a cap, quiet hours and limits at any time.
    """
    if campaign.state not in _SETTABLE:
        raise Refused(f"{campaign.name} is {campaign.state}; its pace cannot change any more")
    before = pace_of(campaign.pace)
    if campaign.started_at is not None and pace.waves != before.waves:
        raise Refused(f"{campaign.name} has started; its waves cannot change any more")
    if pace.waves != before.waves:
        _assign_waves(tx, campaign, pace.waves)
    campaign.pace, campaign.next_turn = pace.as_json(), None
    tx.session.execute(  # what rested in quiet hours may leave by the new ones
        update(Chunk)
        .where(
            Chunk.campaign_id == campaign.id,
            Chunk.state == ChunkState.READY.value,
            Chunk.attempts == 0,
        )
        .values(not_before=None)
        .execution_options(synchronize_session=False)
    )
    tx.record(campaign, pace=pace.as_json())
    return campaign


@command("delivery.watch")
def watch(tx: Transaction, campaign_id: UUID) -> Campaign:
    """Look after a running campaign: halt it, let its next wave begin, note that all is silent.

    Raises NothingToNote where all goes well.
    """
    campaign = tx.session.scalars(
        select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    ).first()
    if campaign is None:
        raise Unknown(f"there is no campaign {campaign_id}")
    running = campaign.state == CampaignState.SENDING.value
    wave = queries.wave_so_far(tx.session, campaign)
    heard = queries.messages_heard(tx.session, campaign)
    pace = pace_of(campaign.pace)
    why = rules.why_halt(pace, heard, wave.rejected)
    if running and why is not None:
        move(campaign, CampaignState.PAUSED)
        campaign.why = why
        tx.record(campaign, halted=why)
        return campaign
    silent = queries.alarm(tx.session, campaign, tx.now)
    if silent is not None and campaign.alarmed_at is None:
        campaign.alarmed_at = tx.now
        if running:
            move(campaign, CampaignState.PAUSED)
            campaign.why = (
                "halted: the carrier took messages and reports nothing of them; the account "
                "may be under review, or the event webhook not set"
            )
        tx.record(campaign, alarm="silent", since=silent)
        return campaign
    rest = tx.now - (wave.left_at or tx.now)
    known = sum(heard.values()) + wave.rejected
    if (
        running
        and campaign.wave < len(pace.waves) - 1
        and not wave.left
        and rules.may_go_on(wave.messages, known, reports=wave.reports, rest=rest)
    ):
        campaign.wave += 1
        tx.record(campaign, wave=campaign.wave + 1, of=len(pace.waves), known=known)
        return campaign
    raise NothingToNote(f"{campaign.name} goes as it should")


class NothingToNote(Refused):
    """A campaign goes as it should."""


def _assign_waves(tx: Transaction, campaign: Campaign, waves: tuple[float, ...]) -> None:
    """Give each chunk its wave, cutting those that a wave ends in.

    The same share of every text and clock: and since a list is frozen in the order of a
    digest, what comes first of a text is a fair sample of its readers.
    """
    alike: dict[tuple[UUID, str | None], list[Chunk]] = defaultdict(list)
    for chunk in tx.session.scalars(
        select(Chunk)
        .where(Chunk.campaign_id == campaign.id, Chunk.state == ChunkState.READY.value)
        .order_by(Chunk.id)
    ):
        alike[chunk.variant_id, chunk.zone].append(chunk)
    sizes = rules.wave_sizes([_messages(chunks) for chunks in alike.values()], waves)
    for chunks, shares in zip(alike.values(), sizes, strict=True):
        for wave, share in enumerate(shares):
            left = share
            while left:
                chunk = chunks.pop(0)
                if chunk.messages > left:
                    chunk, rest = cut(tx, chunk, campaign, left)
                    chunks.insert(0, rest)
                chunk.wave, left = wave, left - chunk.messages


def _messages(chunks: list[Chunk]) -> int:
    return sum(each.messages for each in chunks)
