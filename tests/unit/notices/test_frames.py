"""Whose text is whose, and how a reader's own values go into it."""

import html
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.notices import rules
from breachdesk.notices.terms import (
    Customer,
    Library,
    Manifest,
    Part,
    Readers,
    Step,
    Story,
    Words,
)

FRAME = "Code: -bdt.code-. Again: -bdt.code-, for -bdt.customer-."
CONTROLS = "".join(chr(each) for each in (*range(32), 127, 0x2028, 0x2029, 0x202E))


class TestFill:
    def test_puts_each_value_where_its_tag_stands(self) -> None:
        filled = rules.fill(FRAME, {"code": "K7M4", "customer": "Example SAS"})

        assert filled == "Code: K7M4. Again: K7M4, for Example SAS."

    def test_refuses_a_tag_without_a_value(self) -> None:
        with pytest.raises(rules.UnknownTag, match=r"-bdt\.customer-"):
            rules.fill(FRAME, {"code": "K7M4"})

    @given(st.text())
    def test_adds_no_line_and_so_no_header(self, value: str) -> None:
        filled = rules.fill("Subject: -bdt.customer-", {"customer": value})

        assert len(filled.splitlines()) == 1
        assert "\r" not in filled
        assert "\n" not in filled

    @given(st.text(st.characters(exclude_characters=CONTROLS, exclude_categories=("C", "Z"))))
    def test_gives_the_value_back_from_the_html(self, value: str) -> None:
        filled = rules.fill("<p>-bdh.customer-</p>", {"customer": value})

        inside = filled.removeprefix("<p>").removesuffix("</p>")
        assert "<" not in inside
        assert '"' not in inside
        assert html.unescape(inside) == value.replace("-bd", "\u2011bd")

    @given(st.text(), st.text())
    def test_never_fills_a_value_into_a_value(self, customer: str, code: str) -> None:
        trick = f"{customer}-bdt.code-"
        filled = rules.fill("-bdt.customer-|", {"customer": trick, "code": f"{code}!"})

        assert "-bd" not in filled
        assert filled.count("|") == 1 + customer.count("|")
        assert "\u2011bdt.code-" in filled

    def test_shows_no_text_backwards(self) -> None:
        assert rules.fill("-bdt.customer-", {"customer": "a\u202egpj.exe"}) == "a gpj.exe"


class TestTags:
    def test_are_spelt_for_their_part(self) -> None:
        assert rules.tags_for(Part.HTML, ["code"]) == {"code": "-bdh.code-"}
        assert rules.tags_for(Part.SUBJECT, ["code"]) == {"code": "-bdt.code-"}

    def test_are_found_in_a_frame(self) -> None:
        assert rules.tag_names(FRAME) == {"code", "customer"}

    def test_have_a_value_in_both_spellings(self) -> None:
        assert rules.tag_values({"customer": "A & B"}) == {
            "-bdt.customer-": "A & B",
            "-bdh.customer-": "A &amp; B",
        }


class TestLanguageFor:
    @pytest.mark.parametrize(
        ("locale", "language"),
        [
            ("en", "en"),
            ("EN_gb", "en"),
            ("pt-BR", "pt-BR"),
            ("pt-PT", "fr"),
            ("de-AT", "de"),
            ("zh", "fr"),
            ("", "fr"),
            (None, "fr"),
        ],
    )
    def test_is_exact_then_base_then_the_organisations_own(
        self, locale: str | None, language: str
    ) -> None:
        assert rules.language_for(locale, ("fr", "en", "de", "pt-BR")) == language


class TestVariantKey:
    def test_names_language_role_and_set(self) -> None:
        key = rules.variant_key("fr-CH", "controller", ["b", "a", "b"], ("en", "fr"))

        assert key == "fr.controller.a+b"

    @given(st.lists(st.sampled_from("abcdef")))
    def test_does_not_depend_on_the_order(self, categories: list[str]) -> None:
        keys = {
            rules.variant_key("fr", "controller", each, ("fr",))
            for each in (categories, categories[::-1], categories * 2)
        }

        assert len(keys) == 1


class TestLanguagesWritten:
    def languages(self, story: Story, measure: str, words: str, *asked: str) -> tuple[str, ...]:
        told = replace(
            story,
            languages=("fr", "en", "de", "xx"),
            measures=(Step({"fr": "Fait", measure: "Done"}, None, None),),
            words={words: Words("Gesagt")},
        )
        return rules.languages_written(told, ("de", "en", "fr"), asked)

    def test_are_the_organisations_own_and_those_begun(self, story: Story) -> None:
        assert self.languages(story, "fr", "fr") == ("fr",)
        assert self.languages(story, "en", "fr") == ("fr", "en")
        assert self.languages(story, "fr", "de") == ("fr", "de")

    def test_are_those_asked_for(self, story: Story) -> None:
        assert self.languages(story, "fr", "fr", "en", "fr") == ("en", "fr")

    def test_are_never_without_templates(self, story: Story) -> None:
        assert self.languages(story, "xx", "xx") == ("fr",)
        with pytest.raises(Unusable, match="no templates in 'xx'"):
            self.languages(story, "fr", "fr", "xx")

    def test_are_english_where_no_language_of_theirs_has_templates(self, story: Story) -> None:
        told = replace(story, languages=("xx",), words={}, measures=())

        assert rules.languages_written(told, ("en", "fr"), ()) == ("en",)


class TestCustomerTags:
    def test_hold_that_customers_facts_and_numbers_alone(
        self, library: Library, story: Story
    ) -> None:
        alert = replace(
            library,
            manifest=Manifest(
                "gdpr.33.controller", "1", "processor", False, False, ("code",), ("en",)
            ),
        )
        letter = rules.compose(story, alert, "en", Readers("en", "processor", (), 9_999))
        customer = Customer(
            "Example SAS",
            1_204,
            ("bank_account",),
            datetime(2026, 11, 18, 21, 4, tzinfo=UTC),
            None,
        )

        tags = rules.customer_tags(letter, customer, "K7M4")

        assert tags["people"] == "1,204"
        assert tags["data"] == "Bank_account"
        assert tags["first"] == "18 November 2026 at 22:04 (Paris time)"
        assert tags["last"] == "not established"
        assert tags["consequences"] == " ".join(
            library.advice.may[key]["en"] for key in ("direct_debit", "bank_scam")
        )
        assert "health" not in str(tags).lower()
