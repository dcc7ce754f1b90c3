"""What can be done about sign-ins and the sessions they open."""

import secrets

from breachdesk.access import queries
from breachdesk.access.commands import limits
from breachdesk.access.models import Member, WebSession
from breachdesk.access.terms import SESSION_LIFE
from breachdesk.audit.transaction import Transaction, command


@command("access.sign_in")
def sign_in(tx: Transaction, member: Member | None, *, right_password: bool) -> str | None:
    """Return a session token, or None if nobody is known there or the password was wrong.

    An unknown address is recorded too, so that nobody can tell it from a known one by the
    time it takes.
    """
    if member is None:
        tx.record(queries.organisation_of(tx.session, tx.organisation_id), outcome="unknown")
        return None
    if not right_password:
        tx.record(member, outcome="wrong password")
        return None
    limits.give_back(tx, "sign_in", member.account)
    token = secrets.token_urlsafe(32)
    tx.session.add(
        WebSession(
            id=tx.new_id(),
            member_id=member.id,
            token_digest=queries.digest(token),
            began_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + SESSION_LIFE,
        )
    )
    tx.record(member, outcome="signed in")
    return token


@command("access.stay")
def stay(tx: Transaction, web_session: WebSession) -> WebSession:
    """Note that a session is in use, so that it does not end for idleness."""
    web_session.seen_at = tx.now
    tx.record(web_session)
    return web_session


@command("access.sign_out")
def sign_out(tx: Transaction, web_session: WebSession) -> None:
    """End a session."""
    web_session.ended_at = tx.now
    tx.record(web_session)
