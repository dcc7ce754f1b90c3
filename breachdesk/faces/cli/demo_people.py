"""Makes up the people of the demonstration: account users, and contacts that pass through."""

import random
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from itertools import accumulate

WINDOW_FROM = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
WINDOW_UNTIL = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
TAKEN_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
"""When the directories were taken; nothing in them is later."""

ACCOUNT_COLUMNS = (
    "user_id", "email", "name", "lang", "country", "org_id",
    "created_at", "closed_at", "deleted_at",
)  # fmt: skip
CONTACT_COLUMNS = ("contact_id", "email", "name", "lang", "country", "org_id", "synced_at")

ACCOUNT_SHARE = 0.7
SYNCED_LATELY = 0.8
PEOPLE_A_CUSTOMER = 24
DUPLICATE_EVERY = 3_000
YEAR = timedelta(days=365.25)

FATES = {
    "open": 890,
    "closed": 65,
    "past retention": 10,
    "erased before": 29,
    "erased during": 4,
    "erased after": 2,
}
"""What became of an account, in thousandths."""
MAILBOXES = {"plain": 885, "capitals": 88, "tagged": 15, "shared": 7, "none": 5}
"""How the mailbox is written, in thousandths."""

NAMES = tomllib.loads(
    (resources.files("breachdesk.faces.cli") / "demo_names.toml").read_text(encoding="utf-8")
)
_LANGUAGES, _SHARES = list(NAMES), list(accumulate(each["share"] for each in NAMES.values()))
_FATES, _FATE_SHARES = list(FATES), list(accumulate(FATES.values()))
_MAILBOXES, _MAILBOX_SHARES = list(MAILBOXES), list(accumulate(MAILBOXES.values()))
_TRADES = ("atelier", "conseil", "logiciel", "batiment", "energie", "sante", "transport")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Rows of both directories, and the customers. A row begins with its key."""

    accounts: list[Row]
    contacts: list[Row]
    customers: tuple[str, ...]


def crowd(people: int, chance: random.Random) -> Crowd:
    """Return that many people; a few keys stand twice, on top."""
    accounts = round(people * ACCOUNT_SHARE)
    customers = tuple(f"org_{n:05d}" for n in range(max(2, people // PEOPLE_A_CUSTOMER)))
    return Crowd(
        _with_duplicates([_account(n, customers, chance) for n in range(accounts)]),
        _with_duplicates([_contact(n, customers, chance) for n in range(people - accounts)]),
        customers,
    )


def _account(number: int, customers: tuple[str, ...], chance: random.Random) -> Row:
    email, name, language, country, customer = _someone(number, customers, chance)
    created = WINDOW_FROM - chance.random() * 8 * YEAR - timedelta(days=10)
    closed = erased = ""
    fate = chance.choices(_FATES, cum_weights=_FATE_SHARES)[0]
    if fate == "closed":
        closed = _shown(_between(created, WINDOW_FROM, chance))
    elif fate == "past retention":  # the nightly job missed it
        created = WINDOW_FROM - 9 * YEAR
        closed = _shown(_between(WINDOW_FROM - 7 * YEAR, WINDOW_FROM - 5.1 * YEAR, chance))
    elif fate != "open":
        left = _erased_at(fate, chance)
        created = min(created, left - timedelta(days=90))
        email, name, closed, erased = "", "", _shown(left), _shown(left)
    return (
        f"usr_{number:06d}", email, name, language, country, customer,
        _shown(created), closed, erased,
    )  # fmt: skip


def _erased_at(fate: str, chance: random.Random) -> datetime:
    if fate == "erased during":
        return _between(WINDOW_FROM, WINDOW_UNTIL, chance)
    if fate == "erased after":
        return _between(WINDOW_UNTIL, TAKEN_AT, chance)
    return _between(WINDOW_FROM - 2 * YEAR, WINDOW_FROM, chance)


def _contact(number: int, customers: tuple[str, ...], chance: random.Random) -> Row:
    email, name, language, country, customer = _someone(number, customers, chance)
    if chance.random() < SYNCED_LATELY:
        synced = _between(WINDOW_FROM, TAKEN_AT, chance)
    else:
        synced = _between(WINDOW_FROM - timedelta(days=30), WINDOW_FROM, chance)
    return (f"ctc_{number:06d}", email, name, language, country, customer, _shown(synced))


def _someone(
    number: int, customers: tuple[str, ...], chance: random.Random
) -> tuple[str, str, str, str, str]:
    """Return mailbox, name, language, country and customer of a new person."""
    language = chance.choices(_LANGUAGES, cum_weights=_SHARES)[0]
    names = NAMES[language]
    first, last = chance.choice(names["first"]), chance.choice(names["last"])
    index = int(chance.random() ** 2 * len(customers))  # some customers are far larger
    domain = f"{_TRADES[index % len(_TRADES)]}-{index}.example"
    mailbox = chance.choices(_MAILBOXES, cum_weights=_MAILBOX_SHARES)[0]
    email = _email(mailbox, f"{_plain(first)}.{_plain(last)}{number}".lower(), domain)
    return (
        email,
        f"{first} {last}",
        language,
        chance.choice(names["countries"]),
        customers[index],
    )


def _email(mailbox: str, owner: str, domain: str) -> str:
    match mailbox:
        case "capitals":
            return f"{owner}@{domain}".title()
        case "tagged":
            return f"{owner}+crm@{domain}"
        case "shared":  # several colleagues read it
            return f"contact@{domain}"
        case "none":
            return ""
        case _:
            return f"{owner}@{domain}"


def _plain(name: str) -> str:
    """Return a name in the letters of ASCII, as mailboxes have it."""
    spelt = name.replace("ß", "ss").replace("’", "").replace(" ", "")
    return unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()


def _between(earlier: datetime, later: datetime, chance: random.Random) -> datetime:
    return earlier + (later - earlier) * chance.random()


def _shown(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_duplicates(rows: list[Row]) -> list[Row]:
    return rows + list(_repeated(rows))


def _repeated(rows: list[Row]) -> Iterator[Row]:
    """Repeat a few rows, the mailbox in capitals: the same key twice is one person."""
    for at in range(1, len(rows), DUPLICATE_EVERY):
        key, email, *rest = rows[at]
        yield (key, email.upper(), *rest)
