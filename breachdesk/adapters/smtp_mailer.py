"""Posts message by message to a mail server, each to one address.

A server answers for each message, so a chunk may be taken in part: what it refuses for one
reader does not hold up the others. Once the end of a message has left and no answer came,
nobody can tell whether it was taken, now or later: there is nothing to ask and nothing to call
back. Such a message stays in doubt until a person decides.
"""

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from breachdesk.delivery import rules
from breachdesk.delivery.terms import (
    NO_TICKET,
    Finding,
    Outcome,
    Parcel,
    Recipient,
    Result,
    Slip,
    Ticket,
)
from breachdesk.kernel.errors import Unusable

URL, PASSWORD = "BREACHDESK_SMTP_URL", "BREACHDESK_SMTP_PASSWORD"
PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
STEP_SECONDS = 60.0
"""So long one answer is waited for."""
WORK_SECONDS = 300.0
"""After so long a posting takes up no further message; the rest waits for another."""
POLICY_LIMIT = 10
"""So many refusals by policy in a row, and none taken, blame us and not the readers."""
_NOTHING, _START_DATA = -1, 354
_LATER, _CLOSING, _NEVER, _NO_TRANSACTION = 400, 421, 500, 554
"""Answers of RFC 5321 §4.2: from 400 on nothing was taken, from 500 on nothing will be."""
_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Server:
    """Where messages are handed over, and how one signs in there."""

    security: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)


def server(url: str, password: str = "") -> Server:
    """Read a server's address: `smtps://`, `smtp://` with STARTTLS, `smtp+plain://` without.

    Raises Unusable for what is no address, or for a password that would be seen.
    """
    address = urlsplit(url)
    try:
        host, port = address.hostname or "", address.port
    except ValueError:
        host, port = "", None
    if address.scheme not in PORTS or not host or address.path.strip("/"):
        raise Unusable(f"{URL} must be smtps://user@host:465, smtp:// or smtp+plain://")
    if address.password is not None:
        raise Unusable(f"{URL} holds a password; it belongs in {PASSWORD}")
    user = unquote(address.username or "")
    if user and not password:
        raise Unusable(f"{URL} names a user; set {PASSWORD}")
    if user and address.scheme == "smtp+plain":
        raise Unusable(f"{URL} would show a password on the way; use smtps:// or smtp://")
    return Server(address.scheme, host, port or PORTS[address.scheme], user, password)


class Fault(Exception):
    """The rest of a posting has this outcome, and so, if it is unknown, has the message."""

    def __init__(self, result: Result, why: str) -> None:
        """Hold what became of the message at hand."""
        super().__init__(why)
        self.result, self.why = result, why


