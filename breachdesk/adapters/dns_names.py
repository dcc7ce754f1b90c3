"""Looks names up in the domain name system; asks servers who they are and what time it is."""

import http.client
import socket
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import dns.exception
import dns.resolver

SECONDS = 3.0


class DnsNames:
    """A resolver: the machine's own, or one server."""

    def __init__(
        self, server: str | None = None, port: int = 53, *, seconds: float = SECONDS
    ) -> None:
        """Ask `server` instead of those the machine is set to, for so many seconds."""
        self._server, self._port, self._seconds = server, port, seconds
        self._resolver: dns.resolver.Resolver | None = None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the TXT records of `name`, each in one piece; None where nobody can tell."""
        found = self._ask(name, "TXT")
        if found is None:
            return None
        return tuple(b"".join(each.strings).decode("utf-8", "replace") for each in found)

    def takes_mail(self, domain: str) -> bool | None:
        """Tell whether a domain takes mail (RFC 5321 §5.1, RFC 7505)."""
        servers = self._ask(domain, "MX")
        if servers is None:
            return None
        if servers:
            return any(str(each.exchange) != "." for each in servers)
        hosts = [self._ask(domain, kind) for kind in ("A", "AAAA")]
        if any(hosts):
            return True
        return None if None in hosts else False

    def reaches(self, host: str, port: int) -> bool:
        """Tell whether a server takes connections there."""
        try:
            with socket.create_connection((host, port), timeout=SECONDS):
                return True
        except OSError:
            return False

    def time_at(self, origin: str) -> datetime | None:
        """Return what time a web server says it is (RFC 9110 §6.6.1)."""
        parts = urlsplit(origin)
        kind = (
            http.client.HTTPSConnection
            if parts.scheme == "https"
            else http.client.HTTPConnection
        )
        try:
            connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
            try:
                connection.request("HEAD", "/")
                told = parsedate_to_datetime(connection.getresponse().headers["Date"] or "")
            finally:
                connection.close()
            return told.astimezone(UTC)
        except (OSError, http.client.HTTPException, ValueError, OverflowError):
            return None

    def certificate(self, host: str, port: int) -> datetime | str | None:
        """Return until when a server's certificate holds, or why it does not."""
        try:
            with (
                socket.create_connection((host, port), timeout=SECONDS) as plain,
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) as held,
            ):
                told: Any = held.getpeercert()
        except ssl.SSLCertVerificationError as fault:
            return fault.verify_message
        except (OSError, ValueError):
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), tz=UTC)

    def _ask(self, name: str, kind: str) -> list[Any] | None:
        """Return the records; none for a name that has none, None for no answer."""
        try:
            return list(self._made().resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError):
            return None

    def _made(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            made = dns.resolver.Resolver(configure=self._server is None)
            if self._server is not None:
                made.nameservers, made.port = [self._server], self._port
            made.lifetime = made.timeout = self._seconds
            self._resolver = made
        return self._resolver
