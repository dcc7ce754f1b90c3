"""The version of a rule that held at the trigger stays; what went stale is said."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Law, Role
from breachdesk.obligations import rules
from breachdesk.obligations.terms import BreachFacts, Decided, Fulfilment, Obligation, State

LAW = read_packs()
PARIS = ZoneInfo("Europe/Paris")
AWARE = datetime(2026, 11, 17, 9, 20, tzinfo=UTC)
AUTHORITY, PEOPLE = "gdpr.33.authority", "gdpr.34.people"
CALIFORNIA = {"california_residents": 600}


def owed(law: Law = LAW, aware: datetime = AWARE, **given: Any) -> dict[str, Obligation]:
    facts = BreachFacts(aware_at=aware, zone=PARIS, roles=frozenset({Role.CONTROLLER}), **given)
    return {each.duty: each for each in rules.arising(facts, law)}


def amended(code: str, on: date, hours: int) -> Law:
    """Return the law with another number of hours for `code` from a day on."""
    packs = []
    for pack in LAW.packs:
        duties = []
        for duty in pack.duties:
            if duty.code != code:
                duties.append(duty)
                continue
            duties.append(replace(duty, valid_to=on - timedelta(days=1)))
            later = replace(duty.period, amount=hours)
            duties.append(replace(duty, valid_from=on, period=later))
        packs.append(replace(pack, duties=tuple(duties)))
    return Law(tuple(packs), LAW.version)


class TestVersion:
    def test_is_that_of_the_day_of_the_trigger_not_of_awareness(self) -> None:
        before = datetime(2025, 12, 31, 12, tzinfo=UTC)
        told = {**CALIFORNIA, "discovered_at": before}
        found = owed(aware=before + timedelta(days=9), told=told)["us.california.people"]

        assert found.due is None
        assert found.valid_to == date(2025, 12, 31)
        later = owed(aware=before + timedelta(days=9), told=CALIFORNIA)["us.california.people"]
        assert later.due is not None
        assert later.valid_from == date(2026, 1, 1)

    @pytest.mark.parametrize(
        ("filed", "hours"),
        [
            (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), 72),
            (datetime(2026, 11, 30, 23, tzinfo=UTC), 48),
        ],
    )
    def test_of_a_chained_duty_is_that_of_the_filing_in_the_zone_of_the_breach(
        self, filed: datetime, hours: int
    ) -> None:
        law = amended("cnil.33.complement", date(2026, 12, 1), 48)
        decided = {AUTHORITY: Decided((Fulfilment(filed, "receipt"),))}
        found = owed(law, risk="risk", decided=decided)["cnil.33.complement"]

        assert found.due == filed + timedelta(hours=hours)

    def test_stays_when_the_rule_changes_later(self) -> None:
        law = amended(AUTHORITY, date(2026, 11, 18), 96)

        assert owed(law)[AUTHORITY].due == AWARE + timedelta(hours=72)
        assert owed(law, aware=AWARE + timedelta(days=1))[AUTHORITY].due == AWARE + timedelta(
            days=1, hours=96
        )

    def test_is_shown_with_what_started_it(self) -> None:
        found = owed(risk="risk")
        shown = found[AUTHORITY].as_json()

        assert shown["rule"] == {"valid_from": "2018-05-25", "valid_to": None}
        assert shown["trigger"] == {"fr": "prise de connaissance", "en": "awareness"}
        assert (
            found["cnil.33.complement"].trigger["en"] == "the fulfilment of gdpr.33.authority"
        )
        assert len(found[AUTHORITY].trigger) == 2
        with pytest.raises(KeyError):
            found[AUTHORITY].trigger["de"]


class TestStale:
    def waived(self, **now: Any) -> Obligation:
        facts = BreachFacts(
            aware_at=AWARE, zone=PARIS, roles=frozenset({Role.CONTROLLER}), risk="risk"
        )
        basis = rules.basis(owed(risk="risk")[AUTHORITY], facts, LAW)
        decided = {AUTHORITY: Decided(waived_for="a false alarm", basis=basis)}
        return owed(**{"risk": "risk", "decided": decided, **now})[AUTHORITY]

    def test_is_no_waiver_whose_facts_still_hold(self) -> None:
        found = self.waived()

        assert (found.state, found.stale_for, found.waits) == (State.WAIVED, (), False)

    def test_is_a_waiver_whose_facts_have_changed(self) -> None:
        found = self.waived(risk="high")

        assert (found.state, found.stale_for, found.waits) == (State.STALE, ("risk",), True)
        assert found.state_at(AWARE + timedelta(hours=73)) is State.LATE
        moved = self.waived(aware=AWARE - timedelta(hours=1))
        assert moved.stale_for == ("aware_at",)

    def test_is_no_waiver_of_which_nobody_kept_what_it_rested_on(self) -> None:
        decided = {AUTHORITY: Decided(waived_for="a false alarm")}

        assert owed(risk="high", decided=decided)[AUTHORITY].state is State.WAIVED

    def test_is_what_hangs_on_a_risk_that_was_signed_on_other_facts(self) -> None:
        found = owed(risk="high", risk_stale=("data_categories",))

        assert found[AUTHORITY].state is State.STALE
        assert found[PEOPLE].stale_for == ("data_categories",)
        assert found[PEOPLE].state is State.STALE
        assert found["fr.lopmi.complaint"].state is State.OPEN

    def test_is_nothing_that_was_done(self) -> None:
        decided = {AUTHORITY: Decided((Fulfilment(AWARE, "receipt"),))}
        found = owed(risk="high", risk_stale=("cause",), decided=decided)

        assert found[AUTHORITY].state is State.MET

    def test_rests_on_instants_written_as_text(self) -> None:
        told = {"insured": True, "attack_on_information_system": True}
        facts = BreachFacts(aware_at=AWARE, zone=PARIS, told={**told, "attack_known_at": AWARE})
        [complaint] = [e for e in rules.arising(facts, LAW) if e.duty == "fr.lopmi.complaint"]

        assert rules.basis(complaint, facts, LAW) == {
            "aware_at": AWARE.isoformat(),
            "role": [],
            **told,
        }


class TestClockChange:
    def test_inside_the_period_is_shown(self) -> None:
        autumn = owed(aware=datetime(2026, 10, 23, 15, 5, tzinfo=UTC))[AUTHORITY]

        assert autumn.clock_change == (date(2026, 10, 25), -3600)
        assert owed()[AUTHORITY].clock_change is None
        assert owed(risk="high")[PEOPLE].clock_change is None


class TestDayOnly:
    def test_is_said_of_what_counts_from_awareness(self) -> None:
        found = owed(day_only=True, risk="risk")

        assert "00:00 of that day is taken" in found[AUTHORITY].explanation["en"]
        assert "00 h 00 de ce jour est retenu" in found[AUTHORITY].explanation["fr"].replace(
            "\u00a0", " "
        )
        assert "00:00 of that day" not in found["cnil.33.complement"].explanation["en"]
