"""Who is known here."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.access import rules
from breachdesk.access.models import Member, Organisation, WebSession
from breachdesk.access.reading import read_roles
from breachdesk.audit.terms import Actor
from breachdesk.kernel.errors import Unknown

_hasher = PasswordHasher()


def organisations(session: Session) -> Sequence[Organisation]:
    """Return every organisation, the first founded first."""
    return session.scalars(select(Organisation).order_by(Organisation.founded_at)).all()


def organisation(session: Session, name: str) -> Organisation:
    """Return the organisation called `name`. Raises Unknown."""
    found = session.scalars(select(Organisation).where(Organisation.name == name)).first()
    if found is None:
        raise Unknown(f"there is no organisation {name!r}")
    return found


def organisation_of(session: Session, organisation_id: UUID) -> Organisation:
    """Return an organisation by its id."""
    return session.get_one(Organisation, organisation_id)


def anybody(session: Session) -> bool:
    """Tell whether there is any member at all."""
    return session.scalar(select(Member.id).limit(1)) is not None


def members(session: Session) -> Sequence[Member]:
    """Return who may sit at the desk, the first invited first."""
    return session.scalars(
        select(Member).where(Member.left_at.is_(None)).order_by(Member.invited_at, Member.id)
    ).all()


def member_by_email(session: Session, email: str) -> Member | None:
    """Return the member with this address, in any spelling of its case."""
    return session.scalars(
        select(Member).where(
            Member.account == rules.account_name(email), Member.left_at.is_(None)
        )
    ).first()


def member(session: Session, email: str) -> Member:
    """Return the member with this address. Raises Unknown."""
    found = member_by_email(session, email)
    if found is None:
        raise Unknown(f"{email} is not a member")
    return found


def by_id(session: Session, member_id: UUID) -> Member:
    """Return a member by their id."""
    return session.get_one(Member, member_id)


def actor(member: Member) -> Actor:
    """Return `member` as one who runs commands."""
    roles = tuple(member.roles)
    return Actor(
        member_id=member.id,
        name=member.name,
        organisation_id=member.organisation_id,
        permits=rules.permits(roles, read_roles()),
        roles=roles,
    )


def session_of(session: Session, token: str, now: datetime) -> tuple[WebSession, Member] | None:
    """Return the live web session behind `token` and its member; None if there is none."""
    found = session.execute(
        select(WebSession, Member)
        .join(Member, Member.id == WebSession.member_id)
        .where(
            WebSession.token_digest == digest(token),
            WebSession.ended_at.is_(None),
            Member.left_at.is_(None),
        )
    ).first()
    if found is None or rules.has_ended(found[0].expires_at, found[0].seen_at, now=now):
        return None
    return found[0], found[1]


def live_sessions(session: Session, member_id: UUID) -> Sequence[WebSession]:
    """Return the sessions of a member that nobody ended."""
    return session.scalars(
        select(WebSession).where(
            WebSession.member_id == member_id, WebSession.ended_at.is_(None)
        )
    ).all()


def digest(token: str) -> str:
    """Return what is kept of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return the argon2id hash to keep of a password."""
    return _hasher.hash(password)


def matches(member: Member | None, password: str) -> bool:
    """Tell whether this is the member's password; an unknown member costs the same time."""
    kept = member.password_hash if member else _nobody()
    try:
        return _hasher.verify(kept, password) and member is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
