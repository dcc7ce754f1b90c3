"""Tables of a filing: what people typed, what was drafted, what the authority answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class FilingAnswer(Owned, Table):
    """What someone typed into a field, confirmed or withdrew; only ever added, the last counts.

    `told` is `{"value": ...}`; a withdrawn answer holds none. `{"beside": ...}` is a text that
    could not be joined with the one that stands: it is kept until an answer that has `seen`
    its number.
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
    """The authority's acknowledgement of one filing. `file_digest` is of the paper kept.

    The paper lies in the vault under a key of its own, by this row's id: it is proof, and no
    list of people, so that destroying an incident's key leaves it.
    """

    __tablename__ = "filing_receipts"
    __table_args__ = (UniqueConstraint("incident_id", "authority", "reference"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("filing_snapshots.id"))
    authority: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    filed_at: Mapped[datetime]
    file_digest: Mapped[str]
    file_name: Mapped[str] = mapped_column(server_default="")
    file_size: Mapped[int] = mapped_column(server_default="0")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class FilingCopy(Owned, Table):
    """A field that somebody copied into the authority's form, ticked on the filing day.

    `series` counts the filings that went before; `digest` is of the text as it was copied.
    """

    __tablename__ = "filing_copies"
    __table_args__ = (UniqueConstraint("incident_id", "form", "series", "code"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    form: Mapped[str]
    series: Mapped[int]
    code: Mapped[str]
    digest: Mapped[str]
    copied_at: Mapped[datetime]
    copied_by: Mapped[str]
