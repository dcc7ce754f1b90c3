"""Every page is fit for everybody: both languages, light and dark, wide and narrow.

The pages come from the map of addresses of the application: a new one cannot be left out.
"""

import re
from collections.abc import Collection
from pprint import pformat

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from addresses import Sample, looked_at, pages
from breachdesk.audit.terms import Actor
from breachdesk.datamap import queries as datamaps
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from served import Served, sign_in, violations
from web_face import ENGLISH, FRENCH

WAYS = (
    (FRENCH.email, "light", 1280),
    (FRENCH.email, "dark", 320),
    (ENGLISH.email, "dark", 1280),
    (ENGLISH.email, "light", 320),
)


FOREIGN = {
    "fr": "the and with was this that from nobody you your yet what when which have been they",
    "en": "le la les des une est pour dans qui aux avec sur pas nous vous ou cette sont été",
}
"""Common words of the other language: none is seen unmarked."""
SEEN = """
(() => {
  const here = document.documentElement.lang;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    const marked = around.closest("code, script, textarea, [lang]");
    if (marked.lang === here && around.checkVisibility()) {
      seen.push(walker.currentNode.data);
    }
  }
  return seen;
})()
"""


def foreign(page: Page, language: str, typed: Collection[str]) -> list[str]:
    """Return the texts of a page that hold words of the other language, unmarked."""
    words = re.compile(rf"\b({FOREIGN[language].replace(' ', '|')})\b", re.IGNORECASE)
    texts = [" ".join(each.split()) for each in page.evaluate(SEEN)]
    return [
        each
        for each in texts
        if words.search(each) and not any(each in text or text in each for text in typed)
    ]


UNKEPT = ("rows", "contacts", "people")
"""Lists of people: they are never kept on the device of whoever pastes them."""
LOST = """
[...document.querySelectorAll("textarea:not([readonly]):not([hidden])")]
  .filter((field) => !field.dataset.keep && !field.closest("form[data-keep-form]"))
  .map((field) => field.name)
"""


def faults(page: Page, width: int, language: str, typed: Collection[str]) -> list[object]:
    """Return what is wrong with a page: accessibility, width, mixed languages."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    spoken = page.evaluate("document.documentElement.lang")
    found: list[object] = [*violations(page), *foreign(page, language, typed)]
    found += [f"{each} is not kept" for each in page.evaluate(LOST) if each not in UNKEPT]
    if wide > width:
        found.append(f"{wide} px wide on {width}")
    if spoken != language:
        found.append(f"speaks {spoken}")
    return found


def typed_by_people(desk: Desk, actor: Actor, reference: str) -> list[str]:
    """Return what people typed about the sample's breach: it stands everywhere as it is."""
    with desk.transactions.reading(actor.organisation_id) as session:
        told = incidents.by_reference(session, reference)
        held = datamaps.current(session)
        words = (
            *told.summary.split("\n"),
            told.title,
            *(each.safeguard for each in held.processors if each.safeguard),
        )
        return [" ".join(each.split()) for each in words if each]


class TestEveryPage:
    def test_has_a_line(self, app: Flask, sample: Sample) -> None:
        assert set(pages(sample)) == looked_at(app)

    @pytest.mark.parametrize(("email", "scheme", "width"), WAYS)
    def test_is_fit_for_everybody(
        self,
        chromium: Browser,
        served: Served,
        sample: Sample,
        email: str,
        scheme: str,
        width: int,
        desk: Desk,
        actor: Actor,
    ) -> None:
        typed = typed_by_people(desk, actor, served.reference)
        context = chromium.new_context(
            base_url=served.address,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        sign_in(page, served, email)
        language = "fr" if email == FRENCH.email else "en"
        wrong = {}
        for endpoint, path in pages(sample).items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            found = faults(page, width, language, typed)
            if found:
                wrong[endpoint] = found
        context.close()
        assert wrong == {}, pformat(wrong)
        assert complaints == []
