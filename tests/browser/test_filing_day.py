"""The filing day: the keyboard alone, a session that ends and begins again, and a reload."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from breachdesk.access.terms import MemberDraft
from conftest import FixedClock
from served import Served, sign_in
from web_face import ENGLISH, FRENCH

SIREN, NAME = "controller.siren", "controller.legal_name"
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
"""As in a browser that is served by plain http from another machine."""
TYPED = "Journalisation des accès. Mots de passe hachés."


def row(page: Page, code: str) -> Locator:
    return page.locator(f'[id="{code}"]')


def tick(page: Page, code: str) -> Locator:
    return row(page, code).locator("input[name=copied]")


def begin(page: Page, served: Served) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, served, FRENCH.email)
    page.goto(f"/incidents/{served.reference}/filings/cnil-2023")


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


class TestFilingDay:
    def test_goes_from_field_to_field_by_the_keyboard_alone(
        self, page: Page, served: Served
    ) -> None:
        begin(page, served)
        row(page, SIREN).locator("[data-copy]").focus()
        with page.expect_response("**/tick"):
            page.keyboard.press("Enter")
        expect(tick(page, SIREN)).to_be_checked()
        expect(row(page, NAME).locator("[data-copy]")).to_be_focused()
        with page.expect_response("**/tick"):
            page.keyboard.press("Enter")
        expect(tick(page, NAME)).to_be_checked()
        expect(page.locator("#ticked")).to_contain_text("2 /")
        assert copied(page) == row(page, NAME).locator(".text").inner_text()
        page.reload()

        expect(tick(page, SIREN)).to_be_checked()
        expect(tick(page, NAME)).to_be_checked()

    @pytest.mark.parametrize("member", [FRENCH, ENGLISH], ids=["fr", "en"])
    def test_ticks_nothing_that_the_browser_did_not_copy(
        self, page: Page, served: Served, member: MemberDraft
    ) -> None:
        page.add_init_script(NO_CLIPBOARD)
        sign_in(page, served, member.email)
        page.goto(f"/incidents/{served.reference}/filings/cnil-2023")
        shown, button = (
            row(page, SIREN).locator(".text"),
            row(page, SIREN).locator("[data-copy]"),
        )
        button.focus()
        page.keyboard.press("Enter")

        expect(button).to_contain_text("Ctrl+C")
        expect(page.locator("#said")).to_contain_text("Ctrl+C")
        expect(tick(page, SIREN)).not_to_be_checked()
        assert page.evaluate("getSelection().toString()") == shown.inner_text()
        page.keyboard.press("Control+c")
        expect(tick(page, SIREN)).to_be_checked()
        expect(row(page, NAME).locator("[data-copy]")).to_be_focused()

    def test_keeps_a_tick_made_after_the_session_ended(
        self, page: Page, served: Served, clock: FixedClock
    ) -> None:
        begin(page, served)
        clock.pass_time(timedelta(days=2))
        row(page, SIREN).locator("[data-copy]").focus()
        page.keyboard.press("Enter")
        expect(tick(page, SIREN)).to_be_checked()
        expect(row(page, SIREN).locator("[data-state]")).to_contain_text("session est terminée")
        row(page, "measures.before").locator("summary").press("Enter")
        page.fill("#told-measures-before", TYPED)
        other = page.context.new_page()
        sign_in(other, served, FRENCH.email)
        other.close()
        page.bring_to_front()
        page.evaluate("window.dispatchEvent(new Event('focus'))")  # as a window that comes back

        expect(row(page, SIREN).locator("[data-state]")).to_have_text("")
        page.keyboard.press("Tab")
        page.reload()
        expect(tick(page, SIREN)).to_be_checked()
        row(page, "measures.before").locator("summary").press("Enter")
        expect(page.locator("#told-measures-before")).to_have_value(TYPED)

    def test_lasts_where_no_network_is(self, page: Page, served: Served) -> None:
        begin(page, served)
        page.context.set_offline(True)
        row(page, SIREN).locator("[data-copy]").focus()
        page.keyboard.press("Enter")
        expect(row(page, SIREN).locator("[data-state]")).to_contain_text("pas de réseau")
        page.context.set_offline(False)

        expect(row(page, SIREN).locator("[data-state]")).to_have_text("")
        page.reload()
        expect(tick(page, SIREN)).to_be_checked()
