"""The desk in a browser: every page, in both languages, light and dark, wide and narrow."""

from playwright.sync_api import Page, expect

from served import Served, sign_in
from web_face import ENGLISH, FRENCH


class TestDesk:
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

    def test_begins_at_its_content_for_whoever_skips_there(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")

        page.goto("/log")
        page.fill("#title", "")
        page.click("main button.btn-primary")
        expect(page.locator("[role=alert]")).to_be_focused()
