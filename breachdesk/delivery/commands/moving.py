"""How a chunk is held, put back, halved and closed: shared by commands."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, update

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.filling import keep
from breachdesk.delivery.models import Attempt, Campaign, Chunk, Delivery
from breachdesk.delivery.terms import CampaignState, ChunkState, Outcome, Recipients
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.kernel.states import advance

Row = TypeVar("Row", Chunk, Campaign)
_IN_HAND = "rows in hand"


class NothingWaits(Refused):
    """No chunk is there to be claimed."""


class Lost(Refused):
    """The chunk is no longer ours, or no longer where it was: somebody else took it on."""


def held(tx: Transaction, chunk_id: UUID, state: ChunkState | None = None) -> Chunk:
    """Return a chunk, held until this transaction ends. Raises Lost if it is not in `state`.

    Its campaign is held after it, by the same statement.
    """
    chunk = _in_hand(tx, Chunk, chunk_id)
    if chunk is None:
        found = tx.session.execute(_HELD, {"chunk_id": chunk_id}).first()
        if found is None:
            raise Unknown(f"there is no chunk {chunk_id}")
        chunk = take(tx, found[0])
        take(tx, found[1])
    if state is not None and chunk.state != state.value:
        raise Lost(f"chunk {chunk_id} is {chunk.state}, not {state.value}")
    return chunk


def campaign_of(tx: Transaction, chunk: Chunk) -> Campaign:
    """Return a chunk's campaign, held: whoever pauses or ends it waits for this transaction."""
    found = (
        _in_hand(tx, Campaign, chunk.campaign_id)
        or tx.session.scalars(
            select(Campaign).where(Campaign.id == chunk.campaign_id).with_for_update()
        ).one()
    )
    return take(tx, found)


_HELD = (
    select(Chunk, Campaign)
    .join(Campaign, Campaign.id == Chunk.campaign_id)
    .where(Chunk.id == bindparam("chunk_id"))
    .with_for_update()
)
"""PostgreSQL holds the rows of a join in the order of its tables."""


def take(tx: Transaction, row: Row) -> Row:
    """Note that a row is held until this transaction ends, and need not be asked for again."""
    tx.session.info.setdefault(_IN_HAND, {})[row.id] = row
    return row


def _in_hand(tx: Transaction, kind: type[Row], id_: UUID) -> Row | None:
    row = tx.session.info.get(_IN_HAND, {}).get(id_)
    return row if isinstance(row, kind) else None


def move(campaign: Campaign, to: CampaignState) -> None:
    """Let a campaign go on to a state that may follow its own."""
    campaign.state = advance(rules.CAMPAIGN, CampaignState(campaign.state), to).value


def put_back(chunk: Chunk, campaign: Campaign) -> None:
    """Let a chunk wait again, or cancel it where its campaign was cancelled meanwhile."""
    if chunk.state != ChunkState.READY.value:
        chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.READY).value
    chunk.owner = chunk.lease_until = None
    if campaign.state == CampaignState.CANCELLED.value:
        chunk.state = advance(rules.CHUNK, ChunkState.READY, ChunkState.CANCELLED).value


def rest(tx: Transaction, campaign: Campaign, zone: str | None, until: datetime) -> None:
    """Let every chunk that waits for readers of these clocks rest, in one statement."""
    tx.session.execute(
        update(Chunk)
        .where(
            Chunk.campaign_id == campaign.id,
            Chunk.state == ChunkState.READY.value,
            Chunk.zone.is_not_distinct_from(zone),
            or_(Chunk.not_before.is_(None), Chunk.not_before < until),
        )
        .values(not_before=until)
        .execution_options(synchronize_session=False)
    )


def close(tx: Transaction, chunk: Chunk, result: str, proof: str) -> None:
    """Write on the attempt what became of it."""
    which = {"of": chunk.id, "nth": chunk.attempts}
    said = {"at": tx.now, "said": result, "shown": proof}
    tx.session.execute(_CLOSE, which | said).one()  # of no attempt it must not pass in silence


