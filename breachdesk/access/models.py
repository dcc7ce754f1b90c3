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
    asks_second_factor: Mapped[bool]


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
    first_password_until: Mapped[datetime | None]  # None: they chose their own
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
    stage: Mapped[str]
    device: Mapped[str]
    proved_at: Mapped[datetime | None]
    acts_for: Mapped[UUID | None]  # another organisation in which the member has a seat


class TimedCode(Owned, Table):
    """The secret of a member's six-digit codes, sealed under the desk's key of the vault."""

    __tablename__ = "timed_codes"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), unique=True)
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]


class RecoveryCode(Owned, Table):
    """One code on paper, for whoever lost the second factor; here is only its SHA-256."""

    __tablename__ = "recovery_codes"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    digest: Mapped[str]
    used_at: Mapped[datetime | None]


class Passkey(Owned, Table):
    """The public half of a key that a device or a security key holds (WebAuthn)."""

    __tablename__ = "passkeys"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    backed_up: Mapped[bool]
    name: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Identity(Owned, Table):
    """Who a member is at the organisation's own sign-in service."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]


class Seat(Owned, Table):
    """A place in this organisation for a member of another, with roles of its own."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("organisation_id", "member_id"),)

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    roles: Mapped[list[Any]]
    given_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class IncidentReader(Owned, Table):
    """Somebody who may see an incident that is for named members alone."""

    __tablename__ = "incident_readers"
    __table_args__ = (UniqueConstraint("incident_id", "member_id"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id"), index=True)
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Challenge(Table):
    """A question that may be answered once, soon: for a passkey, or a sign-in elsewhere."""

    __tablename__ = "challenges"

    token_digest: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    payload: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Allowance(Table):
    """How far a limit is used up by one account or address, known by an HMAC alone.

    It belongs to no organisation: nobody knows yet who is knocking.
    """

    __tablename__ = "allowances"
    __table_args__ = (UniqueConstraint("limit_name", "mark"),)

    limit_name: Mapped[str]
    mark: Mapped[str]
    free_at: Mapped[datetime] = mapped_column(index=True)
