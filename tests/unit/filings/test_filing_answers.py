"""What a person types, names in one line, and French wording."""

from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.filings import reading, rules
from breachdesk.filings.rules import answering, proposing, wording
from breachdesk.filings.rules.english import ENGLISH
from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.terms import Chronology, FieldKind, Taken
from breachdesk.kernel.errors import Unknown, Unusable

FORM = reading.form(Path(__file__).parents[3] / "templates", "cnil-2023")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AWARE = datetime(2026, 11, 19, 21, 0, tzinfo=UTC)


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
        assert FRENCH.listed(["a", "b", "c"]) == "a, b et c"
        assert FRENCH.listed(["a"]) == "a"
        assert FRENCH.listed([]) == ""

    def test_says_one_for_zero(self) -> None:
        assert FRENCH.counted(0, "person") == "0\u00a0personne"
        assert FRENCH.counted(1200, "person") == "1\u202f200\u00a0personnes"
        assert ENGLISH.counted(0, "person") == "0\u00a0people"
        assert ENGLISH.counted(1200, "person") == "1,200\u00a0people"

    def test_dates_a_measure_before_its_full_stop(self) -> None:
        done = Taken("Nous avons révoqué le jeton.", done_at=NOW)
        planned = Taken("Audit", planned_for=NOW)

        assert wording.measures(FRENCH, [done, planned, Taken("Tri.")], "Europe/Paris") == (
            "– Nous avons révoqué le jeton (fait le 20/11/2026 à 10:00).\n"
            "– Audit (prévu pour le 20/11/2026 à 10:00)\n"
            "– Tri."
        )

    def test_names_the_zone_of_the_hours(self) -> None:
        chronology = Chronology(zone="America/Martinique", aware_at=AWARE, detected_at=AWARE)

        assert "America/Martinique" in wording.comment(FRENCH, chronology)
        assert wording.comment(FRENCH, Chronology(aware_at=AWARE)) == ""


class TestSpeeches:
    def test_say_the_same_things_with_the_same_parts(self) -> None:
        """A sentence that one language lacks, or a part that it drops, would go unsaid."""

        def parts(sentence: str) -> set[str]:
            return {name for _, name, _, _ in Formatter().parse(sentence) if name}

        own = {each for each in ENGLISH.said if each.startswith(("clock ", "hours "))}
        assert {*FRENCH.said} | own == {*ENGLISH.said}
        for name, said in FRENCH.said.items():
            assert parts(said) == parts(ENGLISH.said[name]), name
        assert {*FRENCH.nouns} == {*ENGLISH.nouns}

    def test_write_days_and_countries_as_their_readers_do(self) -> None:
        assert FRENCH.moment(NOW, "Europe/Paris") == "20/11/2026 à 10:00"
        assert ENGLISH.moment(NOW, "Europe/London") == "20 November 2026 at 09:00"
        assert (FRENCH.country("GB"), ENGLISH.country("GB")) == (
            "Royaume-Uni",
            "United Kingdom",
        )
        assert ENGLISH.clock("Europe/London") == "UK time"
        assert ENGLISH.text({"fr": "oui", "en": "yes"}) == "yes"
        assert ENGLISH.text({"fr": "oui"}) == "oui"
