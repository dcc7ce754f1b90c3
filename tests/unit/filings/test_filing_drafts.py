"""A draft from facts: what is filled in, what is missing, what changed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from breachdesk.filings import reading, rules
from breachdesk.filings.rules import showing
from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.terms import (
    Answer,
    Chronology,
    Company,
    Counted,
    Draft,
    Field,
    FilingFacts,
    Judged,
    Kind,
    Owed,
    Party,
    Source,
    Taken,
    Told,
)

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

    def test_say_what_makes_a_count_approximate(self) -> None:
        assert FULL.counted is not None
        unknown = replace(FULL, counted=replace(FULL.counted, unknown_people=1))

        assert "à 1\u00a0identifiant inconnu près" in by_code(unknown)["people.count"].notes[0]

    def test_say_how_many_belong_to_customers(self) -> None:
        assert FULL.counted is not None
        shared = replace(FULL, counted=replace(FULL.counted, as_processor=34))

        assert "34\u00a0personnes" in by_code(shared)["people.count"].notes[1]

    def test_warn_of_data_that_the_authority_treats_as_highly_sensitive(self) -> None:
        assert FULL.counted is not None
        nir = replace(FULL, counted=replace(FULL.counted, category_codes=("nir",)))

        assert "article 9" in by_code(nir)["data.categories"].notes[0]

    def test_name_the_data_in_the_account_and_an_end_nobody_knows(self) -> None:
        assert FULL.counted is not None
        going_on = replace(
            FULL,
            summary="",
            counted=replace(FULL.counted, category_labels=("Nom", "Mot de passe")),
            chronology=replace(FULL.chronology, ended_at=None),
        )
        account = by_code(going_on)["breach.description"].text

        assert account.startswith("Jeton d’API dérobé")
        assert "a commencé le 17/11/2026 à 23:00" in account
        assert "Données concernées\u00a0: Nom\u00a0; Mot de passe." in account

    def test_leave_out_of_the_account_what_the_scope_does_not_say(self) -> None:
        assert FULL.counted is not None
        bare = by_code(replace(FULL, counted=replace(FULL.counted, systems=(), by_country={})))

        assert "Système" not in bare["breach.description"].text
        assert bare["cross_border.is_cross_border"].missing

    def test_describe_the_ring_that_a_person_chose(self) -> None:
        for ring, said in (
            ("reachable", "pouvaient être atteintes"),
            ("population", "portent"),
        ):
            chosen = by_code(answered(FULL, "people.count", ring))
            assert said in chosen["breach.description"].text

    def test_take_unknown_for_a_list_as_the_choice_that_says_so(self) -> None:
        filled = by_code(answered(EMPTY, "data.categories", "unknown"))

        assert filled["data.categories"].value == ["unknown_yet"]
        assert not filled["data.categories"].missing

    def test_take_none_where_the_form_has_a_box_for_it(self) -> None:
        filled = by_code(answered(EMPTY, "controller.siren", "none"))

        assert filled["controller.siren"].text.endswith("(case à cocher)")

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

    def test_is_not_planned_where_the_duty_was_waived(self) -> None:
        waived = replace(
            FULL, told=None, judged=None, people_duty="waived", waiver_reason="Fausse alerte."
        )
        filled = by_code(waived)

        assert filled["communication.status"].source == "obligation"
        assert filled["communication.no_inform_reason"].text == "Fausse alerte."
        assert filled["communication.no_inform_ground"].missing

    def test_is_planned_once_a_notice_may_be_sent(self) -> None:
        ready = replace(FULL, told=Told(people=3), judged=None, notice_ready=True)

        assert by_code(ready)["communication.status"].source == "notice"
        assert by_code(ready)["communication.planned_on"].missing

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


class TestDocument:
    DRAFT = Draft(
        reference="BD-2026-001",
        authority="cnil",
        form=FORM.id,
        kind=Kind.INITIAL,
        number=1,
        digest="sha256:0",
        drafted_at=NOW,
        fields=rules.fields(FORM, EMPTY),
    )

    def test_lists_the_missing_codes_and_whom_to_ask_in_the_order_of_the_form(self) -> None:
        document = rules.document(FORM, self.DRAFT)

        assert document["missing"] == [field.code for field in self.DRAFT.missing]
        assert [each["code"] for each in document["to_ask"]] == document["missing"]
        assert document["to_ask"][0]["ask"]["fr"] == "le service juridique"

    @given(anything_known)
    def test_is_plain_data(self, facts: FilingFacts) -> None:
        draft = replace(self.DRAFT, fields=rules.fields(FORM, facts))

        assert json.loads(json.dumps(rules.document(FORM, draft)))["fields"]
        assert len(rules.content(draft.fields)) == len(CODES)

    def test_names_every_source_in_french(self) -> None:
        for source in Source:
            if source is not Source.TYPED:
                assert showing.origin(FRENCH, source.value) or source is Source.NOBODY
        assert showing.origin(FRENCH, "typed by Bela") == "saisi par Bela"
        assert showing.origin(FRENCH, "risk, confirmed by Bela") == (
            "évaluation du risque, confirmé par Bela"
        )

    def test_shows_every_field_that_applies_on_the_page(self) -> None:
        shown = rules.page(FORM, self.DRAFT, "Europe/Paris")

        assert isinstance(shown["sections"], list)
        fields = [field for part in shown["sections"] for field in part["fields"]]
        assert fields == [field for field in self.DRAFT.fields if field.applies]
