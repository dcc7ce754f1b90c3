"""Art. 34(2), element by element: take one away, and exactly that one is missed."""

from dataclasses import replace
from typing import Any

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.notices import rules
from breachdesk.notices.errands import render
from breachdesk.notices.rules.elements import ELEMENTS
from breachdesk.notices.terms import (
    FOLLOW_UP,
    Contact,
    Library,
    Readers,
    Step,
    Story,
    Variant,
    Words,
)

NOBODY = Contact("", "", "")


def english(
    story: Story, library: Library, renderer: JinjaRenderer, *categories: str
) -> Variant:
    readers = Readers("en", "controller", categories or ("bank_account",), 1)
    [variant] = render(renderer, story, library, [readers])
    return variant


def codes(variant: Variant) -> set[str]:
    return {each.code for each in rules.missing_content(variant.letter, variant.frame)}


class TestMissingContent:
    def test_misses_nothing_of_a_whole_notice(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        assert codes(english(story, library, renderer)) == set()

    @pytest.mark.parametrize(
        ("code", "without"),
        [
            ("nature", {"cause": "", "words": {}}),
            ("nature", {"cause": "unspecified", "words": {}}),
            ("nature", {"cause": "unknown", "words": {}}),
            ("data", {"labels": {}}),
            ("measures", {"measures": ()}),
            ("measures", {"measures": (Step({"fr": "Fait"}, None, None),)}),
            ("dpo", {"dpo": NOBODY}),
            ("dpo", {"dpo": Contact("Ada", "", "")}),
            ("genuine", {"domains": ()}),
        ],
    )
    def test_misses_what_the_facts_do_not_give(
        self,
        code: str,
        without: dict[str, Any],
        story: Story,
        library: Library,
        renderer: JinjaRenderer,
    ) -> None:
        assert codes(english(replace(story, **without), library, renderer)) == {code}

    @pytest.mark.parametrize(
        ("french", "ours"),
        [
            (Words("Vol."), Words()),
            (Words("Vol."), Words(" ")),
            (Words("", ("Un",)), Words()),
            (Words("Vol.", ("Un", "Deux")), Words("Theft.", ("One",))),
        ],
    )
    def test_misses_words_that_are_written_in_another_language_alone(
        self,
        french: Words,
        ours: Words,
        story: Story,
        library: Library,
        renderer: JinjaRenderer,
    ) -> None:
        words = {"fr": french, "en": ours}
        told = replace(story, languages=("fr", "en"), words=words)

        assert codes(english(told, library, renderer)) == {"words"}

    def test_misses_consequences_and_advice_for_data_that_have_none(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        labelled = replace(story, labels={"shoe_size": {"en": "Shoe size"}})

        assert codes(english(labelled, library, renderer, "shoe_size")) == {
            "consequences",
            "advice",
        }

    def test_misses_the_authority_that_the_law_does_not_name(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        unnamed = replace(story, authority=replace(story.authority, address=""))

        assert codes(english(unnamed, library, renderer)) == {"authority"}

    def test_misses_a_measure_that_is_not_written_in_the_language(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        partly = replace(story, measures=(*story.measures, Step({"fr": "Fait"}, None, None)))
        variant = english(partly, library, renderer)

        [finding] = rules.missing_content(variant.letter, variant.frame)

        assert finding.code == "measures"
        assert finding.language == "en"
        assert "1" in finding.sentence["fr"]

    @pytest.mark.parametrize("part", ["text", "html"])
    @pytest.mark.parametrize("element", ELEMENTS, ids=lambda each: each.code)
    def test_misses_what_an_edited_template_leaves_out(
        self,
        element: Any,
        part: str,
        story: Story,
        library: Library,
        renderer: JinjaRenderer,
    ) -> None:
        told = replace(
            story, kind=FOLLOW_UP, words={"en": Words("Theft.", news="Two more stores.")}
        )
        variant = english(replace(told, languages=("en",)), library, renderer, "bank_account")
        said = next(iter(element.of(variant.letter)))
        whole = getattr(variant.frame, part)
        first = said if said in whole else said.split("’")[0].split("&")[0]
        frame = replace(variant.frame, **{part: whole.replace(first, "")})

        found = rules.missing_content(variant.letter, frame)

        assert element.code in {each.code for each in found}
        assert "template" in found[0].sentence["en"]

    def test_misses_a_code_that_a_template_leaves_out_or_makes_up(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        variant = english(story, library, renderer)
        without = replace(variant.frame, html=variant.frame.html.replace("-bdh.code-", ""))
        made_up = replace(variant.frame, text=variant.frame.text + "-bdt.shoe-")

        for frame in (without, made_up):
            [finding] = rules.missing_content(variant.letter, frame)
            assert finding.code == "tags"

    def test_says_in_both_languages_what_to_add(self) -> None:
        for element in ELEMENTS:
            assert element.sentence["fr"]
            assert element.sentence["en"]
