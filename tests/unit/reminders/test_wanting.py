"""Which reminders are wanted, whenever somebody looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.law.reading import read_packs
from breachdesk.obligations import rules as obligations
from breachdesk.obligations.terms import BreachFacts
from breachdesk.reminders import rules
from breachdesk.reminders.reading import read_plan
from breachdesk.reminders.terms import Call, Clock, Kept, Person, Stage

PLAN = read_plan(Path(__file__).parents[3] / "templates")
AWARE = datetime(2026, 11, 17, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS = BreachFacts(aware_at=AWARE, zone=ZoneInfo("Europe/Paris"))
CLOCKS = [
    Clock(UUID(int=1), "BD-2026-0001", "Stolen token", False, each)
    for each in obligations.arising(FACTS, read_packs(None))
]
DUE = AWARE + 72 * HOUR
OF_THREE_DAYS = [each for each in CLOCKS if each.obligation.due == DUE]


def person(number: int, *roles: str) -> Person:
    return Person(UUID(int=number), f"p{number}@example.org", "P", "fr", "UTC", roles)


OFFICER, LAWYER, WRITER = person(1, "dpo"), person(2, "legal"), person(3, "communication")
PEOPLE = (OFFICER, LAWYER, WRITER)


def given_at(call: Call, at: datetime, acknowledged_at: datetime | None = None) -> Kept:
    return Kept(call.key, Stage.GIVEN, at, acknowledged_at)


class TestWanted:
    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(st.lists(st.integers(0, 120), max_size=12), st.booleans())
    def test_is_each_reminder_once_however_often_somebody_looks(
        self, looks: list[int], answered: bool
    ) -> None:
        kept: list[Kept] = []
        for hour in sorted(looks):
            now = AWARE + hour * HOUR
            calls = rules.wanted(CLOCKS, kept, PEOPLE, PLAN, now)
            spoken_to = [(call.clock.obligation.duty, call.person.id) for call in calls]
            assert len(set(spoken_to)) == len(spoken_to)  # one late reminder, not several
            kept += [given_at(call, now, now if answered else None) for call in calls]
            assert rules.wanted(CLOCKS, kept, PEOPLE, PLAN, now) == ()

        assert len({each.key for each in kept}) == len(kept)
        assert not answered or {each.key.member_id for each in kept} <= {OFFICER.id}

    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(st.integers(24, 200))
    def test_is_something_whenever_a_step_was_never_given(self, hour: int) -> None:
        calls = rules.wanted(OF_THREE_DAYS, (), PEOPLE, PLAN, AWARE + hour * HOUR)

        assert {call.person for call in calls} == {OFFICER}
        assert [call.clock for call in calls] == OF_THREE_DAYS

    def test_waits_as_long_as_a_mailer_asked_for(self) -> None:
        now = AWARE + 24 * HOUR
        calls = rules.wanted(CLOCKS, (), PEOPLE, PLAN, now)
        later = [
            Kept(call.key, Stage.WAITING, None, None, not_before=now + HOUR) for call in calls
        ]

        assert rules.wanted(CLOCKS, later, PEOPLE, PLAN, now) == ()
        assert rules.wanted(CLOCKS, later, PEOPLE, PLAN, now + HOUR) == calls

    def test_is_nothing_while_another_gives_it(self) -> None:
        now = AWARE + 24 * HOUR
        claimed = [
            Kept(call.key, Stage.CLAIMED, None, None)
            for call in rules.wanted(CLOCKS, (), PEOPLE, PLAN, now)
        ]

        assert rules.wanted(CLOCKS, claimed, PEOPLE, PLAN, now) == ()

    def test_speaks_again_for_another_deadline_and_says_so(self) -> None:
        now = AWARE + 25 * HOUR
        first = rules.wanted(OF_THREE_DAYS, (), PEOPLE, PLAN, now)
        kept = [given_at(each, now) for each in first]
        corrected = [
            replace(each, obligation=replace(each.obligation, due=DUE + HOUR))
            for each in OF_THREE_DAYS
        ]
        calls = rules.wanted(corrected, kept, PEOPLE, PLAN, now)

        assert len(calls) == len(corrected)
        assert all(call.corrected and call.due == DUE + HOUR for call in calls)

    def test_reaches_others_at_once_where_the_first_cannot_be_reached(self) -> None:
        now = AWARE + 24 * HOUR
        first = rules.wanted(OF_THREE_DAYS, (), PEOPLE, PLAN, now)
        refused = [Kept(call.key, Stage.REFUSED, None, None) for call in first]
        calls = rules.wanted(OF_THREE_DAYS, refused, PEOPLE, PLAN, now)

        assert {call.person for call in calls} == {LAWYER}
        assert all(call.escalated for call in calls)

    def test_reaches_everybody_where_nobody_has_a_role(self) -> None:
        calls = rules.wanted(CLOCKS, (), (WRITER,), PLAN, AWARE + 24 * HOUR)

        assert {call.person for call in calls} == {WRITER}
