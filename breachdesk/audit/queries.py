"""What the trail says: all of a subject, and whether the chain is whole."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import TableClause, Uuid, column, func, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from breachdesk.audit import rules
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Entry, Verdict
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


def last(session: Session, organisation_id: UUID) -> AuditEntry | None:
    """Return the last entry of an organisation's trail."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()


def last_of(session: Session, action: str) -> AuditEntry | None:
    """Return the latest entry of the command `action`."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == action)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()


def all_of(session: Session, action: str) -> Sequence[AuditEntry]:
    """Return every entry of the command `action`, the earliest first."""
    return session.scalars(
        select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.sequence)
    ).all()


def entry_at(session: Session, organisation_id: UUID, sequence: int) -> AuditEntry | None:
    """Return the entry with this number in an organisation's trail."""
    return session.scalars(
        select(AuditEntry).where(
            AuditEntry.organisation_id == organisation_id, AuditEntry.sequence == sequence
        )
    ).first()


def page(
    session: Session, *, before: int, limit: int, subject: UUID | None = None, action: str = ""
) -> Sequence[AuditEntry]:
    """Return at most `limit` entries earlier than number `before`, the latest first.

    Of one `subject`, where it is given; of actions that begin with `action`.
    """
    found = select(AuditEntry).where(AuditEntry.sequence < before)
    if subject is not None:
        found = found.where(AuditEntry.subject_id == subject)
    if action:
        found = found.where(AuditEntry.action.startswith(action, autoescape=True))
    return session.scalars(found.order_by(AuditEntry.sequence.desc()).limit(limit)).all()


def verify(session: Session, vault: Vault, organisation_id: UUID) -> Verdict:
    """Read an organisation's whole trail, recompute each digest, compare with the vault.

    The head is read before the rows, and the rows afresh: a desk at work writes on meanwhile,
    and a head that is newer than what `session` has seen so far would look like a cut.
    """
    whose = AuditEntry.organisation_id == organisation_id
    try:
        head = vault.head(str(organisation_id))
    except Tampered:
        head, gap = None, "the head sealed in the vault does not open: it was altered"
    else:
        gap = ""
    session.rollback()
    count = session.scalar(select(func.count()).select_from(AuditEntry).where(whose)) or 0
    if gap:
        return Verdict(entries=count, gap=gap)
    if head is None and not count:
        return Verdict(0, gap="the trail is empty: not even how it began is in it")
    try:
        found = _gap(session, head, organisation_id)
    except (ValueError, TypeError, AttributeError, SQLAlchemyError):
        found = f"{_first_unreadable(session, organisation_id)} cannot be read: it was altered"
    sealed = vault.head(str(organisation_id))  # once more: they go on writing
    return Verdict(count, found, unsealed=max(0, count - (sealed or (0, ""))[0]))


def unknown_chains(session: Session, vault: Vault) -> list[str]:
    """Return the trails of which the vault has sealed a head, and no organisation is left."""
    known = {str(each) for each in session.scalars(select(_organisations().c.id))}
    return [chain for chain in vault.chains() if chain not in known]


def _gap(session: Session, head: tuple[int, str] | None, organisation_id: UUID) -> str | None:
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=1000)
    )
    with rows:  # a gap ends the reading early
        chain = ((_entry(row), row.previous, row.digest) for row in rows)
        return rules.first_gap(chain, head)


def _first_unreadable(session: Session, organisation_id: UUID) -> str:
    """Return the name of the first entry that cannot even be loaded, one at a time."""
    whose = AuditEntry.organisation_id == organisation_id
    place = 0
    while True:
        one = (
            select(AuditEntry).where(whose).order_by(AuditEntry.sequence).offset(place).limit(1)
        )
        try:
            row = session.scalars(one).first()
            if row is None:
                return "an entry"
            rules.digest(_entry(row), row.previous)
        except (ValueError, TypeError, AttributeError, SQLAlchemyError):
            return f"entry {place + 1}"
        place += 1


def strays(session: Session) -> int:
    """Return how many entries belong to no organisation that exists: none, unless forged."""
    strangers = AuditEntry.organisation_id.not_in(select(_organisations().c.id))
    return session.scalar(select(func.count()).select_from(AuditEntry).where(strangers)) or 0


def _organisations() -> TableClause:
    """Return the table of organisations, which a later station keeps: here by its name."""
    return table("organisations", column("id", Uuid()))


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
