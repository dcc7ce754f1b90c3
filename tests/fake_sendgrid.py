"""SendGrid on the loopback: it takes, holds, cancels and sends, and can be told to fail.

It refuses what the service's own description refuses. A message of a cancelled batch is
discarded, whether it came before the cancellation or after; a cancellation that comes later
than ten minutes before the batch's time is answered like any other, and helps nothing.
"""

import json
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import sendgrid_reports

API_KEY = "SG.fake-key.0123456789"
MOST = 1000
ADDRESS = re.compile(r"[\x21-\x7e]+@[A-Za-z0-9.-]+\.[A-Za-z]+")
NO_ANSWER = -1
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

Now = Callable[[], datetime]


@dataclass
class Taken:
    """One request that was accepted."""

    body: dict[str, Any]
    discarded: bool
    receipt: str = ""
    at: datetime = EPOCH

    @property
    def batch(self) -> str | None:
        name = self.body.get("batch_id")
        return name if isinstance(name, str) else None


@dataclass
class FakeSendGrid:
    """What the service knows, and what it was told to do wrong.

    `faults` are taken one by one by requests to send: `lost` (taken, no answer), `reset` (not
    taken, no answer), `500 before`, `500 after`, `429`, `hang before`, `hang after`, `fine`,
    or a status to refuse with. `refused` are addresses it answers 400 to.
    """

    now: Now
    faults: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    blames: str | None = None
    batch_faults: list[int] = field(default_factory=list)
    most_cancelled: int = 10
    taken: list[Taken] = field(default_factory=list)
    batches: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    fates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    credits: int = 1_000_000
    suppressed: dict[str, list[str]] = field(default_factory=dict)
    log_faults: list[int] = field(default_factory=list)
    rehearsed: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    # -- what a test asks ----------------------------------------------------------------

    def letters(self) -> Iterator[tuple[str, EmailMessage]]:
        """Yield address and message of all that leaves: nothing of a cancelled batch."""
        for each in self.taken:
            if each.discarded:
                continue
            for personalization in each.body["personalizations"]:
                yield personalization["to"][0]["email"], message(each, personalization)

    def book(self) -> Counter[str]:
        """Count the messages that leave, by address."""
        return Counter(address for address, _ in self.letters())

    # -- what the service does -----------------------------------------------------------

    def answer(  # noqa: PLR0911  (one resource of the service a line)
        self, method: str, path: str, key: str, body: Any
    ) -> tuple[int, dict[str, str], Any]:
        with self._lock:
            self.requests[f"{method} {path.partition('?')[0]}"] += 1
            if key != f"Bearer {API_KEY}":
                return refusal(401, None)
            if (method, path) == ("POST", "/v3/mail/batch"):
                return self._batch()
            if (method, path) == ("POST", "/v3/mail/send"):
                return self._send(body)
            if path.startswith("/v3/user/scheduled_sends"):
                return self._scheduled(method, path.rpartition("/")[2], body)
            if path.startswith("/v3/logs"):
                return self._logs(method, path, body)
            if (method, path) == ("GET", "/v3/user/credits"):
                return 200, {}, {"remain": self.credits, "total": self.credits, "overage": 0}
            if method == "GET" and path.startswith("/v3/suppression/"):
                return self._suppressions(path)
            return refusal(404, None)

    def _logs(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:
        if self.log_faults:
            return refusal(self.log_faults.pop(0), None)
        logs = sendgrid_reports.Logs(self)
        if method == "GET":
            found = logs.read(path.removeprefix("/v3/logs/"))
            return (200, {}, found) if found else refusal(404, None)
        if not 1 <= body.get("limit", 10) <= MOST:
            return refusal(400, "limit")
        try:
            return 200, {}, {"messages": logs.search(body)}
        except ValueError:
            return refusal(400, "query")

    def _suppressions(self, path: str) -> tuple[int, dict[str, str], Any]:
        kind, _, asked = path.removeprefix("/v3/suppression/").partition("?")
        given = dict(each.split("=") for each in asked.split("&") if each)
        start = int(given.get("offset", 0))
        rows = self.suppressed.get(kind, [])[start : start + int(given.get("limit", 500))]
        return 200, {}, [{"created": 1, "email": each, "reason": "550"} for each in rows]

    def _batch(self) -> tuple[int, dict[str, str], Any]:
        if self.batch_faults:
            return refusal(self.batch_faults.pop(0), None)
        name = f"batch-{len(self.batches) + 1}"
        self.batches.add(name)
        return 201, {}, {"batch_id": name}

    def _send(self, body: Any) -> tuple[int, dict[str, str], Any]:  # noqa: PLR0911  (each fault ends it)
        fault = self.faults.pop(0) if self.faults else "fine"
        if fault.isdigit():
            headers = {"X-RateLimit-Reset": str(int(self.now().timestamp()) + 30)}
            status, _, document = refusal(int(fault), self.blames)
            return status, headers if status == 429 else {}, document
        if fault == "500 before":
            return refusal(500, None)
        if fault in {"reset", "hang before"}:
            return NO_ANSWER, {"how": fault}, None
        wrong = self._wrong(body)
        if wrong is not None:
            return refusal(400, wrong)
        if body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            self.rehearsed.append(body)
            return 200, {}, None
        self.taken.append(
            Taken(
                body,
                discarded=body.get("batch_id") in self.cancelled,
                receipt=f"message-{len(self.taken) + 1}",
                at=self.now(),
            )
        )
        if fault == "500 after":
            return refusal(500, None)
        if fault in {"lost", "hang after"}:
            return NO_ANSWER, {"how": fault}, None
        return 202, {"X-Message-Id": f"message-{len(self.taken)}"}, None

    def _scheduled(self, method: str, name: str, body: Any) -> tuple[int, dict[str, str], Any]:
        if method == "DELETE":
            known = name in self.cancelled
            self.cancelled.discard(name)
            for each in self._held(name, timedelta(0)):
                each.discarded = False
            return (204 if known else 404), {}, None
        if method == "GET":
            held = [{"batch_id": name, "status": "cancel"}] if name in self.cancelled else []
            return 200, {}, held
        name = body["batch_id"]
        if name not in self.batches or name in self.cancelled:
            return refusal(400, "batch_id")
        if len(self.cancelled) >= self.most_cancelled:
            return refusal(400, None)
        self.cancelled.add(name)
        for each in self._held(name, timedelta(minutes=10)):
            each.discarded = True
        return 201, {}, {"batch_id": name, "status": "cancel"}

    def _held(self, batch: str, ahead: timedelta) -> list[Taken]:
        """Return what of a batch is to be sent later than `ahead` of now."""
        until = (self.now() + ahead).timestamp()
        return [
            each for each in self.taken if each.batch == batch and each.body["send_at"] > until
        ]

    def _wrong(self, body: dict[str, Any]) -> str | None:  # noqa: C901, PLR0911, PLR0912  (one rule of the service a line)
        people = body.get("personalizations") or []
        if not 1 <= len(people) <= MOST:
            return "personalizations"
        if not (body.get("subject") and body.get("content")):
            return "content"
        if [each["type"] for each in body["content"]] != ["text/plain", "text/html"]:
            return "content"
        if not str(body["from"]).isascii() or not ADDRESS.fullmatch(body["from"]["email"]):
            return "from"
        if len(body.get("categories", [])) > 10:
            return "categories"
        if body.get("batch_id") is not None and body["batch_id"] not in self.batches:
            return "batch_id"
        ahead = body.get("send_at", 0) - self.now().timestamp()
        if body.get("send_at") is not None and ahead > timedelta(hours=72).total_seconds():
            return "send_at"
        if not all(isinstance(value, str) for value in body["custom_args"].values()):
            return "custom_args"
        seen = set()
        for number, person in enumerate(people):
            where = f"personalizations.{number}"
            if len(person["to"]) != 1 or {*person} - {"to", "substitutions", "custom_args"}:
                return f"{where}.to"
            address = person["to"][0]["email"]
            if not ADDRESS.fullmatch(address) or address in self.refused:
                return f"{where}.to.0.email"
            if address in seen:
                return f"{where}.to"
            seen.add(address)
            values = person.get("substitutions", {})
            if not all(isinstance(value, str) for value in values.values()):
                return None
            if len(json.dumps(values).encode()) > 10_000:
                return f"{where}.substitutions"
        return None


def refusal(status: int, named: str | None) -> tuple[int, dict[str, str], Any]:
    return status, {}, {"errors": [{"field": named, "message": "as the script says"}]}


def message(taken: Taken, personalization: dict[str, Any]) -> EmailMessage:
    """Return the message the service makes of one personalization: raw replacement."""
    body = taken.body

    def filled(text: str) -> str:
        for tag, value in personalization.get("substitutions", {}).items():
            text = text.replace(tag, value)
        return text

    made = EmailMessage()
    sender = body["from"]
    made["From"] = f"{json.dumps(sender['name'])} <{sender['email']}>"
    made["Reply-To"] = body["reply_to"]["email"]
    made["To"] = ", ".join(each["email"] for each in personalization["to"])
    made["Subject"] = filled(body["subject"])
    made["Message-ID"] = f"<{personalization['custom_args']['bd_n']}@fake.example>"
    plain, html = (filled(each["value"]) for each in body["content"])
    made.set_content(plain)
    made.add_alternative(html, subtype="html")
    for name, value in body["headers"].items():
        made[name] = value
    return made


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 and keeps connections."""

    protocol_version = "HTTP/1.1"
    fake: FakeSendGrid

    def setup(self) -> None:
        super().setup()
        self.fake.connections += 1

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        key = self.headers.get("Authorization", "")
        document = json.loads(content) if content else None
        status, headers, answer = self.fake.answer(self.command, self.path, key, document)
        if status == NO_ANSWER:
            if headers["how"].startswith("hang"):
                self.fake.released.wait()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _any  # noqa: N815  (the server looks for these names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base names it so)
        """Say nothing."""


@contextmanager
def serving(now: Now, tls: ssl.SSLContext | None = None) -> Iterator[FakeSendGrid]:
    """Serve a fake on a port of the loopback while the block runs."""
    fake = FakeSendGrid(now)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": fake}))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    fake.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
