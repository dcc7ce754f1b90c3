"""The scopes that were measured."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, defer

from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.scoping.models import EvidenceFile, MeasuredScope, MeasureRequest
from breachdesk.scoping.terms import OPEN, Group, Ring, Scope


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


def customers_of(session: Session, scope_id: UUID) -> dict[str, dict[str, int]]:
    """Return how many people of each customer are in each ring; none for old versions."""
    return {
        key: {ring.value: counts[ring.value] for ring in Ring}
        for key, counts in _customers(session, scope_id).items()
    }


def categories_of(session: Session, scope_id: UUID, customer: str) -> dict[str, dict[str, int]]:
    """Return how many of a customer's people are in each ring with which of its data.

    Versions of earlier releases did not count that: there it is empty.
    """
    counts = _customers(session, scope_id).get(customer, {})
    return dict(counts.get("by_category", {}))


def _customers(session: Session, scope_id: UUID) -> dict[str, dict[str, Any]]:
    found = session.scalar(select(MeasuredScope.customers).where(MeasuredScope.id == scope_id))
    return dict(found or {})


def counts_each_customer(scope: Scope) -> bool:
    """Tell whether a version says what is each customer's own; earlier releases' do not."""
    return "without_customer" in scope.counts


def counted_by_customer(session: Session, scope: Scope) -> dict[str, dict[str, Any]]:
    """Return each customer's own people by ring, `by_category`, first and last touch.

    Raises Refused for a version of an earlier release, which did not count all of that.
    """
    if not counts_each_customer(scope):
        raise Refused(
            f"version {scope.version} of the scope does not say what is each customer's own; "
            "measure again"
        )
    return _customers(session, scope.id)


def hours_of(session: Session, scope_id: UUID) -> list[tuple[str, int, int]]:
    """Return the intruder's rows by hour: the hour in UTC, all rows, those that touched."""
    found = session.scalar(select(MeasuredScope.hours).where(MeasuredScope.id == scope_id))
    return [(hour, rows, touching) for hour, rows, touching in found or ()]


def files_of(session: Session, incident_id: UUID) -> Sequence[EvidenceFile]:
    """Return the evidence that was brought for an incident and not dropped, by name."""
    return session.scalars(
        select(EvidenceFile)
        .where(EvidenceFile.incident_id == incident_id, EvidenceFile.dropped_at.is_(None))
        .order_by(EvidenceFile.name)
    ).all()


def file(session: Session, incident_id: UUID, identity: UUID) -> EvidenceFile:
    """Return a file of an incident's evidence. Raises Unknown."""
    row = session.scalars(
        select(EvidenceFile).where(
            EvidenceFile.id == identity,
            EvidenceFile.incident_id == incident_id,
            EvidenceFile.dropped_at.is_(None),
        )
    ).first()
    if row is None:
        raise Unknown("there is no such file in the evidence")
    return row


def request(session: Session, identity: UUID) -> MeasureRequest:
    """Return a measure that was asked for. Raises Unknown."""
    row = session.scalars(select(MeasureRequest).where(MeasureRequest.id == identity)).first()
    if row is None:
        raise Unknown(f"there is no request {identity}")
    return row


def requests_of(session: Session, incident_id: UUID, limit: int) -> Sequence[MeasureRequest]:
    """Return the measures that were asked for last, the latest first."""
    return session.scalars(
        select(MeasureRequest)
        .where(MeasureRequest.incident_id == incident_id)
        .order_by(MeasureRequest.id.desc())
        .limit(limit)
    ).all()


def open_request(session: Session, incident_id: UUID) -> MeasureRequest | None:
    """Return the measure of an incident that is waited for; None if there is none."""
    return session.scalars(
        select(MeasureRequest).where(
            MeasureRequest.incident_id == incident_id,
            MeasureRequest.state.in_(each.value for each in OPEN),
        )
    ).first()


def waiting(session: Session) -> Sequence[UUID]:
    """Return the measures that are waited for, the earliest first."""
    return session.scalars(
        select(MeasureRequest.id)
        .where(MeasureRequest.state.in_(each.value for each in OPEN))
        .order_by(MeasureRequest.id)
    ).all()


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
