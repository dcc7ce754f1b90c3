"""A desk elsewhere is called once, signed, at the address that was looked at."""

import hashlib
import hmac
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from breachdesk.adapters.webhook import Trust, Webhook, resolved
from breachdesk.delivery.terms import (
    NO_TICKET,
    Finding,
    Folder,
    Outcome,
    Parcel,
    Recipient,
    Result,
    Sender,
    Slip,
)
from breachdesk.kernel.errors import Unusable
from breachdesk.reminders.rules import outgoing
from conftest import NOW, FixedClock
from loopback_smtp import certificates

SECRET = "a secret of twenty-four characters"
HERE = outgoing.networks("127.0.0.0/8")
BODY = json.dumps({"type": "breachdesk.reminder", "label": {"fr": "Échéance"}})
ID = UUID("01990000-0000-7000-8000-000000000001")


class Elsewhere(http.server.ThreadingHTTPServer):
    """Notes what it hears, and answers as it is told to."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        self.silent = threading.Event()
        self.silent.set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that hangs up is meant to."""


class _Ear(http.server.BaseHTTPRequestHandler):
    server: Elsewhere

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers.items()), body))
        self.server.silent.wait(30)
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name)
        """Write nothing."""


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    yield from serving(None)


def serving(tls: ssl.SSLContext | None) -> Iterator[Elsewhere]:
    server = Elsewhere(tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.silent.set()
    server.shutdown()
    server.server_close()
    thread.join()


def parcel() -> Parcel:
    return Parcel(
        slip=Slip("BD-2026-0001-reminders", Folder.STAFF, ID, 1),
        sender=Sender("Leadjet", "dpo@leadjet.example", "dpo@leadjet.example"),
        at=NOW,
        locale="en",
        subject="",
        text=BODY,
        html="",
        recipients=(Recipient(1, ""),),
    )


def calling(
    server: Elsewhere,
    resolve: Callable[[str, int], list[str]] = resolved,
    *,
    networks: tuple[outgoing.Network, ...] = HERE,
    whole_seconds: float = 20,
) -> Webhook:
    port = server.server_address[1]
    return Webhook(
        f"http://hook.example:{port}/in?key=1",
        SECRET,
        FixedClock(),
        trust=Trust(clear=True, networks=networks),
        resolve=resolve,
        whole_seconds=whole_seconds,
    )


def here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def genuine(secret: bytes, header: str, body: bytes) -> bool:
    """Verify as the documentation tells receivers to."""
    told = dict(part.split("=", 1) for part in header.split(","))
    wanted = hmac.new(secret, told["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    fresh = abs(NOW.timestamp() - int(told["t"])) < timedelta(minutes=5).total_seconds()
    return fresh and hmac.compare_digest(wanted, told["v1"])


class TestPost:
    def test_is_heard_once_with_a_signature_that_holds(self, elsewhere: Elsewhere) -> None:
        outcome = calling(elsewhere, here).post(parcel())

        assert (outcome.result, outcome.proof) == (Result.ACCEPTED, "answered 204")
        [(path, headers, body)] = elsewhere.heard
        assert (path, body.decode()) == ("/in?key=1", BODY)
        assert headers["BreachDesk-Id"] == str(ID)
        assert headers["Host"] == f"hook.example:{elsewhere.server_address[1]}"
        assert headers["Content-Type"] == "application/json"
        assert genuine(SECRET.encode(), headers["BreachDesk-Signature"], body)
        assert not genuine(b"another", headers["BreachDesk-Signature"], body)
        assert not genuine(SECRET.encode(), headers["BreachDesk-Signature"], body + b" ")

    def test_goes_to_the_address_that_was_looked_at(self, elsewhere: Elsewhere) -> None:
        answers = [["127.0.0.1"], ["10.0.0.1"]]
        asked: list[str] = []

        def rebinding(host: str, _port: int) -> list[str]:
            asked.append(host)
            return answers.pop(0)

        assert calling(elsewhere, rebinding).post(parcel()).result is Result.ACCEPTED
        assert asked == ["hook.example"]

    @pytest.mark.parametrize(
        "addresses", [["127.0.0.1"], ["169.254.169.254"], ["1.1.1.1", "10.0.0.1"], []]
    )
    def test_calls_no_closed_network(self, elsewhere: Elsewhere, addresses: list[str]) -> None:
        outcome = calling(elsewhere, lambda *_: addresses, networks=()).post(parcel())

        assert outcome.result is Result.BLOCKED
        assert elsewhere.heard == []

    @pytest.mark.parametrize(
        ("status", "result"),
        [
            (200, Result.ACCEPTED),
            (301, Result.BLOCKED),
            (307, Result.BLOCKED),
            (404, Result.BLOCKED),
            (429, Result.RETRY),
            (503, Result.RETRY),
        ],
    )
    def test_tells_what_the_answer_means_and_follows_none(
        self, elsewhere: Elsewhere, status: int, result: Result
    ) -> None:
        elsewhere.status = status

        assert calling(elsewhere, here).post(parcel()).result is result
        assert len(elsewhere.heard) == 1

    def test_cannot_tell_of_a_desk_that_stays_silent(self, elsewhere: Elsewhere) -> None:
        elsewhere.silent.clear()

        outcome = calling(elsewhere, here, whole_seconds=0.3).post(parcel())

        assert outcome.result is Result.UNKNOWN

    def test_is_certain_that_nothing_left_without_a_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        webhook = Webhook(
            f"http://127.0.0.1:{port}/",
            SECRET,
            FixedClock(),
            trust=Trust(clear=True, networks=HERE),
        )

        assert webhook.post(parcel()).result is Result.RETRY

    def test_waits_for_a_name_that_cannot_be_resolved(self, elsewhere: Elsewhere) -> None:
        def unknown(_host: str, _port: int) -> list[str]:
            raise OSError

        assert calling(elsewhere, unknown).post(parcel()).result is Result.RETRY

    def test_trusts_only_a_certificate_of_that_name(self, tmp_path: Path) -> None:
        made = certificates(tmp_path)
        for server in serving(made.server):
            port = server.server_address[1]
            results = [
                Webhook(
                    f"https://{host}:{port}/",
                    SECRET,
                    FixedClock(),
                    trust=Trust(networks=HERE, tls=tls),
                    resolve=here,
                )
                .post(parcel())
                .result
                for host, tls in (
                    ("127.0.0.1", made.client),
                    ("hook.example", made.client),
                    ("127.0.0.1", None),
                )
            ]
            assert results == [Result.ACCEPTED, Result.RETRY, Result.RETRY]
            assert len(server.heard) == 1


class TestWebhook:
    def test_cannot_call_back_what_was_called(self, elsewhere: Elsewhere) -> None:
        webhook = calling(elsewhere)

        assert webhook.prepare() == NO_TICKET
        assert not isinstance(webhook.prepare(), Outcome)
        assert webhook.recall(parcel().slip) is Finding.CANNOT_TELL

    def test_asks_for_a_secret_that_is_long_enough(self) -> None:
        with pytest.raises(Unusable, match="has 5 characters; 24 at least"):
            Webhook("https://hook.example/", "short", FixedClock())
