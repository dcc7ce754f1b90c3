"""Asks the DNS what it publishes, for a few seconds, and tries whether a server answers."""

import socket

import dns.exception
import dns.resolver

PATIENCE = 5.0


class DnsResolver:
    """Looks names up where the machine does, or at one name server."""

    def __init__(self, server: str | None = None, port: int = 53) -> None:
        """Ask `server` alone where one is given."""
        self._server, self._port = server, port

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the TXT records of a name; none of them is (); None if nobody answered."""
        try:
            resolver = dns.resolver.Resolver(configure=self._server is None)
            if self._server is not None:
                resolver.nameservers, resolver.port = [self._server], self._port
            found = resolver.resolve(name, "TXT", lifetime=PATIENCE)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError):
            return None
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found)

    def reaches(self, host: str, port: int) -> bool:
        """Tell whether a server takes connections there."""
        try:
            with socket.create_connection((host, port), timeout=PATIENCE):
                return True
        except OSError:
            return False
