"""Whole journeys at the desk: by two people, by keyboard alone, on a phone, without script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from served import Served, sign_in
from web_face import ENGLISH, FRENCH, deliver, draft_notice, first_notice, measure

TITLE = "Jeton volé : accès à l’API"


def next_step(page: Page) -> str:
    return page.locator(".next-step a").inner_text()


def log(page: Page) -> str:
    """Log a breach in the form; return its reference."""
    page.goto("/log")
    page.fill("#title", TITLE)
    page.check("input[name=touched][value=accounts]")
    page.fill("#summary", "Un jeton d’API traînait dans un dépôt.")
    page.click("main button.btn-primary")
    expect(page.locator("h1")).to_have_text(TITLE)
    return page.url.rpartition("/")[2]


def visitor(chromium: Browser, served: Served, email: str, **context: object) -> Page:
    """Return the page of another member, at a browser of their own."""
    opened = chromium.new_context(base_url=served.address, **context)  # type: ignore[arg-type]  # Playwright's own words
    page = opened.new_page()
    sign_in(page, served, email)
    return page


class TestTwoPeople:
    def test_handle_a_breach_from_the_log_to_the_register(
        self, page: Page, chromium: Browser, served: Served, desk: Desk, actor: Actor
    ) -> None:
        sign_in(page, served, FRENCH.email)
        reference = log(page)
        incident = f"/incidents/{reference}"
        assert next_step(page) == "Mesurer qui est touché"

        measure(desk, actor, reference)  # the desk's worker does, while one looks on
        page.reload()
        assert next_step(page) == "Apprécier et signer le risque"

        page.locator("#risk").get_by_role("button", name=re.compile("^Signer")).click()
        expect(page.locator(".next-step a")).to_have_text("Notifier l’autorité")

        page.goto(f"{incident}/measure")
        page.fill("#text_fr", "Le jeton a été révoqué.")
        page.fill("#text_en", "The token was revoked.")
        page.click("main button.btn-primary")
        expect(page.locator("#measures")).to_contain_text("Le jeton a été révoqué.")
        draft_notice(desk, actor, reference)
        notice = first_notice(desk, actor, reference)
        for who, button in ((page, "Approuver"), (None, "Approve")):
            theirs = who or visitor(chromium, served, ENGLISH.email)
            theirs.goto(incident)
            theirs.locator(f"#notices a[href$='{notice}']").first.click()
            theirs.get_by_role("button", name=re.compile(button)).click()
            expect(theirs.get_by_role("button", name=re.compile(button))).to_have_count(0)

        deliver(desk, actor, reference)
        page.goto(incident)
        expect(page.locator(".journey")).to_contain_text("terminé")

        page.goto(f"{incident}/obligations/gdpr.34.people")
        told = page.locator("form[action$='/fulfil']")
        told.locator("textarea").fill("Rapport de remise, sans rebond.")
        told.locator("button").click()
        page.goto(f"{incident}/filings/cnil-2023")
        receipt = page.locator("form[action$='/receipt']").first
        receipt.locator("[name=number]").fill("VIOL-2026-1234")
        receipt.locator("button").click()
        page.goto(f"{incident}/close")
        page.fill("#lessons", "Les jetons expirent désormais en une heure.")
        page.fill("#left_open", "Les clients sont prévenus par leur contact.")
        page.click("main button.btn-primary")
        expect(page.locator("h1")).to_contain_text(TITLE)
        expect(page.locator("main")).to_contain_text("Les jetons expirent désormais")


class TestKeyboard:
    def test_logs_signs_ticks_and_finds_without_a_mouse(
        self, page: Page, served: Served
    ) -> None:
        page.goto("/sign-in")
        page.keyboard.type(FRENCH.email)
        page.keyboard.press("Tab")
        page.keyboard.type(served.passwords[FRENCH.email])
        page.keyboard.press("Enter")
        expect(page.locator(".top")).to_be_visible()

        page.goto("/log")
        page.keyboard.type(TITLE)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(TITLE)

        reach(page, "#risk button")
        page.keyboard.press("Enter")
        expect(page.locator("#risk")).to_contain_text("signé par Awa")

        page.goto("/")
        reach(page, "#q")
        page.keyboard.type("jeton vole api")
        expect(page.locator("ul.board li")).to_have_count(2)
        page.keyboard.type(" 0002")
        expect(page.locator("ul.board li")).to_have_count(1)
        reach(page, "ul.board a")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(TITLE)

    def test_always_shows_where_it_is(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}")
        for _ in range(30):
            page.keyboard.press("Tab")
            drawn = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()"
            )
            assert drawn, page.evaluate("document.activeElement.outerHTML")


class TestPhone:
    def test_logs_and_reads_a_breach_at_375_pixels(
        self, chromium: Browser, served: Served
    ) -> None:
        page = visitor(chromium, served, FRENCH.email, viewport={"width": 375, "height": 700})
        log(page)

        assert page.evaluate("document.documentElement.scrollWidth") == 375
        bar = page.locator(".deadline-bar .span")
        expect(bar).to_be_in_viewport()  # the next deadline is the first thing seen
        expect(bar).to_contain_text("reste")
        page.context.close()


class TestWithoutScript:
    def test_everything_can_be_read_and_filed(self, chromium: Browser, served: Served) -> None:
        page = visitor(chromium, served, ENGLISH.email, java_script_enabled=False)
        page.goto("/?q=jeton")
        expect(page.locator("ul.board li")).to_have_count(1)
        page.click("ul.board a")
        expect(page.locator("#risk")).to_contain_text("High risk")
        page.click("#delivery a")
        expect(page.locator("main")).to_contain_text("Nothing has been handed to delivery.")
        page.goto(f"/incidents/{served.reference}/sheet")
        expect(page.locator("#trail")).to_contain_text("incidents.log")
        page.goto("/datamap/edit")
        page.click("button[formaction$='/datamap/check']")
        expect(page.locator("#checked")).to_contain_text("Nothing would change.")
        page.context.close()


class TestNetwork:
    def test_that_is_cut_while_one_types_loses_nothing(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto("/log")
        page.fill("#title", TITLE)
        page.context.set_offline(True)
        page.fill("#summary", "Il est trois heures du matin.")
        page.context.set_offline(False)
        page.reload()
        expect(page.locator("#title")).to_have_value(TITLE)
        page.click("main button.btn-primary")

        expect(page.locator("main")).to_contain_text("Il est trois heures du matin.")


class TestParts:
    @pytest.mark.parametrize("name", ["notices", "delivery", "filings", "timeline", "trail"])
    def test_come_after_the_page_and_take_its_place(
        self, page: Page, served: Served, name: str
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}")

        expect(page.locator(f"#{name}[hx-get]")).to_have_count(0)
        expect(page.locator(f"#{name} h2")).to_be_visible()


def reach(page: Page, wanted: str) -> None:
    """Go on by Tab until the focus is on what is wanted."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached by keyboard")
