"""Whoever answers may say anything: it is understood or refused in a sentence, and soon."""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breachdesk.access.terms import SignOn
from breachdesk.adapters.dns_names import DnsNames
from breachdesk.adapters.file_mailer import FileMailer, Journal
from breachdesk.adapters.master_keys import KeyFile, KeyProgram
from breachdesk.adapters.oidc_sign_on import OidcSignOn
from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.adapters.sendgrid_logs import SendGridLogs
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.adapters.smtp_mailer import SmtpMailer, server
from breachdesk.adapters.webhook import Trust, Webhook
from breachdesk.delivery.terms import Finding, Outcome, Result
from breachdesk.faces.web.serving import open_server
from breachdesk.keeping import rules as health
from breachdesk.keeping.errands.anchoring import kept
from breachdesk.kernel.errors import BreachDeskError, Refused
from breachdesk.kernel.vault import Vault
from breachdesk.reminders.rules import outgoing
from conftest import NOW, ORGANISATION, FixedClock
from fakes import SLIP, parcel
from loopback_dns import name_server
from sendgrid_reports import PUBLIC_KEY, signed

quick = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
words = st.text(max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
DEEP = b"[" * 5_000
LINES = (
    f"posted {SLIP.chunk} 1 9 -", f"posted {SLIP.chunk} 1 -9 -", "posted x 1 9 -", "posted",
    f"posted {UUID(int=1)} ² 9 -", f"recalled {SLIP.chunk} 1 0 -",
)  # fmt: skip
NEVER_SENT = (Result.RETRY, Result.BLOCKED, Result.UNKNOWN, Result.REFUSED)


class Liar(socketserver.ThreadingTCPServer):
    """Says what it was told to, whatever it is asked, and hangs up."""

    daemon_threads = True
    said = b""
    first = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Lie(socketserver.BaseRequestHandler):
    server: Liar

    def handle(self) -> None:
        self.request.settimeout(5)
        with suppress(OSError):
            if not self.server.first:
                self.request.recv(65_536)
            self.request.sendall(self.server.said)
            if self.server.first:
                self.request.recv(65_536)


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    with Liar(("127.0.0.1", 0), Lie) as served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def page(body: bytes, status: int = 200, head: str = "") -> bytes:
    """Return a whole answer over HTTP."""
    lines = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{head}"
    return lines.encode("utf-8", "replace") + b"\r\n" + body


def fields(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """Yield tables that have some of the fields that are looked for, with anything in them."""
    instants = st.datetimes().map(lambda at: at.isoformat())
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values | instants))


MESSAGE = fields(
    "sg_message_id", "sg_message_id_created_at", "to_email", "reason", "status", "events",
    "custom_args", "bounce_classification", "email",
)  # fmt: skip
DOCUMENTS = values | st.lists(MESSAGE, max_size=3) | MESSAGE | st.fixed_dictionaries(
    {}, optional={"messages": values | st.lists(MESSAGE, max_size=3), "remain": values}
)  # fmt: skip
ANSWERS = (
    st.binary(max_size=80)
    | st.builds(page, st.binary(max_size=80), st.integers(100, 599), words)
    | st.builds(lambda told: page(json.dumps(told).encode()), DOCUMENTS)
)


def survives(read: Callable[[], object]) -> None:
    """Understand, or refuse in a sentence that is ours."""
    with suppress(BreachDeskError):
        found = read()
        if isinstance(found, Iterator):
            list(found)


@contextmanager
def transport(liar: Liar, said: bytes) -> Iterator[Transport]:
    liar.said, liar.first = said, False
    with closing(Transport(f"http://127.0.0.1:{liar.port}", "SG.key")) as opened:
        yield opened


