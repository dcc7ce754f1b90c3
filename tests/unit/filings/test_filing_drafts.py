"""A draft from facts: what is filled in, what is missing, what changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.filings import reading, rules
from breachdesk.filings.rules import answering, proposing, wording
from breachdesk.filings.terms import (
    Answer,
    Chronology,
    Company,
    Counted,
    Field,
    FieldKind,
    FilingFacts,
    Judged,
    Kind,
    Owed,
    Party,
    Taken,
    Told,
)
from breachdesk.kernel.errors import Unknown, Unusable

FORM = reading.form(Path(__file__).parents[3] / "templates", "cnil-2023")
CODES = [field.code for section in FORM.sections for field in section.fields]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AWARE = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)

EMPTY = FilingFacts(reference="BD-2026-001", kind=Kind.INITIAL, drafted_at=NOW)
FULL = FilingFacts(
    reference="BD-2026-001",
    kind=Kind.COMPLETE,
    drafted_at=NOW,
    title="Jeton d’API dérobé",
    summary="Un tiers a utilisé un jeton d’API dérobé pour consulter des comptes.",
    chronology=Chronology(
        aware_at=AWARE,
        started_at=AWARE - timedelta(hours=47),
        ended_at=AWARE - timedelta(hours=15),
        detected_at=AWARE - timedelta(hours=1),
    ),
    facts={
        "breach_types": ["confidentiality"],
        "cause": "stolen_token",
        "malicious": True,
        "exfiltration": "confirmed",
        "recipient_kind": "attacker",
    },
    company=Company(
        name="Leadjet",
        siren="732829320",
        sector="J",
        lines=("1 rue de la Paix",),
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
        by_country={
            "FR": {"proven": 1200, "reachable": 4000, "population": 8000},
            "BE": {"proven": 34, "reachable": 1000, "population": 1000},
        },
        category_codes=("contact_details", "civil_status"),
        population_codes=("users",),
        systems=("api",),
        processors=("Hébergement Exemple, sous-traitant (hébergement)",),
    ),
    measures_before=(Taken("Journalisation des accès"),),
    measures_after=(Taken("Révocation du jeton", done_at=NOW),),
    judged=Judged("high", "limited", "Risque élevé.", "Awa", NOW),
    told=Told(people=1234, informed=1200, channels=("email",), first_at=NOW, last_at=NOW),
    notice_content="Bonjour, …",
    people_duty="met",
    due_at=AWARE + timedelta(hours=72),
    answers={
        "cross_border.other_dpas": Answer(value=False, by="Bela", at=NOW),
        "other_authorities": Answer(value=False, by="Bela", at=NOW),
    },
)

instants = st.none() | st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001  (Hypothesis adds the zone)
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
facts_told = st.dictionaries(
    st.sampled_from(["cause", "malicious", "breach_types", "exfiltration", "consequences"]),
    st.none() | st.booleans() | st.text(max_size=8) | st.lists(st.text(max_size=8), max_size=3),
)
anything_known = st.builds(
    FilingFacts,
    reference=st.just("BD-2026-001"),
    kind=st.sampled_from(Kind),
    drafted_at=st.just(NOW),
    summary=st.text(max_size=30),
    chronology=st.builds(
        Chronology,
        zone=st.sampled_from(["Europe/Paris", "America/Martinique", "Asia/Kolkata"]),
        aware_at=instants,
        started_at=instants,
        ended_at=instants,
        detected_at=instants,
        qualified_at=instants,
    ),
    facts=facts_told,
    company=st.none() | st.just(FULL.company),
    counted=st.none() | st.just(FULL.counted),
    judged=st.none() | st.just(FULL.judged),
    told=st.none() | st.builds(Told, people=st.just(3), informed=st.integers(0, 3)),
    people_duty=st.sampled_from([None, "open", "met", "late", "waived"]),
    due_at=instants,
)


def by_code(facts: FilingFacts) -> dict[str, Field]:
    return {field.code: field for field in rules.fields(FORM, facts)}


def answered(facts: FilingFacts, code: str, told: str) -> FilingFacts:
    answer = Answer(rules.accept(FORM, code, told), by="Bela", at=NOW)
    return replace(facts, answers={**facts.answers, code: answer})


class TestFields:
    def test_miss_nothing_when_everything_is_known(self) -> None:
        assert [field.code for field in rules.missing(rules.fields(FORM, FULL))] == []

    def test_of_an_empty_incident_list_every_required_field_in_the_order_of_the_form(
        self,
    ) -> None:
        always = [
            question.code
            for section in FORM.sections
            for question in section.fields
            if question.required and not question.when and question.code != "filing.kind"
        ]

        assert [field.code for field in rules.missing(rules.fields(FORM, EMPTY))] == always

    @given(anything_known)
    def test_never_fail_and_keep_the_order_of_the_form(self, facts: FilingFacts) -> None:
        filled = rules.fields(FORM, facts)

        assert [field.code for field in filled] == CODES
        assert {field.section for field in filled} == set(range(1, 15))

    @given(anything_known)
    def test_are_missing_only_where_required_and_empty(self, facts: FilingFacts) -> None:
        for field in rules.fields(FORM, facts):
            assert field.missing == (field.required and not field.text)
            assert not field.required or field.applies

    @given(anything_known)
    def test_choose_from_the_lists_only(self, facts: FilingFacts) -> None:
        kinds = {question.code: question for s in FORM.sections for question in s.fields}
        for field in rules.fields(FORM, facts):
            choices = {choice.code for choice in FORM.choices(kinds[field.code])}
            if choices and field.value is not None:
                assert isinstance(field.value, str | list)
                told = {field.value} if isinstance(field.value, str) else {*field.value}
                assert told <= choices

    def test_say_where_each_value_comes_from(self) -> None:
        filled = by_code(FULL)

        assert filled["controller.siren"].source == "datamap"
        assert filled["people.count"].source == "scope"
        assert filled["measures.after"].source == "measure"
        assert filled["severity"].source == "risk"
        assert filled["communication.informed_count"].source == "delivery"
        assert filled["timeline.aware_at"].source == "fact"
        assert filled["other_authorities"].source == "typed by Bela"
        assert filled["other_parties[]"].source == "datamap"
        assert filled["attachments[]"].source == "nobody"

    def test_write_awareness_with_its_hour_on_the_clock_of_the_incident(self) -> None:
        assert by_code(FULL)["timeline.aware_at"].text == "19/11/2026 à 22:00"

    def test_count_the_proven_ring_unless_a_person_chose_another(self) -> None:
        chosen = by_code(answered(FULL, "people.count", "reachable"))

        assert by_code(FULL)["people.count"].value == 1234
        assert chosen["people.count"].value == 5000
        assert chosen["people.count"].source == "typed by Bela"
        assert chosen["cross_border.countries"].value == {"FR": 4000, "BE": 1000}

    def test_take_what_a_person_typed_before_what_the_facts_give(self) -> None:
        assert by_code(answered(FULL, "people.count", "1 300"))["people.count"].value == 1300

    def test_say_whether_a_count_is_exact(self) -> None:
        assert FULL.counted is not None
        doubtful = replace(FULL, counted=replace(FULL.counted, unread_rows=2))

        assert by_code(FULL)["people.count"].notes[0].startswith("Dénombrement exact")
        assert by_code(doubtful)["people.count"].notes[0].startswith("Nombre approximatif")

    def test_ask_for_reasons_only_past_the_deadline(self) -> None:
        late = replace(FULL, drafted_at=AWARE + timedelta(hours=72, seconds=1))
        filed_in_time = replace(late, first_filed_at=AWARE + timedelta(hours=72))

        assert not by_code(FULL)["timeline.delay_reasons"].missing
        assert by_code(late)["timeline.delay_reasons"].missing
        assert not by_code(filed_in_time)["timeline.delay_reasons"].missing

    def test_ask_for_the_earlier_number_in_a_complement_only(self) -> None:
        complement = replace(FULL, kind=Kind.COMPLEMENTARY)

        assert not by_code(FULL)["filing.previous_reference"].missing
        assert by_code(complement)["filing.previous_reference"].missing

    def test_ask_which_special_categories_once_some_are_known_to_be_there(self) -> None:
        special = replace(FULL, facts={**FULL.facts, "special_categories": "substantial"})

        assert by_code(special)["data.special_categories"].missing

    def test_ask_for_consequences_of_the_lost_properties_only(self) -> None:
        lost = replace(EMPTY, facts={"breach_types": ["integrity"]})
        filled = by_code(lost)

        assert filled["consequences.integrity"].missing
        assert not filled["consequences.availability"].applies
        assert not filled["consequences.confidentiality"].applies

    def test_warn_of_a_text_longer_than_the_limit(self) -> None:
        long = by_code(answered(FULL, "breach.description", "é" * 4001))["breach.description"]
        fits = by_code(answered(FULL, "breach.description", "é" * 4000))["breach.description"]

        assert "4\u202f001 caractères" in long.notes[0]
        assert not fits.notes

    def test_take_unknown_for_now_in_an_initial_filing_only(self) -> None:
        initial = by_code(answered(EMPTY, "people.count", "unknown"))["people.count"]
        complete = by_code(
            answered(replace(EMPTY, kind=Kind.COMPLETE), "people.count", "unknown")
        )["people.count"]

        assert (initial.missing, initial.text) == (False, "Non déterminé à ce stade")
        assert complete.missing

    def test_take_what_was_told_until_a_scope_is_measured(self) -> None:
        told = replace(
            EMPTY, facts={"subjects_count": 40}, told_categories=("contact_details",)
        )

        assert by_code(told)["people.count"].value == 40
        assert by_code(told)["people.count"].proposed
        assert by_code(told)["data.categories"].value == ["contact_details"]

    def test_propose_lost_confidentiality_where_the_evidence_proves_that_data_were_reached(
        self,
    ) -> None:
        proven = by_code(replace(EMPTY, counted=FULL.counted))

        assert proven["breach.natures"].value == ["confidentiality"]
        assert proven["breach.natures"].proposed
        assert proven["consequences.confidentiality"].value == ["spread_beyond_control"]

    def test_stop_proposing_what_a_person_confirmed_until_it_reads_otherwise(self) -> None:
        text = by_code(FULL)["breach.causes"].text
        answer = Answer(None, by="Bela", at=NOW, confirms=rules.seal(text))
        confirmed = replace(FULL, answers={**FULL.answers, "breach.causes": answer})
        moved = replace(confirmed, facts={**FULL.facts, "cause": "outage"})

        assert by_code(FULL)["breach.causes"].proposed
        assert not by_code(confirmed)["breach.causes"].proposed
        assert by_code(confirmed)["breach.causes"].source == "fact, confirmed by Bela"
        assert by_code(moved)["breach.causes"].proposed


class TestCommunication:
    def status(self, facts: FilingFacts) -> object:
        return by_code(facts)["communication.status"].value

    def test_is_done_once_nobody_waits(self) -> None:
        waiting = replace(FULL, told=Told(people=10, informed=4, waiting=6))

        assert self.status(FULL) == "done"
        assert self.status(waiting) == "planned"

    def test_is_planned_where_the_risk_is_high(self) -> None:
        assert self.status(replace(FULL, told=None)) == "planned"

    def test_is_not_planned_with_its_ground_where_the_risk_is_not_high(self) -> None:
        assert FULL.judged is not None
        low = replace(FULL, told=None, judged=replace(FULL.judged, level="risk"))

        assert self.status(low) == "not_planned"
        assert by_code(low)["communication.no_inform_ground"].value == "no_high_risk"

    def test_is_not_planned_where_a_person_relied_on_an_exception(self) -> None:
        waived = replace(
            FULL, told=None, waiver_ground="protected", waiver_reason="Données chiffrées."
        )

        assert self.status(waived) == "not_planned"
        assert by_code(waived)["communication.no_inform_ground"].value == "protected"

    def test_is_open_before_the_risk_is_signed(self) -> None:
        assert by_code(EMPTY)["communication.status"].missing

    def test_says_whom_the_message_did_not_reach(self) -> None:
        told = Told(people=10, informed=7, not_informed={"no_address": 2, "bounced": 1})
        note = by_code(replace(FULL, told=told))["communication.informed_count"].notes[0]

        assert note == (
            "Sur 10\u00a0personnes, 3 n’ont pas reçu ce message\u00a0: 2 sans adresse "
            "électronique connue et 1 dont le message est revenu en erreur."
        )

    def test_is_dated_by_the_clock_of_the_incident(self) -> None:
        late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
        told = replace(FULL, told=Told(people=1, informed=1, last_at=late))

        assert by_code(told)["communication.done_at"].text == "21/11/2026"


class TestOtherAuthorities:
    ICO = Owed("ico", "l’ICO", "UK GDPR art. 33(1)", certain=True)
    ANSSI = Owed("anssi", "l’ANSSI", "C. défense art. L2321-4-1", certain=False)

    def test_are_proposed_where_the_law_surely_addresses_them(self) -> None:
        filled = by_code(replace(EMPTY, owed=(self.ICO, self.ANSSI)))

        assert filled["cross_border.other_dpas"].value is True
        assert filled["cross_border.other_dpas"].proposed
        assert filled["cross_border.other_dpas_list"].text == "l’ICO (UK GDPR art. 33(1))"

    def test_are_left_to_a_person_where_nobody_told_the_facts(self) -> None:
        filled = by_code(replace(EMPTY, owed=(self.ICO, self.ANSSI)))

        assert filled["other_authorities"].missing
        assert "l’ANSSI" in filled["other_authorities"].notes[0]
        assert not by_code(
            answered(replace(EMPTY, owed=(self.ANSSI,)), "other_authorities", "no")
        )["other_authorities"].notes


class TestChanges:
    def test_are_none_between_equal_drafts(self) -> None:
        filled = rules.fields(FORM, FULL)

        assert rules.changes(filled, filled) == ()

    @given(st.integers(0, 10**6))
    def test_are_the_fields_that_read_otherwise(self, people: int) -> None:
        before = rules.fields(FORM, FULL)
        after = rules.fields(FORM, answered(FULL, "people.count", str(people)))
        changed = [change.code for change in rules.changes(before, after)]

        assert changed == ([] if people == 1234 else ["people.count"])
        assert (rules.digest(before) == rules.digest(after)) == (people == 1234)

    def test_leave_the_kind_and_number_of_the_filing_out(self) -> None:
        complement = replace(FULL, kind=Kind.COMPLEMENTARY, previous_reference="123")

        assert rules.changes(rules.fields(FORM, FULL), rules.fields(FORM, complement)) == ()


class TestAccept:
    @pytest.mark.parametrize(
        ("code", "told", "kept"),
        [
            ("controller.siren", "732 829 320", "732829320"),
            ("controller.siren", "none", "none"),
            ("controller.headcount", "1\u202f200", 1200),
            ("controller.address.country", "fr", "FR"),
            ("timeline.ongoing", "Non", False),
            ("timeline.started_at", "2026-11-18T22:00:00+01:00", "2026-11-18T21:00:00+00:00"),
            ("communication.planned_on", "2026-11-23", "2026-11-23"),
            ("breach.causes", "unknown", ["unknown"]),
            (
                "breach.natures",
                "availability, confidentiality",
                ["confidentiality", "availability"],
            ),
            ("people.count", "unknown", "unknown"),
            ("severity", "limited", "limited"),
            ("cross_border.countries", "fr=12, BE: 3", {"FR": 12, "BE": 3}),
            (
                "other_parties[]",
                "Hébergeur SA, sous-traitant\n\n",
                ["Hébergeur SA, sous-traitant"],
            ),
            ("contact.email", "dpo@example.org", "dpo@example.org"),
            ("contact.phone", "+33 1 53 73 22 22", "+33 1 53 73 22 22"),
        ],
    )
    def test_reads_an_answer_as_the_field_wants_it(
        self, code: str, told: str, kept: object
    ) -> None:
        assert rules.accept(FORM, code, told) == kept

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("controller.siren", "732829321"),
            ("controller.siren", "73282932"),
            ("controller.headcount", "une trentaine"),
            ("controller.headcount", "-3"),
            ("controller.address.country", "France"),
            ("controller.legal_name", "unknown"),
            ("timeline.ongoing", "peut-être"),
            ("timeline.started_at", "2026-11-18T22:00:00"),
            ("communication.planned_on", "23/11/2026"),
            ("breach.natures", "confidentiality, beauty"),
            ("severity", "huge"),
            ("cross_border.countries", "France"),
            ("contact.email", "dpo"),
            ("contact.phone", "appelez-moi"),
            ("breach.description", "   "),
        ],
    )
    def test_refuses_anything_else_naming_the_field(self, code: str, told: str) -> None:
        with pytest.raises(Unusable) as refused:
            rules.accept(FORM, code, told)

        assert refused.value.problems[0].field == code

    def test_refuses_a_field_that_the_form_does_not_have(self) -> None:
        with pytest.raises(Unknown):
            rules.accept(FORM, "controller.horoscope", "Lion")

    @given(st.text(max_size=20))
    def test_keeps_what_it_takes_as_a_value_of_the_list(self, told: str) -> None:
        for kind in (FieldKind.CHOICE, FieldKind.MULTI):
            code = "severity" if kind is FieldKind.CHOICE else "breach.causes"
            choices = {c.code for c in FORM.choices(answering.question(FORM, code))}
            try:
                kept = rules.accept(FORM, code, told)
            except Unusable:
                continue
            assert isinstance(kept, str | list)
            assert ({kept} if isinstance(kept, str) else {*kept}) <= choices


class TestSplitName:
    @pytest.mark.parametrize(
        ("name", "parts"),
        [
            ("Mme Claire MARTIN", ("madame", "Claire", "MARTIN")),
            ("M. Jean Dupont", ("monsieur", "Jean", "Dupont")),
            ("DE LA TOUR Anne-Marie", (None, "Anne-Marie", "DE LA TOUR")),
            ("Jean de La Fontaine", (None, "Jean", "de La Fontaine")),
            ("Dipeeo", (None, None, "Dipeeo")),
            ("ANNE MARTIN", (None, "ANNE", "MARTIN")),
            ("", (None, None, None)),
            ("Délégué à la protection des données", (None, None, None)),
        ],
    )
    def test_tells_civility_first_and_last_name(
        self, name: str, parts: tuple[str | None, ...]
    ) -> None:
        assert proposing.split_name(name) == parts

    @given(st.text(max_size=40))
    def test_never_fails(self, name: str) -> None:
        assert len(proposing.split_name(name)) == 3


class TestWording:
    def test_lists_as_a_french_sentence_does(self) -> None:
        assert wording.listed(["a", "b", "c"]) == "a, b et c"
        assert wording.listed(["a"]) == "a"
        assert wording.listed([]) == ""

    def test_says_one_for_zero(self) -> None:
        assert wording.counted(0, "personne", "personnes") == "0\u00a0personne"
        assert wording.counted(1200, "personne", "personnes") == "1\u202f200\u00a0personnes"

    def test_dates_a_measure_before_its_full_stop(self) -> None:
        done = Taken("Nous avons révoqué le jeton.", done_at=NOW)

        assert wording.measures([done, Taken("Audit.")], "Europe/Paris") == (
            "– Nous avons révoqué le jeton (fait le 20/11/2026 à 10:00).\n– Audit."
        )

    def test_names_the_zone_of_the_hours(self) -> None:
        chronology = Chronology(zone="America/Martinique", aware_at=AWARE, detected_at=AWARE)

        assert "America/Martinique" in wording.comment(chronology)
        assert wording.comment(Chronology(aware_at=AWARE)) == ""
