"""What is known of incidents."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, tuple_
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
from breachdesk.incidents.terms import Asked, Phase, Stage, Writing
from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.kernel.sight import WHOLE
from breachdesk.kernel.times import instant
from breachdesk.kernel.vault import Vault

YEAR_DIGITS = 4
EVERYTHING = Asked()

__all__ = ["Incident"]  # the row that queries return, for later stations to name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the board ends: the next one begins after it, however many came."""

    stage: str
    aware_at: datetime
    id: UUID

    @classmethod
    def of(cls, incident: Incident) -> "Place":
        """Return the place of an incident."""
        return cls(incident.stage, incident.aware_at, incident.id)

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place that `str` wrote; None for anything else: the first page."""
        try:
            stage, at, row = text.split("~")
            return cls(Stage(stage).value, instant(at), UUID(row))
        except (ValueError, Unusable):
            return None

    def __str__(self) -> str:
        """Write the place as an address holds it."""
        return f"{self.stage}~{self.aware_at.isoformat()}~{self.id}"


def board(
    session: Session,
    asked: Asked = EVERYTHING,
    *,
    limit: int = 50,
    offset: int = 0,
    after: Place | None = None,
) -> Sequence[Incident]:
    """Return what is asked for, the open ones first, then the latest aware first."""
    found = select(Incident).where(*_asked(asked))
    if after is not None:
        place = tuple_(Incident.stage, Incident.aware_at, Incident.id)
        found = found.where(
            place
            < tuple_(
                literal(after.stage),
                literal(after.aware_at, Incident.aware_at.type),
                literal(after.id, Incident.id.type),
            )
        )
    # "open" sorts after "closed", so that one index answers in one direction
    return session.scalars(
        found.order_by(Incident.stage.desc(), Incident.aware_at.desc(), Incident.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def _asked(asked: Asked) -> list[ColumnElement[bool]]:
    """Return what is asked of the board as conditions; what cannot be is left out."""
    conditions = [
        Incident.sought.contains(each, autoescape=True)
        for each in rules.folded(asked.q).split()
    ]
    if asked.stage in {each.value for each in Stage}:
        conditions.append(Incident.stage == asked.stage)
    if asked.drill in {"yes", "no"}:
        conditions.append(Incident.drill.is_(asked.drill == "yes"))
    if asked.year.isdecimal() and len(asked.year) <= YEAR_DIGITS:
        conditions.append(Incident.year == int(asked.year))
    return conditions


def years(session: Session) -> Sequence[int]:
    """Return the years of which there are incidents, the latest first."""
    return session.scalars(
        select(Incident.year).distinct().order_by(Incident.year.desc())
    ).all()


def open_ones(session: Session) -> Sequence[Incident]:
    """Return every open incident, the latest aware first."""
    return session.scalars(
        select(Incident)
        .where(Incident.stage == Stage.OPEN.value)
        .order_by(Incident.aware_at.desc(), Incident.id)
    ).all()


def count(session: Session, asked: Asked = EVERYTHING) -> int:
    """Return how many incidents there are of what is asked for."""
    return session.scalar(select(func.count(Incident.id)).where(*_asked(asked))) or 0


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
    numbers = select(func.max(Incident.number)).where(Incident.year == year)
    last = session.scalar(numbers.execution_options(**{WHOLE: True})) or 0
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
