"""Each customer is alerted of its own people, once, and of nobody else's (Art. 33(2))."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as sending
from breachdesk.delivery import queries as ledger
from breachdesk.delivery.terms import Report
from breachdesk.incidents.models import Incident
from breachdesk.law.terms import Law
from breachdesk.notices import commands
from breachdesk.notices.models import CustomerBook
from breachdesk.notices.queries import NoticeRow
from breachdesk.notices.terms import CUSTOMERS, Addressee
from breachdesk.scoping.terms import Person
from conftest import NOW, someone
from fakes import NotedMailer, read

Draft = Callable[..., NoticeRow]
NAMED = (
    Addressee("org_1", "Société Un", "dpo@un.example", "fr"),
    Addressee("org_2", "Two Ltd", "privacy@two.example", "en"),
    Addressee("org_9", "Not concerned", "dpo@nine.example", "fr"),
)


def person(number: int, customer: str | None) -> Person:
    categories = ("messages_content",)
    return Person(
        f"p{number}", None, "fr", None, customer, ("passage",), "processor", categories,
        NOW, NOW, 1, (),
    )  # fmt: skip


PEOPLE = [
    *(person(n, "org_1") for n in range(1, 8)),
    *(person(n, "org_2") for n in range(100, 141)),
    person(500, "org_3"),
    person(501, None),
]


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
            readers = delivery.customers_to_tell(tx, ready, notice, PEOPLE)
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
