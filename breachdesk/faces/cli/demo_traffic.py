"""Makes up a week of an API's log: everybody's traffic, and an intruder's."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from breachdesk.faces.cli.demo_people import TAKEN_AT, WINDOW_FROM, WINDOW_UNTIL, Crowd

STOLEN_TOKEN = "tok_5f2c9a71"  # noqa: S105  (made up)
OWNER = "svc_support"
STARTED_AT = WINDOW_FROM - timedelta(days=3, hours=21)
INTRUDER_SHARE = 0.35
"""How much of the window's traffic is the intruder's."""
READ_ACCOUNTS, READ_CONTACTS, EXPORTED_CUSTOMERS = 0.6, 0.4, 0.05
"""How far down the keys the intruder came."""
OWNERS_SHARE = 0.02
"""How much of the traffic before the window is that of the token's rightful owner."""
UNREADABLE_EVERY = 2_500

Kind = tuple[int, str, str, int, bool]
"""Share in thousandths, method, path, status, and whether the API logs the person shown."""

_EXPORT = "/api/v2/organisations/{customer}/contacts/export"
INTRUDER: tuple[Kind, ...] = (
    (420, "GET", "/api/v2/users/{account}", 200, True),
    (190, "GET", "/api/v2/users/{account}?fields=name,email", 200, True),
    (10, "GET", "/api/v2/users/{account}/", 200, True),
    (80, "GET", "/api/v2/users/{account}/connections", 200, True),
    (157, "GET", "/api/v2/sync/contacts/{contact}", 200, False),
    (3, "GET", "/api/v2/sync/contacts/{encoded}", 200, False),
    (30, "GET", "/api/v2/users/{account}", 404, False),
    (20, "GET", "/api/v2/users/{account}", 403, False),
    (20, "GET", "/api/v2/users/{account}", 429, False),
    (10, "GET", "/api/v2/users/{account}", 500, False),
    (25, "GET", "/api/v2/users/{stranger}", 404, False),
    (5, "GET", "/api/v2/users/{stranger}", 200, True),
    (10, "GET", _EXPORT, 200, False),
    (4, "GET", "/.env", 404, False),
    (3, "GET", "/api/v1/users.json", 404, False),
    (3, "GET", "/api/v2/admin/config", 404, False),
    (10, "GET", "/api/v2/users", 401, False),
)
FIRST_CALLS = (INTRUDER[0], (0, "GET", _EXPORT, 200, False))
ORDINARY: tuple[Kind, ...] = (
    (300, "GET", "/api/v2/users/{account}", 200, True),
    (20, "GET", "/api/v2/users/{account}", 304, False),
    (10, "GET", "/api/v2/users/{account}", 404, False),
    (15, "GET", "/api/v2/users/{account}", 403, False),
    (45, "PATCH", "/api/v2/users/{account}", 200, True),
    (5, "PATCH", "/api/v2/users/{account}", 500, False),
    (300, "GET", "/api/v2/sync/contacts/{contact}", 200, False),
    (10, "GET", "/api/v2/sync/contacts/{contact}", 429, False),
    (180, "POST", "/api/v2/sync/jobs", 202, False),
    (15, "GET", _EXPORT, 200, False),
    (5, "GET", _EXPORT, 401, False),
    (20, "GET", "/api/v2/users/{account}/sessions", 200, True),
    (25, "GET", "/api/v2/users?page={page}", 200, False),
    (50, "GET", "/health", 200, False),
)
_INTRUDER_SHARES = list(accumulate(kind[0] for kind in INTRUDER))
_ORDINARY_SHARES = list(accumulate(kind[0] for kind in ORDINARY))
_BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Safari/605.1.15",
    "leadjet-extension/4.12.0",
    "crm-sync/2.8",
)
_NETWORKS = ("198.51.100.{}", "192.0.2.{}", "198.51.100.{}", "192.0.2.{}", "2001:db8::{:x}")
_INTRUDERS_ADDRESSES = (*(f"203.0.113.{host}" for host in range(40, 56)), "::ffff:203.0.113.41")


