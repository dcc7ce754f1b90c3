"""Sessions: who is behind a cookie, and how far their sign-in has come."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.access import rules
from breachdesk.access.models import Challenge, Member, Organisation, Seat, WebSession
from breachdesk.access.terms import Stage


def session_of(session: Session, token: str, now: datetime) -> tuple[WebSession, Member] | None:
    """Return the open web session behind `token` and its member; None if there is none."""
    found = _live(session, token, now)
    return found if found is not None and found[0].stage == Stage.OPEN else None


def held_open(session: Session, token: str, now: datetime) -> tuple[WebSession, Member] | None:
    """Return the web session behind `token` that still lacks something; None if none does."""
    found = _live(session, token, now)
    return found if found is not None and found[0].stage != Stage.OPEN else None


def live_sessions(session: Session, member_id: UUID) -> Sequence[WebSession]:
    """Return the sessions of a member that nobody ended."""
    return session.scalars(
        select(WebSession).where(
            WebSession.member_id == member_id, WebSession.ended_at.is_(None)
        )
    ).all()


def open_sessions(session: Session, member_id: UUID, now: datetime) -> list[WebSession]:
    """Return the sessions in which a member is signed in, the last seen first."""
    live = [
        each
        for each in live_sessions(session, member_id)
        if each.stage == Stage.OPEN
        and not rules.has_ended(each.expires_at, each.seen_at, now=now)
    ]
    return sorted(live, key=lambda each: each.seen_at, reverse=True)


def seats_of(session: Session, member_id: UUID) -> Sequence[tuple[Seat, Organisation]]:
    """Return the seats of a member in other organisations; `session` sees every one."""
    return [
        (seat, organisation)
        for seat, organisation in session.execute(
            select(Seat, Organisation)
            .join(Organisation, Organisation.id == Seat.organisation_id)
            .where(Seat.member_id == member_id, Seat.left_at.is_(None))
            .order_by(Organisation.name)
        )
    ]


def seat_in(session: Session, member_id: UUID, organisation_id: UUID) -> Seat | None:
    """Return the seat of a member in one organisation, if they have one there."""
    return session.scalars(
        select(Seat).where(
            Seat.member_id == member_id,
            Seat.organisation_id == organisation_id,
            Seat.left_at.is_(None),
        )
    ).first()


def challenge(session: Session, token: str, purpose: str, now: datetime) -> Challenge | None:
    """Return the open question behind `token`, if it was asked for this purpose just now."""
    return session.scalars(
        select(Challenge).where(
            Challenge.token_digest == digest(token),
            Challenge.purpose == purpose,
            Challenge.expires_at > now,
        )
    ).first()


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _live(session: Session, token: str, now: datetime) -> tuple[WebSession, Member] | None:
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
