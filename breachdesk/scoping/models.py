"""The table of measured scopes: counts, digests and statements; never a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class MeasuredScope(Owned, Table):
    """One version of who is affected. The people themselves lie sealed in the vault."""

    __tablename__ = "scoping_scopes"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    version: Mapped[int]
    digest: Mapped[str]
    counts: Mapped[dict[str, Any]]
    groups: Mapped[list[Any]]
    list_name: Mapped[str]
    list_digest: Mapped[str]
    question_file: Mapped[str]
    question: Mapped[str] = mapped_column(Text)
    statements: Mapped[str] = mapped_column(Text)
    files: Mapped[list[Any]]
    unread_accepted: Mapped[bool]
    measured_at: Mapped[datetime]
    measured_by: Mapped[str]
