from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Cap, Kind, Law, Pack, Period, Roll, Trigger
from breachdesk.obligations import rules
from breachdesk.obligations.terms import BreachFacts, Obligation

LAW = read_packs()
[PLAIN] = LAW.values_of("gdpr.33.authority")
PARIS, UNIVERSAL = ZoneInfo("Europe/Paris"), ZoneInfo("UTC")
MAUNDY_THURSDAY = datetime(2026, 4, 2, 8, tzinfo=UTC)


def facts(zone: ZoneInfo = PARIS) -> BreachFacts:
    return BreachFacts(aware_at=MAUNDY_THURSDAY, zone=zone)


def owed(period: Period, roll: Roll = Roll.NONE, zone: ZoneInfo = PARIS) -> Obligation:
    """Return what a law of one duty with this period gives rise to."""
    duty = replace(PLAIN, period=period, roll=roll)
    pack = Pack("xx-law", {"fr": "Loi", "en": "Law"}, date(2026, 11, 22), duties=(duty,))
    [found] = rules.arising(facts(zone), Law((pack,), "sha256:0"))
    return found


class TestWorkingDays:
    PERIOD = Period(Kind.WORKING_DAYS, 2)

    def test_skip_the_holidays_of_the_zone(self) -> None:
        found = owed(self.PERIOD).as_json()

        assert found["due"] == "2026-04-08T00:00:00+02:00"
        assert "2 working days from awareness" in found["explanation"]

    def test_know_week_ends_alone_without_a_calendar_and_say_so(self) -> None:
        found = owed(self.PERIOD, zone=UNIVERSAL).as_json()

        assert found["due"] == "2026-04-07T00:00:00+00:00"
        assert "No calendar of public holidays is at hand for UTC" in found["explanation"]


class TestDays:
    PERIOD = Period(Kind.CALENDAR_DAYS, 2)

    def test_end_at_midnight_and_roll_only_as_an_argument(self) -> None:
        found = owed(self.PERIOD, Roll.EU1182_3_4).as_json()

        assert found["due"] == "2026-04-05T00:00:00+02:00"
        assert found["readings"]["working_days_full"] == "2026-04-08T00:00:00+02:00"
        assert found["readings"]["hour_rounded"] is None

    def test_that_end_on_a_working_day_argue_nothing(self) -> None:
        found = owed(Period(Kind.CALENDAR_DAYS, 1), Roll.EU1182_3_4).as_json()

        assert "argue" not in found["explanation"]

    def test_say_where_no_calendar_could_roll_them(self) -> None:
        found = owed(self.PERIOD, Roll.EU1182_3_4, UNIVERSAL)

        assert found.readings.working_days_full is None
        assert "No calendar" in found.explanation["en"]

    def test_of_one_are_said_in_the_singular(self) -> None:
        found = owed(Period(Kind.CALENDAR_DAYS, 1))

        assert found.explanation["en"].startswith("1 calendar day from")
        assert found.explanation["fr"].startswith("1 jour civil à partir")


class TestDeadline:
    @pytest.mark.parametrize(
        ("period", "due"),
        [
            (Period(Kind.ELAPSED_HOURS, 24), datetime(2026, 4, 3, 8, tzinfo=UTC)),
            (Period(Kind.CALENDAR_MONTHS, 1), datetime(2026, 5, 2, 22, tzinfo=UTC)),
            (Period(Kind.QUALITATIVE), None),
            (Period(Kind.ELAPSED_HOURS, amount_fact="contract_hours"), None),
        ],
    )
    def test_is_the_strict_reading(self, period: Period, due: datetime | None) -> None:
        duty = replace(PLAIN, period=period)

        assert rules.deadline(duty, facts(), LAW.facts()) == due

    def test_has_no_outer_edge_while_its_instant_has_not_happened(self) -> None:
        duty = replace(PLAIN, cap=Cap("classified_major_at", 24))

        assert rules.deadline(duty, facts(), LAW.facts()) == datetime(2026, 4, 5, 8, tzinfo=UTC)

    def test_is_said_to_wait_where_neither_number_nor_start_is_known(self) -> None:
        duty = replace(
            PLAIN,
            trigger=Trigger("classified_major_at"),
            period=Period(Kind.ELAPSED_HOURS, amount_fact="contract_hours"),
        )
        pack = Pack("xx-law", {}, date(2026, 11, 22), duties=(duty,))
        [found] = rules.arising(facts(), Law((*LAW.packs, pack), "sha256:0"), ["xx-law"])

        assert found.explanation["en"].startswith("A number of hours from classification")

    def test_is_none_while_nothing_starts_it(self) -> None:
        duty = replace(PLAIN, trigger=Trigger("classified_major_at"))

        assert rules.deadline(duty, facts(), LAW.facts()) is None
