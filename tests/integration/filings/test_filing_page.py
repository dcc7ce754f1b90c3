"""The page for copying a draft into the teleservice."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.filings import reading, rules
from breachdesk.filings.terms import (
    Answer,
    Chronology,
    Draft,
    FilingFacts,
    Kind,
)
from conftest import NOW

TEMPLATES = Path(__file__).parents[3] / "templates"
FORM = reading.form(TEMPLATES, "cnil-2023")
PAGE = "filings/cnil/2023/filing.html"
FACTS = FilingFacts(
    reference="BD-2026-001",
    kind=Kind.INITIAL,
    drafted_at=NOW,
    summary="<script>alert('x')</script> & <b>un jeton</b> dérobé",
    chronology=Chronology(aware_at=NOW, detected_at=NOW),
    answers={"people.count": Answer(1300, "Bela <b>", NOW)},
)


class Outline(HTMLParser):
    """Collects headings, ids, links and the text of the page, and checks that tags close."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attrs)
        self.ids += [told["id"] or ""] if "id" in told else []
        self.links += [told["href"] or ""] if "href" in told else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def drafted(kind: Kind = Kind.INITIAL, facts: FilingFacts = FACTS) -> Draft:
    fields = rules.fields(FORM, facts)
    changes = rules.changes(rules.fields(FORM, FACTS), fields)
    return Draft("BD-2026-001", "cnil", FORM.id, kind, 1, "sha256:0", NOW, fields, changes)


def rendered(draft: Draft) -> str:
    return JinjaRenderer(TEMPLATES).render(PAGE, rules.page(FORM, draft, "Europe/Paris"))


class TestPage:
    def test_shows_every_section_and_every_missing_field_with_whom_to_ask(self) -> None:
        draft = drafted()
        page = rendered(draft)

        for section in FORM.sections:
            assert f'id="section-{section.number}"' in page
        assert page.count("à demander à le") == 0
        assert page.count("<li>") == len(draft.missing)

    def test_escapes_whatever_was_typed(self) -> None:
        outline = Outline(rendered(drafted()))

        assert "script" not in outline.tags
        assert "b" not in outline.tags
        assert any("<script>alert('x')</script>" in text for text in outline.text)

    def test_closes_its_tags_and_links_to_fields_that_are_there(self) -> None:
        outline = Outline(rendered(drafted()))

        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        for link in outline.links:
            assert link == FORM.address or link.removeprefix("#") in outline.ids

    def test_loads_nothing_from_anywhere(self) -> None:
        outline = Outline(rendered(drafted()))

        assert {"link", "img", "script", "iframe"}.isdisjoint(outline.tags)

    @pytest.mark.parametrize("changed", [True, False])
    def test_of_a_complement_shows_what_changed_only(self, *, changed: bool) -> None:
        answers = {"people.count": Answer(1400, "Bela", NOW)} if changed else FACTS.answers
        facts = FilingFacts(
            reference="BD-2026-001",
            kind=Kind.COMPLEMENTARY,
            drafted_at=NOW,
            summary=FACTS.summary,
            chronology=FACTS.chronology,
            previous_reference="FR-1",
            answers=answers,
        )
        page = rendered(drafted(Kind.COMPLEMENTARY, facts))

        assert ("1400" in page) is changed
        assert ("Rien n’a changé" in page) is not changed
        assert "FR-1" in page
        assert "Numéro SIREN" not in page
