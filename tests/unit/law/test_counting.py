import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.law import rules

PARIS = ZoneInfo("Europe/Paris")
ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "Asia/Kolkata", "America/New_York", "UTC")]
CASES = tomllib.loads(
    (Path(__file__).parents[2] / "cases" / "law_hours.toml").read_text("utf-8")
)["cases"]

instants = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    datetime(2080, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(ZONES),
)
hours = st.integers(1, 400)


def working(day: date) -> bool:
    found = rules.calendar("Europe/Paris", day.year)
    assert found is not None
    return found(day)


class TestWorkedExamples:
    def test_are_all_there(self) -> None:
        assert len(CASES) == 21

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
    def test_read_as_published(self, case: dict[str, Any]) -> None:
        aware = case["aware"]

        assert rules.strict(aware, 72) == case["strict"]
        assert rules.hour_rounded(aware, 72) == case["hour_rounded"]
        assert (
            rules.working_days_touched(aware, 72, PARIS, working)
            == case["working_days_touched"]
        )
        assert rules.working_days_full(aware, 72, PARIS, working) == case["working_days_full"]


class TestHours:
    @given(instants, instants, hours)
    def test_never_give_less_time_for_knowing_later(
        self, one: datetime, other: datetime, amount: int
    ) -> None:
        earlier, later = sorted((one, other), key=lambda at: at.astimezone(UTC))

        assert rules.strict(earlier, amount) <= rules.strict(later, amount)
        assert rules.hour_rounded(earlier, amount) <= rules.hour_rounded(later, amount)
        for reading in (rules.working_days_touched, rules.working_days_full):
            assert reading(earlier, amount, PARIS, working) <= reading(
                later, amount, PARIS, working
            )

    @given(instants, hours)
    def test_in_whole_hours_give_up_to_one_more(self, start: datetime, amount: int) -> None:
        strict, rounded = rules.strict(start, amount), rules.hour_rounded(start, amount)

        assert strict < rounded <= strict + timedelta(hours=1)
        assert (rounded.minute, rounded.second, rounded.microsecond) == (0, 0, 0)

    @given(instants, hours, st.sampled_from(ZONES))
    def test_do_not_depend_on_the_zone(
        self, start: datetime, amount: int, elsewhere: ZoneInfo
    ) -> None:
        assert rules.strict(start.astimezone(elsewhere), amount) == rules.strict(start, amount)

    @given(instants, hours)
    def test_with_working_days_never_end_sooner(self, start: datetime, amount: int) -> None:
        rounded = rules.hour_rounded(start, amount)
        touched = rules.working_days_touched(start, amount, PARIS, working)
        full = rules.working_days_full(start, amount, PARIS, working)

        assert rounded <= touched <= full

    def test_of_less_than_two_days_ask_for_no_working_day(self) -> None:
        christmas = datetime(2026, 12, 24, 22, 30, tzinfo=PARIS)

        assert rules.working_days_full(christmas, 47, PARIS, working) == rules.hour_rounded(
            christmas, 47
        )

    def test_beyond_the_calendar_are_refused(self) -> None:
        with pytest.raises(Unusable, match="beyond the calendar"):
            rules.strict(datetime(9999, 12, 31, tzinfo=UTC), 72)


class TestDays:
    @pytest.mark.parametrize(
        ("start", "months", "last"),
        [
            (datetime(2027, 1, 31, 12, tzinfo=PARIS), 1, date(2027, 2, 28)),
            (datetime(2028, 1, 31, 12, tzinfo=PARIS), 1, date(2028, 2, 29)),
            (datetime(2026, 11, 30, 12, tzinfo=PARIS), 1, date(2026, 12, 30)),
            (datetime(2026, 12, 15, 12, tzinfo=PARIS), 1, date(2027, 1, 15)),
            (datetime(2026, 11, 15, 23, 30, tzinfo=UTC), 1, date(2026, 12, 16)),
            (datetime(2026, 11, 15, 12, tzinfo=PARIS), 13, date(2027, 12, 15)),
        ],
    )
    def test_of_a_month_keep_the_date(self, start: datetime, months: int, last: date) -> None:
        assert rules.months_later(start, months, PARIS) == last

    def test_leave_out_the_day_of_the_event(self) -> None:
        start = datetime(2026, 11, 17, 10, tzinfo=PARIS)

        assert rules.days_later(start, 3, PARIS) == date(2026, 11, 20)

    def test_skip_week_ends_and_holidays_where_they_are_working_days(self) -> None:
        start = datetime(2026, 4, 2, 10, tzinfo=PARIS)  # Thursday before Easter

        assert rules.working_days_later(start, 2, PARIS, working) == date(2026, 4, 7)

    def test_roll_to_the_next_working_day(self) -> None:
        assert rules.rolled(date(2026, 11, 21), working) == date(2026, 11, 23)
        assert rules.rolled(date(2026, 11, 20), working) == date(2026, 11, 20)

    @given(instants, st.integers(1, 60))
    def test_in_months_are_longer_than_four_weeks_each(
        self, start: datetime, months: int
    ) -> None:
        assert rules.months_later(start, months, PARIS) >= rules.days_later(
            start, 28 * months, PARIS
        )

    def test_beyond_the_calendar_are_refused(self) -> None:
        end = datetime(9999, 12, 1, tzinfo=UTC)

        with pytest.raises(Unusable, match="beyond the calendar"):
            rules.months_later(end, 1, ZoneInfo("UTC"))
        with pytest.raises(Unusable, match="beyond the calendar"):
            rules.days_later(end, 31, ZoneInfo("UTC"))


class TestCalendar:
    def test_of_paris_is_that_of_metropolitan_france(self) -> None:
        assert not working(date(2026, 7, 14))
        assert working(date(2026, 4, 3)), "Good Friday is a day off in Alsace alone"
        assert working(date(2026, 12, 28))

    def test_is_not_at_hand_where_no_country_keeps_the_zone(self) -> None:
        assert rules.calendar("UTC", 2026) is None
        assert rules.calendar("Etc/GMT+5", 2026) is None

    def test_is_not_at_hand_for_years_that_its_country_does_not_know(self) -> None:
        assert rules.calendar("Asia/Kolkata", 2026) is not None
        assert rules.calendar("Asia/Kolkata", 2070) is None

    def test_of_another_country_is_its_own(self) -> None:
        berlin = rules.calendar("Europe/Berlin", 2025)

        assert berlin is not None
        assert not berlin(date(2025, 10, 3))
        assert berlin(date(2026, 7, 14))


class TestClockChange:
    def test_forward_is_found_with_its_day(self) -> None:
        friday = datetime(2026, 3, 27, 18, 20, tzinfo=PARIS)

        assert rules.clock_change(friday, rules.strict(friday, 72), PARIS) == (
            date(2026, 3, 29),
            3600,
        )

    def test_back_is_found_with_its_day(self) -> None:
        friday = datetime(2026, 10, 23, 17, 5, tzinfo=PARIS)
        found = rules.clock_change(friday, rules.strict(friday, 72), PARIS)

        assert found == (date(2026, 10, 25), -3600)

    def test_is_none_in_a_plain_week(self) -> None:
        start = datetime(2026, 11, 17, 10, 20, tzinfo=PARIS)

        assert rules.clock_change(start, rules.strict(start, 72), PARIS) is None
