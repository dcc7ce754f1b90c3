"""Instants have offsets; periods are read whole."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel import times
from breachdesk.kernel.errors import Unusable


class TestInstant:
    @given(st.datetimes(timezones=st.timezones()))
    def test_says_the_same_moment_in_utc(self, at: datetime) -> None:
        try:
            expected = at.astimezone(UTC)
        except OverflowError:
            return
        if at.utcoffset() is not None and at.utcoffset().total_seconds() % 60 == 0:  # type: ignore[union-attr]  # just seen not to be None
            assert times.instant(at.isoformat()) == expected

    @pytest.mark.parametrize("text", ["2026-11-18T22:00:00", "2026-11-18", "yesterday", ""])
    def test_refuses_what_has_no_offset_and_shows_how(self, text: str) -> None:
        with pytest.raises(Unusable, match="write it like 2026-11-18T22:00:00"):
            times.instant(text)

    def test_takes_z_for_utc(self) -> None:
        assert times.instant("2026-11-18T22:00:00Z") == datetime(2026, 11, 18, 22, tzinfo=UTC)


class TestPeriod:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("P5Y", {"years": 5}),
            ("P1Y6M", {"years": 1, "months": 6}),
            ("PT72H", {"hours": 72}),
            ("P2DT12H", {"days": 2, "hours": 12}),
            ("P3W", {"weeks": 3}),
            ("P0Y", {}),
        ],
    )
    def test_reads_the_parts(self, text: str, parts: dict[str, int]) -> None:
        assert times.period(text) == parts

    @pytest.mark.parametrize("text", ["", "P", "PT", "5Y", "P5", "P1DT", "P-1Y", "P1H"])
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(Unusable, match="ISO 8601 period"):
            times.period(text)


class TestZone:
    @pytest.mark.parametrize("name", ["Europe/Pariss", "", "../etc/passwd", "Europe"])
    def test_refuses_what_is_no_zone(self, name: str) -> None:
        with pytest.raises(Unusable, match="is not a time zone"):
            times.zone(name)
