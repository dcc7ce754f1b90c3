"""What the SendGrid mailer promises on top of every mailer, against one on the loopback."""

import io
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sendgrid.helpers.mail import (
    BatchId,
    BypassSpamManagement,
    BypassUnsubscribeManagement,
    Category,
    ClickTracking,
    CustomArg,
    Email,
    FooterSettings,
    Ganalytics,
    Header,
    HtmlContent,
    Mail,
    MailSettings,
    OpenTracking,
    Personalization,
    PlainTextContent,
    ReplyTo,
    SendAt,
    SubscriptionTracking,
    Substitution,
    To,
    TrackingSettings,
)

from breachdesk.adapters.sendgrid_mailer import FENCE_STANDS, FENCES, SendGridMailer
from breachdesk.adapters.sendgrid_request import ascii_name, request, rest_until
from breachdesk.adapters.sendgrid_transport import Transport, Unsent
from breachdesk.delivery.terms import Finding, Outcome, Parcel, Result, Slip, Ticket
from conftest import NOW, FixedClock
from fake_sendgrid import API_KEY, FakeSendGrid, serving
from fakes import HTML, SLIP, TEXT, parcel
from loopback_smtp import certificates

SHORT = 0.3


@pytest.fixture
def fake(clock: FixedClock) -> Iterator[FakeSendGrid]:
    with serving(clock.now) as fake:
        yield fake


@pytest.fixture
def mailer(fake: FakeSendGrid, clock: FixedClock) -> Iterator[SendGridMailer]:
    transport = Transport(fake.url, API_KEY, read_seconds=SHORT)
    with closing(SendGridMailer(transport, clock)) as mailer:
        yield mailer


def ticketed(mailer: SendGridMailer, slip: Slip = SLIP) -> Slip:
    ticket = mailer.prepare()
    assert isinstance(ticket, Ticket)
    return replace(slip, ticket=ticket)


def post(mailer: SendGridMailer, *addresses: str) -> tuple[Slip, Outcome]:
    slip = ticketed(mailer)
    return slip, mailer.post(parcel(*(addresses or ("ada@example.org",)), slip=slip))


class TestRequest:
    def test_is_what_the_official_builder_makes(self) -> None:
        slip = replace(SLIP, ticket=Ticket("batch-1", NOW + timedelta(minutes=20)))
        body = request(parcel("ada@example.org", "bob@example.org", slip=slip, code="A<B"))

        assert body == built_officially(parcel("ada@example.org", "bob@example.org", slip=slip))

    def test_gives_each_tag_the_value_that_is_safe_in_its_place(self) -> None:
        body = json.loads(json.dumps(request(parcel("ada@example.org", code="A<B\r\nBcc: x"))))

        [one] = body["personalizations"]
        assert one["substitutions"] == {
            "-bdt.code-": "A<B Bcc: x",
            "-bdh.code-": "A&lt;B Bcc: x",
        }

    def test_holds_nothing_of_a_reader_but_address_and_values(self) -> None:
        body = json.loads(json.dumps(request(parcel("ada@example.org", code="SECRET-1"))))
        body.pop("personalizations")

        assert "ada" not in json.dumps(body)
        assert "SECRET-1" not in json.dumps(body)

    @pytest.mark.parametrize(
        ("name", "plain"),
        [("Société Générale", "Societe Generale"), ("L’Été", "L'Ete"), ("Ωμέγα", "")],
    )
    def test_leaves_accents_out_of_the_senders_name(self, name: str, plain: str) -> None:
        assert ascii_name(name) == plain