class TestCarrier:
    @quick
    @given(ANSWERS)
    @example(page(DEEP))
    @example(page(b'{"messages": [{"sg_message_id_created_at": "0001-01-01T00:00+14:00"}]}'))
    @example(page(b'{"messages": [{"sg_message_id": "\\ud800 /", "sg_message_id_created_at": '
                  b'"2026-11-20T09:00:00", "reason": []}]}'))  # fmt: skip
    def test_says_anything_of_what_became_of_messages(self, liar: Liar, said: bytes) -> None:
        with transport(liar, said) as opened:
            logs = SendGridLogs(opened, FixedClock())
            survives(lambda: logs.said_of("BD-2026-0001-1", NOW - timedelta(hours=1)))
            assert isinstance(logs.proves(SLIP, ["a@example.org"], NOW), Finding)
            assert logs.account(3)
            survives(logs.suppressed)

    def test_that_says_the_same_whatever_span_is_asked_is_no_witness(self, liar: Liar) -> None:
        one = {"sg_message_id": "x", "sg_message_id_created_at": "2026-11-20T09:00:00Z"}
        told = page(json.dumps({"messages": [one] * 1000}).encode())
        with transport(liar, told) as opened:
            logs = SendGridLogs(opened, FixedClock(NOW + timedelta(days=90)))
            with pytest.raises(Refused, match="do not keep to the span"):
                list(logs.said_of("BD-2026-0001-1", NOW - timedelta(days=90)))

    def test_that_lists_without_end_is_left(
        self, liar: Liar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("breachdesk.adapters.sendgrid_logs.MOST_SUPPRESSED", 1500)
        with (
            transport(liar, page(json.dumps([{"email": "a@example.org"}] * 500).encode())) as t,
            pytest.raises(Refused, match="more than 1500 bounces"),
        ):
            list(SendGridLogs(t, FixedClock()).suppressed())

    @quick
    @given(ANSWERS)
    def test_says_anything_to_a_message(self, liar: Liar, said: bytes) -> None:
        with transport(liar, said) as opened:
            mailer = SendGridMailer(opened, FixedClock())
            assert mailer.prepare() is not None
            assert isinstance(mailer.post(parcel("a@example.org")), Outcome)
            assert isinstance(mailer.recall(SLIP), Finding)

    @quick
    @given(st.binary(max_size=60) | DOCUMENTS.map(lambda told: json.dumps(told).encode()))
    @example(DEEP)
    @example(json.dumps([{"event": "bounce", "sg_event_id": "a", "timestamp": 1, "reason": [],
                          "bounce_classification": {}}]).encode())  # fmt: skip
    def test_signs_anything(self, body: bytes) -> None:
        ear = SendGridEvents(PUBLIC_KEY, FixedClock())
        survives(lambda: ear.hear(body, signed(body, NOW)))


class TestMailServer:
    @quick
    @given(
        st.binary(max_size=60)
        | st.lists(st.sampled_from([b"220 x", b"250 x", b"250-x", b"354 x", b"421", b"999 x",
                                    b"-1 x", b"\xff\xfe 5", b"250\x00"]), max_size=8)
        .map(lambda lines: b"".join(each + b"\r\n" for each in lines))
    )  # fmt: skip
    def test_says_anything_to_a_message(self, liar: Liar, said: bytes) -> None:
        liar.said, liar.first = said, True
        mailer = SmtpMailer(server(f"smtp+plain://127.0.0.1:{liar.port}"), step_seconds=5)
        outcome = mailer.post(parcel("a@example.org"))
        mailer.close()

        assert isinstance(outcome, Outcome)


class TestDeskElsewhere:
    @quick
    @given(ANSWERS)
    def test_says_anything_to_a_call(self, liar: Liar, said: bytes) -> None:
        liar.said, liar.first = said, False
        trust = Trust(clear=True, networks=outgoing.networks("127.0.0.0/8"))
        url = f"http://127.0.0.1:{liar.port}/hook"
        called = Webhook(url, "a secret of twenty-four characters", FixedClock(), trust=trust)
        outcome = called.post(parcel("a@example.org"))

        taken = said.startswith(b"HTTP/1.") and b" 2" in said.split(b"\r\n")[0]
        assert outcome.result in NEVER_SENT or taken


class TestSignInService:
    @quick
    @given(ANSWERS)
    @example(page(DEEP))
    def test_says_anything_of_itself(self, liar: Liar, said: bytes) -> None:
        liar.said, liar.first = said, False
        told = SignOn(
            issuer=f"http://127.0.0.1:{liar.port}", client_id="desk", label="House",
            groups={"all": ("auditor",)},
        )  # fmt: skip
        survives(lambda: OidcSignOn(told, "secret").begin("http://localhost/back"))


class TestNamesAndClocks:
    @quick
    @given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=3))
    @example([b"v=spf1", b"v=spf1"])
    @example([b"v=DMARC1;;p;=;\xff"])
    def test_of_records_that_say_anything(self, told: list[bytes]) -> None:
        escaped = tuple("".join(f"\\{byte:03d}" for byte in each) for each in told)
        with name_server({"leadjet.io": escaped}) as port:
            found = DnsNames("127.0.0.1", port).texts("leadjet.io")

        assert found is not None
        assert all(isinstance(each, str) for each in found)
        for rule in (health.spf, health.dmarc):
            assert rule("leadjet.io", found).seen
        assert health.dkim("leadjet.io", "s1", found).seen

    @quick
    @given(st.data())
    def test_of_an_answer_that_is_garbled(self, data: st.DataObject) -> None:
        first, last = sorted(data.draw(st.tuples(*[st.integers(12, 52)] * 2)))
        noise = data.draw(st.binary(max_size=8))

        def garbled(good: bytes) -> bytes:
            return good[:first] + noise + good[last:]

        with name_server({"leadjet.io": ("v=spf1 -all",)}, garbled) as port:
            names = DnsNames("127.0.0.1", port, seconds=0.2)
            found = names.texts("leadjet.io")

        assert found is None or all(isinstance(each, str) for each in found)

    @quick
    @given(st.binary(max_size=60) | words.map(lambda date: page(b"", head=f"Date: {date}\r\n")))
    @example(page(b"", head="Date: Fri, 31 Dec 9999 23:59:59 -1400\r\n"))
    @example(page(b"", head="Date: Mon, 01 Jan 2026 00:00:00 +99999999\r\n"))
    @example(page(b"", head="Date: ,\r\n"))
    def test_of_a_server_whose_hour_is_anything(self, liar: Liar, said: bytes) -> None:
        liar.said, liar.first = said, False
        at = DnsNames().time_at(f"http://127.0.0.1:{liar.port}")

        assert at is None or at.tzinfo is not None


