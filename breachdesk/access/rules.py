"""What roles permit, when a session has ended, and how long a guesser must wait."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from breachdesk.access.terms import LONGEST_PASSWORD, PASSWORD_LENGTH, SESSION_IDLE, Role
from breachdesk.kernel.errors import Unusable

FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=15)


def permits(roles: Iterable[str], known: Mapping[str, Role]) -> frozenset[str]:
    """Return every command that one of `roles` permits; an unknown role permits none."""
    return frozenset(
        command for role in roles if role in known for command in known[role].commands
    )


def check_roles(roles: Iterable[str], known: Mapping[str, Role]) -> None:
    """Refuse a role that does not exist. Raises Unusable."""
    for role in roles:
        if role not in known:
            raise Unusable(f"{role!r} is not a role; these are: {', '.join(sorted(known))}")


def check_password(password: str, *, email: str) -> None:
    """Refuse a short password or one that is the address. Raises Unusable.

    Length, not composition, is what resists guessing (NIST SP 800-63B §3.1.1).
    """
    if len(password) < PASSWORD_LENGTH:
        raise Unusable(
            f"the password has {len(password)} characters; {PASSWORD_LENGTH} at least"
        )
    if len(password) > LONGEST_PASSWORD:
        raise Unusable(f"the password is longer than {LONGEST_PASSWORD} characters")
    if email.casefold() in password.casefold():
        raise Unusable("the password must not contain the e-mail address")


def has_ended(expires_at: datetime, seen_at: datetime, *, now: datetime) -> bool:
    """Tell whether a session is over: too old, or idle too long."""
    return now >= expires_at or now - seen_at >= SESSION_IDLE


def wait_after(failures: int) -> timedelta:
    """Return how long an account rests after `failures` wrong passwords in a row."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES + 2, 20)  # far past the longest wait
    return min(timedelta(seconds=2**doublings), LONGEST_WAIT)
