"""What is typed survives a reload, a lost network, an ended session, and another's change."""

import re
from http import HTTPStatus

from playwright.sync_api import Page, Route, expect

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands, queries
from served import Served, sign_in
from web_face import FRENCH

TYPED = "Le jeton dormait dans un dépôt public. Personne ne l’a vu."


def state(field: str) -> str:
    return f"#{field} + .kept-state"


class TestWhatIsTyped:
    def test_is_there_again_after_a_reload_and_on_another_machine(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/correct")
        page.fill("#reason", TYPED)
        expect(page.locator(state("reason"))).to_have_text("Conservé.")
        page.evaluate("localStorage.clear()")  # another machine has nothing here
        page.reload()

        expect(page.locator("#reason")).to_have_value(TYPED)
        expect(page.locator(".kept-note")).to_be_visible()

    def test_outlives_a_lost_network_and_says_so(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/correct")
        page.context.set_offline(True)
        page.fill("#reason", TYPED)
        expect(page.locator(state("reason"))).to_contain_text("pas de réseau")
        expect(page.locator("#said")).to_contain_text("pas de réseau")
        page.context.set_offline(False)

        expect(page.locator(state("reason"))).to_have_text("Conservé.")

    def test_outlives_the_session(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/correct")
        page.context.clear_cookies()
        page.fill("#reason", TYPED)
        expect(page.locator(state("reason"))).to_contain_text("session est terminée")
        other = page.context.new_page()
        sign_in(other, served, FRENCH.email)
        other.goto(f"/incidents/{served.reference}/correct")

        expect(other.locator("#reason")).to_have_value(TYPED)

    def test_outlives_a_form_that_was_refused_and_left(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/correct")
        page.fill("#reason", TYPED)
        with page.expect_navigation() as refused:
            page.locator("main form[data-keep-form] button.btn-primary").first.click()
        assert refused.value is not None
        assert refused.value.status >= HTTPStatus.BAD_REQUEST
        page.goto("/")
        page.goto(f"/incidents/{served.reference}/correct")

        expect(page.locator("#reason")).to_have_value(TYPED)

    def test_is_gone_once_it_was_sent(self, page: Page, served: Served) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}")
        page.click("#timeline summary")
        page.fill("#entry-text", TYPED)
        page.get_by_role("button", name=re.compile("Ajouter")).click()
        expect(page.locator("#timeline")).to_contain_text(TYPED)
        page.reload()

        expect(page.locator("#entry-text")).to_have_value("")

    def test_is_gone_though_the_desk_has_not_heard_so_yet(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}")
        page.click("#timeline summary")
        page.fill("#entry-text", TYPED)
        expect(page.locator(state("entry-text"))).to_have_text("Conservé.")
        held: list[Route] = []

        def hang(asked: Route) -> None:
            held.append(asked)

        page.route("**/writing/drop", hang)
        page.get_by_role("button", name=re.compile("Ajouter")).click()
        expect(page.locator("#timeline")).to_contain_text(TYPED)
        page.wait_for_function("sessionStorage.length > 0")
        page.unroute("**/writing/drop")
        with page.expect_response("**/writing/drop"):
            page.reload()

        expect(page.locator("#entry-text")).to_have_value("")
        page.evaluate("sessionStorage.clear()")  # by now the desk itself holds nothing
        page.reload()
        expect(page.locator("#entry-text")).to_have_value("")

    def test_is_joined_with_what_another_wrote_meanwhile(
        self, page: Page, served: Served, transactions: Transactions, actor: Actor
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/correct")
        before = page.input_value("#summary")
        page.fill("#summary", f"{before} {TYPED}")
        with transactions.open(actor) as tx:
            incident = queries.by_reference(tx.session, served.reference)
            commands.correct(tx, incident, {"summary": f"Vu lundi. {before}"}, "Précisé.")
        page.reload()

        expect(page.locator("#summary")).to_have_value(f"Vu lundi. {before} {TYPED}")

    def test_is_shown_beside_what_another_wrote_in_the_same_place(
        self, page: Page, served: Served, transactions: Transactions, actor: Actor
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}/correct")
        page.fill("#summary", TYPED)
        with transactions.open(actor) as tx:
            incident = queries.by_reference(tx.session, served.reference)
            commands.correct(tx, incident, {"summary": "Tout autre chose."}, "Précisé.")
        page.reload()

        expect(page.locator("#summary")).to_have_value("Tout autre chose.")
        expect(page.locator(".kept-note textarea")).to_have_value(TYPED)
        page.get_by_role("button", name="Prendre le mien").click()
        expect(page.locator("#summary")).to_have_value(TYPED)
