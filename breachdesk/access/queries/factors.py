"""Second factors: what a member can show beside a password."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from breachdesk.access.models import Identity, Member, Passkey, RecoveryCode, TimedCode
from breachdesk.kernel.errors import Unknown


def timed_code(session: Session, member_id: UUID) -> TimedCode | None:
    """Return the member's timed codes, confirmed or only begun."""
    return session.scalars(select(TimedCode).where(TimedCode.member_id == member_id)).first()


def passkeys(session: Session, member_id: UUID) -> Sequence[Passkey]:
    """Return the member's passkeys, the first made first."""
    return session.scalars(
        select(Passkey).where(Passkey.member_id == member_id).order_by(Passkey.id)
    ).all()


def passkey(session: Session, member_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one passkey of the member. Raises Unknown."""
    found = session.get(Passkey, passkey_id)
    if found is None or found.member_id != member_id:
        raise Unknown(f"there is no passkey {passkey_id}")
    return found


def passkey_behind(session: Session, credential_id: bytes) -> tuple[Passkey, Member] | None:
    """Return a passkey and whose it is; `session` sees every organisation."""
    found = session.execute(
        select(Passkey, Member)
        .join(Member, Member.id == Passkey.member_id)
        .where(Passkey.credential_id == credential_id, Member.left_at.is_(None))
    ).first()
    return None if found is None else (found[0], found[1])


def recovery_codes(session: Session, member_id: UUID) -> Sequence[RecoveryCode]:
    """Return the recovery codes of a member that were not used."""
    return session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.member_id == member_id, RecoveryCode.used_at.is_(None)
        )
    ).all()


def has_second_factor(session: Session, member_id: UUID) -> bool:
    """Tell whether the member has timed codes or a passkey."""
    codes = timed_code(session, member_id)
    if codes is not None and codes.confirmed_at is not None:
        return True
    counted = select(func.count(Passkey.id)).where(Passkey.member_id == member_id)
    return bool(session.scalar(counted))


def identities(session: Session, member_id: UUID) -> Sequence[Identity]:
    """Return who the member is at sign-in services elsewhere."""
    return session.scalars(select(Identity).where(Identity.member_id == member_id)).all()


def identity(session: Session, issuer: str, subject: str) -> Identity | None:
    """Return the identity that this service gives under this subject."""
    return session.scalars(
        select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    ).first()
