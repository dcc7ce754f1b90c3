"""The scopes that were measured."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, defer

from breachdesk.kernel.errors import Unknown
from breachdesk.scoping.models import MeasuredScope
from breachdesk.scoping.terms import Group, Ring, Scope


def latest(session: Session, incident_id: UUID) -> Scope | None:
    """Return the scope measured last for an incident; None before the first."""
    row = session.scalars(
        select(MeasuredScope)
        .where(MeasuredScope.incident_id == incident_id)
        .order_by(MeasuredScope.version.desc())
        .limit(1)
    ).first()
    return None if row is None else scope(row)


def latest_of_many(session: Session, ids: Collection[UUID]) -> dict[UUID, Scope]:
    """Return what `latest` does, for each of several incidents in one statement."""
    last = (
        select(MeasuredScope.incident_id, func.max(MeasuredScope.version))
        .where(MeasuredScope.incident_id.in_(ids))
        .group_by(MeasuredScope.incident_id)
    )
    rows = session.scalars(
        select(MeasuredScope)
        .where(tuple_(MeasuredScope.incident_id, MeasuredScope.version).in_(last))
        .options(defer(MeasuredScope.question), defer(MeasuredScope.statements))
    )
    return {row.incident_id: scope(row) for row in rows}


def version(session: Session, incident_id: UUID, number: int) -> Scope:
    """Return the scope of that version. Raises Unknown."""
    row = session.scalars(
        select(MeasuredScope).where(
            MeasuredScope.incident_id == incident_id, MeasuredScope.version == number
        )
    ).first()
    if row is None:
        raise Unknown(f"this incident has no version {number} of its scope")
    return scope(row)


def versions(session: Session, incident_id: UUID) -> Sequence[Scope]:
    """Return every scope of an incident, the earliest first."""
    rows = session.scalars(
        select(MeasuredScope)
        .where(MeasuredScope.incident_id == incident_id)
        .order_by(MeasuredScope.version)
    )
    return [scope(row) for row in rows]


def measured(session: Session, scope_id: UUID) -> MeasuredScope:
    """Return the row of a scope, with question, statements and files. Raises Unknown."""
    row = session.scalars(select(MeasuredScope).where(MeasuredScope.id == scope_id)).first()
    if row is None:
        raise Unknown(f"there is no scope {scope_id}")
    return row


def scope(row: MeasuredScope) -> Scope:
    """Return what a row says."""
    return Scope(
        id=row.id,
        incident_id=row.incident_id,
        version=row.version,
        digest=row.digest,
        counts=row.counts,
        groups=tuple(
            Group(
                ring=Ring(each["ring"]),
                locale=each["locale"],
                role=each["role"],
                store=each["store"],
                categories=tuple(each["categories"]),
                people=each["people"],
            )
            for each in row.groups
        ),
        list_name=row.list_name,
        list_digest=row.list_digest,
        measured_at=row.measured_at,
        measured_by=row.measured_by,
    )
