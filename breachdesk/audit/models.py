"""The table of the trail: only ever added to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class AuditEntry(Owned, Table):
    """One line of the trail, chained to the one before it in its organisation."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("organisation_id", "sequence"),)

    sequence: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    actor_id: Mapped[UUID]
    action: Mapped[str] = mapped_column(index=True)
    subject_type: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    details: Mapped[dict[str, Any]]
    previous: Mapped[str]
    digest: Mapped[str]
