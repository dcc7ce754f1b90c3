"""What was signed, and whether it still fits the facts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.risk import reading, rules
from breachdesk.risk.models import SignedAssessment
from breachdesk.risk.terms import Combined, Ground, Level, Relief, Role, Standing

__all__ = ["SignedAssessment"]  # the row that queries return, for later stations to name

TOLD = "facts."


def versions(session: Session, incident_id: UUID) -> Sequence[SignedAssessment]:
    """Return every signed assessment of an incident, the latest first."""
    return session.scalars(
        select(SignedAssessment)
        .where(SignedAssessment.incident_id == incident_id)
        .order_by(SignedAssessment.version.desc())
    ).all()


def standing(session: Session, incident_id: UUID) -> tuple[SignedAssessment, ...]:
    """Return the assessments in force: the latest of each data set, by its name."""
    return standing_of_many(session, [incident_id]).get(incident_id, ())


def standing_of_many(
    session: Session, ids: Collection[UUID]
) -> dict[UUID, tuple[SignedAssessment, ...]]:
    """Return what `standing` does, for each of several incidents in one statement."""
    rows = session.scalars(
        select(SignedAssessment)
        .where(SignedAssessment.incident_id.in_(ids))
        .order_by(SignedAssessment.version.desc())
    )
    latest_of: dict[UUID, dict[str, SignedAssessment]] = defaultdict(dict)
    for row in rows:
        latest_of[row.incident_id].setdefault(row.data_set, row)
    return {
        incident_id: tuple(sets[name] for name in sorted(sets))
        for incident_id, sets in latest_of.items()
    }


def latest(session: Session, incident_id: UUID) -> SignedAssessment | None:
    """Return the worst of the assessments in force, the most recent of equals; None if none.

    A data set that we hold as processor counts after those we are controller of.
    """
    return worst(standing(session, incident_id))


def worst(rows: Iterable[SignedAssessment]) -> SignedAssessment | None:
    """Return the worst of assessments in force, as `latest` does."""
    return max(
        rows,
        key=lambda row: (
            row.role != Role.PROCESSOR,
            Level(row.level).rank,
            row.version,
        ),
        default=None,
    )


def combined(session: Session, incident_id: UUID) -> Combined | None:
    """Return what all data sets together ask of us; None if nothing is signed yet."""
    return rules.combined(
        (Level(row.level), Role(row.role), relief(row), row.rule)
        for row in standing(session, incident_id)
    )


def relief(row: SignedAssessment) -> Relief | None:
    """Return the ground of article 34(3) that was signed, if any."""
    if row.relief_ground is None:
        return None
    return Relief(Ground(row.relief_ground), row.relief_reason or "")


def current(row: SignedAssessment, facts: Mapping[str, Any]) -> Standing:
    """Tell whether a signed assessment still fits an incident's `facts`, and what changed."""
    now = reading.from_mapping(facts)
    return Standing(
        stale=rules.is_stale(row.facts_digest, now),
        changed=rules.changed(row.facts, rules.as_plain(now)),
    )


def fit(session: Session, row: SignedAssessment, incident: Incident) -> Standing:
    """Tell whether a signed assessment still fits its incident, and what was told since.

    A data set has facts of its own, so that for it only what was told later counts.
    """
    if not row.data_set:
        return current(row, incident.facts)
    told_since = {
        each.field.removeprefix(TOLD): each.was["value"]
        for each in reversed(incidents.corrections_of(session, incident.id))
        if each.field.startswith(TOLD) and each.corrected_at > row.signed_at
    }
    changed = sorted(
        name for name, was in told_since.items() if incident.facts.get(name) != was
    )
    return Standing(stale=bool(changed), changed=tuple(changed))


def next_version(session: Session, incident_id: UUID) -> int:
    """Return the number of the next assessment of an incident, over all its data sets."""
    last = session.scalar(
        select(func.max(SignedAssessment.version)).where(
            SignedAssessment.incident_id == incident_id
        )
    )
    return (last or 0) + 1
