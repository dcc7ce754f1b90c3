"""The common template of the EDPB: its numbers, its conditions, what one model says in both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from breachdesk.datamap.reading import read
from breachdesk.filings import reading, rules
from breachdesk.filings.terms import (
    Answer,
    Chronology,
    Counted,
    Field,
    FilingFacts,
    Form,
    Judged,
    Kind,
    Taken,
    Told,
)
from breachdesk.risk import terms as risk

TOP = Path(__file__).parents[3]
EDPB = reading.form(TOP / "templates", "edpb-1.0")
CNIL = reading.form(TOP / "templates", "cnil-2023")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FACTS = FilingFacts(
    reference="BD-2026-0001",
    kind=Kind.INITIAL,
    drafted_at=NOW,
    chronology=Chronology(
        aware_at=NOW - timedelta(hours=3),
        started_at=NOW - timedelta(hours=40),
        ended_at=NOW - timedelta(hours=10),
    ),
    facts={
        "breach_types": ["confidentiality"],
        "cause": "stolen_token",
        "malicious": True,
        "exfiltration": "confirmed",
        "protection": "none",
        "recipient_kind": "attacker",
    },
)
KINDS = (
    "privilege_abuse_employee", "ransomware", "hacking_malware", "phishing_social_engineering",
    "vulnerability_exploited", "unauthorised_system_access", "exfiltration",
    "wrong_person_displayed", "device_lost_stolen", "e_waste", "paper_disposal",
    "mail_lost_opened_misrouted", "misconfiguration", "wrong_access_permissions",
    "paper_lost_stolen", "data_deleted", "shown_to_wrong_recipient", "sent_by_mistake",
    "email_without_bcc", "technical_malfunction", "unauthorised_modification",
    "unintended_publication", "verbal_disclosure", "to_be_determined", "other",
)  # fmt: skip


def fill(form: Form = EDPB, **facts: Any) -> dict[str, Field]:
    return {each.code: each for each in rules.fields(form, replace(FACTS, **facts))}


def typed(**answers: Any) -> dict[str, Answer]:
    return {code.replace("__", "."): Answer(told, "Awa", NOW) for code, told in answers.items()}


class TestTheTemplate:
    def test_asks_the_hundred_numbers_that_are_known(self) -> None:
        numbers = {n for s in EDPB.sections for field in s.fields for n in field.edpb}

        assert len(numbers) == 100
        assert max(numbers) == 126
        assert all(field.label[0].isdigit() for s in EDPB.sections for field in s.fields)

    def test_tells_the_twenty_five_kinds_of_incident_in_its_order(self) -> None:
        kinds = EDPB.lists["incident_kinds"]

        assert tuple(choice.code for choice in kinds) == KINDS
        assert [choice.edpb for choice in kinds] == [
            (letter,) for letter in "abcdefghijklmnopqrstuvwxy"
        ]

    @pytest.mark.parametrize("name", ["data_categories", "people_categories"])
    def test_has_a_label_for_every_letter_a_data_map_may_use(self, name: str) -> None:
        letters = [letter for choice in EDPB.lists[name] for letter in choice.edpb]

        assert letters == list("abcdefghijklmnopqrstu"[: len(letters)])
        assert len(letters) == {"data_categories": 21, "people_categories": 11}[name]

    def test_proposes_from_facts_that_the_risk_station_knows(self) -> None:
        fields = set(risk.Facts.__dataclass_fields__)
        named = {
            fact
            for choices in EDPB.lists.values()
            for choice in choices
            for condition in choice.proposed_by
            for fact in condition
        }

        assert named <= fields

    def test_has_a_kind_for_every_cause_that_says_what_happened(self) -> None:
        vague = {risk.Cause.UNSPECIFIED, risk.Cause.UNKNOWN}
        for cause in set(risk.Cause) - vague:
            found = fill(facts={"cause": cause.value, "malicious": True})
            assert found["breach.kind"].text, cause

    def test_names_the_same_codes_as_the_teleservice_where_both_ask(self) -> None:
        for name in ("natures", "consequences_integrity", "people_categories"):
            theirs = {choice.code for choice in CNIL.lists[name]}
            assert theirs <= {choice.code for choice in EDPB.lists[name]}

    def test_is_read_from_the_sample_data_map(self) -> None:
        categories = read(TOP / "samples" / "leadjet" / "datamap.toml").categories
        known = {letter for choice in EDPB.lists["data_categories"] for letter in choice.edpb}

        assert all(set(category.edpb) <= known for category in categories)


class TestConditions:
    @pytest.mark.parametrize(
        ("nature", "asked"),
        [
            ("confidentiality", "consequences.confidentiality"),
            ("integrity", "consequences.integrity"),
            ("availability", "consequences.availability"),
            ("confidentiality", "breach.unintelligible"),
            ("integrity", "breach.integrity"),
            ("availability", "breach.availability"),
        ],
    )
    def test_ask_of_each_loss_what_belongs_to_it(self, nature: str, asked: str) -> None:
        for lost in ("confidentiality", "integrity", "availability"):
            assert fill(facts={"breach_types": [lost]})[asked].applies is (lost == nature)

    @pytest.mark.parametrize(("hours", "asked"), [(1, False), (-1, True)])
    def test_ask_why_a_new_notification_is_late_and_only_then(
        self, hours: int, asked: bool
    ) -> None:
        due = NOW + timedelta(hours=hours)

        assert fill(due_at=due)["timeline.delay_reasons"].applies is asked
        follows = fill(due_at=due, kind=Kind.COMPLEMENTARY)
        assert not follows["timeline.delay_reasons"].applies

    def test_let_answers_wait_in_an_incomplete_notification_only(self) -> None:
        open_ = typed(breach__causes=["to_be_determined"], discovery__told_on="unknown")
        waits = fill(answers=open_ | typed(discovery__source="press"))
        settled = fill(
            answers=open_ | typed(discovery__source="press", filing__subtype="complete")
        )

        assert not waits["breach.causes"].missing
        assert not waits["discovery.told_on"].missing
        assert settled["breach.causes"].missing
        assert any("n’admet pas" in note for note in settled["breach.causes"].notes)
        assert settled["discovery.told_on"].missing

    def test_let_only_a_follow_up_withdraw(self) -> None:
        answers = typed(filing__subtype="withdraw")

        assert fill(answers=answers)["filing.subtype"].missing
        follows = fill(answers=answers, kind=Kind.COMPLEMENTARY)
        assert not follows["filing.subtype"].missing
        assert follows["filing.withdrawal_reason"].missing

    def test_tell_four_outcomes_of_the_risk_apart(self) -> None:
        codes = [choice.code for choice in EDPB.lists["outcomes"]]

        assert codes == ["high", "risk", "unlikely", "needs_information"]
        assert EDPB.lists["outcomes"][3].when


class TestOneModel:
    def test_says_the_fine_kind_here_and_the_coarse_one_to_the_teleservice(self) -> None:
        assert fill()["breach.kind"].value == "unauthorised_system_access"
        assert fill()["breach.kinds"].value == ["unauthorised_system_access", "exfiltration"]
        assert fill(CNIL)["breach.origins"].value == ["hacking_malware_phishing"]

    def test_keeps_what_both_ask_and_drops_a_choice_the_other_lacks(self) -> None:
        answers = typed(
            people__count=12,
            harms=["fraud"],
            data__categories=["financial"],
            timeline__ongoing=True,
        )
        kept = rules.usable(EDPB, answers)

        assert set(kept) == {"people.count", "harms", "timeline.ongoing"}
        assert rules.usable(CNIL, answers) == answers

    def test_reads_letters_of_the_data_map(self) -> None:
        counted = Counted(
            rings={"proven": 12}, records=40,
            by_country={"FR": {"proven": 9}, "BE": {"proven": 3}},
            category_codes=("a", "b", "s"), population_codes=("h", "a"), systems=("api",),
            category_labels=("Nom", "Clé"), unread_rows=1,
        )  # fmt: skip
        found = fill(counted=counted)

        assert found["data.categories"].value == [
            "civil_status",
            "contact_details",
            "credentials",
        ]
        assert found["people.categories"].value == ["customers", "users"]
        assert found["people.count_kind"].value == "approximate"
        assert found["people.count"].value == 12
        assert found["cross_border.involved"].value == "yes"
        assert found["breach.systems"].text == "api"

    @pytest.mark.parametrize(
        ("severity", "level"),
        [
            ("negligible", "minor"),
            ("limited", "moderate"),
            ("significant", "severe"),
            ("maximal", "severe"),
        ],
    )
    def test_puts_four_levels_of_severity_on_three(self, severity: str, level: str) -> None:
        judged = Judged("high", severity, "Données bancaires.", "Awa", NOW)
        found = fill(judged=judged)

        assert found["severity_level"].value == level
        assert found["severity_level"].proposed
        assert found["risk.outcome"].value == "high"

    def test_tells_from_when_people_were_told_and_whether_all_were(self) -> None:
        told = Told(people=10, informed=9, not_informed={"no_address": 1}, first_at=NOW)
        found = fill(told=told)

        assert found["communication.decision"].value == "done"
        assert found["communication.started_on"].value == "2026-11-20"
        assert found["communication.everyone"].value == "not_all"
        assert "1 n’a pas reçu" in found["communication.not_everyone_reason"].text

    @pytest.mark.parametrize(
        ("facts", "decision"),
        [
            ({"notice_ready": True}, "planned_undated"),
            (
                {
                    "notice_ready": True,
                    "answers": typed(communication__planned_on="2026-11-23"),
                },
                "planned",
            ),
            ({"judged": Judged("risk", None, "…", "Awa", NOW)}, "no_high_risk"),
            ({"waiver_ground": "protected", "waiver_reason": "Chiffré."}, "condition_met"),
        ],
    )
    def test_splits_what_the_teleservice_takes_as_one(
        self, facts: dict[str, Any], decision: str
    ) -> None:
        assert fill(**facts)["communication.decision"].value == decision

    def test_names_what_is_still_planned_as_lasting_measures(self) -> None:
        taken = (
            Taken("Jeton révoqué", done_at=NOW),
            Taken("Jetons plus courts", planned_for=NOW),
        )
        found = fill(measures_after=taken)

        assert "Jeton révoqué" in found["measures.after"].text
        assert "Jeton révoqué" not in found["measures.prevention"].text
        assert "Jetons plus courts" in found["measures.prevention"].text

    @pytest.mark.parametrize(("hours", "period"), [(2, "day"), (40, "range")])
    def test_tells_a_day_from_a_period(self, hours: int, period: str) -> None:
        times = Chronology(aware_at=NOW, started_at=NOW - timedelta(hours=hours), ended_at=NOW)

        assert fill(chronology=times)["timeline.period"].value == period
