"""What others do is seen without a reload, and takes nothing from under anybody's hands."""

import re

from playwright.sync_api import Browser, Page, expect

from served import Served, sign_in
from web_face import ENGLISH, FRENCH

NOTE = "Je regarde les journaux."
POLL = 11_000
"""A little more than a part waits before it asks again, in milliseconds."""


def look(page: Page, served: Served, email: str) -> None:
    """Open the incident, at a browser whose clock stands until it is moved."""
    sign_in(page, served, email)
    page.clock.install()
    page.goto(f"/incidents/{served.reference}")
    page.wait_for_load_state("networkidle")


class TestTasks:
    def test_that_others_tick_are_seen_and_leave_one_typing(
        self, page: Page, chromium: Browser, served: Served
    ) -> None:
        look(page, served, FRENCH.email)
        tasks = page.locator("#tasks ol.tasks > li")
        count = tasks.count()
        tasks.nth(2).locator("summary").click()
        note = tasks.nth(2).locator("textarea")
        note.press_sequentially(NOTE)
        ben = chromium.new_context(base_url=served.address).new_page()
        look(ben, served, ENGLISH.email)
        ben.locator("#tasks").get_by_role("button", name=re.compile("^Tick:")).first.click()
        expect(ben.locator("#tasks header")).to_contain_text(f"1 of {count}")
        ben.wait_for_load_state("networkidle")
        about = ben.locator("#tasks ol.tasks > li").nth(3).locator("summary")
        about.click()
        open_task = about.get_attribute("id")

        page.clock.run_for(POLL)
        expect(page.locator("#said")).to_have_text(f"Tâches\N{NO-BREAK SPACE}: 1 sur {count}")
        expect(page.locator("#tasks header")).to_contain_text(f"1 sur {count}")
        expect(page.locator(".journey")).to_contain_text(f"1 sur {count}")
        expect(note).to_be_focused()
        expect(note).to_have_value(NOTE)
        page.get_by_role("button", name="Cocher avec cette note").and_(
            page.locator(":visible")
        ).click()
        expect(page.locator("#tasks header")).to_contain_text(f"2 sur {count}")

        ben.clock.run_for(POLL)
        expect(ben.locator("#tasks ol.tasks > li")).to_have_count(count - 2)
        expect(ben.locator(f"#{open_task}")).to_be_focused()
        expect(ben.locator("#tasks details[open] .detail")).to_be_visible()
        ben.context.close()