_CLOSE = (
    update(Attempt)
    .where(Attempt.chunk_id == bindparam("of"), Attempt.number == bindparam("nth"))
    .values(ended_at=bindparam("at"), result=bindparam("said"), proof=bindparam("shown"))
    .returning(Attempt.id)
    .execution_options(synchronize_session=False)
)


def finish_if_done(tx: Transaction, campaign: Campaign) -> None:
    """Finish a running campaign of which nothing waits, moves or is in doubt any more."""
    if campaign.state != CampaignState.SENDING.value:
        return
    still = select(Chunk.id).where(
        Chunk.campaign_id == campaign.id,
        Chunk.state.in_([state.value for state in rules.OPEN]),
    )
    if tx.session.scalar(still.limit(1)) is None:
        move(campaign, CampaignState.FINISHED)
        campaign.ended_at = tx.now


def split(tx: Transaction, chunk: Chunk, campaign: Campaign) -> None:
    """Make two chunks of one that was refused, until the message at fault stands alone."""
    recipients = _recipients(tx, chunk, campaign)
    middle = len(recipients) // 2
    for half in (recipients[:middle], recipients[middle:]):
        put_back(_child(tx, chunk, campaign, half), campaign)


def cut(tx: Transaction, chunk: Chunk, campaign: Campaign, first: int) -> tuple[Chunk, Chunk]:
    """Make two chunks of one that waits: its first messages, and the rest."""
    recipients = _recipients(tx, chunk, campaign)
    chunk.state = advance(rules.CHUNK, ChunkState(chunk.state), ChunkState.SPLIT).value
    return (
        _child(tx, chunk, campaign, recipients[:first]),
        _child(tx, chunk, campaign, recipients[first:]),
    )


def piece(
    tx: Transaction, chunk: Chunk, campaign: Campaign, numbers: Collection[int], word: Outcome
) -> Chunk:
    """Make a chunk, still in posting, of those messages that have an outcome of their own."""
    wanted = set(numbers)
    recipients = [each for each in _recipients(tx, chunk, campaign) if each[0] in wanted]
    child = _child(tx, chunk, campaign, recipients)
    child.state, child.attempts = ChunkState.POSTING.value, chunk.attempts
    attempt = _attempt(tx, chunk)
    tx.session.add(
        Attempt(
            id=tx.new_id(),
            chunk_id=child.id,
            number=attempt.number,
            owner=attempt.owner,
            mailer=attempt.mailer,
            began_at=attempt.began_at,
            ticket=attempt.ticket,
            leaves_at=attempt.leaves_at,
            ended_at=tx.now,
            result=word.result.value,
            proof=word.proof,
        )
    )
    tx.session.flush()  # its outcome may be closed again, by resolve
    return child


def _recipients(tx: Transaction, chunk: Chunk, campaign: Campaign) -> Recipients:
    return queries.recipients_of(tx.session, tx.vault, campaign, chunk.id)


def _child(tx: Transaction, chunk: Chunk, campaign: Campaign, recipients: Recipients) -> Chunk:
    numbers = [number for number, _, _ in recipients]
    child_id = tx.new_id()
    child = Chunk(
        id=child_id,
        campaign_id=chunk.campaign_id,
        variant_id=chunk.variant_id,
        parent_id=chunk.id,
        messages=len(recipients),
        people=0,
        state=ChunkState.READY.value,
        attempts=0,
        payload_digest="",
        wave=chunk.wave,
        zone=chunk.zone,
    )
    tx.session.add(child)
    tx.session.flush()  # what it holds, and the people below, refer to it
    child.payload_digest = keep(tx, campaign.incident_id, child_id, recipients)
    theirs = (Delivery.campaign_id == campaign.id, Delivery.message.in_(numbers))
    tx.session.execute(
        update(Delivery)
        .where(*theirs)
        .values(chunk_id=child.id)
        .execution_options(synchronize_session=False)
    )
    child.people = tx.session.scalar(select(func.count(Delivery.id)).where(*theirs)) or 0
    return child


def _attempt(tx: Transaction, chunk: Chunk) -> Attempt:
    return tx.session.scalars(
        select(Attempt).where(Attempt.chunk_id == chunk.id, Attempt.number == chunk.attempts)
    ).one()
