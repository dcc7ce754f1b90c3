"""Tables of runbooks: the tasks of an incident, as the runbook stood when it was started."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class Task(Owned, Table):
    """One step for one incident. When it is due follows from `within_seconds` and awareness.

    `note` is what was found or done; of a skipped task, the reason. `closed_at` and
    `closed_by` tell when and by whom it was ticked or skipped.
    """

    __tablename__ = "runbook_tasks"
    __table_args__ = (UniqueConstraint("incident_id", "runbook", "step"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    runbook: Mapped[str]
    step: Mapped[str]
    position: Mapped[int]
    phase: Mapped[str]
    owner: Mapped[str]
    within_seconds: Mapped[int]
    title: Mapped[dict[str, Any]]
    detail: Mapped[dict[str, Any]]
    stage: Mapped[str]
    note: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
