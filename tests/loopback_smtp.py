"""A mail server on the loopback: it takes messages one by one, and can be told to fail."""

import base64
import contextlib
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "desk", "a password of the tests"


@dataclass
class LoopbackSmtp:
    """What the server took, and how it answers.

    `answers` gives the answer to RCPT by address; `lost` are addresses whose message it takes
    without an answer, `dropped` those at whose DATA it hangs up, `silent` those for whose
    message it answers only when released. `sender` answers MAIL.
    """

    answers: dict[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    final: dict[str, str] = field(default_factory=dict)
    sender: str = "250 fine"
    offers_tls: bool = True
    password: str | None = None
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    seen_in_clear: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    smtp: LoopbackSmtp
    tls: ssl.SSLContext
    implicit: bool

    def setup(self) -> None:
        self.secure = self.implicit
        if self.implicit:
            self.request = self.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.smtp.connections += 1
        self.to = ""
        with contextlib.suppress(OSError, ssl.SSLError):
            self.say("220 loopback")
            while self.command(self.rfile.readline().decode().rstrip("\r\n")):
                pass

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        if self.secure:
            self.request.close()

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def command(self, line: str) -> bool:  # noqa: C901  (one case a command)
        if not self.secure:
            self.smtp.seen_in_clear.append(line)
        match line.partition(" "):
            case ("", _, _) | ("quit", _, _):
                return False
            case ("ehlo", _, _):
                offers = ["250-loopback"]
                if self.smtp.offers_tls and not self.secure:
                    offers.append("250-STARTTLS")
                if self.secure and self.smtp.password is not None:
                    offers.append("250-AUTH PLAIN")
                self.say(*offers, "250 8BITMIME")
            case ("STARTTLS", _, _):
                self.say("220 go on")
                self.start_tls()
            case ("AUTH", _, rest):
                given = base64.b64decode(rest.split()[1]).decode().split("\0")[1:]
                right = given == [USER, self.smtp.password]
                self.say("235 welcome" if right else "535 5.7.8 wrong")
            case ("mail", _, _):
                self.say(self.smtp.sender)
            case ("rcpt", _, rest):
                self.to = rest.partition("<")[2].partition(">")[0]
                self.say(self.smtp.answers.get(self.to, "250 fine"))
            case ("DATA", _, _):
                return self.data()
            case _:
                self.say("250 fine")
        return True

    def start_tls(self) -> None:
        self.rfile.close()
        self.wfile.close()
        self.request = self.tls.wrap_socket(self.request, server_side=True)
        self.secure = True
        super().setup()

    def data(self) -> bool:
        if self.to in self.smtp.dropped:
            return False
        self.say("354 go on")
        content = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\r\n") or len(line) > 1000:
                return False
            content += line.removeprefix(b".") if line.startswith(b"..") else line
        final = self.smtp.final.get(self.to, "250 taken")
        if final.startswith("250"):
            self.smtp.taken.append((self.to, content))
        if self.to in self.smtp.lost:
            return False
        if self.to in self.smtp.silent:
            self.smtp.released.wait()
            return False
        self.say(final)
        return True


@dataclass(frozen=True)
class Certificates:
    """An authority of our own: what a server shows, and what a client trusts."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certificates(folder: Path) -> Certificates:
    """Return contexts for a server at 127.0.0.1 that signed its certificate itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=20_000))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain = folder / "loopback.pem"
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return Certificates(server, ssl.create_default_context(cafile=str(chain)))


class Server(socketserver.ThreadingTCPServer):
    """Says nothing of connections that a client gave up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that distrusts our certificate hangs up, and is meant to."""


@contextmanager
def serving(tls: ssl.SSLContext, *, implicit: bool = False) -> Iterator[LoopbackSmtp]:
    """Serve on a port of the loopback while the block runs."""
    smtp = LoopbackSmtp()
    bound = type("Bound", (Session,), {"smtp": smtp, "tls": tls, "implicit": implicit})
    server = Server(("127.0.0.1", 0), bound)
    smtp.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield smtp
    finally:
        smtp.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
