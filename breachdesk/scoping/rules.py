"""What scoping decides: how texts of evidence are understood, what makes measures equal."""

import hashlib
import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import idna

from breachdesk.scoping.terms import FileDigest, Log, Question, RequestState

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

IMPORTS = "import-"
"""So begin the names of imports in the vault."""

UNREAD_ALLOWED = 1000
"""One row in so many may be unread before a measure is refused."""

FAR_YEAR = 2100
"""Until when changes of local time are looked for; what holds then is taken to go on."""

_DAY = re.compile(r"\d{4}-?(?:\d\d-?\d\d|W\d\d(?:-?\d)?)")
_EPOCH = re.compile(r"(\d{10})(?:\.(\d+))?|(\d{13})|(\d{16})|(\d{19})")
_MAPPED_PREFIX = 96
_NO_OFFSET = re.compile(r"(?<=\d) ?(?:[Zz]|UTC|GMT)$")
_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = re.compile(r"\d{3}(?:\.0+)?")


def too_many_unread(rows_read: int, unread_rows: int) -> bool:
    """Tell whether more than 0.1 % of the lines could not be read."""
    return unread_rows * UNREAD_ALLOWED > rows_read + unread_rows


# -- texts of evidence ---------------------------------------------------------------------


def address(text: str) -> Address | None:
    """Return the address in `text`, an IPv4-mapped one as IPv4; None if it is none."""
    try:
        found = ip_address(text.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def network(text: str) -> Network | None:
    """Return the network or single address in `text`; None if it is neither."""
    try:
        found = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    if mapped is not None and found.prefixlen >= _MAPPED_PREFIX:
        return IPv4Network((int(mapped), found.prefixlen - _MAPPED_PREFIX))
    return found


def within(text: str, networks: Sequence[Network]) -> bool:
    """Tell whether the address in `text` lies in one of `networks`."""
    found = address(text)
    return found is not None and any(
        found.version == each.version and found in each for each in networks
    )


def prefix(of: Network) -> str:
    """Return text with which every IPv4 address of a network begins, dotted and plain."""
    if isinstance(of, IPv6Network):
        return ":"
    whole, rest = divmod(of.prefixlen, 8)
    parts = str(of.network_address).split(".")
    return (
        ".".join(parts)
        if not rest and whole == len(parts)
        else "".join(f"{part}." for part in parts[:whole])
    )


def email(text: str) -> str:
    """Return an address as addresses are compared: trimmed, NFC, case-folded.

    A domain with letters beyond ASCII is the same as its spelling for the wire (IDNA), in
    which it is not folded: there two letters that fold to one may name two domains.
    """
    local, at, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    folded = local.casefold()
    if not at or domain.isascii():
        return f"{folded}{at}{domain.casefold()}"
    try:
        return f"{folded}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return f"{folded}@{domain.casefold()}"


def status(text: str) -> int | None:
    """Return the status in `text`; None if it is none."""
    stripped = text.strip()
    return int(stripped[:3]) if _STATUS.fullmatch(stripped) else None


def moment(text: str, zone: ZoneInfo | None, *, dates: bool = False) -> datetime | None:
    """Return the instant in `text` in UTC; None if it cannot be understood.

    A time without offset is understood in `zone`, unless it falls in the hour that comes
    twice or in the one that is left out. A day is no instant; with `dates` it stands for its
    last one, in `zone` or UTC.
    """
    stripped = text.strip()
    if epoch := _EPOCH.fullmatch(stripped):
        return _since_epoch(epoch)
    try:
        found = datetime.fromisoformat(_NO_OFFSET.sub("Z", stripped).replace(",", "."))
    except ValueError:
        return None
    if _DAY.fullmatch(stripped):
        if not dates:
            return None
        found += timedelta(days=1) - timedelta.resolution
        found = found if zone else found.replace(tzinfo=UTC)
    try:
        if found.utcoffset() is not None:
            return found.astimezone(UTC)
        return None if zone is None else _in_zone(found, zone)
    except OverflowError:
        return None


def _since_epoch(epoch: re.Match[str]) -> datetime:
    seconds, fraction, milli, micro, nano = epoch.groups()
    if seconds:
        micros = int(seconds) * 1_000_000 + int((fraction or "").ljust(6, "0")[:6])
    elif milli:
        micros = int(milli) * 1000
    else:
        micros = int(micro) if micro else int(nano) // 1000
    return _ORIGIN + timedelta(microseconds=micros)


def _in_zone(naive: datetime, zone: ZoneInfo) -> datetime | None:
    early, late = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        return None  # it comes twice, or never
    return early.astimezone(UTC)


@lru_cache(maxsize=8)
def offsets(zone: ZoneInfo) -> tuple[tuple[datetime, int | None], ...]:
    """Return from which local time on which offset holds, in seconds; None where none does.

    The first holds before its time too. Where a local time comes twice or never it has none.
    """
    day = timedelta(days=1)
    at = datetime(1970, 1, 1)  # noqa: DTZ001  (local times are meant)
    changes = [(at, _offset(at, zone))]
    while at.year < FAR_YEAR:
        following = at + day
        moved = (
            at.replace(tzinfo=zone).utcoffset() != following.replace(tzinfo=zone).utcoffset()
        )
        if moved or changes[-1][1] is None:
            changes.extend(_changes(at, following, changes[-1][1], zone))
        at = following
    return tuple(changes)


def _offset(naive: datetime, zone: ZoneInfo) -> int | None:
    early, late = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return int(early.total_seconds()) if early is not None and early == late else None


def _changes(
    at: datetime, until: datetime, present: int | None, zone: ZoneInfo
) -> Iterator[tuple[datetime, int | None]]:
    """Find the seconds of a day from which another offset holds than `present`."""
    minute, second = timedelta(minutes=1), timedelta(seconds=1)
    while at < until:
        found = _offset(at, zone)
        if found != present:
            present = found
            yield at, present
        while at < until and _offset(at + minute, zone) == present:
            at += minute
        while at < until and _offset(at, zone) == present:
            at += second


def offset_at(naive: datetime, zone: ZoneInfo) -> int | None:
    """Return the offset of a local time by `offsets`; the reference of its users."""
    table = offsets(zone)
    return table[max(0, bisect_right(table, naive, key=lambda each: each[0]) - 1)][1]


# -- equal measures ------------------------------------------------------------------------


def digest(question: Question, files: Sequence[FileDigest], result: str) -> str:
    """Return a SHA-256 of question, evidence and result, the same on every machine."""
    asked = {
        "window": [question.window.since.isoformat(), question.window.until.isoformat()],
        "intruder": {
            "token": sorted(question.intruder.token),
            "ip": sorted(question.intruder.ip),
            "account": sorted(question.intruder.account),
            "user_agent": sorted(question.intruder.user_agent),
        },
        "readable": sorted(question.readable),
        "logs": [
            [each.place, _format(each), each.zone, dict(each.columns)] for each in question.logs
        ],
        "lists": [
            [each.place, sorted(each.categories), *_named(each.column, each.sheet)]
            for each in question.lists
        ],
        "directories": [
            [
                *(each.place, each.store, each.zone, dict(each.columns)),
                *_named(each.sheet, each.asked.statement if each.asked else None),
            ]
            for each in question.directories
        ],
    }
    if question.exports:
        asked["exported"] = [
            [each.place, each.under, each.column, each.sheet] for each in question.exports
        ]
    if question.sessions:
        asked["sessions"] = [
            [each.place, each.zone, dict(each.columns)] for each in question.sessions
        ]
    if question.legal_hold:
        asked["legal_hold"] = sorted(question.legal_hold)
    evidence = [[each.part, each.sha256] for each in files]
    return sha256({"question": asked, "evidence": evidence, "result": result})


def import_name(log: Log, sha256_of: str) -> str:
    """Return under what name an import of a file lies: the same bytes, read the same way."""
    read = {"format": _format(log), "zone": log.zone, "columns": dict(log.columns)}
    return IMPORTS + sha256({"file": sha256_of, **read}).removeprefix("sha256:")


def _format(log: Log) -> str:
    return log.format.value if log.ready is None else log.ready.name


def _named(*several: str | None) -> list[str]:
    """Return what is given: what is left out leaves the digests of before as they were."""
    return [each for each in several if each is not None]


def sha256(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a JSON document in its canonical form."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


CANCELLED = "the measure was cancelled; nothing of it is kept"
CHANGED = "was changed while it was read; take a copy that nothing writes to"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}"


# -- measures that are asked for -----------------------------------------------------------

REQUESTS: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.REQUESTED: frozenset(
        {RequestState.RUNNING, RequestState.CANCELLED, RequestState.FAILED}
    ),
    RequestState.RUNNING: frozenset(RequestState),
    RequestState.STOPPING: frozenset(
        {RequestState.CANCELLED, RequestState.DONE, RequestState.FAILED}
    ),
    RequestState.DONE: frozenset(),
    RequestState.FAILED: frozenset(),
    RequestState.CANCELLED: frozenset(),
}


def file_name(text: str) -> str:
    """Return the last part of a path that somebody sent, without what has no business there."""
    last = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    kept = "".join(each for each in last if each.isprintable() and each not in '*?[]"<>|:')
    return kept.strip(" .")