class TestKeys:
    @quick
    @given(st.binary(max_size=40), st.integers(0, 3))
    @example(b"", 0)
    @example(b"k" * 32, 0)
    def test_of_a_program_that_gives_anything(
        self, tmp_path: Path, given_back: bytes, code: int
    ) -> None:
        answer, wrapped = tmp_path / "answer", tmp_path / "wrapped"
        answer.write_bytes(given_back)
        wrapped.unlink(missing_ok=True)
        program = KeyProgram(f"sh -c 'cat {answer}; exit {code}'", wrapped)
        if code or len(given_back) != 32:
            with pytest.raises(Refused, match="sh"):
                program.read()
        else:
            assert program.read() == (given_back,)

    @pytest.mark.parametrize("command", ["", "  ", "kms 'open", '"'])
    def test_of_a_program_that_is_none(self, tmp_path: Path, command: str) -> None:
        with pytest.raises(BreachDeskError, match="is no command"):
            KeyProgram(command, tmp_path / "wrapped")

    @quick
    @given(st.binary(max_size=70), st.sampled_from(["master.key", "vault/master.mark"]))
    def test_of_files_that_somebody_wrote(
        self, tmp_path: Path, content: bytes, name: str
    ) -> None:
        master = KeyFile(tmp_path / "master.key")
        if not (tmp_path / "vault").exists():
            Vault(tmp_path / "vault", master).keep_head("chain", 1, "sha256:1")
            assert list((tmp_path / "vault").glob("*mark*"))
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        (tmp_path / name).write_bytes(content)
        survives(lambda: Vault(tmp_path / "vault", master).head("chain"))
        for path, good in before.items():
            path.write_bytes(good)


class TestKeptFiles:
    @quick
    @given(st.binary(max_size=80) | words.map(lambda line: json.dumps({"line": line}).encode()))
    @example(DEEP)
    def test_of_anchors(self, tmp_path: Path, content: bytes) -> None:
        vault = Vault(tmp_path / "vault", bytes(32))
        folder = vault.folder / "anchors" / str(ORGANISATION)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "2026-11-20-0000000001.json").write_bytes(content)
        survives(lambda: kept(vault, ORGANISATION))

    @quick
    @given(
        st.binary(max_size=80)
        | st.lists(st.sampled_from(LINES), max_size=4).map(
            lambda lines: "".join(f"{each}\n" for each in lines).encode()
        )
    )
    def test_of_a_journal_of_an_outbox(self, tmp_path: Path, content: bytes) -> None:
        mailer = FileMailer(tmp_path / "outbox")
        mailer.mbox(SLIP).unlink(missing_ok=True)
        mailer.recall(SLIP)
        [journal] = [each for each in (tmp_path / "outbox").rglob("*") if each.is_file()]
        journal.write_bytes(content)

        assert isinstance(mailer.recall(SLIP), Finding)
        outcome = mailer.post(parcel("a@example.org"))
        assert outcome.result in {Result.ACCEPTED, Result.BLOCKED, Result.RECALLED}
        if outcome.result is Result.ACCEPTED:
            with journal.open("r+b") as file:
                read = Journal(file.fileno())
                read.read()
            assert SLIP.chunk in read.posted


class TestRequests:
    @quick
    @given(
        st.binary(max_size=80)
        | st.builds(
            lambda first, heads, body: b"\r\n".join([first, *heads, b"", body]),
            st.sampled_from([b"GET / HTTP/1.1", b"POST / HTTP/1.1", b"POST / HTTP/1.0"]),
            st.lists(
                st.binary(max_size=30)
                | st.sampled_from([b"Content-Length: 3", b"Content-Length: -1", b"Cookie: \xff",
                                   b"Transfer-Encoding: chunked", b"Expect: 100-continue"]),
                max_size=4,
            ),
            st.binary(max_size=20),
        )
    )  # fmt: skip
    def test_of_any_bytes_are_read_or_refused(self, listening: int, sent: bytes) -> None:
        with socket.create_connection(("127.0.0.1", listening), timeout=20) as opened:
            opened.sendall(sent)
            opened.shutdown(socket.SHUT_WR)
            said = b""
            with suppress(ConnectionError):
                while part := opened.recv(65_536):
                    said += part

        assert said == b"" or said.split()[1][:1] in {b"1", b"2", b"4"} or b" 501 " in said[:20]


@pytest.fixture(scope="module")
def listening() -> Iterator[int]:
    """Yield the port of a server whose application reads what it is sent."""

    def read(environ: dict[str, object], start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [("Content-Length", "0")])
        environ["wsgi.input"].read()  # type: ignore[attr-defined]  # a stream, by WSGI
        return [b""]

    opened = open_server(
        read, listen="127.0.0.1:0", proxy="", room=lambda _cookies: 1 << 16, headers={}
    )

    def run() -> None:
        with suppress(OSError):  # it is closed while it listens
            opened.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield opened.effective_port
    opened.close()
    thread.join(timeout=10)
