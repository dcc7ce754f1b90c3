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
from breachdesk.risk.models import Answers, SignedAssessment
from breachdesk.risk.terms import Combined, Ground, Level, Moved, Relief, Role, Standing

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


def answers(session: Session, incident_id: UUID) -> dict[str, Answers]:
    """Return what was told last of each data set that has facts of its own, by its name."""
    rows = session.scalars(
        select(Answers).where(Answers.incident_id == incident_id).order_by(Answers.number)
    )
    return {name: row for row in rows if (name := row.data_set)}


def moved_of_many(
    session: Session,
    incidents: Collection[Incident],
    signed: Mapping[UUID, Sequence[SignedAssessment]],
) -> dict[UUID, dict[str, Moved]]:
    """Return the signed data sets of `incidents` whose facts have changed since, by name."""
    ids = [
        each.id for each in incidents if any(row.data_set for row in signed.get(each.id, ()))
    ]
    told: dict[tuple[UUID, str], Mapping[str, Any]] = {}
    if ids:
        rows = session.scalars(
            select(Answers).where(Answers.incident_id.in_(ids)).order_by(Answers.number)
        )
        told = {(row.incident_id, row.data_set): row.facts for row in rows}
    found: dict[UUID, dict[str, Moved]] = {}
    for incident in incidents:
        for row in signed.get(incident.id, ()):
            facts = told.get((incident.id, row.data_set)) if row.data_set else incident.facts
            if facts is None or facts == row.facts:
                continue
            now = reading.from_mapping(facts)
            changed = rules.changed(row.facts, rules.as_plain(now))
            if changed:
                moved = Moved(now.role, rules.assess(now).level, changed)
                found.setdefault(incident.id, {})[row.data_set] = moved
    return found


def facts_of(session: Session, incident: Incident, data_set: str) -> Mapping[str, Any]:
    """Return the facts of a data set: its own, else those signed of it, else the whole's."""
    name = " ".join(data_set.split())
    told = answers(session, incident.id).get(name) if name else None
    if told is not None:
        return told.facts
    signed = [row for row in standing(session, incident.id) if name and row.data_set == name]
    return signed[0].facts if signed else incident.facts


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

    A data set has facts of its own. Where they were only given when it was signed, what was
    told later of the whole counts for it too.
    """
    if not row.data_set:
        return current(row, incident.facts)
    told = answers(session, incident.id).get(row.data_set)
    if told is not None:
        return current(row, told.facts)
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
