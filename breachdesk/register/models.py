"""The table of the register: lines frozen at closing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class RegisterLine(Owned, Table):
    """The line of an incident as it stood when it was closed.

    A reopened incident leaves its line here, with the reason; closing again adds another.
    """

    __tablename__ = "register_lines"
    __table_args__ = (Index("ix_register_lines_standing", "organisation_id", "incident_id"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    reference: Mapped[str]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[str | None]
    reopened_for: Mapped[str | None]
