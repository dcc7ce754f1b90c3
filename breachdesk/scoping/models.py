"""The tables of scopes, of what was asked for and of its files; never a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class MeasuredScope(Owned, Table):
    """One version of who is affected. The people themselves lie sealed in the vault.

    `customers` counts by customer of stores where we are processor, and by category of the
    customer's data, with the first and the last touch; `hours` the intruder's rows by hour;
    None for versions of earlier releases.
    """

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
    customers: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    hours: Mapped[list[Any] | None] = mapped_column(JSON, deferred=True)


class EvidenceFile(Owned, Table):
    """A file that somebody brought as evidence; its content lies sealed in the vault.

    `seems` is what it was taken for, without any row of it.
    """

    __tablename__ = "scoping_files"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    list_name: Mapped[str]
    sha256: Mapped[str]
    seems: Mapped[dict[str, Any]]
    taken_in_at: Mapped[datetime]
    taken_in_by: Mapped[str]
    dropped_at: Mapped[datetime | None]


class MeasureRequest(Owned, Table):
    """A measure that was asked for on a page, and what became of it."""

    __tablename__ = "scoping_requests"
    __table_args__ = (Index(None, "state"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    accept_unread: Mapped[bool]
    state: Mapped[str]
    attempts: Mapped[int]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    requested_by_id: Mapped[UUID]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    scope_id: Mapped[UUID | None] = mapped_column(ForeignKey("scoping_scopes.id"))
    version: Mapped[int | None]
    problems: Mapped[list[Any]]
