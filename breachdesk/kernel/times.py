"""Instants are aware and kept in UTC; a naive time is refused with the way to write it."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from breachdesk.kernel.errors import Unusable

HOUR = timedelta(hours=1)
EXAMPLE = "2026-11-18T22:00:00+01:00"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PERIOD = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def utc(instant: datetime) -> datetime:
    """Return `instant` in UTC. Raises Unusable for a time without offset."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise Unusable(f"the time {instant.isoformat()} has no offset; write it like {EXAMPLE}")
    return instant.astimezone(UTC)


def instant(text: str, place: ZoneInfo | None = None) -> datetime:
    """Read an ISO 8601 instant with offset. Raises Unusable for anything else.

    With `place` the refusal of a local time says how it reads there, in every way it can.
    """
    try:
        told = datetime.fromisoformat(text.strip())
        if place is not None and told.tzinfo is None:
            ways = " or ".join(each.isoformat() for each in readings(told, place))
            raise Unusable(
                f"the time {text.strip()} has no offset; write it like {EXAMPLE}; "
                f"in {place.key} it is {ways}"
            )
        return utc(told)
    except (ValueError, OverflowError):
        raise Unusable(f"{text!r} is not an instant; write it like {EXAMPLE}") from None


def readings(local: datetime, place: ZoneInfo) -> tuple[datetime, ...]:
    """Return the instants that a local time can mean in `place`, the earlier first.

    Two where clocks went back and the hour came twice; two where they went forward and skipped
    it, written as the clock then showed. One else.
    """
    ways = [local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return tuple(each.astimezone(place) for each in sorted(set(ways)))


def day_start(text: str, place: ZoneInfo) -> datetime | None:
    """Return 00:00 in `place` of a day written alone, whose hour nobody knows; None else."""
    if _DAY.fullmatch(text.strip()) is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), place).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable(f"{text!r} is not a day; write it like {EXAMPLE[:10]}") from None


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


def later(at: datetime, text: str) -> datetime:
    """Return the instant that lies a period of years, months, weeks and days after `at`.

    Years and months keep the day of the month, or end on the last day it has.
    """
    parts = period(text)
    months = at.month - 1 + parts.get("months", 0) + 12 * parts.get("years", 0)
    year, month = at.year + months // 12, months % 12 + 1
    moved = at.replace(
        year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1])
    )
    return moved + timedelta(weeks=parts.get("weeks", 0), days=parts.get("days", 0))