class TestPost:
    @pytest.mark.parametrize(
        ("fault", "result", "left"),
        [
            ("fine", Result.ACCEPTED, 1),
            ("429", Result.RETRY, 0),
            ("400", Result.REFUSED, 0),
            ("413", Result.REFUSED, 0),
            ("401", Result.BLOCKED, 0),
            ("403", Result.BLOCKED, 0),
            ("404", Result.UNKNOWN, 0),
            ("500", Result.UNKNOWN, 0),
            ("503", Result.UNKNOWN, 0),
            ("200", Result.UNKNOWN, 0),
            ("301", Result.UNKNOWN, 0),
            ("500 before", Result.UNKNOWN, 0),
            ("500 after", Result.UNKNOWN, 1),
            ("lost", Result.UNKNOWN, 1),
            ("reset", Result.UNKNOWN, 0),
            ("hang before", Result.UNKNOWN, 0),
            ("hang after", Result.UNKNOWN, 1),
        ],
    )
    def test_says_only_what_the_answer_proves(
        self, mailer: SendGridMailer, fake: FakeSendGrid, fault: str, result: Result, left: int
    ) -> None:
        fake.faults = [fault]

        slip, outcome = post(mailer)

        assert outcome.result is result
        assert fake.book().total() == left
        assert mailer.recall(slip) is Finding.ABSENT
        assert fake.book().total() == 0

    def test_rests_as_long_as_it_is_told(
        self, mailer: SendGridMailer, fake: FakeSendGrid, clock: FixedClock
    ) -> None:
        fake.faults = ["429"]

        assert post(mailer)[1].until == clock.now() + timedelta(seconds=30)

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"retry-after": "7"}, 7),
            ({"retry-after": "99999999999"}, 3600),
            ({"x-ratelimit-reset": str(10**30)}, 3600),
            ({"x-ratelimit-reset": "1"}, None),
            ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, None),
            ({"retry-after": "²"}, None),
            ({}, None),
        ],
    )
    def test_believes_no_header_that_cannot_be(
        self, headers: dict[str, str], seconds: int | None
    ) -> None:
        until = None if seconds is None else NOW + timedelta(seconds=seconds)
        assert rest_until(headers, NOW) == until

    @pytest.mark.parametrize(
        ("blamed", "result"),
        [
            ("personalizations.3.to.0.email", Result.REFUSED),
            ("from.name", Result.BLOCKED),
            ("ada@example.org", Result.REFUSED),
        ],
    )
    def test_halves_for_a_reader_and_stops_for_the_text(
        self, mailer: SendGridMailer, fake: FakeSendGrid, blamed: str, result: Result
    ) -> None:
        fake.faults, fake.blames = ["400"], blamed

        _, outcome = post(mailer)

        assert outcome.result is result
        assert "ada" not in outcome.why

    def test_waits_where_nobody_listens(self, clock: FixedClock) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        mailer = SendGridMailer(Transport(url, API_KEY), clock)
        slip = replace(SLIP, ticket=Ticket("b", clock.now() + timedelta(minutes=20)))

        assert mailer.post(parcel("ada@example.org", slip=slip)).result is Result.RETRY

    def test_posts_nothing_that_could_not_be_called_back(
        self, mailer: SendGridMailer, fake: FakeSendGrid, clock: FixedClock
    ) -> None:
        slip = ticketed(mailer)
        clock.pass_time(timedelta(minutes=10))

        assert mailer.post(parcel("ada@example.org", slip=slip)).result is Result.RETRY
        assert fake.taken == []

    def test_takes_a_ticket_where_none_was_kept(
        self, mailer: SendGridMailer, fake: FakeSendGrid
    ) -> None:
        fake.faults = ["lost"]
        assert mailer.post(parcel("ada@example.org")).result is Result.UNKNOWN

        assert mailer.recall(SLIP) is Finding.ABSENT
        assert fake.book().total() == 0

    def test_uses_one_connection_again_and_notices_when_it_was_closed(
        self, mailer: SendGridMailer, fake: FakeSendGrid
    ) -> None:
        for _ in range(3):
            assert post(mailer)[1].result is Result.ACCEPTED
        assert fake.connections == 1

        fake.faults = ["lost"]
        post(mailer)
        assert post(mailer)[1].result is Result.ACCEPTED
        assert fake.connections == 2


class TestPrepare:
    @pytest.mark.parametrize(
        ("status", "result"),
        [
            (429, Result.RETRY),
            (500, Result.RETRY),
            (401, Result.BLOCKED),
            (403, Result.BLOCKED),
            (404, Result.BLOCKED),
        ],
    )
    def test_knows_that_nothing_left(
        self, mailer: SendGridMailer, fake: FakeSendGrid, status: int, result: Result
    ) -> None:
        fake.batch_faults = [status]

        outcome = mailer.prepare()

        assert isinstance(outcome, Outcome)
        assert outcome.result is result

    def test_holds_for_twenty_minutes(self, mailer: SendGridMailer) -> None:
        assert ticketed(mailer).ticket.leaves_at == NOW + timedelta(minutes=20)

    def test_stops_while_as_many_are_unknown_as_could_be_cancelled(
        self, mailer: SendGridMailer, fake: FakeSendGrid
    ) -> None:
        fake.faults = ["lost"] * FENCES
        slips = [post(mailer)[0] for _ in range(FENCES)]

        assert isinstance(mailer.prepare(), Outcome)
        assert {mailer.recall(slip) for slip in slips} == {Finding.ABSENT}

    def test_goes_on_when_a_cancelled_batch_is_past(
        self, mailer: SendGridMailer, fake: FakeSendGrid, clock: FixedClock
    ) -> None:
        for _ in range(FENCES):
            assert mailer.recall(ticketed(mailer)) is Finding.ABSENT

        outcome = mailer.prepare()
        assert isinstance(outcome, Outcome)
        assert outcome.until == NOW + timedelta(minutes=20) + FENCE_STANDS
        assert not mailer.has_room(())

        clock.at = outcome.until
        assert mailer.has_room(())
        assert len(fake.cancelled) == FENCES  # nobody was asked while the ledger was held
        assert isinstance(mailer.prepare(), Ticket)
        assert len(fake.cancelled) == FENCES - 1


