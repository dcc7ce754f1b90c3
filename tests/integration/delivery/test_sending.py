"""Chunks are sent once, whatever the mailer answers and whoever dies, on both databases."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, select

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.models import Campaign, Chunk
from breachdesk.delivery.terms import (
    Report,
    Result,
    Standing,
)
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused
from conftest import FixedClock
from fakes import ChoosyMailer, FaultyMailer, NotedMailer, addresses, readers

LEASE = timedelta(seconds=90)
Freeze = Callable[..., UUID]


class TestSendWaiting:
    def test_informs_everyone_once_and_finishes(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(2500))
        mailer = NotedMailer()

        informed = errands.send_waiting(transactions, mailer, actor)

        told = report()
        assert informed == told.people == told.accepted == told.messages == 2500
        assert told.chunks == {"accepted": 4}
        assert told.whole
        assert sorted(addresses(mailer)) == sorted(str(each.address) for each in readers(2500))
        assert report().campaigns[0]["state"] == "finished"

    def test_waits_after_a_refused_connection_and_then_goes_on(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(10))
        mailer = FaultyMailer([(Result.RETRY, False)] * 4)

        errands.send_waiting(transactions, mailer, actor)
        waiting = report()
        clock.pass_time(timedelta(seconds=1))
        errands.send_waiting(transactions, mailer, actor)

        assert (waiting.not_informed, waiting.reasons) == (10, {"waiting": 10})
        assert report().accepted == 10
        assert len(mailer.messages) == 10

    def test_halves_what_is_refused_until_the_cause_stands_alone(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        people = readers(400)[::4]
        freeze(people)
        mailer = ChoosyMailer(frozenset({"person40@example.org"}))

        errands.send_waiting(transactions, mailer, actor)

        told = report()
        assert (told.accepted, told.not_informed, told.whole) == (99, 1, True)
        assert told.reasons == {"rejected": 1}
        assert "person40@example.org" not in set(addresses(mailer))
        assert Counter(addresses(mailer)).most_common(1)[0][1] == 1
        assert len(mailer.sizes) <= 15

    def test_pauses_the_campaign_when_blocked_and_goes_on_when_resumed(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        campaign_id = freeze(readers(10))
        mailer = FaultyMailer([(Result.BLOCKED, False)])

        errands.send_waiting(transactions, mailer, actor)
        assert report().campaigns[0]["state"] == "paused"
        assert set(report().reasons) == {"blocked", "waiting"}
        with transactions.open(actor) as tx:
            commands.resume(tx, tx.session.get_one(Campaign, campaign_id))
        errands.send_waiting(transactions, mailer, actor)

        assert report().accepted == 10

    def test_keeps_at_most_four_times_what_becomes_of_a_chunk(
        self, engine: Engine, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        freeze(readers(400))
        kept: list[object] = []
        note = kept.append
        event.listen(engine, "commit", note)

        errands.send_waiting(transactions, NotedMailer(), actor)

        event.remove(engine, "commit", note)
        with transactions.reading(actor.organisation_id) as session:
            chunks = len(session.scalars(select(Chunk.id)).all())
        assert 0 < len(kept) <= 4 * chunks

    def test_claims_of_the_campaign_that_is_held_and_no_other(
        self, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        freeze(readers(1))
        later = freeze(readers(1, start=1))
        with transactions.open(actor) as tx:
            assert commands.claim(tx, "me", LEASE, campaign_id=later).campaign_id == later
            with pytest.raises(commands.NothingWaits):
                commands.claim(tx, "me", LEASE, campaign_id=later)
            assert commands.claim(tx, "me", LEASE).campaign_id != later

    def test_claims_nothing_of_a_paused_campaign(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        campaign_id, mailer = freeze(readers(10)), NotedMailer()
        with transactions.open(actor) as tx:
            commands.pause(tx, tx.session.get_one(Campaign, campaign_id), "a typo")

        assert errands.send_waiting(transactions, mailer, actor) == 0
        assert not mailer.messages
        assert report().campaigns[0]["why"] == "a typo"

    def test_gives_back_what_was_claimed_before_the_pause(
        self, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        campaign_id = freeze(readers(1))
        with transactions.open(actor) as tx:
            chunk = commands.claim(tx, "me", LEASE)
        with transactions.open(actor) as tx:
            commands.pause(tx, tx.session.get_one(Campaign, campaign_id))

        with transactions.open(actor) as tx:
            assert commands.begin(tx, chunk.id, "me", LEASE, "noted") is None
        with transactions.reading(actor.organisation_id) as session:
            assert session.get_one(Chunk, chunk.id).state == "ready"

    def test_pauses_the_campaign_whose_people_were_purged(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(10))
        mailer = NotedMailer()
        transactions.vault.destroy_key(incident.id)

        assert errands.send_waiting(transactions, mailer, actor) == 0
        assert not mailer.messages
        assert report().campaigns[0]["state"] == "paused"
        assert "was purged" in report().campaigns[0]["why"]
        assert report().not_informed == 10


class TestCancel:
    def test_keeps_who_was_informed_apart_from_who_was_not(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        campaign_id = freeze(readers(10))
        mailer = FaultyMailer([(Result.ACCEPTED, True), (Result.BLOCKED, False)])
        errands.send_waiting(transactions, mailer, actor)

        with transactions.open(actor) as tx:
            commands.cancel(tx, tx.session.get_one(Campaign, campaign_id), "enough")

        told = report()
        informed = len(mailer.messages)
        assert 0 < informed < 10
        assert (told.accepted, told.messages) == (informed, informed)
        assert told.reasons == {"cancelled": 10 - informed}

    def test_lets_those_who_were_not_informed_be_frozen_again_and_no_others(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        campaign_id = freeze(readers(10))
        mailer = FaultyMailer([(Result.ACCEPTED, True), (Result.BLOCKED, False)])
        errands.send_waiting(transactions, mailer, actor)
        with transactions.open(actor) as tx:
            commands.cancel(tx, tx.session.get_one(Campaign, campaign_id))
        informed = len(mailer.messages)

        freeze(readers(12))
        errands.send_waiting(transactions, mailer, actor)

        told = report()
        assert (told.people, told.accepted, told.not_informed) == (12, 12, 0)
        assert [each["people"] for each in told.campaigns] == [10, 12 - informed]
        assert Counter(Counter(addresses(mailer)).values()) == {1: 12}

    def test_refuses_what_is_over(
        self, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        campaign_id = freeze([])
        refused = pytest.raises(Refused, match="nothing of it can be called back")
        with refused, transactions.open(actor) as tx:
            commands.cancel(tx, tx.session.get_one(Campaign, campaign_id))


class TestStandings:
    def test_answers_for_one_person_by_key(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        freeze: Freeze,
    ) -> None:
        freeze(readers(2), usr_000001="told by telephone")
        errands.send_waiting(transactions, NotedMailer(), actor)
        asked = ["usr_000000", "usr_000001", "usr_999999"]

        with transactions.reading(actor.organisation_id) as session:
            found = dict(queries.standings(session, transactions.vault, incident.id, asked))

        assert found == {
            "usr_000000": Standing.ACCEPTED,
            "usr_000001": Standing.NOT_INFORMED,
            "usr_999999": None,
        }
