"""Tables of a filing: what people typed, what was drafted, what the authority answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class FilingAnswer(Owned, Table):
    """What someone typed into a field, confirmed or withdrew; only ever added, the last counts.

    `told` is `{"value": ...}`; a withdrawn answer holds none.
    """

    __tablename__ = "filing_answers"
    __table_args__ = (UniqueConstraint("incident_id", "authority", "number"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    authority: Mapped[str]
    number: Mapped[int]
    code: Mapped[str]
    told: Mapped[dict[str, Any]]
    confirms: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by: Mapped[str]


class FilingSnapshot(Owned, Table):
    """A draft as it stood: the fields and their texts, in counts and words of ours."""

    __tablename__ = "filing_snapshots"
    __table_args__ = (UniqueConstraint("incident_id", "authority", "number"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    authority: Mapped[str]
    form: Mapped[str]
    kind: Mapped[str]
    number: Mapped[int]
    digest: Mapped[str]
    content: Mapped[dict[str, Any]]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str]


class FilingReceipt(Owned, Table):
    """The authority's acknowledgement of one filing. `file_digest` is of the paper kept."""

    __tablename__ = "filing_receipts"
    __table_args__ = (UniqueConstraint("incident_id", "authority", "reference"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("filing_snapshots.id"))
    authority: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    filed_at: Mapped[datetime]
    file_digest: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
