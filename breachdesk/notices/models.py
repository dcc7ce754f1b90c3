"""Tables of the notices: each version, its texts, and who approved exactly which text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class Notice(Owned, Table):
    """One version of what is said. Its content never changes: a change is a new version.

    `told` holds every fact it was written from; `facts_digest` is the digest of them, and
    `content_digest` is what approvers approve.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("incident_id", "obligation", "kind", "version"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    obligation: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]
    stage: Mapped[str]
    ring: Mapped[str]
    scope_version: Mapped[int]
    scope_digest: Mapped[str]
    template_version: Mapped[str]
    languages: Mapped[list[Any]]
    told: Mapped[dict[str, Any]]
    facts_digest: Mapped[str]
    content_digest: Mapped[str]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str]
    approved_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]


class NoticeVariant(Owned, Table):
    """One text, for all who read the same. It holds tags where a reader's own values go."""

    __tablename__ = "notice_variants"
    __table_args__ = (UniqueConstraint("notice_id", "key"),)

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    key: Mapped[str]
    locale: Mapped[str]
    role: Mapped[str]
    categories: Mapped[list[Any]]
    people: Mapped[int]
    letter: Mapped[dict[str, Any]]
    subject: Mapped[str]
    text_frame: Mapped[str]
    html_frame: Mapped[str]
    digest: Mapped[str]


class CustomerBook(Owned, Table):
    """Where the customers are alerted, sealed under the incident's key. The latest counts."""

    __tablename__ = "customer_books"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]
    customers: Mapped[int]
    named_at: Mapped[datetime]
    named_by: Mapped[str]


class Approval(Owned, Table):
    """One member approved the text with this digest. Only ever added."""

    __tablename__ = "notice_approvals"
    __table_args__ = (UniqueConstraint("notice_id", "member_id"),)

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    member_id: Mapped[UUID]
    member: Mapped[str]
    at: Mapped[datetime]
    digest: Mapped[str]
