"""What can be done about second factors: timed codes, passkeys, recovery codes."""

import base64
import hmac
import secrets

import pyotp
from sqlalchemy import delete

from breachdesk.access import queries, rules
from breachdesk.access.commands.limits import DESK
from breachdesk.access.models import (
    Member,
    Organisation,
    Passkey,
    RecoveryCode,
    TimedCode,
    WebSession,
)
from breachdesk.access.queries import factors
from breachdesk.access.queries.sessions import digest
from breachdesk.access.terms import RECOVERY_CODES, NewPasskey, Stage
from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel.errors import Forbidden, Refused, Unusable

LABEL = "timed code"
LONGEST_NAME = 60


class WrongCode(Refused):
    """The six digits are not those of now."""


@command("access.begin_timed_codes")
def begin_timed_codes(tx: Transaction, member: Member) -> str:
    """Return a new secret for an authenticator, to be shown until a first code confirms it."""
    _own(tx, member)
    row = factors.timed_code(tx.session, member.id)
    if row is not None and row.confirmed_at is not None:
        raise Refused("there is an authenticator already; remove it first")
    tx.vault.make_key(DESK)
    secret = pyotp.random_base32()
    sealed = tx.vault.seal(DESK, secret.encode(), label=f"{LABEL} {member.id}")
    if row is None:
        row = TimedCode(id=tx.new_id(), member_id=member.id, last_step=0)
        tx.session.add(row)
    row.sealed, row.made_at = sealed, tx.now
    tx.record(member)
    return secret


@command("access.confirm_timed_codes")
def confirm_timed_codes(
    tx: Transaction, member: Member, web_session: WebSession, code: str
) -> tuple[str, ...]:
    """Confirm the authenticator by its first code; return recovery codes, to be shown once.

    None are returned where the member has some. Raises WrongCode.
    """
    _own(tx, member)
    row = factors.timed_code(tx.session, member.id)
    if row is None or row.confirmed_at is not None or not _is_now(tx, row, code):
        raise WrongCode("these digits are not those of now")
    row.confirmed_at = tx.now
    tx.record(member)
    _open(tx, web_session)
    return _first_codes(tx, member)


@command("access.drop_timed_codes")
def drop_timed_codes(tx: Transaction, member: Member) -> None:
    """Forget the member's authenticator. Raises Refused where a second factor is asked for."""
    _own(tx, member)
    if not factors.passkeys(tx.session, member.id):
        _may_go_without(tx, member)
    tx.session.execute(delete(TimedCode).where(TimedCode.member_id == member.id))
    tx.record(member)


@command("access.add_passkey")
def add_passkey(
    tx: Transaction, member: Member, web_session: WebSession, made: NewPasskey, name: str
) -> tuple[str, ...]:
    """Keep a passkey of the member; return recovery codes if they have none yet."""
    _own(tx, member)
    if factors.passkey_behind(tx.session, made.credential_id) is not None:
        raise Refused("this passkey is known already")
    row = Passkey(
        id=tx.new_id(),
        member_id=member.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        backed_up=made.backed_up,
        name=name.strip()[:LONGEST_NAME] or "passkey",
        made_at=tx.now,
    )
    tx.session.add(row)
    tx.record(row, member=member.id)
    _open(tx, web_session)
    return _first_codes(tx, member)


@command("access.drop_passkey")
def drop_passkey(tx: Transaction, member: Member, passkey: Passkey) -> None:
    """Forget a passkey of the member. Raises Refused where a second factor is asked for."""
    _own(tx, member)
    if passkey.member_id != member.id:
        raise Forbidden(f"{tx.actor.name} may not remove this passkey: it is not theirs")
    codes = factors.timed_code(tx.session, member.id)
    others = len(factors.passkeys(tx.session, member.id)) > 1
    if not others and (codes is None or codes.confirmed_at is None):
        _may_go_without(tx, member)
    tx.record(passkey, member=member.id)
    tx.session.execute(delete(Passkey).where(Passkey.id == passkey.id))


@command("access.renew_recovery_codes")
def renew_recovery_codes(tx: Transaction, member: Member) -> tuple[str, ...]:
    """Return new recovery codes, to be shown once; the earlier ones open nothing any more."""
    _own(tx, member)
    tx.record(member)
    return _new_codes(tx, member)


@command("access.reset_factors")
def reset_factors(tx: Transaction, member: Member, reason: str) -> None:
    """Forget every second factor of a member who lost them, and end their sessions."""
    if not reason.strip():
        raise Unusable("a reset has a reason; say how it is known that it is they who ask")
    for table in (TimedCode, Passkey, RecoveryCode):
        tx.session.execute(delete(table).where(table.member_id == member.id))
    for live in queries.live_sessions(tx.session, member.id):
        live.ended_at = tx.now
    tx.record(member, reason=reason.strip())


@command("access.ask_second_factor")
def ask_second_factor(
    tx: Transaction, organisation: Organisation, *, asked: bool
) -> Organisation:
    """Ask every member for a second factor from their next sign-in on, or ask no more."""
    organisation.asks_second_factor = asked
    tx.record(organisation, asked=asked)
    return organisation


def shown(tx: Transaction, member: Member, code: str) -> str | None:
    """Return what kind of code was shown, which is used up by that; None if it is wrong.

    Whoever shows the same code at the same moment waits, and finds it used up.
    """
    tx.hold(f"factors {member.id}")
    row = factors.timed_code(tx.session, member.id)
    if row is not None and row.confirmed_at is not None and _is_now(tx, row, code):
        return "timed code"
    given = digest(rules.plain_code(code))
    for each in factors.recovery_codes(tx.session, member.id):
        if hmac.compare_digest(each.digest, given):
            each.used_at = tx.now
            return "recovery code"
    return None


def _is_now(tx: Transaction, row: TimedCode, code: str) -> bool:
    """Tell whether these are the digits of now, which can then not be shown again."""
    secret = tx.vault.open(DESK, row.sealed, label=f"{LABEL} {row.member_id}").decode()
    step = rules.step_of(secret, code, tx.now, after=row.last_step)
    if step is not None:
        row.last_step = step
    return step is not None


def _own(tx: Transaction, member: Member) -> None:
    if member.id != tx.actor.member_id:
        raise Forbidden(f"{tx.actor.name} may change their own second factor alone")


def _may_go_without(tx: Transaction, member: Member) -> None:
    house = queries.organisation_of(tx.session, member.organisation_id)
    if house.asks_second_factor:
        raise Refused("the organisation asks for a second factor; add another one first")
    tx.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))


def _open(tx: Transaction, web_session: WebSession) -> None:
    """Open the session that waited for a second factor to be there, and no other."""
    if web_session.stage == Stage.ENROL:
        web_session.stage, web_session.proved_at = Stage.OPEN.value, tx.now


def _first_codes(tx: Transaction, member: Member) -> tuple[str, ...]:
    known = factors.recovery_codes(tx.session, member.id)
    return () if known else _new_codes(tx, member)


def _new_codes(tx: Transaction, member: Member) -> tuple[str, ...]:
    tx.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))
    made = tuple(_new_code() for _ in range(RECOVERY_CODES))
    tx.session.add_all(
        RecoveryCode(id=tx.new_id(), member_id=member.id, digest=digest(rules.plain_code(each)))
        for each in made
    )
    return made


def _new_code() -> str:
    """Return 80 random bits in four groups of four letters and digits."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
