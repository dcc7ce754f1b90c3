"""What follows the first notice: to people found late, and to those who were told."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as sending
from breachdesk.delivery import queries as ledger
from breachdesk.delivery.terms import Channel, EventKind, Reader, Report, Word
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law
from breachdesk.notices import commands, queries
from breachdesk.notices.queries import NobodyTold, NoticeRow
from breachdesk.notices.terms import FOLLOW_UP, LATE, PEOPLE, Words
from conftest import NOW, someone
from fakes import NotedMailer, addresses

Draft = Callable[..., NoticeRow]
KIND = ("identification_contact",)
NEWS = {
    "fr": Words("Une clé a été perdue.", news="Deux autres bases ont été lues."),
    "en": Words("A key was lost.", news="Two more stores were read."),
}


def reader(key: str) -> Reader:
    return Reader(key, f"{key}@example.org", "fr", "controller", KIND)


@pytest.fixture
def tell(
    transactions: Transactions, actor: Actor, law: Law, ready: Incident
) -> Callable[..., Report]:
    """Return what approves a notice by two, sends it to these keys, and reports its letter."""

    def run(notice: NoticeRow, *keys: str) -> Report:
        for number in (3, 4):
            with transactions.open(someone(f"Member {number}", number)) as tx:
                commands.approve(tx, notice, law)
        with transactions.open(actor) as tx:
            campaign = delivery.freeze(tx, ready, notice, map(reader, keys), law)
            delivery.start(tx, campaign)
            letter = campaign.letter
        sending.send_waiting(transactions, NotedMailer(), actor, ready.id)
        with transactions.reading(actor.organisation_id) as session:
            return ledger.report(session, ready.id, letter)

    return run


class TestLaterNotices:
    @pytest.mark.parametrize("kind", [LATE, FOLLOW_UP])
    def test_wait_until_somebody_was_told(self, draft: Draft, kind: str) -> None:
        draft()

        with pytest.raises(NobodyTold, match="comes after the first"):
            draft(kind=kind)

    def test_people_found_late_join_the_first_letter_and_nobody_has_both(
        self, draft: Draft, tell: Callable[..., Report]
    ) -> None:
        tell(draft(), "a", "b")

        report = tell(draft(kind=LATE), "a", "b", "c")

        assert (report.people, report.accepted) == (3, 3)
        assert [each["people"] for each in report.campaigns] == [2, 1]

    def test_a_follow_up_reaches_only_those_who_were_told(
        self, draft: Draft, tell: Callable[..., Report]
    ) -> None:
        tell(draft(), "a", "b")

        report = tell(draft(kind=FOLLOW_UP, words=NEWS), "a", "b", "stranger")

        assert (report.people, report.accepted) == (2, 2)

    def test_a_follow_up_goes_to_the_address_at_which_the_first_came(
        self,
        transactions: Transactions,
        actor: Actor,
        law: Law,
        ready: Incident,
        draft: Draft,
        tell: Callable[..., Report],
    ) -> None:
        first, mailer = draft(), NotedMailer()
        tell(first, "a", "b")
        with transactions.reading(actor.organisation_id) as session:
            [campaign] = ledger.campaigns_of(session, ready.id)
        for name, number in (("a", 1), ("b", 2)):
            word = Word(name, EventKind.BOUNCED, NOW, campaign=campaign.name, message=number)
            sending.hear(transactions, "carrier", [word])
        listed = [replace(reader(each), second=f"{each}@home.example") for each in ("a", "b")]
        listed[1] = replace(listed[1], second=None)
        with transactions.open(actor) as tx:
            delivery.start(tx, delivery.freeze(tx, ready, first, listed, law, second={}))
        sending.send_waiting(transactions, NotedMailer(), actor, ready.id)
        follow_up = draft(kind=FOLLOW_UP, words=NEWS)
        for number in (3, 4):
            with transactions.open(someone(f"Member {number}", number)) as tx:
                commands.approve(tx, follow_up, law)

        with transactions.open(actor) as tx:
            delivery.start(tx, delivery.freeze(tx, ready, follow_up, listed, law))
        sending.send_waiting(transactions, mailer, actor, ready.id)

        assert list(addresses(mailer)) == ["a@home.example"]

    def test_a_follow_up_misses_nobody_who_was_told_by_another_way(
        self,
        transactions: Transactions,
        actor: Actor,
        ready: Incident,
        draft: Draft,
        tell: Callable[..., Report],
    ) -> None:
        """By post or by telephone: told is told, and an address that failed stays unwritten."""
        tell(draft(), "a", "b", "c")
        with transactions.reading(actor.organisation_id) as session:
            [campaign] = ledger.campaigns_of(session, ready.id)
        for name, number in (("b", 2), ("c", 3)):
            word = Word(name, EventKind.BOUNCED, NOW, campaign=campaign.name, message=number)
            sending.hear(transactions, "carrier", [word])
        with transactions.open(actor) as tx:
            delivery.tell_otherwise(tx, ready, ["b"], Channel.LETTER, NOW, "receipt 3")

        report = tell(draft(kind=FOLLOW_UP, words=NEWS), "a", "b", "c")

        assert (report.people, report.accepted) == (2, 1)
        assert report.reasons == {"unusable_address": 1}
        following = f"{PEOPLE}/{FOLLOW_UP}"
        with transactions.open(actor) as tx:
            left = ledger.elsewhere(
                tx.session, tx.vault, ready.id, [("b", (Channel.LETTER,))], following
            )
            assert [(each.person, each.channel) for each in left] == [("b", Channel.LETTER)]
            delivery.tell_otherwise(tx, ready, ["a"], Channel.PHONE, NOW, "a call back")
        with transactions.reading(actor.organisation_id) as session:
            assert ledger.report(session, ready.id).otherwise == {"letter": 1, "phone": 1}
            assert ledger.report(session, ready.id, following).otherwise == {"phone": 1}

    def test_a_call_is_for_the_letters_that_did_not_come(
        self,
        transactions: Transactions,
        actor: Actor,
        ready: Incident,
        draft: Draft,
        tell: Callable[..., Report],
    ) -> None:
        tell(draft(), "a")
        tell(draft(kind=FOLLOW_UP, words=NEWS), "a")
        with transactions.reading(actor.organisation_id) as session:
            follow_up = ledger.campaigns_of(session, ready.id)[-1]
        word = Word("a", EventKind.BOUNCED, NOW, campaign=follow_up.name, message=1)
        sending.hear(transactions, "carrier", [word])

        with transactions.open(actor) as tx:
            delivery.tell_otherwise(tx, ready, ["a"], Channel.PHONE, NOW, "a call")

        with transactions.reading(actor.organisation_id) as session:
            told = [
                ledger.report(session, ready.id, each).otherwise
                for each in (f"{PEOPLE}/first", f"{PEOPLE}/{FOLLOW_UP}")
            ]
        assert told == [{}, {"phone": 1}]

    def test_each_follow_up_is_a_letter_of_its_own(
        self, draft: Draft, tell: Callable[..., Report], transactions: Transactions
    ) -> None:
        tell(draft(), "a")
        tell(draft(kind=FOLLOW_UP, words=NEWS), "a")

        second = draft(kind=FOLLOW_UP, words=NEWS)
        report = tell(second, "a")

        assert second.kind == "follow_up_2"
        assert report.people == 1
        with transactions.reading(second.organisation_id) as session:
            latest = queries.latest(session, second.incident_id, kind=FOLLOW_UP)
            first = queries.latest(session, second.incident_id)
        assert latest is not None
        assert first is not None
        assert (latest.kind, first.kind) == ("follow_up_2", "first")

    def test_a_follow_up_without_news_is_not_approved(
        self, draft: Draft, tell: Callable[..., Report]
    ) -> None:
        tell(draft(), "a")

        with pytest.raises(Refused, match="lacks news"):
            tell(draft(kind=FOLLOW_UP), "a")
