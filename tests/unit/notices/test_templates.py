"""Every template in every language, strictly, read as a machine and as a reader would."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.notices import reading, rules
from breachdesk.notices.errands import render
from breachdesk.notices.rules import readings
from breachdesk.notices.terms import CUSTOMERS, PEOPLE, PUBLIC, Library, Readers, Story, Variant
from breachdesk.risk.terms import Category, Cause

OBLIGATIONS = (PEOPLE, CUSTOMERS, PUBLIC)
EACH_CATEGORY = tuple((str(each.value),) for each in Category)


def written(
    story: Story, library: Library, renderer: JinjaRenderer, *sets: tuple[str, ...]
) -> list[Variant]:
    readers = [
        Readers(language, library.manifest.role, categories, 3)
        for language in library.manifest.languages
        for categories in sets
    ]
    spoken = replace(story, languages=library.manifest.languages)
    return render(renderer, spoken, library, readers)


@pytest.mark.parametrize("obligation", OBLIGATIONS)
class TestTemplates:
    def test_say_all_that_is_required_whatever_the_data(
        self, obligation: str, templates: Path, story: Story, renderer: JinjaRenderer
    ) -> None:
        library = reading.read_library(templates, obligation)

        variants = written(story, library, renderer, *EACH_CATEGORY)

        assert rules.review(variants) == ()

    def test_say_all_of_it_with_every_kind_of_data_at_once(
        self, obligation: str, templates: Path, story: Story, renderer: JinjaRenderer
    ) -> None:
        library = reading.read_library(templates, obligation)
        everything = tuple(str(each.value) for each in Category)

        variants = written(story, library, renderer, everything)

        assert rules.review(variants) == ()
        assert {each.people for each in variants} == {3}

    @pytest.mark.parametrize("cause", [each for each in Cause if each != Cause.UNKNOWN])
    def test_name_every_cause_in_every_language(
        self,
        obligation: str,
        cause: Cause,
        templates: Path,
        story: Story,
        renderer: JinjaRenderer,
    ) -> None:
        library = reading.read_library(templates, obligation)
        silent = replace(story, cause=str(cause.value), words={})

        variants = written(silent, library, renderer, ("bank_account",))

        missing = {finding.code for finding in rules.review(variants)}
        assert missing == ({"nature"} if cause is Cause.UNSPECIFIED else set())

    @pytest.mark.parametrize(
        "facts",
        [
            {"ring": "reachable"},
            {"ring": "population"},
            {"breach_types": ("integrity",)},
            {"breach_types": ("availability",)},
            {"started_at": None},
            {"ended_at": None},
            {"authority_told": False, "complaint_filed": False},
            {"zone": "Europe/Athens"},
        ],
        ids=str,
    )
    def test_hold_for_other_facts(
        self,
        obligation: str,
        facts: dict[str, object],
        templates: Path,
        story: Story,
        renderer: JinjaRenderer,
    ) -> None:
        library = reading.read_library(templates, obligation)
        other = replace(story, **facts)  # type: ignore[arg-type]  # each is a field of it

        variants = written(other, library, renderer, ("bank_account",))

        assert rules.review(variants) == ()

    def test_hold_nothing_that_was_not_filled_in(
        self, obligation: str, templates: Path, story: Story, renderer: JinjaRenderer
    ) -> None:
        library = reading.read_library(templates, obligation)

        for each in written(story, library, renderer, ("bank_account",)):
            everything = f"{each.frame.subject}{each.frame.text}{each.frame.html}"
            assert rules.tag_names(everything) == set(library.manifest.tags)
            assert not re.search(r"\{\{|\{%|None|Undefined", everything)
            filled = rules.fill(everything, rules.sample_tags(each.letter))
            assert "-bd" not in filled


@pytest.mark.parametrize(
    ("language", "code", "typed"),
    [
        ("es", "authority_told", "La autoridad de control ha sido informada."),
        ("es", "authority_told", "Hemos notificado esta brecha a la autoridad de control."),
        ("es", "complaint_filed", "También se ha presentado una denuncia."),
        ("nl", "authority_told", "De toezichthouder is ingelicht."),
        ("nl", "complaint_filed", "Er is aangifte gedaan."),
        ("de", "authority_told", "Wir haben die Aufsichtsbehörde benachrichtigt."),
        ("de", "complaint_filed", "Inzwischen wurde Strafanzeige erstattet."),
        ("it", "authority_told", "L’autorità di controllo è stata informata."),
        ("it", "complaint_filed", "È stata sporta denuncia."),
    ],
)
def test_what_was_not_done_is_known_in_every_language(
    library: Library, language: str, code: str, typed: str
) -> None:
    phrases = library.speech[language].never_say[code]

    assert any(readings.holds(typed, phrase) for phrase in phrases)


class TestTheNoticeToPeople:
    def test_gives_advice_on_passwords_to_those_alone_whose_password_was_exposed(
        self, library: Library, story: Story, renderer: JinjaRenderer
    ) -> None:
        advised = {
            each.categories[0]
            for each in written(story, library, renderer, *EACH_CATEGORY)
            if readings.holds(each.frame.text, library.advice.do["change_password"]["fr"])
        }

        assert advised == {
            "credentials_hashed_strong",
            "credentials_hashed_weak",
            "credentials_plain",
        }

    def test_names_the_readers_data_and_nobody_elses(
        self, library: Library, story: Story, renderer: JinjaRenderer
    ) -> None:
        for each in written(story, library, renderer, *EACH_CATEGORY):
            named = {name for name in story.labels if readings.holds(each.frame.text, name)}
            assert named == set(each.categories)

    def test_breaks_no_line_before_french_punctuation(
        self, library: Library, story: Story, renderer: JinjaRenderer
    ) -> None:
        french = next(
            each
            for each in written(story, library, renderer, ("bank_account",))
            if each.locale == "fr"
        )

        assert not re.search(r" [:;?!»]|« ", french.frame.text)
        assert "\u00a0:" in french.frame.text

    def test_tells_of_the_authority_and_a_complaint_only_when_that_is_recorded(
        self, library: Library, story: Story, renderer: JinjaRenderer
    ) -> None:
        def lines(told: Story) -> int:
            variants = written(told, library, renderer, ("bank_account",))
            return sum(each.frame.text.count("\n- ") for each in variants)

        untold = replace(story, authority_told=False, complaint_filed=False)

        assert lines(story) == lines(untold) + 2 * len(story.languages)

    def test_is_small(self, library: Library, story: Story, renderer: JinjaRenderer) -> None:
        everything = tuple(str(each.value) for each in Category)
        for each in written(story, library, renderer, everything):
            assert len((each.frame.text + each.frame.html).encode()) < 40_000

    def test_cannot_be_turned_into_a_template_by_what_people_type(
        self, library: Library, story: Story, renderer: JinjaRenderer
    ) -> None:
        typed = "{{ 7 * 7 }} {% raw %} <b>bold</b> -bdt.code- <img src=x>"
        words = {
            language: replace(words, what_happened=typed)
            for language, words in story.words.items()
        }

        for each in written(replace(story, words=words), library, renderer, ("health",)):
            assert "{{ 7 * 7 }} {% raw %} <b>bold</b>" in each.frame.text
            assert "&lt;b&gt;bold&lt;/b&gt;" in each.frame.html
            assert "<img" not in each.frame.html
            assert each.frame.text.count("-bdt.code-") == 1


class TestReading:
    def test_knows_every_obligation(self, templates: Path) -> None:
        assert reading.obligations(templates) == (CUSTOMERS, PEOPLE, PUBLIC)

    def test_refuses_an_obligation_without_templates(self, templates: Path) -> None:
        with pytest.raises(Unknown, match=r"gdpr\.35"):
            reading.read_library(templates, "gdpr.35.nobody")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[fr]\nwhat_happened = 'x'", "schema: must be 1"),
            ("schema = 1\n[fr]\nwhat = 'x'", r"fr\.what"),
            ("schema = 1\n[fr]\nwhat_happened = 3", r"fr\.what_happened"),
            ("schema = 1\n[fr", "is not TOML"),
        ],
    )
    def test_names_file_and_field_of_what_is_wrong_in_words(
        self, text: str, said: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "words.toml"
        path.write_text(text, "utf-8")

        with pytest.raises(Unusable, match=said) as refused:
            reading.read_words(path)

        assert refused.value.problems[0].file == str(path)

    def test_reads_words_by_language(self, tmp_path: Path) -> None:
        path = tmp_path / "words.toml"
        path.write_text('schema = 1\n[fr]\nwhat_happened = " Un vol. "\n', "utf-8")

        assert reading.read_words(path)["fr"].what_happened == "Un vol."

    @pytest.mark.parametrize(
        ("was", "becomes", "said"),
        [
            ("{hour} h {minute}", "{hour} h {minutes}", "time: must hold {hour}, {minute}"),
            ("reachable = ", "unreachable = ", r"touched\.reachable"),
            ("no_risk = ", "no_fun = ", r"never_say\.no_fun"),
        ],
    )
    def test_names_what_is_wrong_in_an_edited_language(
        self, was: str, becomes: str, said: str, templates: Path, tmp_path: Path
    ) -> None:
        edited = _copy(templates, tmp_path)
        path = edited / "notices" / "languages" / "fr.toml"
        path.write_text(path.read_text("utf-8").replace(was, becomes, 1), "utf-8")

        with pytest.raises(Unusable, match=said):
            reading.read_library(edited, PEOPLE)

    def test_names_a_line_of_advice_that_is_not_there(
        self, templates: Path, tmp_path: Path
    ) -> None:
        edited = _copy(templates, tmp_path)
        path = edited / "notices" / "advice.toml"
        path.write_text(path.read_text("utf-8").replace("[do.distrust]", "[do.trust]"), "utf-8")

        with pytest.raises(Unusable, match=r"identification_contact\.do: .*'distrust'"):
            reading.read_library(edited, PEOPLE)

    @pytest.mark.parametrize("field", ["obligation", "role", "per"])
    def test_names_what_is_wrong_in_an_edited_manifest(
        self, field: str, templates: Path, tmp_path: Path
    ) -> None:
        edited = _copy(templates, tmp_path)
        path = edited / "notices" / PEOPLE / "notice.toml"
        text = re.sub(
            rf'^{field} = ".*?"',
            f'{field} = "other"',
            path.read_text("utf-8"),
            flags=re.MULTILINE,
        )
        path.write_text(text, "utf-8")

        with pytest.raises(Unusable, match=rf"notice\.toml: {field}: is not"):
            reading.read_library(edited, PEOPLE)

    @pytest.mark.parametrize(
        ("content", "said"), [(b"caf\xe9", "not UTF-8 at byte 3"), (None, "cannot be read")]
    )
    def test_refuses_a_file_that_cannot_be_read(
        self, content: bytes | None, said: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "words.toml"
        if content is not None:
            path.write_bytes(content)

        with pytest.raises(Unusable, match=said):
            reading.read_words(path)

    def test_wants_every_part_of_a_language(self, templates: Path, tmp_path: Path) -> None:
        edited = _copy(templates, tmp_path)
        (edited / "notices" / PEOPLE / "en" / "body.html").unlink()

        with pytest.raises(Unusable, match="the language en lacks it"):
            reading.read_library(edited, PEOPLE)


def _copy(templates: Path, to: Path) -> Path:
    for path in (templates / "notices").rglob("*"):
        if path.is_file():
            target = to / path.relative_to(templates)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return to
