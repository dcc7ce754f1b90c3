"""After a restore: nothing goes on by itself, and what may have left since is in doubt."""

from sqlalchemy import select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery.commands.moving import move
from breachdesk.delivery.commands.workers import dismiss_all
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.rules.restoring import RESTORED
from breachdesk.delivery.terms import CampaignState, ChunkState
from breachdesk.kernel.states import advance
from breachdesk.kernel.tables import Table

RESTORED_BY = "restore"
_OVER = (CampaignState.FINISHED.value, CampaignState.CANCELLED.value)


@command("delivery.hold_restored")
def hold_restored(
    tx: Transaction, restore: Table, why: str, *, evidence: bool
) -> dict[str, int]:
    """Put every campaign on hold; mark every chunk that may have left since the backup.

    Every worker is dismissed: one that was dismissed since would be admitted again.

    With `evidence` the mailer has a record of its own: such a chunk is unknown, and resolved
    like any other whose sender died. Without, it is in doubt until a person decides.
    """
    running = list(
        tx.session.scalars(
            select(Campaign).where(Campaign.state == CampaignState.SENDING.value)
        )
    )
    for campaign in running:
        move(campaign, CampaignState.PAUSED)
        campaign.why = why
    doubtful = list(
        tx.session.scalars(
            select(Chunk)
            .join(Campaign, Campaign.id == Chunk.campaign_id)
            .where(
                Campaign.state.not_in(_OVER), Chunk.state.in_([each.value for each in RESTORED])
            )
            .order_by(Chunk.id)
        )
    )
    to = ChunkState.UNKNOWN if evidence else ChunkState.DOUBT
    for chunk in doubtful:
        _doubt(tx, chunk, to)
    done = {
        "campaigns_on_hold": len(running),
        "chunks_doubtful": len(doubtful),
        "people_doubtful": sum(chunk.people for chunk in doubtful),
    }
    dismissed = dismiss_all(tx)
    tx.record(restore, why=why, state=to.value, workers_dismissed=dismissed, **done)
    for campaign in running:
        ours = [each for each in doubtful if each.campaign_id == campaign.id]
        tx.record(campaign, why=why, chunks=len(ours), people=sum(c.people for c in ours))
    return done


def _doubt(tx: Transaction, chunk: Chunk, to: ChunkState) -> None:
    """Note an attempt that somebody may have made since, and that nobody knows more of."""
    was = ChunkState(chunk.state)
    if was is not ChunkState.POSTING:
        chunk.attempts += was is not ChunkState.CLAIMED  # the claim has its number already
        tx.session.add(
            Attempt(
                id=tx.new_id(),
                chunk_id=chunk.id,
                number=chunk.attempts,
                owner=RESTORED_BY,
                mailer=RESTORED_BY,
                began_at=tx.now,
                proof="",
            )
        )
    chunk.state = advance(RESTORED, was, to).value
    chunk.owner = chunk.lease_until = None
    chunk.unknown_since = tx.now if to is ChunkState.UNKNOWN else None
