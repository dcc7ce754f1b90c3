"""A customer fetches the list of its own people, and nobody else fetches any."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.delivery import commands, errands
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused
from breachdesk.notices import commands as notices
from breachdesk.notices import errands as drafting
from breachdesk.notices import queries as notice_queries
from breachdesk.notices.terms import CUSTOMERS, Addressee, Order
from breachdesk.scoping import queries as scopes
from conftest import FixedClock, someone
from fakes import NotedMailer, read
from web_face import Visit, whole_breach

WORD = "ABCDE-FGHJK-MNPQR-STVWX"
Offer = Callable[[str], str]


@pytest.fixture
def mailer() -> NotedMailer:
    return NotedMailer()


@pytest.fixture
def people(desk: Desk, actor: Actor, mailer: NotedMailer) -> Counter[str]:
    """Alert every customer of the sample's breach; return how many people each has in it."""
    reference = whole_breach(desk, actor)
    transactions = desk.transactions
    with transactions.open(actor) as tx:
        incident = incidents.by_reference(tx.session, reference)
        scope = scopes.version(tx.session, incident.id, 1)
        counted = Counter(
            {
                key: rings["population"]
                for key, rings in scopes.customers_of(tx.session, scope.id).items()
            }
        )
    order = Order(incident.id, CUSTOMERS, "population", {}, ("en",))
    notice = drafting.draft(transactions, desk.renderer, actor, desk.law, desk.templates, order)
    for number in (3, 4):
        with transactions.open(someone(f"Member {number}", number)) as tx:
            notices.approve(tx, notice, desk.law)
    with transactions.open(actor) as tx:
        named = [
            Addressee(key, key, f"{key}@customers.example", "en") for key in sorted(counted)
        ]
        notices.name_customers(tx, incident, named)
        readers = commands.customers_to_tell(tx, incident, notice, scope)
        campaign = commands.freeze(tx, incident, notice, readers, desk.law)
        commands.publish(tx, campaign)
        commands.start(tx, campaign)
    errands.send_waiting(transactions, mailer, actor, incident.id)
    return counted


@pytest.fixture
def customer(people: Counter[str]) -> str:
    assert len(people) > 1
    return min(people)


@pytest.fixture
def offer(desk: Desk, actor: Actor, mailer: NotedMailer) -> Offer:
    """Return what offers a customer its list and returns the code of its alert."""

    def run(customer: str) -> str:
        with desk.transactions.open(actor) as tx:
            incident = incidents.board(tx.session)[0]
            notice = notice_queries.latest(tx.session, incident.id, CUSTOMERS)
            assert notice is not None
            commands.offer_list(tx, incident, notice, customer, WORD)
        [text] = [
            read(content).get_body(("plain",))
            for address, content in mailer.messages
            if address == f"{customer}@customers.example"
        ]
        assert text is not None
        found = re.search(r"code for this message: (\S+)", text.get_content())
        assert found is not None
        return found[1]

    return run


class TestLists:
    def test_hand_a_customer_its_own_people_alone(
        self, stranger: Visit, offer: Offer, customer: str, people: Counter[str]
    ) -> None:
        code = offer(customer)

        answer = stranger.post(
            "/lists/", {"code": code.lower(), "word": WORD.replace("-", " ")}
        )

        assert answer.mimetype == "text/csv"
        assert "attachment" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert len(rows) == people[customer]

    @pytest.mark.parametrize(
        ("code", "word"), [("K7M4-QD2X-9R3", WORD), (None, "WRONG"), ("", ""), (None, "")]
    )
    def test_answer_everything_else_alike(
        self, stranger: Visit, offer: Offer, customer: str, code: str | None, word: str
    ) -> None:
        given = offer(customer)

        answer = stranger.post(
            "/lists/", {"code": given if code is None else code, "word": word}
        )

        assert answer.mimetype == "text/html"
        assert "do not open a list" in answer.text or "n’ouvrent aucune liste" in answer.text

    def test_are_over_after_a_fortnight_and_once_another_is_offered(
        self, stranger: Visit, offer: Offer, customer: str, clock: FixedClock
    ) -> None:
        code = offer(customer)
        clock.pass_time(timedelta(days=15))

        answer = stranger.post("/lists/", {"code": code, "word": WORD})

        assert answer.mimetype == "text/html"

    def test_are_offered_to_alerted_customers_alone(
        self, offer: Offer, people: Counter[str]
    ) -> None:
        assert "org_unknown" not in people

        with pytest.raises(Refused, match="was not alerted"):
            offer("org_unknown")
