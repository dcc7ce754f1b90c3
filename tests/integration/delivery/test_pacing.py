"""A campaign goes in waves, within its cap and hours, and stops by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import md5

import pytest
from sqlalchemy import func, select

from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.models import Campaign, Chunk
from breachdesk.delivery.terms import Heard, Pace, Quiet, Report
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused
from campaigns import frozen
from conftest import FixedClock
from fake_sendgrid import FakeSendGrid
from fakes import NotedMailer, addresses, readers
from sendgrid_reports import events

Start = Callable[[Pace], Campaign]


@pytest.fixture
def start(transactions: Transactions, actor: Actor, incident: Incident) -> Start:
    """Return what starts a campaign of two hundred people at a pace."""

    def run(pace: Pace) -> Campaign:
        with transactions.open(actor) as tx:
            return frozen(tx, incident, readers(200), pace=pace)

    return run


class TestWaves:
    def test_wait_for_news_of_the_one_before(
        self,
        transactions: Transactions,
        actor: Actor,
        start: Start,
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
    ) -> None:
        start(Pace(waves=(0.01, 0.1, 1.0)))
        handed = []
        for _ in range(3):
            errands.send_waiting(transactions, mailer, actor)
            handed.append(report().messages)
            assert errands.watch(transactions, actor) == 0
            hear(events(fake, {}))
            errands.watch(transactions, actor)

        assert handed == [2, 20, 200]
        assert (report().delivered, report().whole) == (200, True)
        assert report().campaigns[0]["state"] == "finished"

    def test_are_not_held_for_a_day_by_one_request_of_which_nobody_knows(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        start: Start,
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
    ) -> None:
        start(Pace(waves=(0.1, 1.0)))
        fake.faults = ["500 before"]
        errands.send_waiting(transactions, mailer, actor)
        clock.pass_time(timedelta(minutes=25))  # too late to be called back
        hear(events(fake, {}))
        doubtful = report().in_doubt
        assert 0 < doubtful < 10
        assert errands.watch(transactions, actor) == 0

        clock.pass_time(timedelta(hours=2))
        assert errands.watch(transactions, actor) == 1
        errands.send_waiting(transactions, mailer, actor)

        assert (report().messages, report().in_doubt) == (200 - doubtful, doubtful)

    def test_wait_where_nobody_knows_of_most(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        start: Start,
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        report: Callable[[], Report],
    ) -> None:
        start(Pace(waves=(0.1, 1.0)))
        fake.faults = ["500 before"] * 4
        errands.send_waiting(transactions, mailer, actor)
        assert report().in_doubt == 20
        clock.pass_time(timedelta(hours=3))

        assert errands.watch(transactions, actor) == 0

    def test_follow_at_once_where_nothing_is_reported(
        self, transactions: Transactions, actor: Actor, start: Start, incident: Incident,
        report: Callable[[], Report],
    ) -> None:  # fmt: skip
        start(Pace(waves=(0.01, 0.1, 1.0)))
        waits: list[float] = []
        errands.send_all(transactions, NotedMailer(), actor, incident.id, wait=waits.append)

        assert (report().accepted, report().whole) == (200, True)

    def test_halt_on_what_comes_back_until_the_limit_is_raised(
        self,
        transactions: Transactions,
        actor: Actor,
        start: Start,
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
    ) -> None:
        campaign = start(Pace(waves=(0.1, 1.0)))
        errands.send_waiting(transactions, mailer, actor)
        first = dict.fromkeys(list(fake.book())[:6], ("bounce",))
        hear(events(fake, first))

        assert errands.watch(transactions, actor) == 1
        errands.send_waiting(transactions, mailer, actor)

        [found] = report().campaigns
        assert (found["state"], report().messages) == ("paused", 20)
        assert "6 of 20" in found["why"]
        with pytest.raises(Refused, match="raise it"), transactions.open(actor) as tx:
            commands.resume(tx, queries.campaign(tx.session, campaign.id))
        with transactions.open(actor) as tx:
            row = queries.campaign(tx.session, campaign.id)
            commands.set_pace(tx, row, Pace(waves=(0.1, 1.0), bounce_rate=0.5))
            commands.resume(tx, row)
        errands.watch(transactions, actor)
        errands.send_waiting(transactions, mailer, actor)
        assert report().messages == 200


class TestSample:
    def test_the_first_wave_is_a_fair_one_of_domains_languages_and_texts(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        domains = ("a.example", "b.example", "c.example", "d.example")
        people = [
            replace(each, address=f"{each.key}@{domains[n // 750]}")
            for n, each in enumerate(readers(3000))
        ]
        mixed = sorted(people, key=lambda each: md5(each.key.encode()).digest())  # noqa: S324  (as lists are)
        mailer = NotedMailer()
        with transactions.open(actor) as tx:
            frozen(tx, incident, mixed, pace=Pace(waves=(0.1, 1.0)))
        with transactions.reading(actor.organisation_id) as session:
            sizes = session.execute(
                select(Chunk.variant_id, func.sum(Chunk.messages))
                .where(Chunk.wave == 0, Chunk.state == "ready")
                .group_by(Chunk.variant_id)
            ).all()
        errands.send_waiting(transactions, mailer, actor)

        assert [n for _, n in sizes] == [75] * 4  # each language and set of data
        written = list(addresses(mailer))
        by_domain = [sum(each.endswith(domain) for each in written) for domain in domains]
        assert len(written) == 300
        assert all(50 <= n <= 100 for n in by_domain)
        late = sum(each >= "usr_001500" for each in written)
        assert 120 <= late <= 180


class TestCap:
    def test_lets_so_many_leave_in_an_hour_and_tells_the_end(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        start: Start,
        report: Callable[[], Report],
    ) -> None:
        campaign = start(Pace(hourly=60))
        begun, mailer = clock.now(), NotedMailer()
        with transactions.reading(actor.organisation_id) as session:
            row = queries.campaign(session, campaign.id)
            ends = queries.forecast(session, row, clock.now()).ends_at
        by_hour = []
        for minute in range(1, 300):
            errands.send_waiting(transactions, mailer, actor)
            clock.pass_time(timedelta(minutes=1))
            if minute % 60 == 0:
                by_hour.append(report().messages)
        assert by_hour == [60, 120, 180, 200]
        with transactions.reading(actor.organisation_id) as session:
            last = session.scalar(select(func.max(Chunk.settled_at)))
        assert ends is not None
        assert last is not None
        assert abs((ends - begun) - (last - begun)) < timedelta(minutes=20)

    def test_is_silent_at_night(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        start: Start,
        report: Callable[[], Report],
    ) -> None:
        start(Pace(quiet=Quiet("09:30", "12:00", "Europe/Paris")))  # it is ten there
        errands.send_waiting(transactions, NotedMailer(), actor)
        assert report().messages == 0
        clock.pass_time(timedelta(hours=2))
        errands.send_waiting(transactions, NotedMailer(), actor)
        assert report().messages == 200

    def test_is_silent_by_the_clocks_of_its_readers(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        incident: Incident,
        report: Callable[[], Report],
    ) -> None:
        people = [
            replace(each, country=("FR", "DE", "JP", None)[n % 4])
            for n, each in enumerate(readers(200))
        ]
        pace = Pace(quiet=Quiet("18:30", "08:00", "Europe/Paris"))
        with transactions.open(actor) as tx:  # ten in Paris, six in the evening in Tokyo
            campaign = frozen(tx, incident, people, pace=pace, by_zone=True)
        clock.pass_time(timedelta(hours=1))
        errands.send_waiting(transactions, NotedMailer(), actor)
        assert (report().messages, report().chunks["ready"]) == (150, 1)
        with transactions.reading(actor.organisation_id) as session:
            zones = session.scalars(select(Chunk.zone).distinct()).all()
            row = queries.campaign(session, campaign.id)
            rests = session.scalar(select(func.max(Chunk.not_before)))
            ends = queries.forecast(session, row, clock.now()).ends_at
        assert set(zones) == {"Europe/Paris", "Asia/Tokyo", None}
        assert rests is not None
        assert ends is not None
        assert rests <= ends
        clock.pass_time(rests - clock.now())
        errands.send_waiting(transactions, NotedMailer(), actor)
        assert report().messages == 200
