"""Carriers that fail at random inform everybody once, and the report is their book."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import loopback_smtp
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.adapters.smtp_mailer import SmtpMailer, server
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.terms import Decision, Parcel, Report, Result, Ticket
from conftest import FixedClock
from fake_sendgrid import API_KEY, FakeSendGrid
from fakes import readers

LEASE = timedelta(seconds=90)
FAULTS = ("lost", "500 before", "500 after", "429", "hang before", "hang after", "reset", "503")
CAMPAIGNS, PEOPLE, SENDERS = 6, 20, 4
Freeze = Callable[..., UUID]


@pytest.fixture
def mailer(fake: FakeSendGrid, clock: FixedClock) -> Iterator[SendGridMailer]:
    with closing(SendGridMailer(Transport(fake.url, API_KEY), clock)) as made:
        yield made


@pytest.fixture
def hurried(fake: FakeSendGrid, clock: FixedClock) -> Iterator[SendGridMailer]:
    """A mailer that takes a carrier for lost soon: for carriers that are made to hang."""
    with closing(SendGridMailer(Transport(fake.url, API_KEY, read_seconds=0.2), clock)) as made:
        yield made


class Dies(Exception):
    """The sender is no more."""


class DyingMailer:
    """Hands parcels on, and dies before or after some of them, as a killed sender does."""

    name = "sendgrid"
    together = 1
    patience = SendGridMailer.patience

    def __init__(self, mailer: SendGridMailer, deaths: random.Random) -> None:
        self._mailer, self._deaths = mailer, deaths
        self.recall, self.prepare = mailer.recall, mailer.prepare
        self.has_room = mailer.has_room
        self.late: list[Parcel] = []

    def post(self, parcel: Parcel) -> object:
        point = self._deaths.choice(["before", "asleep", "after", *["never"] * 9])
        if point == "asleep":
            self.late.append(parcel)
        if point in {"before", "asleep"}:
            raise Dies
        outcome = self._mailer.post(parcel)
        if point == "after":
            raise Dies
        return outcome


class TestSendGrid:
    @pytest.mark.parametrize("seed", [11, 12, 13])
    def test_misses_nobody_and_doubles_nobody_whatever_fails(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        report: Callable[[], Report],
        fake: FakeSendGrid,
        hurried: SendGridMailer,
        seed: int,
    ) -> None:
        chance = random.Random(seed)  # noqa: S311  (a seed, to repeat a failure)
        for n in range(CAMPAIGNS):
            freeze(readers(PEOPLE, start=n * PEOPLE))
        fake.faults = [
            chance.choice(FAULTS) if chance.random() < 0.4 else "fine" for _ in range(60)
        ]
        fake.batch_faults = [500, 429]
        dying = DyingMailer(hurried, chance)

        for _ in range(200):
            try:
                errands.send_waiting(transactions, dying, actor)  # type: ignore[arg-type]  # it dies where a mailer never raises
            except Dies:
                clock.pass_time(LEASE)
            errands.sweep(transactions, hurried, actor)
            if dying.late:
                hurried.post(dying.late.pop())  # it wakes when all was resolved
            if report().accepted == CAMPAIGNS * PEOPLE:
                break
            clock.pass_time(timedelta(seconds=chance.choice([5, 30, 300])))

        told = report()
        assert told.accepted == told.messages == CAMPAIGNS * PEOPLE
        assert (told.in_doubt, told.whole) == (0, True)
        expected = Counter(str(each.address) for each in readers(CAMPAIGNS * PEOPLE))
        assert fake.book() == expected
        assert fake.requests["POST /v3/user/scheduled_sends"] > 0

    def test_keeps_the_batch_before_the_first_byte_leaves(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        fake: FakeSendGrid,
        mailer: SendGridMailer,
    ) -> None:
        freeze(readers(1))
        with transactions.open(actor) as tx:
            chunk = commands.claim(tx, "me", LEASE)
        ticket = mailer.prepare()
        assert isinstance(ticket, Ticket)
        with transactions.open(actor) as tx:
            parcel = commands.begin(tx, chunk.id, "me", LEASE, mailer.name, ticket)
        assert parcel is not None

        with transactions.reading(actor.organisation_id) as session:
            [kept] = session.scalars(select(Attempt)).all()
        assert (kept.ticket, kept.leaves_at) == (ticket.name, ticket.leaves_at)
        assert parcel.slip.ticket == ticket
        assert fake.requests["POST /v3/mail/send"] == 0

    @pytest.mark.parametrize(("status", "state"), [(429, "sending"), (401, "paused")])
    def test_gives_back_what_it_could_not_prepare(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        report: Callable[[], Report],
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        status: int,
        state: str,
    ) -> None:
        campaign_id = freeze(readers(1))
        fake.batch_faults = [status]

        errands.send_waiting(transactions, mailer, actor)
        told = report()
        assert (told.chunks, told.in_doubt) == ({"ready": 1}, 0)
        assert told.campaigns[0]["state"] == state
        with transactions.reading(actor.organisation_id) as session:
            assert session.scalars(select(Attempt)).all() == []

        clock.pass_time(timedelta(seconds=2))
        if state == "paused":
            with transactions.open(actor) as tx:
                commands.resume(tx, tx.session.get_one(Campaign, campaign_id))
        errands.send_waiting(transactions, mailer, actor)
        assert report().accepted == 1

    def test_is_shared_by_several_senders(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
        fake: FakeSendGrid,
        mailer: SendGridMailer,
    ) -> None:
        for n in range(3):
            freeze(readers(PEOPLE, start=n * PEOPLE))

        with ThreadPoolExecutor(SENDERS) as pool:
            told = list(
                pool.map(
                    lambda _: errands.send_waiting(transactions, mailer, actor), range(SENDERS)
                )
            )

        assert sum(told) == report().accepted == 3 * PEOPLE
        assert fake.book() == Counter(str(each.address) for each in readers(3 * PEOPLE))
        assert fake.connections <= SENDERS * mailer.together

    def test_finds_the_reader_that_sendgrid_refuses(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
        fake: FakeSendGrid,
        mailer: SendGridMailer,
    ) -> None:
        freeze(readers(40))
        fake.refused = frozenset({"person8@example.org"})

        errands.send_waiting(transactions, mailer, actor)

        told = report()
        assert (told.accepted, told.reasons, told.whole) == (39, {"rejected": 1}, True)
        assert fake.book().total() == 39


class TestSmtp:
    def test_parts_a_chunk_and_lets_a_person_decide_on_what_stays_in_doubt(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        report: Callable[[], Report],
        tmp_path: Path,
    ) -> None:
        people = [str(each.address) for each in readers(100)]
        tls = loopback_smtp.certificates(tmp_path)
        campaign_id = freeze(readers(100))
        with loopback_smtp.serving(tls.server) as smtp:
            smtp.answers = {
                people[8]: "550 5.1.1 unknown",
                people[12]: "450 4.2.1 greylisted",
            }
            smtp.lost = frozenset({people[20]})
            to = server(f"smtp://127.0.0.1:{smtp.port}")
            with closing(SmtpMailer(to, tls=tls.client)) as mailer:
                told_at_once = errands.send_waiting(transactions, mailer, actor)
                first = report()
                smtp.answers.pop(people[12])
                clock.pass_time(timedelta(minutes=1))
                told_later = errands.send_waiting(transactions, mailer, actor)
                errands.sweep(transactions, mailer, actor)
                clock.pass_time(timedelta(hours=24))
                errands.sweep(transactions, mailer, actor)

        assert (first.in_doubt, first.reasons["rejected"], first.whole) == (1, 1, True)
        assert first.reasons["waiting"] >= 1
        assert told_at_once + told_later == 98
        told = report()
        assert (told.people, told.accepted, told.messages) == (100, 98, 98)
        assert (told.in_doubt, told.reasons, told.whole) == (1, {"rejected": 1}, True)
        assert told.chunks["doubt"] == 1
        assert Counter(Counter(address for address, _ in smtp.taken).values()) == {1: 99}

        with transactions.open(actor) as tx:
            campaign = tx.session.get_one(Campaign, campaign_id)
            commands.decide(tx, campaign, Decision.INFORMED, "the relay's log has it")
        assert report().accepted == 99
        with transactions.reading(actor.organisation_id) as session:
            parted = session.scalars(
                select(Attempt.result).join(Chunk, Chunk.id == Attempt.chunk_id)
            ).all()
        assert Result.PARTED.value in parted
