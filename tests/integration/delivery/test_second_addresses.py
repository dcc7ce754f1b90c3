"""Whom a first address did not reach is written to at a second, once, and counted once."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.models import Campaign
from breachdesk.delivery.terms import Channel, EventKind, Report, Word
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused
from breachdesk.law.reading import read_packs
from breachdesk.notices.models import Notice
from breachdesk.scoping.terms import Person
from conftest import NOW
from fakes import NotedMailer, addresses, persons

LAW = read_packs(None)
Second = Callable[..., Campaign]


@pytest.fixture
def mailer() -> NotedMailer:
    return NotedMailer()


@pytest.fixture
def send(
    transactions: Transactions,
    actor: Actor,
    incident: Incident,
    notice: Notice,
    mailer: NotedMailer,
) -> Second:
    """Return what freezes people at their first or second addresses and sends it."""

    def run(people: Iterable[Person], **how: object) -> Campaign:
        with transactions.open(actor) as tx:
            campaign = commands.freeze(tx, incident, notice, people, LAW, **how)  # type: ignore[arg-type]  # as given
            commands.start(tx, campaign)
        errands.send_waiting(transactions, mailer, actor)
        return campaign

    return run


@pytest.fixture
def come_back(transactions: Transactions) -> Callable[..., None]:
    """Return what reports messages, by number, as not delivered."""

    def run(campaign: Campaign, *numbers: int) -> None:
        words = [
            Word(
                f"{campaign.name}/{n}",
                EventKind.BOUNCED,
                NOW,
                campaign=campaign.name,
                message=n,
            )
            for n in numbers
        ]
        errands.hear(transactions, "carrier", words)

    return run


def people() -> list[Person]:
    """Return five people: of the first three, two have a second address."""
    one, two, *rest = persons(5)
    return [
        replace(one, second_email="one@home.example"),
        replace(two, second_email="two@home.example"),
        *rest,
    ]


class TestSecondAddresses:
    def test_are_written_to_where_the_first_did_not_work_and_the_sums_close(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        send: Second,
        come_back: Callable[..., None],
        mailer: NotedMailer,
        report: Callable[[], Report],
    ) -> None:
        first = send(people())
        come_back(first, 1, 3)
        mailer.chunks.clear()

        second = send(people(), second={})

        found = report()
        assert list(addresses(mailer)) == ["one@home.example"]
        assert (found.people, found.accepted, found.bounced, found.whole) == (5, 4, 1, True)
        assert found.second_address == {"accepted": 1}
        assert [each["channel"] for each in found.campaigns] == ["email", "second_address"]
        with transactions.open(actor) as tx:
            earlier, later = commands.prove(tx, incident, "usr_000000").letters
        assert (earlier.campaign, earlier.standing) == (first.name, "bounced")
        assert (later.campaign, later.standing) == (second.name, "accepted")
        assert later.informed_by == "second_address"
        assert (len(earlier.attempts), len(later.attempts)) == (1, 1)

    def test_are_tried_once_and_the_first_is_never_tried_again(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        send: Second,
        come_back: Callable[..., None],
        mailer: NotedMailer,
        report: Callable[[], Report],
    ) -> None:
        come_back(send(people()), 1)
        come_back(send(people(), second={}), 1)
        mailer.chunks.clear()

        with pytest.raises(Refused, match="nobody has a second address"):
            send(people(), second={})
        with pytest.raises(Refused, match="all 5 people"):
            send(people())

        assert not mailer.chunks
        assert report().second_address == {"bounced": 1}
        ways = (Channel.SECOND_ADDRESS, Channel.LETTER)
        with transactions.reading(actor.organisation_id) as session:
            [left] = queries.elsewhere(
                session, transactions.vault, incident.id, [("usr_000000", ways)]
            )
        assert left.channel is Channel.LETTER

    def test_of_a_mailbox_that_had_the_letter_and_of_whom_another_way_reached_are_left(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        send: Second,
        come_back: Callable[..., None],
        mailer: NotedMailer,
    ) -> None:
        one, two, three, *rest = people()
        listed = [
            replace(one, second_email=str(three.email).upper()),  # the letter is there already
            two,
            replace(three, second_email="three@home.example"),
            *rest,
        ]
        come_back(send(listed), 1, 2, 4)
        with transactions.open(actor) as tx:
            commands.tell_otherwise(
                tx, incident, [two.person_key], Channel.PHONE, NOW, "call list"
            )
        mailer.chunks.clear()

        send(listed, second={rest[0].person_key: "four@home.example"})

        assert list(addresses(mailer)) == ["four@home.example"]
