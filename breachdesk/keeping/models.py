"""Tables of keeping: legal holds, what was purged, what was restored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class LegalHold(Owned, Table):
    """Nothing of an incident is purged while a hold stands: a dispute needs it."""

    __tablename__ = "legal_holds"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    reason: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lifted_for: Mapped[str | None]


class Purge(Owned, Table):
    """What is left of what was purged: counts, digests and proof. It outlives its incident."""

    __tablename__ = "purges"

    incident_id: Mapped[UUID] = mapped_column(index=True)
    reference: Mapped[str]
    what: Mapped[str]
    due_at: Mapped[datetime]
    purged_at: Mapped[datetime]
    purged_by: Mapped[str]
    remains: Mapped[dict[str, Any]]


class Restore(Owned, Table):
    """The desk was restored from a backup. Nothing is purged by itself until a person did."""

    __tablename__ = "restores"

    act_id: Mapped[UUID]
    backup_digest: Mapped[str]
    backup_made_at: Mapped[datetime]
    restored_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str | None]
