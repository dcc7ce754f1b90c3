"""Requests to SendGrid over connections that are kept, with time-outs.

The official client knows how to sign in; its transport opens a connection for each request,
waits for ever, and writes keys and addresses to the log when asked for detail. So its headers
are taken, and `http.client` carries them. Nothing here logs, and no error repeats an address,
an answer or the key.
"""

import http.client
import json
import select
import socket
import ssl
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from sendgrid import SendGridAPIClient

from breachdesk.kernel import documents
from breachdesk.kernel.errors import Unusable

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
ANSWER_BYTES = 1_000_000
"""No answer that we read is longer."""


class Unsent(Exception):
    """No byte of the request left: no connection, no such host, no trusted certificate."""


class Unanswered(Exception):
    """The request left, wholly or in part, and no answer came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def document(self) -> object:
        """Return the JSON it holds; None if it holds none."""
        try:
            return documents.from_json(self.content)
        except ValueError:
            return None


class Transport:
    """Connections to one host, kept open between requests. Threads may share it."""

    def __init__(
        self,
        host: str,
        api_key: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect to nothing yet. Raises Unusable for an address or a key that cannot be."""
        address = urlsplit(host)
        secure = address.scheme == "https"
        try:
            name, port = address.hostname or "", address.port
        except ValueError:
            name, port = "", None
        if not name or address.path.strip("/") or address.query or address.username:
            raise Unusable(f"BREACHDESK_SENDGRID_HOST is {host!r}, which is no base address")
        if not secure and not (address.scheme == "http" and _is_here(name)):
            raise Unusable(
                "BREACHDESK_SENDGRID_HOST must begin with https://, so that no address and no "
                "key travels in clear"
            )
        if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
            raise Unusable("SENDGRID_API_KEY holds characters that no key has")
        self._name, self._port = name, port
        self._tls = (tls or ssl.create_default_context()) if secure else None
        self._times = connect_seconds, read_seconds
        client = SendGridAPIClient(api_key=api_key, host=host)
        self._headers = dict(client.client.request_headers)
        self._idle: deque[http.client.HTTPConnection] = deque()

    def ask(self, method: str, path: str, document: object = None) -> Answer:
        """Send one request and return the answer. Raises Unsent or Unanswered.

        Bytes travel as they are: they are JSON already.
        """
        content = document if isinstance(document, bytes | None) else _encoded(document)
        connection = self._connection()
        headers = dict(self._headers)
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            answer = Answer(
                response.status, _lower(response.getheaders()), response.read(ANSWER_BYTES)
            )
        except (OSError, http.client.HTTPException):
            connection.close()
            raise Unanswered from None
        if response.will_close or not response.isclosed():
            connection.close()
        else:
            self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Let go of the connections that wait."""
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> http.client.HTTPConnection:
        """Return a connection that nobody uses, and that the other side has not closed."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._new_connection()
            if not _is_stale(connection):
                return connection
            connection.close()

    def _new_connection(self) -> http.client.HTTPConnection:
        connect_seconds, read_seconds = self._times
        connection = (
            http.client.HTTPConnection(self._name, self._port, timeout=connect_seconds)
            if self._tls is None
            else http.client.HTTPSConnection(
                self._name, self._port, timeout=connect_seconds, context=self._tls
            )
        )
        try:
            connection.connect()
        except (OSError, ValueError):  # ValueError: a name that IDNA cannot encode
            connection.close()
            raise Unsent from None
        connection.sock.settimeout(read_seconds)
        return connection


def _encoded(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _lower(headers: list[tuple[str, str]]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers}


def _is_stale(connection: http.client.HTTPConnection) -> bool:
    """Tell whether something came in while nothing was asked: the end, or what is not ours."""
    waiting: socket.socket | None = connection.sock
    if waiting is None:
        return True
    return bool(select.select([waiting], [], [], 0)[0])


def _is_here(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
