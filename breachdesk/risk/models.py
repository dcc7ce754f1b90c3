"""Tables of risk: every assessment that a person signed, never changed afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class SignedAssessment(Owned, Table):
    """What was assessed, what a person made of it, and why.

    `level` is the signed one, `assessed_level` that of the rules; they differ only with
    `override_reason`. `data_set` is empty where the incident is assessed as a whole.
    `relief_ground` is a, b or c of article 34(3).
    """

    __tablename__ = "risk_assessments"
    __table_args__ = (UniqueConstraint("incident_id", "data_set", "version"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    data_set: Mapped[str]
    role: Mapped[str]
    version: Mapped[int]
    facts: Mapped[dict[str, Any]]
    facts_digest: Mapped[str]
    level: Mapped[str]
    assessed_level: Mapped[str]
    rule: Mapped[str]
    reason: Mapped[dict[str, Any]]
    enisa: Mapped[dict[str, Any]]
    severity: Mapped[str]
    likelihood: Mapped[str]
    unknown: Mapped[list[Any]]
    contradictions: Mapped[list[Any]]
    relief_ground: Mapped[str | None]
    relief_reason: Mapped[str | None]
    override_reason: Mapped[str | None]
    signed_by: Mapped[str]
    signed_by_id: Mapped[UUID]
    signed_at: Mapped[datetime]


class Answers(Owned, Table):
    """The facts of one data set as they were told last, where they differ from the whole's.

    Only ever added; the highest `number` of a data set counts. `changed` are the fields told
    this time.
    """

    __tablename__ = "risk_answers"
    __table_args__ = (UniqueConstraint("incident_id", "data_set", "number"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    data_set: Mapped[str]
    number: Mapped[int]
    facts: Mapped[dict[str, Any]]
    changed: Mapped[list[Any]]
    reason: Mapped[str]
    told_at: Mapped[datetime]
    told_by: Mapped[str]
