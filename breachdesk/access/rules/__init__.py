"""What roles permit, when a session has ended, and how often a thing may be tried."""

import ipaddress
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from breachdesk.access.rules.codes import plain_code, step_of
from breachdesk.access.rules.devices import device_words
from breachdesk.access.rules.passwords import check_password
from breachdesk.access.terms import NETWORK_BITS, SESSION_IDLE, Rate, Role
from breachdesk.kernel.errors import Unusable

__all__ = ["check_password", "device_words", "plain_code", "step_of"]

SECOND = timedelta(seconds=1)


def permits(roles: Iterable[str], known: Mapping[str, Role]) -> frozenset[str]:
    """Return every command that one of `roles` permits; an unknown role permits none."""
    return frozenset(
        command for role in roles if role in known for command in known[role].commands
    )


def roles_of(groups: Iterable[str], table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the roles that groups of a sign-in service give, each once, in order."""
    return tuple(
        dict.fromkeys(role for group in sorted(groups) for role in table.get(group, ()))
    )


def check_roles(roles: Iterable[str], known: Mapping[str, Role]) -> None:
    """Refuse a role that does not exist. Raises Unusable."""
    for role in roles:
        if role not in known:
            raise Unusable(f"{role!r} is not a role; these are: {', '.join(sorted(known))}")


def has_ended(expires_at: datetime, seen_at: datetime, *, now: datetime) -> bool:
    """Tell whether a session is over: too old, or idle too long."""
    return now >= expires_at or now - seen_at >= SESSION_IDLE


def spend(free_at: datetime | None, rate: Rate, now: datetime) -> datetime:
    """Return from when on the rate is unused again, once it is used at `now`.

    Where that is later than `now + rate.within`, the use is one too many and is not to be
    kept (the generic cell rate algorithm). A clock that was set back frees nobody for ever:
    nothing is held longer than `rate.within`.
    """
    start = now if free_at is None else min(max(now, free_at), now + rate.within)
    return start + rate.within / rate.times


def seconds_over(free_at: datetime, rate: Rate, now: datetime) -> int:
    """Return how many whole seconds to wait until that use is allowed; 0 if it is now."""
    over = free_at - now - rate.within
    return max(0, -(-over // SECOND))


def account_name(text: str) -> str:
    """Return the one spelling of an e-mail address by which an account is known."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def line_of(address: str) -> str:
    """Return the line an address belongs to: an IPv4 address, or the /64 of an IPv6 one.

    What is no address is returned as it is: it is counted all the same.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))
    return str(found)