class TestRecall:
    @pytest.mark.parametrize(
        ("minutes", "finding", "left"),
        [(0, Finding.ABSENT, 0), (9, Finding.ABSENT, 0), (10, Finding.CANNOT_TELL, 1)],
    )
    def test_holds_for_absent_only_what_was_cancelled_in_time(
        self,
        mailer: SendGridMailer,
        fake: FakeSendGrid,
        clock: FixedClock,
        minutes: int,
        finding: Finding,
        left: int,
    ) -> None:
        slip, _ = post(mailer)
        clock.pass_time(timedelta(minutes=minutes))

        assert mailer.recall(slip) is finding
        assert fake.book().total() == left

    def test_believes_that_a_batch_was_cancelled_before(self, mailer: SendGridMailer) -> None:
        slip, _ = post(mailer)

        assert mailer.recall(slip) is mailer.recall(slip) is Finding.ABSENT

    def test_cannot_tell_when_sendgrid_refuses_to_cancel(
        self, mailer: SendGridMailer, fake: FakeSendGrid
    ) -> None:
        slip, _ = post(mailer)
        fake.most_cancelled = 0

        assert mailer.recall(slip) is Finding.CANNOT_TELL
        assert fake.book().total() == 1

    def test_cannot_tell_of_an_attempt_without_a_ticket(self, mailer: SendGridMailer) -> None:
        assert mailer.recall(replace(SLIP, chunk=UUID(int=9))) is Finding.CANNOT_TELL


class TestTransport:
    def test_says_nothing_of_keys_and_addresses_even_when_asked_for_all(
        self, fake: FakeSendGrid, clock: FixedClock
    ) -> None:
        said = io.StringIO()
        handler = logging.StreamHandler(said)
        logging.root.addHandler(handler)
        before = logging.root.level
        logging.root.setLevel(logging.DEBUG)
        try:
            transport = Transport(fake.url, API_KEY, read_seconds=SHORT)
            with closing(SendGridMailer(transport, clock)) as mailer:
                fake.faults = ["fine", "400", "lost"]
                outcomes = [post(mailer)[1] for _ in range(3)]
        finally:
            logging.root.setLevel(before)
            logging.root.removeHandler(handler)

        shown = f"{said.getvalue()} {outcomes} {transport!r} {mailer!r}"
        assert API_KEY not in shown
        assert "ada@example.org" not in shown

    def test_shows_its_key_only_to_whom_it_trusts(
        self, clock: FixedClock, tmp_path: Path
    ) -> None:
        tls = certificates(tmp_path)
        with serving(clock.now, tls.server) as fake:
            with pytest.raises(Unsent), closing(Transport(fake.url, API_KEY)) as stranger:
                stranger.ask("POST", "/v3/mail/batch")
            assert fake.requests.total() == 0

            with closing(Transport(fake.url, API_KEY, tls=tls.client)) as friend:
                assert friend.ask("POST", "/v3/mail/batch").status == 201


def built_officially(told: Parcel) -> object:
    """Return the same request, made by the official library."""
    mail = Mail(
        from_email=Email("dpo@leadjet.example", "Leadjet, equipe donnees"),
        subject=told.subject,
        plain_text_content=PlainTextContent(TEXT),
        html_content=HtmlContent(HTML),
    )
    mail.reply_to = ReplyTo("dpo@leadjet.example")
    for recipient in reversed(told.recipients):  # the library turns their order round
        one = Personalization()
        one.add_to(To(recipient.address))
        one.add_custom_arg(CustomArg("bd_n", str(recipient.number)))
        one.add_substitution(Substitution("-bdt.code-", "A<B"))
        one.add_substitution(Substitution("-bdh.code-", "A&lt;B"))
        mail.add_personalization(one)
    for name, value in {
        "Auto-Submitted": "auto-generated",
        "Content-Language": "fr",
        "X-BreachDesk-Chunk": str(told.slip.chunk),
    }.items():
        mail.add_header(Header(name, value))
    mail.add_category(Category(told.slip.campaign))
    for name, value in {
        "bd_c": told.slip.campaign,
        "bd_k": str(told.slip.chunk),
        "bd_a": "1",
    }.items():
        mail.add_custom_arg(CustomArg(name, value))
    assert told.slip.ticket.leaves_at is not None
    mail.send_at = SendAt(int(told.slip.ticket.leaves_at.timestamp()))
    mail.batch_id = BatchId("batch-1")
    mail.mail_settings = MailSettings(
        footer_settings=FooterSettings(enable=False),
        bypass_unsubscribe_management=BypassUnsubscribeManagement(enable=True),
        bypass_spam_management=BypassSpamManagement(enable=True),
    )
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
        ganalytics=Ganalytics(enable=False),
    )
    return mail.get()
