"""SendGrid's logs, sandbox and account, on a fake that keeps to the provider's description."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

import fake_sendgrid
from breachdesk.adapters.sendgrid_logs import NoLogs, SendGridLogs
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.delivery.terms import EventKind, Finding, Parcel, Result, Ticket, Verdict
from conftest import NOW, FixedClock
from fake_sendgrid import FakeSendGrid
from fakes import SLIP, parcel


@pytest.fixture
def fake(clock: FixedClock) -> Iterator[FakeSendGrid]:
    with fake_sendgrid.serving(clock.now) as serving:
        yield serving


@pytest.fixture
def transport(fake: FakeSendGrid) -> Iterator[Transport]:
    with closing(Transport(fake.url, fake_sendgrid.API_KEY)) as opened:
        yield opened


@pytest.fixture
def logs(transport: Transport, clock: FixedClock) -> SendGridLogs:
    return SendGridLogs(transport, clock)


@pytest.fixture
def sent(transport: Transport, clock: FixedClock) -> Parcel:
    """Return a parcel that SendGrid took."""
    mailer = SendGridMailer(transport, clock)
    ticket = mailer.prepare()
    assert isinstance(ticket, Ticket)
    made = parcel("ada@example.org", "o'hara@example.org", slip=replace(SLIP, ticket=ticket))
    assert mailer.post(made).result is Result.ACCEPTED
    return made


class TestLogs:
    def test_tell_of_a_campaign_and_of_no_other(
        self, logs: SendGridLogs, fake: FakeSendGrid, clock: FixedClock, sent: Parcel
    ) -> None:
        fake.fates = {"o'hara@example.org": ("dropped",)}
        clock.pass_time(timedelta(hours=1))

        told = {each.address: each for each in logs.said_of(sent.slip.campaign, NOW)}

        assert told["ada@example.org"].kind is EventKind.DELIVERED
        assert told["o'hara@example.org"].kind is EventKind.DROPPED
        assert not list(logs.said_of("BD-2026-0009-1", NOW))

    def test_are_asked_in_halves_where_too_many_answer(
        self, logs: SendGridLogs, fake: FakeSendGrid, clock: FixedClock, sent: Parcel,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr("breachdesk.adapters.sendgrid_logs.MOST", 2)
        clock.pass_time(timedelta(hours=1))

        assert len(list(logs.said_of(sent.slip.campaign, NOW))) == 2
        assert fake.requests["POST /v3/logs"] > 6

    def test_prove_an_attempt_and_never_its_absence(
        self, logs: SendGridLogs, clock: FixedClock, sent: Parcel
    ) -> None:
        clock.pass_time(timedelta(hours=1))
        addresses = ["o'hara@example.org", "ada@example.org"]
        later = replace(sent.slip, attempt=sent.slip.attempt + 1)

        assert logs.proves(sent.slip, addresses, NOW) is Finding.PROVED
        assert logs.proves(later, addresses, NOW) is Finding.CANNOT_TELL
        assert logs.proves(sent.slip, ["o'hara@example.org"], NOW) is Finding.CANNOT_TELL

    def test_prove_nothing_before_a_request_may_leave(
        self, logs: SendGridLogs, clock: FixedClock, sent: Parcel
    ) -> None:
        clock.pass_time(timedelta(minutes=15))

        assert logs.proves(sent.slip, ["ada@example.org"], NOW) is Finding.CANNOT_TELL

    def test_tell_that_a_request_was_discarded(
        self, logs: SendGridLogs, transport: Transport, clock: FixedClock, sent: Parcel
    ) -> None:
        given = {"batch_id": sent.slip.ticket.name, "status": "cancel"}
        assert transport.ask("POST", "/v3/user/scheduled_sends", given).status == 201
        clock.pass_time(timedelta(hours=1))

        assert logs.proves(sent.slip, ["ada@example.org"], NOW) is Finding.ABSENT

    def test_that_cannot_be_read_are_no_news(
        self, logs: SendGridLogs, fake: FakeSendGrid, sent: Parcel
    ) -> None:
        fake.log_faults = [429, 403]
        with pytest.raises(NoLogs, match="429"):
            list(logs.said_of(sent.slip.campaign, NOW))
        assert logs.proves(sent.slip, ["ada@example.org"], NOW) is Finding.CANNOT_TELL


class TestRehearsal:
    def test_is_checked_and_never_leaves(self, logs: SendGridLogs, fake: FakeSendGrid) -> None:
        good = logs.rehearse(parcel("ada@example.org"))
        fake.refused = frozenset({"ada@example.org"})
        bad = logs.rehearse(parcel("ada@example.org"))

        assert (good.result, bad.result) == (Result.ACCEPTED, Result.REFUSED)
        assert len(fake.rehearsed) == 1
        assert not fake.book()


class TestAccount:
    def test_tells_credits_and_old_bounces(
        self, logs: SendGridLogs, fake: FakeSendGrid
    ) -> None:
        fake.credits = 10
        fake.suppressed = {"bounces": [f"a{n}@x.org" for n in range(501)]}

        assert [each.verdict for each in logs.account(11)] == [Verdict.BAD]
        assert [each.verdict for each in logs.account(10)] == [Verdict.GOOD]
        assert len(list(logs.suppressed())) == 501
