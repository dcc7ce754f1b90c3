"""Instants are aware and kept in UTC; a naive time is refused with the way to write it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from breachdesk.kernel.errors import Unusable

HOUR = timedelta(hours=1)
EXAMPLE = "2026-11-18T22:00:00+01:00"
_PERIOD = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def utc(instant: datetime) -> datetime:
    """Return `instant` in UTC. Raises Unusable for a time without offset."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise Unusable(f"the time {instant.isoformat()} has no offset; write it like {EXAMPLE}")
    return instant.astimezone(UTC)


def instant(text: str) -> datetime:
    """Read an ISO 8601 instant with offset. Raises Unusable for anything else."""
    try:
        return utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise Unusable(f"{text!r} is not an instant; write it like {EXAMPLE}") from None


def zone(name: str) -> ZoneInfo:
    """Return the time zone `name`. Raises Unusable if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unusable(f"{name!r} is not a time zone; write it like Europe/Paris") from None


def period(text: str) -> dict[str, int]:
    """Read an ISO 8601 period such as P5Y or PT72H into its parts, zero parts left out.

    Raises Unusable for anything else. Years and months stay what they are: how many days
    they last depends on the day they are counted from.
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise Unusable(f"{text!r} is not an ISO 8601 period; write it like P5Y or PT72H")
    parts = {part: int(count or 0) for part, count in found.groupdict().items()}
    return {part: count for part, count in parts.items() if count}
