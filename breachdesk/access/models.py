"""Tables of access: organisations, members, web sessions, what was tried how often."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class Organisation(Table):
    """One house whose breaches are handled here, kept apart from every other."""

    __tablename__ = "organisations"

    name: Mapped[str] = mapped_column(unique=True)
    founded_at: Mapped[datetime]


class Member(Owned, Table):
    """Someone who may sit at the desk."""

    __tablename__ = "members"

    email: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str] = mapped_column(index=True, unique=True)  # the one spelling of it
    name: Mapped[str]
    language: Mapped[str]
    zone: Mapped[str]
    roles: Mapped[list[Any]]
    password_hash: Mapped[str]
    invited_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class WebSession(Owned, Table):
    """A sign-in. The cookie holds a random token; here is only its SHA-256."""

    __tablename__ = "web_sessions"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Allowance(Table):
    """How far a limit is used up by one account or address, known by an HMAC alone.

    It belongs to no organisation: nobody knows yet who is knocking.
    """

    __tablename__ = "allowances"
    __table_args__ = (UniqueConstraint("limit_name", "mark"),)

    limit_name: Mapped[str]
    mark: Mapped[str]
    free_at: Mapped[datetime] = mapped_column(index=True)
