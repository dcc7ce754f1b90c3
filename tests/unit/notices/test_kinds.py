"""Every kind of notice, to every kind of reader, in every language."""

from dataclasses import replace
from pathlib import Path

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.datamap.terms import PopulationKind
from breachdesk.kernel.errors import Unusable
from breachdesk.notices import rules
from breachdesk.notices.errands import render
from breachdesk.notices.reading import templates as template_reading
from breachdesk.notices.terms import (
    ACCOUNT,
    FOLLOW_UP,
    KINDS,
    LATE,
    MINORS,
    NO_ACCOUNT,
    Library,
    Readers,
    Story,
    Variant,
)

AUDIENCES = (ACCOUNT, NO_ACCOUNT, MINORS)


def written(
    story: Story, library: Library, renderer: JinjaRenderer, kind: str, audience: str
) -> list[Variant]:
    """Return the texts for such readers in every language; a follow-up has news."""
    words = {
        language: replace(each, news="Two more stores." if kind == FOLLOW_UP else "")
        for language, each in story.words.items()
    }
    readers = [
        Readers(language, "controller", ("bank_account",), 3, audience)
        for language in story.languages
    ]
    return render(renderer, replace(story, kind=kind, words=words), library, readers)


class TestKinds:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("audience", AUDIENCES)
    def test_say_all_that_is_required_and_why_we_write(
        self,
        kind: str,
        audience: str,
        story: Story,
        library: Library,
        renderer: JinjaRenderer,
    ) -> None:
        variants = written(story, library, renderer, kind, audience)

        assert rules.review(variants) == ()
        assert len({each.letter.opening for each in variants}) == len(story.languages)
        for each in variants:
            assert "Exemple & Fils" in each.frame.text
            assert "{organisation}" not in each.frame.text

    def test_a_follow_up_says_first_what_is_new(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        for each in written(story, library, renderer, FOLLOW_UP, ACCOUNT):
            text = each.frame.text

            assert text.index("Two more stores.") < text.index("Key 12 was used.")

    def test_a_follow_up_without_news_lacks_them(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        readers = [Readers("en", "controller", ("bank_account",), 3)]
        [silent] = render(
            renderer, replace(story, kind="follow_up_2", languages=("en",)), library, readers
        )

        found = {each.code for each in rules.missing_content(silent.letter, silent.frame)}

        assert found == {"news"}

    def test_who_is_found_late_reads_why(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        texts = {
            each.locale: each.frame.text
            for each in written(story, library, renderer, LATE, ACCOUNT)
        }

        assert "que plus tard" in texts["fr"]
        assert "showed only later" in texts["en"]

    def test_parents_read_advice_that_others_do_not(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        [parents] = [
            each.frame.text
            for each in written(story, library, renderer, "first", MINORS)
            if each.locale == "fr"
        ]
        [others] = [
            each.frame.text
            for each in written(story, library, renderer, "first", ACCOUNT)
            if each.locale == "fr"
        ]

        assert "3018" in parents
        assert "parents" in parents
        assert "3018" not in others

    def test_a_language_that_does_not_say_why_is_refused(
        self, templates: Path, tmp_path: Path
    ) -> None:
        copy = tmp_path / "languages.toml"
        whole = (templates / "notices" / "languages" / "fr.toml").read_text("utf-8")
        copy.write_text(whole.replace("\nlate = ", "\nearly = "), "utf-8")

        with pytest.raises(Unusable, match=r"opening\.late"):
            template_reading._speech(copy)  # noqa: SLF001  (one file of the folder)


class TestAudience:
    def test_a_child_among_the_kinds_counts_first(self) -> None:
        child = PopulationKind("pupils", {}, minors=True)
        user = PopulationKind("users", {})

        assert rules.audience([user, child]) == MINORS

    def test_an_account_anywhere_is_an_account(self) -> None:
        user = PopulationKind("users", {})
        prospect = PopulationKind("prospects", {}, account=False)

        assert rules.audience([prospect, user]) == ACCOUNT
        assert rules.audience([prospect]) == NO_ACCOUNT
        assert rules.audience([]) == ACCOUNT
