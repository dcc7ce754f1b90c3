"""The desk in a browser: every page, in both languages, light and dark, wide and narrow."""

import re

from playwright.sync_api import Page, expect

from served import Served, sign_in
from web_face import ENGLISH, FRENCH


class TestJourney:
    def test_leads_from_the_door_to_the_filing(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        expect(page.locator("h1")).to_have_text("Tableau de bord")

        page.click("ul.board a")
        expect(page.locator("#deadlines .span").first).to_contain_text("reste")

        page.click("#notices h3 a")
        message = page.frame_locator("iframe.message").first
        expect(message.locator("h1")).to_be_visible()
        page.get_by_role("button", name=re.compile("Approuver")).click()
        expect(page.locator("main")).to_contain_text("Un autre membre doit le faire.")

        page.goto(f"/incidents/{served.reference}/filings/cnil-2023")
        expect(page.locator(".form-section")).to_have_count(14)

    def test_ticks_a_task(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}")
        page.locator("#tasks").get_by_role("button", name=re.compile("^Cocher")).first.click()

        expect(page.locator("#tasks")).to_contain_text("1 sur")

    def test_copies_a_field(self, page: Page, served: Served) -> None:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/filings/cnil-2023")
        row = page.locator('[id="organisation.name"], .form-row:has-text("Dénomination")').first
        row.get_by_role("button").click()

        expect(row.get_by_role("button")).to_have_text("Copié")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == row.locator(".text").text_content()

    def test_counts_down_without_asking_the_server(self, page: Page, served: Served) -> None:
        sign_in(page, served, ENGLISH.email)
        page.clock.install()
        page.goto(f"/incidents/{served.reference}")
        first = page.locator("#deadlines .span").first
        before = first.text_content()
        page.clock.run_for(61_000)

        expect(first).not_to_have_text(before or "")

    def test_is_reached_by_keyboard_alone(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.closest('main') !== null")
        assert focused
