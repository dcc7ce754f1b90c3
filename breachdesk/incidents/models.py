"""Tables of an incident: present facts, and every correction that led to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class Incident(Owned, Table):
    """A breach, as far as it is known today."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("organisation_id", "reference"),
        UniqueConstraint("organisation_id", "year", "number"),
        Index("ix_incidents_board", "organisation_id", "stage", "aware_at", "id"),
    )

    reference: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str]
    zone: Mapped[str]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    detected_at: Mapped[datetime | None]
    aware_at: Mapped[datetime]
    qualified_at: Mapped[datetime | None]
    logged_at: Mapped[datetime]
    logged_by: Mapped[str]
    drill: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    aware_day_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The hour of awareness is not known: `aware_at` is 00:00 of that day in `zone`."""
    stage: Mapped[str]
    closed_at: Mapped[datetime | None]
    sought: Mapped[str] = mapped_column(server_default="")
    """Reference, title and summary as they are searched: `rules.sought` writes them."""


class Correction(Owned, Table):
    """One fact that turned out otherwise: what it was, what it became, who said so and why."""

    __tablename__ = "incident_corrections"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    field: Mapped[str]
    was: Mapped[dict[str, Any]]
    became: Mapped[dict[str, Any]]
    reason: Mapped[str]
    corrected_at: Mapped[datetime]
    corrected_by: Mapped[str]


class Measure(Owned, Table):
    """A measure that stood before the breach, or was taken or planned after it."""

    __tablename__ = "incident_measures"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    phase: Mapped[str]
    text: Mapped[dict[str, Any]]
    done_at: Mapped[datetime | None]
    planned_for: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class TimelineEntry(Owned, Table):
    """Something that happened, in somebody's words."""

    __tablename__ = "incident_timeline"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    happened_at: Mapped[datetime]
    text: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class EvidenceFile(Owned, Table):
    """A file that proves something: name, size and SHA-256. The file stays where it lies."""

    __tablename__ = "incident_evidence"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class KeptText(Owned, Table):
    """A text that somebody is writing, with what it was before, sealed under the incident."""

    __tablename__ = "incident_kept_texts"
    __table_args__ = (UniqueConstraint("incident_id", "member_id", "field"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    member_id: Mapped[UUID]
    field: Mapped[str]
    sealed: Mapped[bytes]
    kept_at: Mapped[datetime]


class View(Owned, Table):
    """What a member asks of the board again and again, under a name of theirs."""

    __tablename__ = "incident_views"
    __table_args__ = (UniqueConstraint("member_id", "name"),)

    member_id: Mapped[UUID]
    name: Mapped[str]
    asked: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
