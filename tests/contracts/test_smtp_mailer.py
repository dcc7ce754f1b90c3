"""What the SMTP mailer promises on top of every mailer, against a server on the loopback."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from breachdesk.adapters.smtp_mailer import POLICY_LIMIT, Server, SmtpMailer, server
from breachdesk.delivery.terms import Finding, Outcome, Result
from fakes import SLIP, parcel, read
from loopback_smtp import PASSWORD, USER, Certificates, LoopbackSmtp, certificates, serving

ADA, BOB, CY = "ada@example.org", "bob@example.org", "cy@example.org"
SHORT = 0.5


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def smtp(tls: Certificates) -> Iterator[LoopbackSmtp]:
    with serving(tls.server) as smtp:
        yield smtp


@pytest.fixture
def mailer(smtp: LoopbackSmtp, tls: Certificates) -> Iterator[SmtpMailer]:
    to = server(f"smtp://127.0.0.1:{smtp.port}")
    with closing(SmtpMailer(to, tls=tls.client, step_seconds=SHORT)) as mailer:
        yield mailer


def taken(smtp: LoopbackSmtp) -> list[str]:
    return [address for address, _ in smtp.taken]


class TestPost:
    def test_hands_over_one_message_a_person_on_one_connection(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        for _ in range(2):
            outcome = mailer.post(parcel(ADA, BOB))

        assert outcome == Outcome(Result.ACCEPTED, proof="250 for 2")
        assert taken(smtp) == [ADA, BOB, ADA, BOB]
        assert smtp.connections == 1

    def test_loses_nobody_to_the_refusal_of_another(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        smtp.answers = {BOB: "550 5.1.1 no such mailbox bob@example.org"}

        outcome = mailer.post(parcel(ADA, BOB, CY))

        assert outcome.result is Result.PARTED
        assert outcome.parts == {Result.ACCEPTED: (1, 3), Result.REFUSED: (2,)}
        assert BOB not in repr(outcome)
        assert taken(smtp) == [ADA, CY]

    @pytest.mark.parametrize(
        ("answers", "final", "parts"),
        [
            ({BOB: "450 4.2.1 later"}, {}, {Result.ACCEPTED: (1, 3), Result.RETRY: (2,)}),
            ({}, {BOB: "452 4.3.1 full"}, {Result.ACCEPTED: (1, 3), Result.RETRY: (2,)}),
            ({}, {BOB: "554 5.6.0 no"}, {Result.ACCEPTED: (1, 3), Result.REFUSED: (2,)}),
            ({BOB: "421 4.3.2 going"}, {}, {Result.ACCEPTED: (1,), Result.RETRY: (2, 3)}),
            ({}, {BOB: "421 4.3.2 going"}, {Result.ACCEPTED: (1,), Result.RETRY: (2, 3)}),
            (
                {},
                {BOB: "nonsense"},
                {Result.ACCEPTED: (1,), Result.UNKNOWN: (2,), Result.RETRY: (3,)},
            ),
        ],
    )
    def test_parts_what_fared_differently(
        self,
        mailer: SmtpMailer,
        smtp: LoopbackSmtp,
        answers: dict[str, str],
        final: dict[str, str],
        parts: dict[Result, tuple[int, ...]],
    ) -> None:
        smtp.answers, smtp.final = answers, final

        assert mailer.post(parcel(ADA, BOB, CY)).parts == parts

    @pytest.mark.parametrize("how", ["lost", "silent"])
    def test_doubts_only_the_message_that_was_not_answered(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp, how: str
    ) -> None:
        setattr(smtp, how, frozenset({BOB}))

        outcome = mailer.post(parcel(ADA, BOB, CY))

        assert outcome.parts == {
            Result.ACCEPTED: (1,),
            Result.UNKNOWN: (2,),
            Result.RETRY: (3,),
        }
        assert taken(smtp) == [ADA, BOB]
        assert mailer.recall(SLIP) is Finding.CANNOT_TELL

    def test_is_certain_when_the_connection_ends_before_a_message(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        smtp.dropped = frozenset({BOB})

        assert mailer.post(parcel(ADA, BOB, CY)).parts == {
            Result.ACCEPTED: (1,),
            Result.RETRY: (2, 3),
        }
        smtp.dropped = frozenset()
        assert mailer.post(parcel(BOB, CY)).result is Result.ACCEPTED

    def test_stops_when_the_server_wants_nothing_from_us(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        many = [f"p{n}@example.org" for n in range(3 * POLICY_LIMIT)]
        smtp.answers = dict.fromkeys(many, "554 5.7.1 relay access denied")

        outcome = mailer.post(parcel(*many))

        assert outcome == Outcome(Result.BLOCKED, why="the mail server answered 554")

    @pytest.mark.parametrize(
        ("answer", "result"), [("550 5.7.1 no", Result.BLOCKED), ("451 wait", Result.RETRY)]
    )
    def test_blames_no_reader_for_a_refused_sender(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp, answer: str, result: Result
    ) -> None:
        smtp.sender = answer

        assert mailer.post(parcel(ADA, BOB)).result is result

    def test_leaves_to_another_posting_what_would_take_too_long(
        self, smtp: LoopbackSmtp, tls: Certificates
    ) -> None:
        seconds = count(0, 10)
        to = server(f"smtp://127.0.0.1:{smtp.port}")
        mailer = SmtpMailer(
            to, tls=tls.client, work_seconds=25, passed=lambda: float(next(seconds))
        )
        with closing(mailer):
            outcome = mailer.post(parcel(ADA, BOB, CY))

        assert outcome.parts == {Result.ACCEPTED: (1, 2), Result.RETRY: (3,)}

    def test_refuses_what_the_server_cannot_spell(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        outcome = mailer.post(parcel("zoé@example.org", "bob@müller.example"))

        assert outcome.parts == {Result.REFUSED: (1,), Result.ACCEPTED: (2,)}
        assert taken(smtp) == ["bob@xn--mller-kva.example"]

    def test_sends_lines_that_begin_with_a_dot_as_they_are(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        mailer.post(parcel(ADA, text="one\n.\n..two\n"))

        [(_, content)] = smtp.taken
        plain, _ = read(content).iter_parts()
        assert plain.get_content().splitlines() == ["one", ".", "..two"]
        assert b"\r\n..two\r\n" in content


class TestConnection:
    def test_shows_nothing_before_it_is_sealed(
        self, mailer: SmtpMailer, smtp: LoopbackSmtp
    ) -> None:
        mailer.post(parcel(ADA))

        assert [line.split()[0] for line in smtp.seen_in_clear] == ["ehlo", "STARTTLS"]

    def test_goes_without_a_seal_only_when_told_to(self, smtp: LoopbackSmtp) -> None:
        with closing(SmtpMailer(server(f"smtp+plain://127.0.0.1:{smtp.port}"))) as mailer:
            assert mailer.post(parcel(ADA)).result is Result.ACCEPTED

    def test_signs_in_where_the_connection_is_sealed_from_the_start(
        self, tls: Certificates
    ) -> None:
        with serving(tls.server, implicit=True) as smtp:
            smtp.password = PASSWORD
            right = server(f"smtps://{USER}@127.0.0.1:{smtp.port}", PASSWORD)
            wrong = server(f"smtps://{USER}@127.0.0.1:{smtp.port}", "not this")
            with (
                closing(SmtpMailer(right, tls=tls.client)) as ours,
                closing(SmtpMailer(wrong, tls=tls.client)) as other,
            ):
                assert ours.post(parcel(ADA)).result is Result.ACCEPTED
                assert other.post(parcel(BOB)) == Outcome(
                    Result.BLOCKED, why="the mail server answered 535 to our password"
                )
            assert taken(smtp) == [ADA]

    def test_trusts_no_certificate_it_does_not_know(self, smtp: LoopbackSmtp) -> None:
        with closing(SmtpMailer(server(f"smtp://127.0.0.1:{smtp.port}"))) as mailer:
            assert "not trusted" in mailer.post(parcel(ADA)).why

    def test_never_falls_back_to_clear(self, mailer: SmtpMailer, smtp: LoopbackSmtp) -> None:
        smtp.offers_tls = False

        assert mailer.post(parcel(ADA)).result is Result.BLOCKED
        assert smtp.taken == []

    def test_waits_where_nobody_listens(self, tls: Certificates) -> None:
        with serving(tls.server) as gone:
            port = gone.port
        to = Server("smtp", "127.0.0.1", port, "", "")

        assert SmtpMailer(to, tls=tls.client).post(parcel(ADA)).result is Result.RETRY

    @pytest.mark.parametrize(
        ("url", "port"),
        [("smtps://h", 465), ("smtp://h", 587), ("smtp+plain://h", 25), ("smtp://[::1]:9", 9)],
    )
    def test_knows_the_port_of_each_scheme(self, url: str, port: int) -> None:
        assert server(url).port == port
