"""Which machines send without a vault, and which keys lie ready for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, Chunk, HandedKey, Worker
from breachdesk.delivery.terms import CampaignState, ChunkState
from breachdesk.kernel.borrowing import BorrowedVault
from breachdesk.kernel.lending import fingerprint
from breachdesk.kernel.vault import Purged, Tampered, Vault


@dataclass(frozen=True, slots=True)
class Lending:
    """What is to be done so that each worker has the keys it needs, and no other."""

    hand: Sequence[tuple[Worker, UUID]]
    withdraw: Sequence[HandedKey]
    forget: Sequence[Worker]
    admitted: bool
    """Whether there is any worker whose admission stands."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.hand or self.withdraw or self.forget)


def workers(session: Session) -> Sequence[Worker]:
    """Return the workers that were not dismissed, the first first."""
    return session.scalars(
        select(Worker).where(Worker.dismissed_at.is_(None)).order_by(Worker.id)
    ).all()


def worker_of(session: Session, fingerprint: str) -> Worker | None:
    """Return the worker that is known by a fingerprint, dismissed or not."""
    return session.scalars(select(Worker).where(Worker.fingerprint == fingerprint)).first()


def handed_to(session: Session, worker: Worker) -> Sequence[HandedKey]:
    """Return the keys that lie ready for a worker."""
    return session.scalars(
        select(HandedKey)
        .where(HandedKey.worker_id == worker.id)
        .order_by(HandedKey.incident_id)
    ).all()


def being_sent(session: Session) -> frozenset[UUID]:
    """Return the incidents of which a chunk may leave or is under way; none that was purged."""
    under_way = (ChunkState.CLAIMED.value, ChunkState.POSTING.value)
    moving = select(Chunk.campaign_id).where(Chunk.state.in_(under_way))
    return frozenset(
        session.scalars(
            select(Campaign.incident_id).where(
                Campaign.proof_key.is_(None),
                or_(
                    Campaign.state == CampaignState.SENDING.value,
                    Campaign.id.in_(moving),
                ),
            )
        )
    )


def lending(session: Session, vault: Vault, now: datetime) -> Lending:
    """Return which keys are to be handed and withdrawn, and who is to be admitted anew."""
    present = workers(session)
    handed = session.scalars(select(HandedKey).order_by(HandedKey.id)).all()
    if not present and not handed:
        return Lending((), (), (), admitted=False)
    admitted = {each.id: each for each in present if _stands(vault, each)}
    heard = {
        each.id: each for each in admitted.values() if not rules.is_silent(each.seen_at, now)
    }
    wanted = {each for each in being_sent(session) if vault.has_key(each)}
    there = {(each.worker_id, each.incident_id) for each in handed}
    return Lending(
        hand=[
            (worker, incident)
            for worker in heard.values()
            for incident in sorted(wanted)
            if (worker.id, incident) not in there
        ],
        withdraw=[
            each
            for each in handed
            if each.worker_id not in heard or each.incident_id not in wanted
        ],
        forget=[each for each in present if rules.is_forgotten(each.seen_at, now)],
        admitted=bool(admitted),
    )


def _stands(vault: Vault, worker: Worker) -> bool:
    """Tell whether a worker was admitted by somebody who holds the vault, by this very key."""
    if worker.admission is None:
        return False
    label = rules.admission(worker.id)
    try:
        return vault.open(worker.organisation_id, worker.admission, label=label) == (
            worker.public_key
        )
    except (Purged, Tampered):
        return False


def without_vault(vault: Vault) -> str | None:
    """Return by what this process is known if it holds no vault; None if it holds one."""
    return fingerprint(vault.pair.public) if isinstance(vault, BorrowedVault) else None