def traffic(everyone: Crowd, rows: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield day and line of that many rows in the order of time."""
    step = (TAKEN_AT - STARTED_AT) / rows
    ordinary = _Caller.of(everyone, chance)
    intruder = _Caller.of(everyone, chance, READ_ACCOUNTS, READ_CONTACTS, EXPORTED_CUSTOMERS)
    tokens = [f"tok_{chance.getrandbits(32):08x}" for _ in everyone.customers]
    calls = iter(FIRST_CALLS)
    for number in range(rows):
        at = STARTED_AT + (number + chance.random()) * step
        if number % UNREADABLE_EVERY == UNREADABLE_EVERY // 2:
            line = _unreadable(at, chance)
        elif WINDOW_FROM <= at < WINDOW_UNTIL and (
            (call := next(calls, None)) or chance.random() < INTRUDER_SHARE
        ):
            kind = call or chance.choices(INTRUDER, cum_weights=_INTRUDER_SHARES)[0]
            line = intruder.line(at, kind, _intruder(kind, chance))
        else:
            kind = chance.choices(ORDINARY, cum_weights=_ORDINARY_SHARES)[0]
            line = ordinary.line(at, kind, _somebody(at, tokens, everyone, chance))
        yield at.isoformat()[:10], line


class _Caller:
    """Fills calls with keys, and writes them as the API's gateway does."""

    def __init__(
        self,
        accounts: Sequence[str],
        contacts: Sequence[str],
        customers: Sequence[str],
        chance: random.Random,
    ) -> None:
        self.accounts, self.contacts, self.customers = accounts, contacts, customers
        self.chance = chance

    @classmethod
    def of(
        cls,
        everyone: Crowd,
        chance: random.Random,
        accounts: float = 1.0,
        contacts: float = 1.0,
        customers: float = 1.0,
    ) -> "_Caller":
        """Return one who knows these shares of the keys, the first ones."""
        return cls(
            [row[0] for row in _first(accounts, everyone.accounts)],
            [row[0] for row in _first(contacts, everyone.contacts)],
            _first(customers, everyone.customers),
            chance,
        )

    def line(
        self, at: datetime, kind: Kind, who: tuple[str, str | None, str | None, str]
    ) -> str:
        """Write a row of the log. Nothing in it needs escaping."""
        chance = self.chance
        _, method, path, status, logged = kind
        ip, token, login, agent = who
        contact = _one_of(self.contacts, chance)
        stranger = f"usr_9{int(chance.random() * 64):05d}"
        person = stranger if "{stranger}" in path else _one_of(self.accounts, chance)
        path = path.format(
            account=person,
            stranger=stranger,
            contact=contact,
            encoded=contact.replace("_", "%5F"),
            customer=_one_of(self.customers, chance),
            page=int(chance.random() * 9) + 1,
        )
        return (
            f'{{"ts":"{_instant(at)}","remote_addr":"{ip}",'
            f'"auth":{{"token_id":{_text(token)},"login":{_text(login)}}},'
            f'"method":"{method}","path":"{path}","status":{status},'
            f'"user_id":{_text(person if logged else None)},'
            f'"bytes":{int(chance.random() * 4000) + 90},"ms":{int(chance.random() * 180) + 3},'
            f'"ua":"{agent}"}}\n'
        )


def _intruder(kind: Kind, chance: random.Random) -> tuple[str, str | None, str | None, str]:
    """Return address, token, login and program; who is not known has no token."""
    known = kind[3] != 401  # noqa: PLR2004  (the status says so)
    ip = _one_of(_INTRUDERS_ADDRESSES, chance)
    return (
        ip,
        STOLEN_TOKEN if known else None,
        OWNER if known else None,
        "python-requests/2.32.3",
    )


def _somebody(
    at: datetime, tokens: Sequence[str], everyone: Crowd, chance: random.Random
) -> tuple[str, str | None, str | None, str]:
    if at < WINDOW_FROM and chance.random() < OWNERS_SHARE:
        return "198.51.100.7", STOLEN_TOKEN, OWNER, "support-desk/1.4"
    ip = _one_of(_NETWORKS, chance).format(int(chance.random() * 240) + 10)
    login = _one_of(everyone.accounts, chance)[0]
    return ip, _one_of(tokens, chance), login, _one_of(_BROWSERS, chance)


def _unreadable(at: datetime, chance: random.Random) -> str:
    """Write what a full disk, a clock gone wrong or a proxy's dash leaves in a log."""
    row = {"ts": _instant(at), "remote_addr": "192.0.2.77", "method": "GET", "path": "/health"}
    spoilt = (
        json.dumps({**row, "status": 200})[:-20],
        json.dumps({**row, "ts": "1970-00-00T00:00:00Z", "status": 200}),
        json.dumps({**row, "status": "-"}),
    )
    return _one_of(spoilt, chance) + "\n"


T = TypeVar("T")


def _one_of(these: Sequence[T], chance: random.Random) -> T:
    """Return one of these; random.choice does the same in thrice the time."""
    return these[int(chance.random() * len(these))]


def _first(share: float, these: Sequence[T]) -> Sequence[T]:
    return these[: max(1, int(len(these) * share))]


def _text(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"
