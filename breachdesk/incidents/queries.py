"""What is known of incidents."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.incidents import rules
from breachdesk.incidents.models import (
    Correction,
    EvidenceFile,
    Incident,
    KeptText,
    Measure,
    TimelineEntry,
    View,
)
from breachdesk.incidents.terms import Phase, Stage, Writing
from breachdesk.kernel.errors import Unknown
from breachdesk.kernel.vault import Vault

__all__ = ["Incident"]  # the row that queries return, for later stations to name


def board(session: Session, *, limit: int = 50, offset: int = 0) -> Sequence[Incident]:
    """Return incidents, the open ones first, then the latest aware first."""
    return session.scalars(
        select(Incident)
        .order_by(Incident.stage != Stage.OPEN.value, Incident.aware_at.desc(), Incident.id)
        .limit(limit)
        .offset(offset)
    ).all()


def open_ones(session: Session) -> Sequence[Incident]:
    """Return every open incident, the latest aware first."""
    return session.scalars(
        select(Incident)
        .where(Incident.stage == Stage.OPEN.value)
        .order_by(Incident.aware_at.desc(), Incident.id)
    ).all()


def count(session: Session) -> int:
    """Return how many incidents there are."""
    return session.scalar(select(func.count(Incident.id))) or 0


def by_reference(session: Session, reference: str) -> Incident:
    """Return the incident called `reference`. Raises Unknown if there is none."""
    found = session.scalars(select(Incident).where(Incident.reference == reference)).first()
    if found is None:
        raise Unknown(f"there is no incident {reference!r}")
    return found


def by_id(session: Session, incident_id: UUID) -> Incident:
    """Return the incident with this id. Raises Unknown if there is none."""
    found = session.get(Incident, incident_id)
    if found is None:
        raise Unknown(f"there is no incident {incident_id}")
    return found


def next_reference(session: Session, year: int) -> tuple[int, str]:
    """Return number and reference of the next incident of `year`."""
    last = session.scalar(select(func.max(Incident.number)).where(Incident.year == year)) or 0
    return last + 1, rules.reference(year, last + 1)


def corrections_of(session: Session, incident_id: UUID) -> Sequence[Correction]:
    """Return what was corrected, the earliest first."""
    return session.scalars(
        select(Correction).where(Correction.incident_id == incident_id).order_by(Correction.id)
    ).all()


def measures_of(
    session: Session, incident_id: UUID, phase: Phase | None = None
) -> Sequence[Measure]:
    """Return the measures of an incident in the order they were recorded."""
    found = select(Measure).where(Measure.incident_id == incident_id).order_by(Measure.id)
    if phase is not None:
        found = found.where(Measure.phase == phase.value)
    return session.scalars(found).all()


def corrections_of_many(
    session: Session, ids: Collection[UUID]
) -> dict[UUID, list[Correction]]:
    """Return what `corrections_of` does, for each of several incidents in one statement."""
    found: dict[UUID, list[Correction]] = defaultdict(list)
    of_these = select(Correction).where(Correction.incident_id.in_(ids))
    for row in session.scalars(of_these.order_by(Correction.id)):
        found[row.incident_id].append(row)
    return found


def measures_of_many(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Measure]]:
    """Return what `measures_of` does, for each of several incidents in one statement."""
    found: dict[UUID, list[Measure]] = defaultdict(list)
    of_these = select(Measure).where(Measure.incident_id.in_(ids))
    for row in session.scalars(of_these.order_by(Measure.id)):
        found[row.incident_id].append(row)
    return found


def timeline_of(session: Session, incident_id: UUID) -> Sequence[TimelineEntry]:
    """Return what happened, the earliest first."""
    return session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.incident_id == incident_id)
        .order_by(TimelineEntry.happened_at, TimelineEntry.id)
    ).all()


def evidence_of(session: Session, incident_id: UUID) -> Sequence[EvidenceFile]:
    """Return the files noted as evidence."""
    return session.scalars(
        select(EvidenceFile)
        .where(EvidenceFile.incident_id == incident_id)
        .order_by(EvidenceFile.id)
    ).all()


def kept_text(
    session: Session, incident_id: UUID, member_id: UUID, field: str
) -> KeptText | None:
    """Return what a member has kept of a field, sealed as it is; None if nothing."""
    return session.scalars(
        select(KeptText).where(
            KeptText.incident_id == incident_id,
            KeptText.member_id == member_id,
            KeptText.field == field,
        )
    ).first()


def writings_of(
    session: Session, vault: Vault, incident_id: UUID, member_id: UUID
) -> list[tuple[KeptText, Writing]]:
    """Return what a member is writing about an incident. Raises Purged."""
    rows = session.scalars(
        select(KeptText)
        .where(KeptText.incident_id == incident_id, KeptText.member_id == member_id)
        .order_by(KeptText.id)
    )
    return [(row, _opened(vault, row)) for row in rows]


def _opened(vault: Vault, row: KeptText) -> Writing:
    label = kept_label(row.member_id, row.field)
    told = json.loads(vault.open(row.incident_id, row.sealed, label=label))
    return Writing(field=row.field, text=told["text"], base=told["base"])


def kept_label(member_id: UUID, field: str) -> str:
    """Return what a kept text is bound to: it opens in no other place."""
    return f"kept text:{member_id}:{field}"


def views_of(session: Session, member_id: UUID) -> Sequence[View]:
    """Return the views that a member saved, by name."""
    return session.scalars(
        select(View).where(View.member_id == member_id).order_by(View.name)
    ).all()
