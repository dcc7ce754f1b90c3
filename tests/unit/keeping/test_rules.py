"""What is kept until when, and what is healthy: pure rules."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.keeping import rules
from breachdesk.keeping.terms import Held, Hold, Retention, State, What
from breachdesk.kernel.times import later

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
instants = st.integers(0, 365 * 20).map(lambda days: NOW + timedelta(days=days - 2000))


def held(**told: object) -> Held:
    facts = {
        "incident_id": UUID(int=1), "reference": "BD-2026-0001", "title": "", "closed_at": None,
        "last_notice_at": None, "under_way": False, "has_key": True,
    }  # fmt: skip
    return Held(**{**facts, **told})  # type: ignore[arg-type]  # fields by name


class TestLater:
    @pytest.mark.parametrize(
        ("at", "period", "then"),
        [
            ("2024-02-29", "P1Y", "2025-02-28"),
            ("2024-02-29", "P4Y", "2028-02-29"),
            ("2026-08-31", "P6M", "2027-02-28"),
            ("2026-12-31", "P2M", "2027-02-28"),
            ("2026-11-20", "P1Y2M1W3D", "2028-01-30"),
        ],
    )
    def test_keeps_the_day_of_the_month_or_ends_on_its_last(
        self, at: str, period: str, then: str
    ) -> None:
        moved = later(datetime.fromisoformat(at).replace(tzinfo=UTC), period)

        assert moved.date().isoformat() == then


class TestKept:
    @given(closed=instants, notice=instants | st.none())
    def test_never_lets_go_before_the_period_and_always_after(
        self, closed: datetime, notice: datetime | None
    ) -> None:
        people, incident = rules.kept(
            held(closed_at=closed, last_notice_at=notice), Retention()
        )

        assert (people.what, incident.what) == (What.PEOPLE, What.INCIDENT)
        assert people.until == later(notice or closed, "P12M")
        assert incident.until == later(closed, "P5Y")
        for each in (people, incident):
            assert each.until is not None
            assert not each.due(each.until - SECOND)
            assert each.due(each.until)

    @given(at=instants)
    def test_lets_nothing_go_under_a_hold(self, at: datetime) -> None:
        hold = Hold("claim", at, "Awa")
        for each in rules.kept(held(closed_at=at, hold=hold), Retention("P1D", "P1D")):
            assert not each.due(at + timedelta(days=9999))

    def test_lets_nothing_of_an_open_incident_go_that_told_nobody(self) -> None:
        assert [each.until for each in rules.kept(held(), Retention())] == [None, None]

    def test_has_no_people_left_where_the_key_is_gone(self) -> None:
        [left] = rules.kept(held(has_key=False), Retention())
        assert left.what is What.INCIDENT


class TestTooShort:
    @pytest.mark.parametrize(
        ("period", "short"), [("P3Y", False), ("P36M", False), ("P35M", True), ("P5Y", False)]
    )
    def test_warns_under_three_years(self, period: str, short: bool) -> None:
        assert rules.too_short(Retention(register=period), NOW) is short


class TestClocks:
    def test_shows_a_step_of_an_hour_either_way(self) -> None:
        hour = timedelta(hours=1)
        assert rules.clocks({"x": (NOW + hour, NOW)}, NOW, None).state is State.FAILING
        assert rules.clocks({"x": (NOW, NOW + hour)}, NOW, None).state is State.FAILING
        assert rules.clocks({}, NOW, NOW + hour).state is State.FAILING
        assert rules.clocks({"x": (NOW, NOW + SECOND)}, NOW, NOW).state is State.FINE

    def test_says_that_there_is_none_to_ask(self) -> None:
        assert "no other clock" in rules.clocks({}, NOW, NOW).seen


class TestCertificate:
    @pytest.mark.parametrize(
        ("until", "state"),
        [
            (None, State.WARNING),
            ("certificate has expired", State.FAILING),
            (NOW + timedelta(days=13), State.WARNING),
            (NOW + timedelta(days=60), State.FINE),
        ],
    )
    def test_is_renewed_before_browsers_refuse_it(
        self, until: datetime | str | None, state: State
    ) -> None:
        found = rules.certificate("desk.example", until, NOW)

        assert found.state is state
        assert found.do or state is State.FINE


class TestRoom:
    @pytest.mark.parametrize(
        ("free", "state"),
        [(1 << 20, State.FAILING), (1 << 30, State.WARNING), (1 << 40, State.FINE)],
    )
    def test_says_when_to_make_room(self, free: int, state: State) -> None:
        assert rules.room(free).state is state
