"""Each customer is alerted of its own people, once, and of nobody else's (Art. 33(2))."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as sending
from breachdesk.delivery import queries as ledger
from breachdesk.delivery.terms import Report
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law
from breachdesk.notices import commands
from breachdesk.notices.models import CustomerBook
from breachdesk.notices.queries import NoticeRow
from breachdesk.notices.terms import CUSTOMERS, Addressee
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.terms import Group, Ring
from conftest import someone
from fakes import NotedMailer, read

Draft = Callable[..., NoticeRow]
Measure = Callable[..., None]
NAMED = (
    Addressee("org_1", "Société Un", "dpo@un.example", "fr"),
    Addressee("org_2", "Two Ltd", "privacy@two.example", "en"),
    Addressee("org_9", "Not concerned", "dpo@nine.example", "fr"),
)


@pytest.fixture
def alert(
    transactions: Transactions, actor: Actor, law: Law, ready: Incident, draft: Draft
) -> Callable[[NotedMailer], Report]:
    """Return what alerts the customers named of these people."""

    def run(mailer: NotedMailer) -> Report:
        notice = draft(obligation=CUSTOMERS)
        for number in (3, 4):
            with transactions.open(someone(f"Member {number}", number)) as tx:
                commands.approve(tx, notice, law)
        with transactions.open(actor) as tx:
            commands.name_customers(tx, ready, NAMED)
            scope = scopes.version(tx.session, ready.id, notice.scope_version)
            readers = delivery.customers_to_tell(tx, ready, notice, scope)
            campaign = delivery.freeze(tx, ready, notice, readers, law)
            delivery.start(tx, campaign)
        sending.send_waiting(transactions, mailer, actor, ready.id)
        with transactions.reading(actor.organisation_id) as session:
            return ledger.report(session, ready.id, f"{CUSTOMERS}/first")

    return run


class TestCustomerAlerts:
    def test_tell_each_customer_its_own_numbers_in_its_own_language(
        self, alert: Callable[[NotedMailer], Report]
    ) -> None:
        mailer = NotedMailer()

        alert(mailer)

        texts = {}
        for address, content in mailer.messages:
            body = read(content).get_body(("plain",))
            assert body is not None
            texts[address] = body.get_content()
        assert set(texts) == {"dpo@un.example", "privacy@two.example"}
        assert "Société Un" in texts["dpo@un.example"]
        assert "Personnes concernées : 7\n" in texts["dpo@un.example"].replace("\xa0", " ")
        assert "People concerned: 41\n" in texts["privacy@two.example"]
        assert "Two Ltd" not in texts["dpo@un.example"]
        assert "Société Un" not in texts["privacy@two.example"]
        assert "72" in texts["privacy@two.example"]

    def test_name_a_customers_own_categories_and_hours_and_no_others(
        self, alert: Callable[[NotedMailer], Report]
    ) -> None:
        """Somebody of theirs may have an account with us: those data are not the customer's."""
        mailer = NotedMailer()

        alert(mailer)

        said = {}
        for address, content in mailer.messages:
            body = read(content).get_body(("plain",))
            assert body is not None
            text = body.get_content().replace("\xa0", " ")
            [said[address]] = [
                [line for line in part.splitlines() if line.startswith("- ")]
                for part in text.split("\n\n\n")
                if part.startswith(("VOS DONNÉES", "YOUR DATA"))
            ]
        assert said["dpo@un.example"] == [
            "- Personnes concernées : 7",
            "- Types de données : Conversations professionnelles transmises au CRM",
            "- Premier accès relevé : 20 novembre 2026 à 10 h 00 (heure de Paris)",
            "- Dernier accès relevé : 20 novembre 2026 à 10 h 00 (heure de Paris)",
        ]
        assert said["privacy@two.example"][1] == (
            "- Types of data: Business conversations passed on to the CRM; "
            "Key that connects your account to your company’s CRM"
        )

    def test_are_written_when_we_tell_all_their_people_something_ourselves(
        self, alert: Callable[[NotedMailer], Report], measure: Measure
    ) -> None:
        """They have an account with us too, and so are in no group held as a processor."""
        ours = Group(Ring.PROVEN, "fr", "controller", "passage", ("messages_content",), 49)
        measure((ours,), "sha256:2")

        report = alert(NotedMailer())

        assert (report.people, report.accepted) == (4, 2)

    def test_are_not_written_from_a_scope_that_did_not_count_their_own(
        self,
        transactions: Transactions,
        actor: Actor,
        ready: Incident,
        draft: Draft,
    ) -> None:
        notice = draft(obligation=CUSTOMERS)

        with transactions.open(actor) as tx:
            scope = scopes.version(tx.session, ready.id, notice.scope_version)
            earlier = {k: v for k, v in scope.counts.items() if k != "without_customer"}
            with pytest.raises(Refused, match="measure again"):
                delivery.customers_to_tell(tx, ready, notice, replace(scope, counts=earlier))

    def test_account_for_customers_without_an_address_and_people_without_a_customer(
        self, alert: Callable[[NotedMailer], Report]
    ) -> None:
        report = alert(NotedMailer())

        assert (report.people, report.accepted, report.not_informed) == (4, 2, 2)
        assert report.reasons == {"no_address": 2}

    def test_keep_no_address_in_clear(
        self, alert: Callable[[NotedMailer], Report], transactions: Transactions, actor: Actor
    ) -> None:
        alert(NotedMailer())

        with transactions.reading(actor.organisation_id) as session:
            book = session.scalars(select(CustomerBook)).one()
        assert b"un.example" not in book.sealed
        assert book.customers == 3
