"""Calls a desk elsewhere over HTTPS, signed, at an address that was looked at before.

The name is resolved once and the connection made to one of the addresses found, so that a name
which answers otherwise a moment later leads nowhere else. Redirects are not followed.
"""

import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from breachdesk.delivery.terms import NO_TICKET, Finding, Outcome, Parcel, Result, Slip, Ticket
from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Unusable
from breachdesk.reminders.rules import outgoing
from breachdesk.reminders.rules.outgoing import Network, Target

CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 20.0
ANSWER_BYTES = 65_536
SHORTEST_SECRET = 24
PATIENCE = timedelta(minutes=2)
LATER = frozenset({408, 425, 429})
Resolve = Callable[[str, int], list[str]]


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def signature(secret: bytes, at: datetime, body: bytes) -> str:
    """Return the signature of a call: HMAC-SHA256 over the timestamp, a point and the body."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


@dataclass(frozen=True, slots=True)
class Trust:
    """What was allowed besides TLS to the open network: plain HTTP, and private networks."""

    clear: bool = False
    networks: tuple[Network, ...] = ()
    tls: ssl.SSLContext | None = None


class Webhook:
    """A mailer whose parcels are calls: what the text of the parcel says, as JSON."""

    name = "webhook"
    together = 1
    patience = PATIENCE

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Clock,
        *,
        trust: Trust = Trust(),
        resolve: Resolve = resolved,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        """Call nobody yet. Raises Unusable for an address or a secret that cannot be."""
        self._target = outgoing.target(url, clear=trust.clear)
        if len(secret) < SHORTEST_SECRET:
            raise Unusable(
                f"BREACHDESK_WEBHOOK_SECRET has {len(secret)} characters; "
                f"{SHORTEST_SECRET} at least"
            )
        self._secret = secret.encode()
        self._clock, self._trust = clock, trust
        self._resolve, self._seconds = resolve, whole_seconds

    def has_room(self, out: Sequence[tuple[Ticket, bool]]) -> bool:
        """Tell that there always is: nothing can be called back from here."""
        del out
        return True

    def prepare(self) -> Ticket | Outcome:
        """Return no ticket: what was called cannot be called back."""
        return NO_TICKET

    def recall(self, slip: Slip) -> Finding:
        """Tell that nobody can tell: a call that was not answered may have been heard."""
        del slip
        return Finding.CANNOT_TELL

    def post(self, parcel: Parcel) -> Outcome:
        """Call once. A word that never came back is unknown, and not repeated by us."""
        target, body = self._target, parcel.text.encode()
        try:
            addresses = self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            return Outcome(Result.RETRY, why="its name cannot be resolved")
        if not addresses or not all(
            outgoing.permitted(each, self._trust.networks) for each in addresses
        ):
            return Outcome(Result.BLOCKED, why="its address is in a network not to be called")
        connection = _Pinned(target, addresses[0], self._context())
        watch = threading.Timer(self._seconds, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            return self._ask(connection, parcel, body)
        finally:
            watch.cancel()
            connection.close()

    def _ask(self, connection: "_Pinned", parcel: Parcel, body: bytes) -> Outcome:
        try:
            connection.connect()
        except (OSError, ValueError):
            return Outcome(Result.RETRY, why="no connection, or no certificate to trust")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "BreachDesk",
            "BreachDesk-Id": str(parcel.slip.chunk),
            "BreachDesk-Signature": signature(self._secret, self._clock.now(), body),
        }
        try:
            connection.request("POST", self._target.path, body, headers)
            answer = connection.getresponse()
            answer.read(ANSWER_BYTES)
        except (OSError, http.client.HTTPException, ValueError):
            return Outcome(Result.UNKNOWN, why="it did not answer")
        return _told(answer.status)

    def _context(self) -> ssl.SSLContext | None:
        if not self._target.secure:
            return None
        return self._trust.tls or ssl.create_default_context()


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, under the name that the certificate must bear."""

    def __init__(self, target: Target, address: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self.default_port = 443 if target.secure else 80
        self._address, self._tls = address, tls

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        self.sock = plain
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """End it, whatever the other side is still about."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _told(status: int) -> Outcome:
    """Return what an answer means."""
    said = f"answered {status}"
    if http.HTTPStatus.OK <= status < http.HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(Result.ACCEPTED, proof=said)
    if status in LATER or status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome(Result.RETRY, why=said)
    if status < http.HTTPStatus.BAD_REQUEST:
        return Outcome(Result.BLOCKED, why=f"{said}; redirects are not followed")
    return Outcome(Result.BLOCKED, why=said)
