"""What is done when somebody leaves: nothing of theirs opens anything any more."""

import secrets

from sqlalchemy import delete

from breachdesk.access import queries
from breachdesk.access.models import Member, Passkey, RecoveryCode, TimedCode
from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel.errors import Problem, Refused, Unusable

ADMINISTRATOR = "administrator"


@command("access.dismiss")
def dismiss(tx: Transaction, member: Member, reason: str) -> Member:
    """Let a member go: sessions, password, passkeys, codes, seats and calendars end at once.

    The row stays, for the trail names it and a sign-in service must not let them in again;
    inviting the same address is how they come back. Raises Refused for oneself and for the last
    administrator, Unusable without a reason.
    """
    if not reason.strip():
        raise Unusable(Problem("is empty; say why they go", field="reason"))
    if member.id == tx.actor.member_id:
        raise Refused("nobody dismisses themselves; ask another administrator")
    others = [each for each in queries.members(tx.session) if each.id != member.id]
    if not any(ADMINISTRATOR in each.roles for each in others):
        raise Refused(f"{member.email} is the last administrator; name another one first")
    member.left_at, member.first_password_until = tx.now, None
    member.password_hash = queries.hash_password(secrets.token_urlsafe(32))
    for table in (TimedCode, Passkey, RecoveryCode):
        tx.session.execute(delete(table).where(table.member_id == member.id))
    for live in queries.live_sessions(tx.session, member.id):
        live.ended_at = tx.now
    tx.record(member, was=tuple(member.roles), reason=reason.strip())
    return member
