import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.law.reading import read_packs
from breachdesk.law.reading.facts import read_facts
from breachdesk.law.terms import Role
from breachdesk.obligations import rules
from breachdesk.obligations.terms import (
    BreachFacts,
    Decided,
    Fulfilment,
    Obligation,
    State,
)

LAW = read_packs()
PARIS = ZoneInfo("Europe/Paris")
AWARE = datetime(2026, 11, 17, 9, 20, tzinfo=UTC)
CASES = tomllib.loads(
    (Path(__file__).parents[2] / "cases" / "law_situations.toml").read_text("utf-8")
)["cases"]

instants = st.datetimes(
    datetime(2018, 6, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    datetime(2080, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def owed(
    facts: BreachFacts, packs: Iterable[str] | None = ("eu-gdpr",)
) -> dict[str, Obligation]:
    return {each.duty: each for each in rules.arising(facts, LAW, packs)}


def done(*at: datetime) -> Decided:
    return Decided(tuple(Fulfilment(each, "receipt") for each in at))


class TestSituations:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
    def test_give_rise_to_what_the_law_says(self, case: dict[str, Any]) -> None:
        told = read_facts(LAW, case["facts"])
        facts = rules.breach_facts(datetime.fromisoformat(case["aware"]), PARIS, told)
        found = owed(facts, case.get("packs"))
        shown = {code: each.as_json()["due"] or "" for code, each in found.items()}

        assert case["owes"].items() <= shown.items()
        assert not set(case["not"]) & set(shown)
        if "packs" in case:
            assert case["owes"] == shown


class TestArising:
    def test_puts_the_soonest_first_and_the_undated_last(self) -> None:
        found = rules.arising(BreachFacts(aware_at=AWARE, zone=PARIS), LAW)
        dated = [each.due for each in found if each.due is not None]

        assert dated == sorted(dated)
        assert [each.due for each in found[: len(dated)]] == dated

    def test_takes_what_nobody_told_so_that_the_duty_arises_and_says_so(self) -> None:
        authority = owed(BreachFacts(aware_at=AWARE, zone=PARIS))["gdpr.33.authority"]

        assert authority.assumed == ("role", "risk")
        assert "worst" in authority.explanation["en"]
        assert "au pire" in authority.explanation["fr"]

    @given(instants, instants)
    def test_never_gives_less_time_for_knowing_later(
        self, one: datetime, other: datetime
    ) -> None:
        earlier, later = (
            owed(BreachFacts(aware_at=at, zone=PARIS))["gdpr.33.authority"].due
            for at in sorted((one, other))
        )

        assert earlier is not None
        assert later is not None
        assert earlier <= later

    @given(instants, st.sampled_from(["Europe/Paris", "Asia/Kolkata", "America/Caracas"]))
    def test_gives_the_same_instant_in_every_zone(self, at: datetime, name: str) -> None:
        there = owed(BreachFacts(aware_at=at, zone=ZoneInfo(name)))["gdpr.33.authority"]

        assert there.due == at + timedelta(hours=72)
        assert there.readings.strict == there.due

    @given(instants)
    def test_reads_every_dated_period_within_an_hour(self, at: datetime) -> None:
        for each in rules.arising(BreachFacts(aware_at=at, zone=PARIS), LAW):
            readings = each.readings
            if readings.strict is not None and readings.hour_rounded is not None:
                hour = timedelta(hours=1)
                assert readings.strict < readings.hour_rounded <= readings.strict + hour

    @pytest.mark.parametrize("year", [1, 1899, 9001])
    def test_refuses_instants_no_calendar_counts_from(self, year: int) -> None:
        odd = datetime(year, 6, 1, tzinfo=UTC)

        with pytest.raises(Unusable, match="no instant to count from"):
            owed(BreachFacts(aware_at=odd, zone=PARIS))
        with pytest.raises(Unusable, match="no instant to count from"):
            owed(BreachFacts(aware_at=AWARE, zone=PARIS, told={"attack_known_at": odd}))


class TestChains:
    FACTS = BreachFacts(aware_at=AWARE, zone=PARIS)

    def test_do_not_run_before_the_duty_they_follow_is_done(self) -> None:
        final = owed(self.FACTS, ["eu-dora"])["dora.19.final"]

        assert final.starts_at is None
        assert final.due is None
        assert "has not happened yet" in final.explanation["en"]

    def test_run_from_the_first_fulfilment(self) -> None:
        decided = {"gdpr.33.authority": done(AWARE + timedelta(hours=9), AWARE)}
        facts = BreachFacts(aware_at=AWARE, zone=PARIS, decided=decided)

        complement = owed(facts, ["fr-cnil"])["cnil.33.complement"]

        assert complement.due == AWARE + timedelta(hours=72)

    def test_run_from_the_last_where_the_law_says_so(self) -> None:
        reports = (
            datetime(2026, 11, 20, 10, tzinfo=UTC),
            datetime(2026, 11, 30, 10, tzinfo=UTC),
        )
        decided = {"dora.19.intermediate": done(*reports)}
        facts = BreachFacts(aware_at=AWARE, zone=PARIS, decided=decided)

        final = owed(facts, ["eu-dora"])["dora.19.final"]

        assert final.as_json()["due"] == "2026-12-31T00:00:00+01:00"

    def test_of_a_month_end_with_a_shorter_month(self) -> None:
        decided = {"nis2.23.notification": done(datetime(2027, 1, 31, 10, tzinfo=UTC))}
        facts = BreachFacts(aware_at=AWARE, zone=PARIS, decided=decided)

        final = owed(facts, ["eu-nis2"])["nis2.23.final"].as_json()

        assert final["due"] == "2027-03-01T00:00:00+01:00"
        assert final["readings"]["working_days_full"] == "2027-03-02T00:00:00+01:00"
        assert "may argue for the end of Monday 1 March 2027" in final["explanation"]


class TestState:
    DUE = AWARE + timedelta(hours=72)

    def of(self, decided: Decided) -> Obligation:
        facts = BreachFacts(aware_at=AWARE, zone=PARIS, decided={"gdpr.33.authority": decided})
        return owed(facts)["gdpr.33.authority"]

    def test_is_open_until_the_very_instant(self) -> None:
        assert self.of(Decided()).state_at(self.DUE) is State.OPEN

    def test_is_late_the_instant_after_and_asks_for_reasons(self) -> None:
        late = self.of(Decided())
        after = self.DUE + timedelta(microseconds=1)

        assert late.state_at(after) is State.LATE
        assert late.asks_for_reasons(after)
        assert not late.asks_for_reasons(self.DUE)

    def test_asks_for_reasons_no_more_once_they_are_written(self) -> None:
        explained = self.of(Decided(delay_reason="The log was encrypted."))

        assert not explained.asks_for_reasons(self.DUE + timedelta(days=1))

    def test_is_met_where_the_first_fulfilment_was_in_time(self) -> None:
        met = self.of(done(self.DUE + timedelta(days=3), self.DUE))

        assert met.state is State.MET
        assert met.fulfilled_at == self.DUE

    def test_stays_late_where_it_was_done_late(self) -> None:
        assert self.of(done(self.DUE + timedelta(seconds=1))).state is State.LATE

    def test_is_waived_and_never_late(self) -> None:
        waived = self.of(Decided(waived_for="Filed by the lead controller."))

        assert waived.state_at(self.DUE + timedelta(days=9)) is State.WAIVED

    def test_counts_what_was_done_before_what_was_waived(self) -> None:
        both = Decided((Fulfilment(self.DUE, "receipt"),), waived_for="A mistake.")

        assert self.of(both).state is State.MET


class TestRelief:
    def test_waives_telling_people_for_its_reason_alone(self) -> None:
        facts = BreachFacts(
            aware_at=AWARE,
            zone=PARIS,
            roles=frozenset({Role.CONTROLLER}),
            risk="high",
            relief="GDPR art. 34(3)(a): the disk was encrypted",
        )
        found = owed(facts)

        assert found["gdpr.34.people"].state is State.WAIVED
        assert found["gdpr.34.people"].decided.waived_for == facts.relief
        assert found["gdpr.33.authority"].state is State.OPEN


class TestExplanation:
    def said(self, at: str, code: str = "gdpr.33.authority", **told: Any) -> dict[str, str]:
        facts = BreachFacts(aware_at=datetime.fromisoformat(at), zone=PARIS, **told)
        return dict(owed(facts, None)[code].explanation)

    def test_tells_of_a_clock_change_inside(self) -> None:
        forward = self.said("2026-03-27T18:20:00+01:00")
        back = self.said("2026-10-23T17:05:00+02:00")

        assert "Sunday 29 March 2026, forward" in forward["en"]
        assert "passage à l’heure d’été" in forward["fr"]
        assert "Sunday 25 October 2026, back" in back["en"]
        assert "passage à l’heure d’hiver" in back["fr"]

    def test_is_silent_on_clocks_in_a_plain_week(self) -> None:
        assert "clocks" not in self.said("2026-11-17T10:20:00+01:00")["en"]

    def test_calls_no_expectation_a_legal_deadline(self) -> None:
        said = self.said("2026-11-17T10:20:00+01:00", "cnil.33.complement")

        assert "hopes for" in said["en"]
        assert "n’est pas un délai légal" in said["fr"]
        assert "deadline" not in said["en"]

    def test_keeps_the_other_readings_as_arguments(self) -> None:
        said = self.said("2026-11-20T16:45:00+01:00")

        assert "arguments, not a target" in said["en"]
        assert "mercredi 25 novembre 2026 à 0\u00a0h\u00a000" in said["fr"]

    def test_says_that_the_union_s_counting_does_not_govern_french_law(self) -> None:
        said = self.said("2026-11-20T16:45:00+01:00", "fr.lopmi.complaint")

        assert "governs acts of the Union alone" in said["en"]

    def test_tells_seconds_and_the_first_of_a_month(self) -> None:
        said = self.said("2026-11-28T15:00:01+01:00")

        assert (
            "mardi 1er décembre 2026 à 15\u00a0h\u00a000\u00a0min\u00a001\u00a0s" in said["fr"]
        )
        assert "Tuesday 1 December 2026 at 15:00:01" in said["en"]

    def test_asks_for_the_hours_of_a_contract(self) -> None:
        said = self.said("2026-11-17T10:20:00+01:00", "contract.notice.customer")

        assert "(contract_hours)" in said["en"]
        assert "comes from a contract" in said["en"]

    def test_gives_our_own_aim_as_ours(self) -> None:
        said = self.said("2026-11-17T10:20:00+01:00", "gdpr.33.controller")

        assert "Our own aim, which the law does not set: Wednesday 18 November" in said["en"]

    @given(instants)
    def test_is_always_typeset_as_french_asks(self, at: datetime) -> None:
        for each in rules.arising(BreachFacts(aware_at=at, zone=PARIS), LAW):
            said = each.explanation["fr"]
            assert " :" not in said
            assert " ;" not in said
            assert "'" not in said
