"""When a clock reminds: before it is too late, in order, and in the office before a day off."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.law.reading import read_packs
from breachdesk.obligations import rules as obligations
from breachdesk.obligations.terms import BreachFacts, Obligation
from breachdesk.reminders import rules
from breachdesk.reminders.reading import read_plan
from breachdesk.reminders.terms import Plan, Step

PLAN = read_plan(Path(__file__).parents[3] / "templates")
PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
OBLIGATIONS = {
    each.duty: each
    for each in obligations.arising(
        BreachFacts(aware_at=datetime(2026, 11, 18, 9, tzinfo=UTC), zone=PARIS),
        read_packs(None),
    )
}
DATED = OBLIGATIONS["gdpr.33.authority"]
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (the strategy adds the zone)
spans = st.timedeltas(timedelta(seconds=1), timedelta(days=70))


def clock(start: datetime, period: timedelta, zone: str = "Europe/Paris") -> Obligation:
    return replace(DATED, starts_at=start, due=start + period, zone=zone)


def at_paris(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), PARIS).astimezone(UTC)


class TestRungs:
    def test_come_at_the_conventional_hours_of_a_duty_of_72(self) -> None:
        start = datetime(2026, 11, 17, 9, tzinfo=UTC)  # a Tuesday: due on a Friday

        found = rules.rungs(PLAN, clock(start, 72 * HOUR))

        assert [(each.at - start) / HOUR for each in found] == [24, 48, 60, 66, 70]

    @pytest.mark.parametrize(
        ("hours", "expected"), [(24, [12, 18, 22]), (4, [2]), (96, [48, 72, 84, 90, 94])]
    )
    def test_keep_their_distance_from_other_deadlines(
        self, hours: int, expected: list[float]
    ) -> None:
        start = datetime(2026, 11, 16, 9, tzinfo=UTC)

        found = rules.rungs(PLAN, clock(start, hours * HOUR))

        assert [(each.at - start) / HOUR for each in found] == expected

    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(instants, spans, st.sampled_from(["Europe/Paris", "Asia/Tokyo", "Pacific/Apia"]))
    def test_are_in_order_and_lie_between_start_and_deadline(
        self, start: datetime, period: timedelta, zone: str
    ) -> None:
        obligation = clock(start, period, zone)
        moments = [each.at for each in rules.rungs(PLAN, obligation)]

        assert moments == sorted(set(moments))
        assert all(start < at < start + period for at in moments)

    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(instants, spans, instants)
    def test_reached_is_the_latest_that_has_come(
        self, start: datetime, period: timedelta, now: datetime
    ) -> None:
        climb = rules.rungs(PLAN, clock(start, period))
        found = rules.reached(climb, now)

        passed = [each for each in climb if each.at <= now]
        assert found == (passed[-1] if passed else None)

    @pytest.mark.parametrize("gone", [{"due": None}, {"starts_at": None}])
    def test_are_none_where_no_hour_runs(self, gone: dict[str, None]) -> None:
        assert rules.rungs(PLAN, replace(DATED, **gone)) == ()  # type: ignore[arg-type]  # every field alike

    def test_of_one_instant_are_one(self) -> None:
        twice = Plan(
            tuple(Step(code, 2 * HOUR, (), HOUR, ()) for code in ("PT2H", "PT120M")),
            PLAN.opens,
            PLAN.closes,
        )

        [only] = rules.rungs(twice, clock(datetime(2026, 11, 17, 9, tzinfo=UTC), 9 * HOUR))
        assert only.step.code == "PT120M"


class TestLastOfficeHour:
    @pytest.mark.parametrize(
        ("due", "expected"),
        [
            (at_paris(date(2026, 11, 22), 10), at_paris(date(2026, 11, 20), 17)),  # Sunday
            (at_paris(date(2026, 11, 21), 23), at_paris(date(2026, 11, 20), 17)),  # Saturday
            (at_paris(date(2027, 1, 1), 9), at_paris(date(2026, 12, 31), 17)),  # New Year
            (at_paris(date(2026, 5, 10), 9), at_paris(date(2026, 5, 7), 17)),  # after 8 May
            (at_paris(date(2027, 3, 28), 9), at_paris(date(2027, 3, 26), 17)),  # clocks change
        ],
    )
    def test_comes_before_a_deadline_on_a_day_off(
        self, due: datetime, expected: datetime
    ) -> None:
        obligation = replace(DATED, starts_at=due - 200 * HOUR, due=due)

        assert [
            each.at for each in rules.rungs(PLAN, obligation) if each.step.before is None
        ] == [expected]

    def test_does_not_come_before_a_deadline_on_a_working_day(self) -> None:
        obligation = clock(at_paris(date(2026, 11, 17), 9), 72 * HOUR)

        assert all(each.step.before for each in rules.rungs(PLAN, obligation))

    def test_does_not_come_where_nobody_ever_works(self) -> None:
        due = at_paris(date(2026, 11, 22), 10)

        assert rules.last_office_hour(due, PARIS, PLAN, lambda _: False) is None


class TestPlan:
    @pytest.mark.parametrize(
        ("broken", "said"),
        [
            ("schema = 2", "schema: is not 1"),
            ("unknown = 1", "unknown: is not known here"),
            ("office = {opens = 18:00:00, closes = 09:00:00}", "office: closes before"),
            ("office = {opens = 9}", "office.opens: is not a time"),
            ('steps = [{before = "soon", escalate_after = "PT1H"}]', "steps[0].before: "),
            ('steps = [{before = "P1M", escalate_after = "PT1H"}]', "weeks, days, hours"),
            ('steps = [{escalate_after = "PT1H"}]', "needs either before or"),
            ('steps = [{before = "PT1H"}]', "steps[0].escalate_after"),
            ('roles = ["king"]', "'king' is not a role"),
            ('roles = "dpo"', "is not a list of roles"),
            (
                'steps = [{before = "PT1H", escalate_after = "P1D"}, {before = "PT1H"}]',
                "has the same step twice",
            ),
            ("schema = ", "cannot be read"),
        ],
    )
    def test_is_refused_with_its_file_and_field(
        self, tmp_path: Path, broken: str, said: str
    ) -> None:
        sound = {
            "schema": "1",
            "office": "{opens = 09:00:00, closes = 18:00:00}",
            "roles": '["dpo"]',
            "steps": '[{before = "PT1H", escalate_after = "PT1H"}]',
        }
        name, _, value = broken.partition(" = ")
        text = "\n".join(f"{key} = {text}" for key, text in {**sound, name: value}.items())
        (tmp_path / "reminders").mkdir()
        (tmp_path / "reminders" / "plan.toml").write_text(text)

        with pytest.raises(Unusable) as refused:
            read_plan(tmp_path)
        assert any(said in str(problem) for problem in refused.value.problems)
        assert all("plan.toml" in str(problem.file) for problem in refused.value.problems)
