"""What nobody knows the outcome of is resolved, never simply repeated."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.commands.moving import close
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.terms import (
    ChunkState,
    Decision,
    Finding,
    Outcome,
    Parcel,
    Report,
    Result,
    Ticket,
)
from breachdesk.incidents.models import Incident
from conftest import FixedClock
from fakes import FaultyMailer, NotedMailer, addresses, readers

LEASE = timedelta(seconds=90)
Freeze = Callable[..., UUID]
Depart = Callable[..., Parcel]


class TestSendAll:
    def test_waits_for_a_dead_sender_to_be_overdue_and_no_longer(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        clock: FixedClock,
        freeze: Freeze,
        depart: Depart,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(10))
        mailer = NotedMailer()
        depart("the dead", lease=timedelta(seconds=12))
        waits: list[float] = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            clock.pass_time(timedelta(seconds=seconds))

        errands.send_all(transactions, mailer, actor, incident.id, wait=wait)

        assert waits == [5, 5, 2]
        assert (report().accepted, len(mailer.messages)) == (10, 10)

    def test_does_not_wait_for_what_only_a_person_can_decide(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(1))
        mailer = FaultyMailer([(Result.UNKNOWN, False)])
        mailer.can_tell = False
        waits: list[float] = []

        errands.send_all(transactions, mailer, actor, incident.id, wait=waits.append)

        assert (waits, report().in_doubt) == ([], 1)


class TestSweep:
    @pytest.mark.parametrize("left", [True, False])
    def test_resolves_an_unknown_outcome_without_missing_or_doubling(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
        *,
        left: bool,
    ) -> None:
        freeze(readers(10))
        mailer = FaultyMailer([(Result.UNKNOWN, left)] * 4)

        errands.send_waiting(transactions, mailer, actor)
        assert (report().in_doubt, report().chunks) == (10, {"unknown": 4})
        assert errands.sweep(transactions, mailer, actor) == 4
        errands.send_waiting(transactions, mailer, actor)

        assert report().accepted == 10
        assert Counter(Counter(addresses(mailer)).values()) == {1: 10}

    @pytest.mark.parametrize("posted", [True, False])
    def test_takes_over_from_a_sender_that_died(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        depart: Depart,
        report: Callable[[], Report],
        *,
        posted: bool,
    ) -> None:
        freeze(readers(1))
        mailer, parcel = NotedMailer(), depart("the dead")
        if posted:
            mailer.post(parcel)

        assert errands.sweep(transactions, mailer, actor) == 0
        clock.pass_time(LEASE)
        assert errands.sweep(transactions, mailer, actor) == 1
        errands.send_waiting(transactions, mailer, actor)
        late = mailer.post(parcel)
        with transactions.open(actor) as tx:
            commands.settle(tx, parcel.slip.chunk, "the dead", parcel.slip.attempt, late)

        assert report().accepted == 1
        assert list(addresses(mailer)) == ["person0@example.org"]

    def test_gives_back_what_was_claimed_and_never_posted(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
    ) -> None:
        freeze(readers(1))
        with transactions.open(actor) as tx:
            chunk = commands.claim(tx, "the dead", LEASE)
        clock.pass_time(LEASE)

        errands.sweep(transactions, NotedMailer(), actor)

        with pytest.raises(commands.Lost), transactions.open(actor) as tx:
            commands.begin(tx, chunk.id, "the dead", LEASE, "noted")
        with transactions.reading(actor.organisation_id) as session:
            assert session.get_one(Chunk, chunk.id).state == "ready"

    def test_asks_a_person_after_a_day_without_evidence(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        clock: FixedClock,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        campaign_id = freeze(readers(4))
        mailer = FaultyMailer([(Result.UNKNOWN, True)])
        mailer.can_tell = False
        errands.send_waiting(transactions, mailer, actor)

        errands.sweep(transactions, mailer, actor)
        assert report().chunks["unknown"] == 1
        clock.pass_time(timedelta(hours=24))
        errands.sweep(transactions, mailer, actor)
        assert (report().in_doubt, report().chunks["doubt"]) == (1, 1)
        with transactions.reading(actor.organisation_id) as session:
            [doubtful] = queries.in_doubt(session, incident.id)
            assert doubtful.id == campaign_id

        with transactions.open(actor) as tx:
            campaign = tx.session.get_one(Campaign, campaign_id)
            commands.decide(tx, campaign, Decision.INFORMED, "two of them answered")
        assert (report().accepted, report().in_doubt) == (4, 0)
        assert report().campaigns[0]["state"] == "finished"


class TestSettle:
    def test_keeps_a_late_word_without_believing_it(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        depart: Depart,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(1))
        slip = depart("slow").slip
        clock.pass_time(LEASE)
        errands.sweep(transactions, NotedMailer(), actor)

        with transactions.open(actor) as tx:
            commands.settle(tx, slip.chunk, "slow", 1, Outcome(Result.ACCEPTED, "x"))

        assert report().chunks == {ChunkState.READY.value: 1}
        with transactions.reading(actor.organisation_id) as session:
            [attempt] = session.scalars(select(Attempt)).all()
            assert (attempt.result, attempt.ended_at) == ("absent", clock.now())

    def test_takes_no_word_of_an_attempt_that_was_never_noted(
        self, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        freeze(readers(1))

        with pytest.raises(NoResultFound), transactions.open(actor) as tx:
            close(tx, commands.claim(tx, "me", LEASE), "accepted", "202")

    def test_believes_nobody_but_the_sender_that_holds_the_chunk_now(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        depart: Depart,
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(1))
        chunk = depart("slow").slip.chunk
        clock.pass_time(LEASE)
        errands.sweep(transactions, NotedMailer(), actor)
        depart("quick")

        for owner, attempt in (("slow", 1), ("slow", 2), ("quick", 1)):
            with transactions.open(actor) as tx:
                commands.settle(tx, chunk, owner, attempt, Outcome(Result.ACCEPTED, "x"))
            assert report().chunks == {ChunkState.POSTING.value: 1}

        with transactions.open(actor) as tx:
            commands.settle(tx, chunk, "quick", 2, Outcome(Result.ACCEPTED, "x"))
        assert report().chunks == {ChunkState.ACCEPTED.value: 1}


class TestTicketsOut:
    def test_are_those_nobody_knows_the_end_of_and_those_called_back_of_one_house(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        depart: Depart,
    ) -> None:
        freeze(readers(12))
        until = clock.now() + timedelta(minutes=20)
        batches = [Ticket(name, until) for name in ("taken", "lost", "back", "travels")]
        taken, lost, back, _ = [depart("me", ticket=each).slip for each in batches]
        for slip, result in (
            (taken, Result.ACCEPTED),
            (lost, Result.UNKNOWN),
            (back, Result.UNKNOWN),
        ):
            with transactions.open(actor) as tx:
                commands.settle(tx, slip.chunk, "me", 1, Outcome(result))
        with transactions.open(actor) as tx:
            commands.resolve(tx, back.chunk, 1, Finding.ABSENT)

        def out(house: UUID, at: datetime) -> set[tuple[str, bool]]:
            with transactions.reading(house) as session:
                found = queries.tickets_out(session, at)
            return {(ticket.name, called_back) for ticket, called_back in found}

        expected = {("lost", False), ("back", True), ("travels", False)}
        assert out(actor.organisation_id, clock.now()) == expected
        assert out(actor.organisation_id, until + timedelta(minutes=9)) == expected
        assert out(actor.organisation_id, until + timedelta(minutes=10)) == set()
        assert out(UUID(int=9), clock.now()) == set()
