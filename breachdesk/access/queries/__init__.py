"""Who is known here."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.access import rules
from breachdesk.access.models import Member, Organisation, Seat
from breachdesk.access.queries.sessions import digest, held_open, live_sessions, session_of
from breachdesk.access.reading import read_proof, read_roles
from breachdesk.audit.terms import Actor
from breachdesk.kernel.errors import Unknown

__all__ = ["Member", "digest", "held_open", "live_sessions", "session_of"]

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


def left(session: Session, email: str) -> Member | None:
    """Return who had this address here and was dismissed."""
    return session.scalars(
        select(Member).where(
            Member.account == rules.account_name(email), Member.left_at.is_not(None)
        )
    ).first()


def is_taken(session: Session, email: str) -> bool:
    """Tell whether an account has this address, in whichever organisation, left or not."""
    known = Member.metadata.tables[Member.__tablename__]
    wanted = select(known.c.id).where(known.c.account == rules.account_name(email))
    return session.execute(wanted).first() is not None


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
    """Return `member` as one who runs commands on a terminal of the desk itself.

    Whoever is there holds the home and its keys: nothing more could be proved.
    """
    return _actor(member, member.organisation_id, tuple(member.roles))


def remote_actor(
    member: Member, *, proved_at: datetime | None, now: datetime, seat: Seat | None = None
) -> Actor:
    """Return `member` as one who runs commands from afar: in a browser, or by a token.

    Without a proof of who they are within the last minutes, some commands wait for one. With
    a `seat` they act for its organisation, in its roles.
    """
    found = (
        _actor(member, member.organisation_id, tuple(member.roles))
        if seat is None
        else _actor(member, seat.organisation_id, tuple(seat.roles))
    )
    proof = read_proof()
    if proved_at is not None and now - proved_at < proof.within:
        return found
    return replace(found, unproven=proof.commands)


def _actor(member: Member, organisation_id: UUID, roles: tuple[str, ...]) -> Actor:
    known = read_roles()
    return Actor(
        member_id=member.id,
        name=member.name,
        organisation_id=organisation_id,
        permits=rules.permits(roles, known),
        roles=roles,
        sees_every_incident=any(known[r].sees_every_incident for r in roles if r in known),
    )


def hash_password(password: str) -> str:
    """Return the argon2id hash to keep of a password."""
    return _hasher.hash(password)


def matches(member: Member | None, password: str) -> bool:
    """Tell whether this is the member's password; an unknown member costs the same time."""
    nobody = _nobody()  # also for a member: who knocks first in a process makes it
    kept = member.password_hash if member else nobody
    try:
        return _hasher.verify(kept, password) and member is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
