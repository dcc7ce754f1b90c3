"""The four readings against a walk through time, quarter by quarter, in many zones."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.law import rules

QUARTER = timedelta(minutes=15)
HOUR = 3600
ZONES = (
    "Europe/Paris", "Europe/London", "Europe/Berlin", "Europe/Lisbon", "Europe/Athens",
    "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Asia/Kolkata", "Asia/Tokyo",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Africa/Casablanca",
)  # fmt: skip
CHANGES = tuple(
    datetime.fromisoformat(at).replace(tzinfo=UTC)
    for at in (
        "2026-03-29T01:00", "2026-10-25T01:00", "2027-03-28T01:00", "2026-03-08T07:00",
        "2026-11-01T06:00", "2026-04-04T16:00", "2026-10-03T16:00", "2026-12-24T12:00",
        "2027-05-06T12:00",
    )
)  # fmt: skip
"""Around these instants clocks change somewhere, or many days off follow each other."""

starts = st.builds(
    lambda near, hours, seconds: near + timedelta(hours=hours, seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-120, 48),
    st.sampled_from([0, 1, 59, 600, 1799, 1800, 3599]),
)


def working(day: date, zone: str) -> bool:
    found = rules.calendar(zone, 2025)
    return rules.week_days(day) if found is None else found(day)


def walk(begin: datetime) -> Iterator[datetime]:
    """Yield every quarter of an hour from `begin` on."""
    while True:
        yield begin
        begin += QUARTER


def end_touching(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Walk until two working days were touched; then to the end of the second, or `end`."""
    seen: list[date] = []
    for at in walk(begin):
        day = at.astimezone(zone).date()
        if at >= end and len(seen) >= 2 and day != seen[1]:
            return at
        if working(day, zone.key) and day not in seen:
            seen.append(day)
        if at < end and len(seen) >= 2:
            return end
    raise AssertionError


def end_full(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Walk until two working days were seen from their first quarter to their last."""
    whole: set[date] = set()
    opened: set[date] = set()
    before = (begin - QUARTER).astimezone(zone).date()
    for at in walk(begin):
        day = at.astimezone(zone).date()
        if day != before:
            if before in opened:
                whole.add(before)
            if working(day, zone.key):
                opened.add(day)
        if at >= end and len(whole) >= 2:
            return at
        before = day
    raise AssertionError


class TestReadings:
    @settings(max_examples=300)
    @given(starts, st.sampled_from(ZONES), st.sampled_from([48, 72, 96]))
    def test_end_where_a_walk_through_time_ends(
        self, start: datetime, name: str, hours: int
    ) -> None:
        zone = ZoneInfo(name)
        seconds = int(start.timestamp())
        first = datetime.fromtimestamp((seconds // HOUR + 1) * HOUR, UTC)
        rounded = datetime.fromtimestamp((seconds // HOUR + 1 + hours) * HOUR, UTC)

        def is_working(day: date) -> bool:
            return working(day, name)

        assert rules.strict(start, hours).timestamp() == seconds + hours * HOUR
        assert rules.hour_rounded(start, hours) == rounded
        assert rules.working_days_touched(start, hours, zone, is_working) == end_touching(
            first, rounded, zone
        )
        assert rules.working_days_full(start, hours, zone, is_working) == end_full(
            first, rounded, zone
        )

    @pytest.mark.parametrize("name", ZONES)
    def test_change_clocks_where_the_zone_does(self, name: str) -> None:
        zone = ZoneInfo(name)
        for near in CHANGES:
            start = near - timedelta(hours=36)
            end = start + timedelta(hours=72)
            found = rules.clock_change(start, end, zone)
            offsets = [at.astimezone(zone).utcoffset() for at in _until(start, end)]

            changed = len(set(offsets)) > 1
            assert (found is not None) is changed
            if found is not None:
                moved = (offsets[-1] or timedelta()) - (offsets[0] or timedelta())
                assert found[1] == moved.total_seconds()


def _until(start: datetime, end: datetime) -> Iterator[datetime]:
    for at in walk(start):
        if at > end:
            return
        yield at
