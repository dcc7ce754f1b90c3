"""How periods are counted: elapsed hours, whole hours, working days, days and months.

Regulation (EEC, Euratom) 1182/71 is abbreviated R. Instants go in aware and come out in UTC; a
zone is needed only where days are counted. One reading is operative, the strict one; the
others are what can be argued.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.times import HOUR
from breachdesk.law.terms import Duty

DAY = timedelta(days=1)
TWO_DAYS_IN_HOURS = 48
SATURDAY = 5
MONTHS = 12

WorkingDay = Callable[[date], bool]


def strict(start: datetime, hours: int) -> datetime:
    """Return `start` and so many elapsed hours; nights, days off and clock changes count.

    Raises Unusable where that lies beyond the calendar.
    """
    return _later(start.astimezone(UTC), hours * HOUR)


def first_whole_hour(start: datetime) -> datetime:
    """Return the hour after the one in which `start` falls, which is not counted (R 3(1))."""
    moved = start.astimezone(UTC)
    return _later(moved.replace(minute=0, second=0, microsecond=0), HOUR)


def hour_rounded(start: datetime, hours: int) -> datetime:
    """Return the end of so many whole hours after the hour of `start` (R 3(1), 3(2)(a))."""
    return _later(first_whole_hour(start), hours * HOUR)


def working_days_touched(
    start: datetime, hours: int, zone: ZoneInfo, is_working: WorkingDay
) -> datetime:
    """Return the end of a period that touches at least two working days (R 3(5)).

    A day that only begins when the period ends is not touched. A period of less than two days
    is left as it is.
    """
    begin, end = first_whole_hour(start), hour_rounded(start, hours)
    if hours < TWO_DAYS_IN_HOURS:
        return end
    second = _nth_working_day(begin.astimezone(zone).date(), 2, is_working)
    return end if day_start(second, zone) < end else day_end(second, zone)


def working_days_full(
    start: datetime, hours: int, zone: ZoneInfo, is_working: WorkingDay
) -> datetime:
    """Return the end of a period that holds at least two complete working days (R 3(5)).

    The most generous reading imaginable: an argument, never a target.
    """
    begin, end = first_whole_hour(start), hour_rounded(start, hours)
    if hours < TWO_DAYS_IN_HOURS:
        return end
    day = begin.astimezone(zone).date()
    if day_start(day, zone) < begin:
        day = _next(day)
    second = _nth_working_day(day, 2, is_working)
    return max(end, day_end(second, zone))


def days_later(start: datetime, days: int, zone: ZoneInfo) -> date:
    """Return the last day of a period in days; the day of the event is not counted (R 3(1))."""
    return _move(start.astimezone(zone).date(), days)


def working_days_later(
    start: datetime, days: int, zone: ZoneInfo, is_working: WorkingDay
) -> date:
    """Return the last day of a period in working days, the day of the event not counted."""
    first = _next(start.astimezone(zone).date())
    return _nth_working_day(first, days, is_working)


def months_later(start: datetime, months: int, zone: ZoneInfo) -> date:
    """Return the same date so many months on, else the last day of that month (R 3(2)(c))."""
    day = start.astimezone(zone).date()
    count = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(count, MONTHS)
    try:
        last = date(year + (month + 1) // MONTHS, (month + 1) % MONTHS + 1, 1) - DAY
    except (ValueError, OverflowError):
        raise Unusable(f"{months} months after {day} lies beyond the calendar") from None
    return last.replace(day=min(day.day, last.day))


def rolled(day: date, is_working: WorkingDay) -> date:
    """Return `day`, or the next working day if it is none (R 3(4))."""
    return _nth_working_day(day, 1, is_working)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which `day` begins in `zone`."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return 24:00 of `day` in `zone`, which is 00:00 of the next."""
    return day_start(_next(day), zone)


def clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, int] | None:
    """Return the first day on which the clocks change in between, and by how many seconds."""
    before = start.astimezone(zone)
    while before < end:
        after = min(before.astimezone(UTC) + DAY, end.astimezone(UTC)).astimezone(zone)
        offsets = before.utcoffset(), after.utcoffset()
        if offsets[0] != offsets[1] and offsets[0] is not None and offsets[1] is not None:
            return after.date(), int((offsets[1] - offsets[0]).total_seconds())
        before = after
    return None


def week_days(day: date) -> bool:
    """Tell whether `day` is a Monday to Friday: all that is known without a calendar."""
    return day.weekday() < SATURDAY


@lru_cache(maxsize=256)
def calendar(zone: str, year: int) -> WorkingDay | None:
    """Return which days are worked where `zone` is kept, from `year` on for three years.

    None where no calendar is at hand for the country or these years. Working days are all but
    national public holidays, Saturdays and Sundays (R 2(2)). For Europe/Paris the holidays are
    those of metropolitan France, without Alsace and Moselle.
    """
    import holidays  # noqa: PLC0415  (slow to load, and only deadlines in days ask for it)

    country = _countries().get(zone)
    supported = holidays.list_supported_countries(include_aliases=True)
    if country is None or country not in supported:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # some countries warn that they know no such year
        try:
            days_off = frozenset(
                holidays.country_holidays(country, years=range(year, year + 3), expand=False)
            )
        except UserWarning:
            return None
    return lambda day: week_days(day) and day not in days_off


def succession_problems(values: Sequence[Duty]) -> Iterator[tuple[Duty, str, str]]:
    """Yield (value, field, problem) where the values of one duty leave a gap or overlap."""
    ordered = sorted(values, key=lambda value: value.valid_from)
    for value in ordered:
        if value.valid_to is not None and value.valid_to < value.valid_from:
            yield value, "valid_to", f"{value.valid_to} is before valid_from {value.valid_from}"
    for earlier, later in pairwise(ordered):
        if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
            yield (
                later,
                "valid_from",
                f"{later.code} has another value that still holds on {later.valid_from}",
            )
        elif _next(earlier.valid_to) != later.valid_from:
            yield (
                later,
                "valid_from",
                f"{later.code} has no value between {earlier.valid_to} and {later.valid_from}",
            )


@cache
def _countries() -> dict[str, str]:
    """Return the country of each zone, from the table that comes with the zones."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    lines = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {line[2]: line[0] for line in lines}


def _nth_working_day(first: date, nth: int, is_working: WorkingDay) -> date:
    """Return the `nth` working day from `first` on, `first` included."""
    return next(islice(_working(first, is_working), nth - 1, None))


def _working(day: date, is_working: WorkingDay) -> Iterator[date]:
    while True:
        if is_working(day):
            yield day
        day = _next(day)


def _next(day: date) -> date:
    return _move(day, 1)


def _move(day: date, days: int) -> date:
    try:
        return day + days * DAY
    except OverflowError:
        raise Unusable(f"{days} days after {day} lie beyond the calendar") from None


def _later(start: datetime, by: timedelta) -> datetime:
    try:
        return start + by
    except OverflowError:
        raise Unusable(f"{by} after {start.isoformat()} lies beyond the calendar") from None
