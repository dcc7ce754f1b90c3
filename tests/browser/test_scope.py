"""A measure in a browser: files brought, the question confirmed, progress that moves."""

from pathlib import Path

from playwright.sync_api import Page, expect

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.jobs import timetable
from served import Served, sign_in
from web_face import FRENCH

SAMPLE = Path(__file__).parents[2] / "samples" / "leadjet"


class TestMeasure:
    def test_moves_without_a_reload(
        self, page: Page, served: Served, desk: Desk, actor: Actor
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/scope/ask")
        page.set_input_files(
            "#upload", [*sorted((SAMPLE / "logs").iterdir()), SAMPLE / "accounts.csv"]
        )
        page.get_by_role("button", name="Déposer").click()
        expect(page.locator("#files li")).to_have_count(8)
        blocks = page.locator("#blocks").input_value()
        assert blocks.count("[[evidence]]") == blocks.count("[[directory]]") == 1

        page.fill("#token", "tok_5f2c9a71")
        page.get_by_role("button", name="Mesurer", exact=True).click()
        expect(page.locator("#measures")).to_contain_text("en attente")
        assert timetable.measure(desk, actor, lambda: False) == 1
        expect(page.locator("#measures")).to_contain_text("mesurée")

        page.get_by_role("link", name="version 2").click()
        drawing = page.locator("#touches svg[role=img]").first
        expect(drawing.locator("desc")).to_contain_text("lignes dans la fenêtre")
        page.get_by_text("Les chiffres en tableau").click()
        expect(page.locator("#touches tbody tr").first).to_be_visible()
        page.get_by_role("button", name="Comparer").click()
        expect(page.locator("#comparison")).to_contain_text("dont déjà informées")