class SmtpMailer:
    """A mail server that relays for us, over a connection that is kept."""

    name = "smtp"
    together = 1
    patience = timedelta(minutes=10)

    def __init__(
        self,
        to: Server,
        *,
        tls: ssl.SSLContext | None = None,
        step_seconds: float = STEP_SECONDS,
        work_seconds: float = WORK_SECONDS,
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect to nothing yet. `passed` counts seconds, from whenever."""
        self._to, self._step_seconds, self._work_seconds = to, step_seconds, work_seconds
        self._passed = passed
        self._tls = None if to.security == "smtp+plain" else tls or ssl.create_default_context()
        self._idle: list[smtplib.SMTP] = []
        self._lock = threading.Lock()

    def has_room(self, out: Sequence[tuple[Ticket, bool]]) -> bool:
        """Tell that there always is: nothing can be called back from here."""
        del out
        return True

    def prepare(self) -> Ticket:
        """Return nothing to keep: a mail server gives nothing by which to call back."""
        return NO_TICKET

    def post(self, parcel: Parcel) -> Outcome:
        """Hand over one message after another; `parted` where they fared differently."""
        try:
            letters = rules.Letters(parcel)
            messages = [(each, letters.message(each)) for each in parcel.recipients]
            sender = rules.travelling(parcel.sender.address)
        except Unusable as fault:
            return Outcome(Result.BLOCKED, why=str(fault))
        try:
            connection = self._connection()
        except Fault as fault:
            return Outcome(fault.result, why=fault.why)
        return self._hand_over(connection, sender, messages)

    def recall(self, slip: Slip) -> Finding:
        """Say that nobody can tell: a mail server is not asked and takes nothing back."""
        del slip
        return Finding.CANNOT_TELL

    def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _hand_over(
        self, connection: smtplib.SMTP, sender: str, messages: list[tuple[Recipient, bytes]]
    ) -> Outcome:
        results: dict[int, Result] = {}
        why, policy, until = "", 0, self._passed() + self._work_seconds
        for recipient, content in messages:
            if self._passed() >= until:
                break
            try:
                result, by_policy, said = _message(
                    connection, sender, recipient.address, content
                )
            except Fault as fault:
                connection.close()
                if fault.result is not Result.UNKNOWN:
                    return _summed(messages, results, fault.result, fault.why)
                results[recipient.number] = Result.UNKNOWN
                return _summed(messages, results, Result.RETRY, fault.why)
            results[recipient.number], why = result, said or why
            policy = policy + 1 if by_policy else 0
            if policy == POLICY_LIMIT and Result.ACCEPTED not in results.values():
                self._keep(connection)
                return Outcome(Result.BLOCKED, why=said)
        self._keep(connection)
        return _summed(messages, results, Result.RETRY, why)

    def _connection(self) -> smtplib.SMTP:
        """Return a connection that answers, signed in. Raises Fault; nothing has left then."""
        with self._lock:
            waiting = self._idle.pop() if self._idle else None
        if waiting is not None:
            try:
                if waiting.noop()[0] == 250:  # noqa: PLR2004  (the answer "fine" of RFC 5321)
                    return waiting
            except (OSError, smtplib.SMTPException):
                pass  # it was closed while nobody used it
            waiting.close()
        return self._new_connection()

    def _new_connection(self) -> smtplib.SMTP:
        connection = None
        try:
            connection = self._connected()
            if self._to.security == "smtp":
                connection.starttls(context=self._tls)
            connection.ehlo_or_helo_if_needed()
            if self._to.user:
                connection.login(self._to.user, self._to.password)
        except (OSError, smtplib.SMTPException) as fault:
            if connection is not None:
                connection.close()
            raise _unreachable(fault) from None
        return connection

    def _connected(self) -> smtplib.SMTP:
        to, seconds = self._to, self._step_seconds
        if to.security == "smtps":
            return smtplib.SMTP_SSL(to.host, to.port, timeout=seconds, context=self._tls)
        return smtplib.SMTP(to.host, to.port, timeout=seconds)

    def _keep(self, connection: smtplib.SMTP) -> None:
        with self._lock:
            self._idle.append(connection)


def _message(
    connection: smtplib.SMTP, sender: str, address: str, content: bytes
) -> tuple[Result, bool, str]:
    """Hand over one message; return its result, whether policy refused it, and why.

    Raises Fault where the rest cannot go on, UNKNOWN where this message is in doubt.
    """
    travelling = rules.travelling(address)
    options = [] if (travelling + sender).isascii() else ["SMTPUTF8"]
    if options and not connection.has_extn("smtputf8"):
        return Result.REFUSED, False, "the mail server takes no address beyond ASCII"
    connection.command_encoding = "utf-8" if options else "ascii"
    try:
        code, said = connection.mail(sender, options)
        if not _fine(code):
            raise _denied(code, "our sender")
        code, said = connection.rcpt(travelling)
        if _fine(code):
            code, said = connection.docmd("DATA")
        if code != _START_DATA:
            connection.rset()
            return _refusal(code, said)
    except (OSError, smtplib.SMTPException):
        raise Fault(Result.RETRY, "the mail server closed the connection") from None
    return _content(connection, content)


def _content(connection: smtplib.SMTP, content: bytes) -> tuple[Result, bool, str]:
    """Hand over the message itself. From its first byte on, no answer means doubt."""
    try:
        connection.send(_DOT.sub(b"..", content.replace(b"\n", b"\r\n")) + b".\r\n")
        code, said = connection.getreply()
    except (OSError, smtplib.SMTPException):
        code, said = _NOTHING, b""
    if _fine(code):
        return Result.ACCEPTED, False, ""
    if code < _LATER:
        raise Fault(Result.UNKNOWN, "the mail server did not answer for a message it was given")
    return _refusal(code, said)


def _refusal(code: int, said: bytes) -> tuple[Result, bool, str]:
    """Return what an answer that takes nothing makes of one message."""
    why = f"the mail server answered {code}"
    if code == _CLOSING or code < _LATER:
        raise Fault(Result.RETRY, why)
    if code < _NEVER:
        return Result.RETRY, False, why
    return Result.REFUSED, said.startswith(b"5.7.") or code == _NO_TRANSACTION, why


def _summed(
    messages: list[tuple[Recipient, bytes]], results: dict[int, Result], rest: Result, why: str
) -> Outcome:
    """Return one outcome for all, or `parted`; what has no result yet gets `rest`."""
    for recipient, _ in messages:
        results.setdefault(recipient.number, rest)
    parts: dict[Result, tuple[int, ...]] = {}
    for number, result in results.items():
        parts[result] = (*parts.get(result, ()), number)
    if len(parts) == 1 and (Result.REFUSED not in parts or len(results) == 1):
        return Outcome(next(iter(parts)), proof=_proof(parts), why=why)
    return Outcome(Result.PARTED, proof=_proof(parts), why=why, parts=parts)


def _proof(parts: dict[Result, tuple[int, ...]]) -> str:
    return f"250 for {len(parts[Result.ACCEPTED])}" if Result.ACCEPTED in parts else ""


def _unreachable(fault: Exception) -> Fault:
    """Return what it means that no connection came about. Nothing has left."""
    match fault:
        case smtplib.SMTPAuthenticationError():
            return _denied(fault.smtp_code, "our password")
        case smtplib.SMTPNotSupportedError():
            return Fault(Result.BLOCKED, "the mail server offers no TLS, or no known sign-in")
        case ssl.SSLCertVerificationError():
            return Fault(Result.BLOCKED, "the certificate of the mail server is not trusted")
        case _:
            return Fault(Result.RETRY, "the mail server could not be reached")


def _denied(code: int, what: str) -> Fault:
    result = Result.RETRY if code < _NEVER else Result.BLOCKED
    return Fault(result, f"the mail server answered {code} to {what}")


def _fine(code: int) -> bool:
    return code // 100 == 2  # noqa: PLR2004  (RFC 5321 §4.2.1: the first digit says yes)
