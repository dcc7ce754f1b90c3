"""What stands in a field goes into an editor and back; two people's changes are joined."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.filings import reading, rules
from breachdesk.filings.terms import (
    Chronology,
    Company,
    Counted,
    FilingFacts,
    Kind,
    Party,
    Taken,
    Value,
)
from conftest import NOW

KNOWN = FilingFacts(
    reference="BD-2026-001",
    kind=Kind.INITIAL,
    drafted_at=NOW,
    summary="Un jeton a été dérobé.",
    chronology=Chronology(
        aware_at=NOW - timedelta(hours=2),
        detected_at=NOW - timedelta(hours=3),
        started_at=NOW - timedelta(hours=9),
        ended_at=NOW - timedelta(hours=5),
    ),
    facts={"cause": "stolen_credentials", "malicious": True, "exfiltration": "likely"},
    company=Company(
        name="Leadjet",
        siren="732829320",
        sector="J",
        lines=("1 rue de la Paix", "Bâtiment B"),
        postcode="75002",
        city="Paris",
        country="FR",
        headcount=30,
        representative=Party("Mme Claire MARTIN", "Présidente", "claire@example.org"),
        contact=Party("M. Jean Dupont", "", "dpo@example.org", "+33 1 23 45 67 89"),
    ),
    counted=Counted(
        rings={"proven": 1234, "reachable": 5000, "population": 9000},
        records=5678,
        by_country={"FR": {"proven": 1200}, "DE": {"proven": 34}},
        category_codes=("civil_status", "credentials"),
        population_codes=("users",),
        processors=("Hébergeur, sous-traitant",),
    ),
    measures_after=(Taken("Le jeton est révoqué."), Taken("Les clés sont changées.")),
)
FORM = reading.form(Path(__file__).parents[3] / "templates", "cnil-2023")
CODES = [each.code for each in FORM.lists["harms"]]


def shown(code: str, value: Value | None, text: str = "") -> str:
    question = rules.question(FORM, code)
    return rules.editable(question, FORM.choices(question), value, text)


class TestEditable:
    def test_is_read_back_as_the_same_value_in_every_field(self) -> None:
        filled = [each for each in rules.fields(FORM, KNOWN) if each.value not in (None, "")]

        assert len(filled) > 25
        for each in filled:
            again = rules.accept(FORM, each.code, shown(each.code, each.value, each.text))
            assert again == each.value, each.code

    @pytest.mark.parametrize(
        ("code", "value", "text", "said"),
        [
            ("controller.siren", "none", "", "none"),
            ("people.count", None, "Non déterminé à ce stade", "unknown"),
            ("people.count", None, "", ""),
            ("timeline.ongoing", False, "Non", "no"),
            ("cross_border.countries", {"FR": 3, "DE": 1}, "", "FR=3\nDE=1"),
        ],
    )
    def test_says_what_nobody_knows_and_what_there_is_none_of(
        self, code: str, value: Value | None, text: str, said: str
    ) -> None:
        assert shown(code, value, text) == said


class TestJoined:
    @given(*[st.lists(st.sampled_from(CODES), unique=True)] * 3)
    def test_of_lists_keeps_what_either_added_and_drops_what_either_took_away(
        self, base: list[str], mine: list[str], theirs: list[str]
    ) -> None:
        question = rules.question(FORM, "harms")
        told = rules.joined(question, ",".join(base), ",".join(theirs), ",".join(mine))

        assert told is not None
        both = {*filter(None, told.split(","))}
        assert ({*mine} | {*theirs}) - {*base} <= both
        assert both.isdisjoint({*base} - ({*mine} & {*theirs}))

    @pytest.mark.parametrize("code", ["people.count", "severity", "controller.siren"])
    def test_of_one_value_against_another_is_left_to_a_person(self, code: str) -> None:
        question = rules.question(FORM, code)

        assert rules.joined(question, "1", "2", "3") is None
        assert rules.joined(question, "1", "2", "1") == "2"
        assert rules.joined(question, "1", "1", "3") == "3"
        assert rules.joined(question, "1", "3", "3") == "3"


class TestOfficer:
    def test_is_the_person_to_contact_and_nobody_else_is_called_so(self) -> None:
        house = KNOWN.company
        assert isinstance(house, Company)
        contact = Party("Mme Ana Roux", "", "ana@example.org")
        other = replace(house, contact=contact, has_officer=False)
        for company, role in ((house, "Délégué à la protection des données"), (other, "")):
            fields = rules.fields(FORM, replace(KNOWN, company=company))
            [found] = [each for each in fields if each.code == "contact.role"]
            assert found.text == role
            assert found.missing is not bool(role)
