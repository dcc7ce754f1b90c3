"""What can be done about sign-ins and the sessions they open."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from breachdesk.access import queries
from breachdesk.access.commands import factors, limits
from breachdesk.access.models import Challenge, Member, Organisation, WebSession
from breachdesk.access.queries.factors import has_second_factor
from breachdesk.access.queries.sessions import challenge, digest
from breachdesk.access.terms import CHALLENGE_LIFE, SESSION_LIFE, Entrance, Stage
from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel.errors import Forbidden


class FirstPasswordOver(Forbidden):
    """The password is right and holds no more: it is one that somebody else was shown."""

    def __init__(self, until: datetime) -> None:
        """Say since when, and who can help."""
        super().__init__(
            f"this first password was good until {until:%Y-%m-%d %H:%M} UTC; "
            "ask an administrator to invite you again"
        )


@command("access.sign_in")
def sign_in(
    tx: Transaction, member: Member | None, *, right_password: bool, device: str = ""
) -> Entrance | None:
    """Return a session token, or None if nobody is known there or the password was wrong.

    An unknown address is recorded too, so that nobody can tell it from a known one by the
    time it takes. Raises FirstPasswordOver, which is recorded, for a right password that was
    not replaced in time by one of their own.
    """
    if member is None:
        tx.record(queries.organisation_of(tx.session, tx.organisation_id), outcome="unknown")
        return None
    if not right_password:
        tx.record(member, outcome="wrong password")
        return None
    until = member.first_password_until
    if until is not None and tx.now >= until:
        raise FirstPasswordOver(until)
    limits.give_back(tx, "sign_in", member.account)
    entered = _begin(tx, member, device, _next_stage(tx, member))
    tx.record(member, outcome="signed in" if entered.stage is Stage.OPEN else entered.stage)
    return entered


@command("access.enter")
def enter(
    tx: Transaction, member: Member, *, how: str, device: str, whole: bool = True
) -> Entrance:
    """Open a session for a member who showed `how` who they are, without a password.

    Where that was not `whole`, a second factor is still asked for.
    """
    stage = Stage.OPEN if whole else _next_stage(tx, member)
    entered = _begin(tx, member, device, stage)
    tx.record(member, outcome="signed in", how=how)
    return entered


@command("access.pass_factor")
def pass_factor(
    tx: Transaction, web_session: WebSession, member: Member, *, code: str
) -> Entrance | None:
    """Open a session that waits for a second factor, under a new token; None if it is wrong."""
    shown = factors.shown(tx, member, code)
    tx.record(member, outcome=shown or "wrong code")
    if shown is None:
        return None
    limits.give_back(tx, "second_factor", str(member.id))
    return _renew(tx, web_session)


@command("access.prove")
def prove(
    tx: Transaction,
    web_session: WebSession,
    member: Member,
    *,
    code: str = "",
    right_password: bool = False,
    passkey: bool = False,
) -> bool:
    """Note that whoever sits there has shown again who they are; False if they did not.

    A member with timed codes shows one; the password is enough for those who have none.
    """
    shown = "passkey" if passkey else factors.shown(tx, member, code) if code else None
    if shown is None and right_password and not has_second_factor(tx.session, member.id):
        shown = "password"
    tx.record(web_session, outcome=shown or "not shown")
    if shown is not None:
        limits.give_back(tx, "prove", str(member.id))
        web_session.proved_at = tx.now
    return shown is not None


@command("access.stay")
def stay(tx: Transaction, web_session: WebSession) -> WebSession:
    """Note that a session is in use, so that it does not end for idleness."""
    web_session.seen_at = tx.now
    tx.record(web_session)
    return web_session


@command("access.work_for")
def work_for(
    tx: Transaction, web_session: WebSession, organisation: Organisation
) -> WebSession:
    """Turn a session to another organisation in which the member has a seat, or back home.

    Raises Forbidden where they have none.
    """
    away = organisation.id != web_session.organisation_id
    web_session.acts_for = organisation.id if away else None
    tx.record(web_session, organisation=organisation.id)
    return web_session


@command("access.sign_out")
def sign_out(tx: Transaction, web_session: WebSession) -> None:
    """End a session."""
    web_session.ended_at = tx.now
    tx.record(web_session)


@command("access.end_session")
def end_session(tx: Transaction, web_session: WebSession) -> None:
    """End another session of one's own. Raises Forbidden for somebody else's."""
    if web_session.member_id != tx.actor.member_id:
        raise Forbidden(f"{tx.actor.name} may not end this session: it is not theirs")
    web_session.ended_at = tx.now
    tx.record(web_session)


@command("access.end_other_sessions")
def end_other_sessions(tx: Transaction, member: Member, kept: WebSession) -> int:
    """End every session of one's own but this one; return how many ended."""
    if not member.id == kept.member_id == tx.actor.member_id:
        raise Forbidden(f"{tx.actor.name} may not end these sessions: they are not theirs")
    others = [e for e in queries.live_sessions(tx.session, member.id) if e.id != kept.id]
    for each in others:
        each.ended_at = tx.now
    tx.record(member, sessions=len(others))
    return len(others)


def pose(tx: Transaction, purpose: str, payload: dict[str, Any]) -> str:
    """Keep a question that may be answered once, soon; return the token that names it."""
    token = secrets.token_urlsafe(32)
    tx.session.execute(delete(Challenge).where(Challenge.expires_at <= tx.now))
    tx.session.add(
        Challenge(
            id=tx.new_id(),
            token_digest=digest(token),
            purpose=purpose,
            payload=payload,
            expires_at=tx.now + CHALLENGE_LIFE,
        )
    )
    return token


def answered(tx: Transaction, token: str, purpose: str) -> dict[str, Any] | None:
    """Return what was kept with a question, which can never be answered again; else None."""
    found = challenge(tx.session, token, purpose, tx.now)
    if found is None:
        return None
    gone = tx.session.execute(delete(Challenge).where(Challenge.id == found.id))
    return found.payload if gone.rowcount else None  # type: ignore[attr-defined]  # a delete has one


def _next_stage(tx: Transaction, member: Member) -> Stage:
    if has_second_factor(tx.session, member.id):
        return Stage.FACTOR
    house = queries.organisation_of(tx.session, member.organisation_id)
    return Stage.ENROL if house.asks_second_factor else Stage.OPEN


def _begin(tx: Transaction, member: Member, device: str, stage: Stage) -> Entrance:
    token = secrets.token_urlsafe(32)
    tx.session.add(
        WebSession(
            id=tx.new_id(),
            member_id=member.id,
            token_digest=digest(token),
            began_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + SESSION_LIFE,
            stage=stage.value,
            device=device,
            proved_at=None if stage is Stage.FACTOR else tx.now,
        )
    )
    return Entrance(token, stage)


def _renew(tx: Transaction, web_session: WebSession) -> Entrance:
    """Open a session under a fresh token: whoever saw the earlier one has nothing."""
    token = secrets.token_urlsafe(32)
    web_session.token_digest = digest(token)
    web_session.stage = Stage.OPEN.value
    web_session.seen_at = web_session.proved_at = tx.now
    return Entrance(token, Stage.OPEN)
