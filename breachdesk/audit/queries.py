"""What the trail says: all of a subject, and whether the chain is whole."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.audit import rules
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Entry, Verdict
from breachdesk.kernel.tables import Table
from breachdesk.kernel.vault import Tampered, Vault


def trail_of(
    session: Session, subjects: Sequence[UUID], *, limit: int = 200
) -> Sequence[AuditEntry]:
    """Return the newest `limit` entries about any of `subjects`, newest first."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_id.in_(subjects))
        .order_by(AuditEntry.sequence.desc())
        .limit(limit)
    ).all()


def verify(session: Session, vault: Vault, organisation_id: UUID) -> Verdict:
    """Read an organisation's whole trail, recompute each digest, compare with the vault."""
    whose = AuditEntry.organisation_id == organisation_id
    count = session.scalar(select(func.count(AuditEntry.id)).where(whose)) or 0
    rows = session.scalars(
        select(AuditEntry)
        .where(whose)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=1000)
    )
    with rows:  # a gap ends the reading early
        chain = ((_entry(row), row.previous, row.digest) for row in rows)
        try:
            gap = rules.first_gap(chain, vault.head(str(organisation_id)))
        except Tampered:
            gap = "the head sealed in the vault does not open: it was altered"
    return Verdict(entries=count, gap=gap)


def strays(session: Session) -> int:
    """Return how many entries belong to no organisation that exists: none, unless forged."""
    known = select(Table.metadata.tables["organisations"].c.id)
    return (
        session.scalar(
            select(func.count(AuditEntry.id)).where(AuditEntry.organisation_id.not_in(known))
        )
        or 0
    )


def _entry(row: AuditEntry) -> Entry:
    return Entry(
        chain=row.organisation_id,
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        actor_id=row.actor_id,
        action=row.action,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        details=row.details,
    )
