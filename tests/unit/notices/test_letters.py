"""Facts in the words of a language: dates, hours, zones, numbers, spaces."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.notices import rules
from breachdesk.notices.reading import read_library
from breachdesk.notices.rules.letters import amount, moment
from breachdesk.notices.terms import (
    CUSTOMERS,
    PEOPLE,
    Library,
    Manifest,
    Readers,
    Step,
    Story,
    Words,
)

READERS = Readers("fr", "controller", ("bank_account", "identification_contact"), 4)


class TestMoment:
    @pytest.mark.parametrize(
        ("language", "zone", "said"),
        [
            ("fr", "Europe/Paris", "1er décembre 2026 à 8 h 05 (heure de Paris)"),
            ("fr", "Europe/Athens", "1er décembre 2026 à 9 h 05 (heure d’Athènes)"),
            ("en", "Europe/Paris", "1 December 2026 at 08:05 (Paris time)"),
            ("en", "America/New_York", "1 December 2026 at 02:05 (New York time)"),
        ],
    )
    def test_is_said_in_the_readers_language_with_its_zone(
        self, library: Library, language: str, zone: str, said: str
    ) -> None:
        at = datetime(2026, 12, 1, 7, 5, tzinfo=UTC)

        assert moment(at, zone, library.speech[language]) == said

    def test_counts_summer_time(self, library: Library) -> None:
        said = moment(
            datetime(2026, 7, 1, 22, 0, tzinfo=UTC), "Europe/Paris", library.speech["en"]
        )

        assert said == "2 July 2026 at 00:00 (Paris time)"


class TestAmount:
    def test_is_grouped_as_the_language_does(self, library: Library) -> None:
        assert amount(12_345, library.speech["fr"]) == "12\u202f345"
        assert amount(12_345, library.speech["en"]) == "12,345"


class TestTypeset:
    def test_puts_unbreaking_spaces_in_french(self) -> None:
        assert rules.typeset("Oui : « non » ; quoi ?", "fr") == (
            "Oui\u00a0: «\u00a0non\u00a0»\u202f; quoi\u202f?"
        )

    @pytest.mark.parametrize(
        ("typed", "set_"),
        [
            (
                "12 345 fiches, 1 234 567 lignes",
                "12\u202f345 fiches, 1\u202f234\u202f567 lignes",
            ),
            ("à 22 h 05, puis à 7 h.", "à 22\u00a0h\u00a005, puis à 7\u00a0h."),
            ("20 % de 15 €", "20\u00a0% de 15\u00a0€"),
            ("en 2026 123 personnes, 7 hommes", "en 2026 123 personnes, 7 hommes"),
            ("TSA 80715, 75334 Paris", "TSA 80715, 75334 Paris"),
        ],
    )
    def test_keeps_figures_together_in_french(self, typed: str, set_: str) -> None:
        assert rules.typeset(typed, "fr") == set_

    def test_leaves_other_languages_alone(self) -> None:
        assert rules.typeset("Yes : no ?", "en") == "Yes : no ?"

    @given(st.text())
    def test_changes_spaces_only_and_settles_at_once(self, text: str) -> None:
        once = rules.typeset(text, "fr-CH")

        assert rules.typeset(once, "fr") == once
        assert [c for c in once if not c.isspace()] == [c for c in text if not c.isspace()]


class TestInstead:
    @pytest.mark.parametrize("language", ["fr", "en", "de", "es", "it", "nl"])
    @pytest.mark.parametrize("kind", ["availability", "integrity"])
    def test_tells_no_misuse_of_data_that_nobody_saw(
        self, library: Library, story: Story, kind: str, language: str
    ) -> None:
        lines, instead = library.advice, library.advice.kinds[kind]
        readers = Readers(language, "controller", ("credentials_plain", "health"), 4, "minors")
        lost = replace(story, breach_types=(kind,))

        letter = rules.compose(lost, library, language, readers)

        assert set(letter.consequences) == {
            rules.typeset(lines.may[key][language], language)
            for key in (*instead.may, "wrong_care")
        }
        assert set(letter.advice) == {
            rules.typeset(lines.do[key][language], language)
            for key in (*instead.do, "check_care")
        }

    @pytest.mark.parametrize(
        ("language", "account"),
        [
            ("fr", "votre compte"), ("en", "your account"), ("de", "Ihres Kontos"),
            ("es", "su cuenta"), ("it", "Suo account"), ("nl", "uw account"),
        ],
    )  # fmt: skip
    def test_sends_nobody_to_an_account_they_do_not_have(
        self, library: Library, story: Story, language: str, account: str
    ) -> None:
        data = ("email_address", "marketing_prefs")
        readers = Readers(language, "controller", data, 4, "no_account")

        letter = rules.compose(story, library, language, readers)

        assert letter.advice
        assert not [line for line in letter.advice if account in line]

    @pytest.mark.parametrize("kinds", [("confidentiality", "availability"), ("unknown",), ()])
    def test_tells_of_misuse_wherever_somebody_may_have_seen_them(
        self, library: Library, story: Story, kinds: tuple[str, ...]
    ) -> None:
        as_ever = rules.compose(story, library, "fr", READERS)

        letter = rules.compose(replace(story, breach_types=kinds), library, "fr", READERS)

        assert letter.consequences == as_ever.consequences
        assert letter.advice == as_ever.advice

    def test_tells_customers_the_same(self, templates: Path, story: Story) -> None:
        alert = read_library(templates, CUSTOMERS)
        lost = replace(story, breach_types=("availability",))

        letter = rules.compose(lost, alert, "en", Readers("en", "processor", (), 4))

        said = {line for each in letter.glossary.values() for line in each.consequences}
        assert said == {
            alert.advice.may["out_of_reach"]["en"], alert.advice.may["wrong_care"]["en"]
        }  # fmt: skip


class TestNews:
    @pytest.mark.parametrize(
        ("kind", "news"),
        [("first", ()), ("late", ()), ("follow_up", ("It was a tool.",)),
         ("follow_up_2", ("It was a tool.",))],
    )  # fmt: skip
    def test_are_told_to_those_alone_who_were_told_before(
        self, library: Library, story: Story, kind: str, news: tuple[str, ...]
    ) -> None:
        typed = {"en": Words("A key was stolen.", (), "It was a tool."), "fr": Words("Vol.")}
        told = replace(story, kind=kind, words=typed, languages=("en", "fr"))

        letter = rules.compose(told, library, "en", READERS)

        assert letter.news == news
        assert rules.compose(told, library, "fr", READERS).words_left is bool(news)


class TestCompose:
    def test_says_when(self, library: Library, story: Story) -> None:
        letter = rules.compose(story, library, "fr", READERS)

        assert letter.when == (
            "entre le 18 novembre 2026 à 22 h 00 et le 20 novembre 2026 à 6 h 00 "
            "(heure de Paris)"
        )

    def test_says_that_a_date_is_not_known_yet(self, library: Library, story: Story) -> None:
        letter = rules.compose(replace(story, started_at=None), library, "en", READERS)

        assert letter.when == "at a date we are still working to establish"

    def test_dates_what_is_done_and_what_is_planned(
        self, library: Library, story: Story
    ) -> None:
        steps = (
            Step({"en": "We closed it."}, datetime(2026, 11, 20, 7, tzinfo=UTC), None),
            Step({"en": "We will look again"}, None, datetime(2026, 12, 1, 7, tzinfo=UTC)),
            Step({"en": "We are asking {date} of others."}, None, None),
        )

        letter = rules.compose(replace(story, measures=steps), library, "en", READERS)

        assert letter.measures == (
            "We closed it (done on 20 November 2026).",
            "We will look again (planned for 1 December 2026).",
            "We are asking {date} of others.",
        )

    def test_takes_what_was_typed_as_paragraphs_of_text(
        self, library: Library, story: Story
    ) -> None:
        letter = rules.compose(story, library, "en", READERS)

        assert letter.nature == ("Key 12 was used.", "For 32 hours.")

    def test_says_what_happened_by_its_cause_where_nobody_typed_it(
        self, library: Library, story: Story
    ) -> None:
        letter = rules.compose(replace(story, words={}), library, "en", READERS)

        assert letter.nature == (library.speech["en"].nature["stolen_token"],)

    def test_says_each_line_once_the_most_urgent_first(
        self, library: Library, story: Story
    ) -> None:
        letter = rules.compose(story, library, "en", READERS)
        order = [texts["en"] for texts in library.advice.do.values()]

        places = [order.index(line) for line in letter.advice]
        assert places == sorted(set(places))

    def test_says_what_is_only_altered_or_only_lost(
        self, library: Library, story: Story
    ) -> None:
        def touched(*kinds: str) -> str:
            told = replace(story, breach_types=kinds)
            return rules.compose(told, library, "en", READERS).touched

        assert "altered" in touched("availability", "integrity")
        assert "lost" in touched("availability")
        assert "exposed" in touched("availability", "confidentiality")
        assert "exposed" in touched()


BY_CATEGORIES = Manifest(PEOPLE, "1", "controller", True, False, (), ())


class TestGroups:
    def test_counts_who_reads_the_same(self) -> None:
        groups = rules.groups(
            (
                Readers("fr", "controller", ("b", "a"), 3),
                Readers("fr", "controller", ("a", "b"), 4),
                Readers("en", "controller", ("a", "b"), 5),
            ),
            BY_CATEGORIES,
        )

        assert groups == {
            Readers("fr", "controller", ("a", "b"), 0): 7,
            Readers("en", "controller", ("a", "b"), 0): 5,
        }

    @given(
        st.lists(
            st.builds(
                Readers,
                st.sampled_from(["fr", "en"]),
                st.just("controller"),
                st.lists(st.sampled_from("abc")).map(tuple),
                st.integers(1, 1000),
            )
        ),
        st.booleans(),
    )
    def test_lose_nobody(self, readers: list[Readers], by_categories: bool) -> None:
        manifest = replace(BY_CATEGORIES, by_categories=by_categories, whole=not by_categories)

        groups = rules.groups(readers, manifest)

        assert sum(groups.values()) == sum(each.people for each in readers)
