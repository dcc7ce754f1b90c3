"""A desk that is served by a process of its own, and browsers that visit it."""

import json
import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from postgresql import server

OK, SEEN, GONE, FAILED = 200, 303, 503, 500
HOUSE = UUID("00000000-0000-7000-8000-000000000001")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PROGRAM = ("-m", "breachdesk")
PATIENCE = 180


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield a database address of each kind."""
    with server() as url:
        yield {"sqlite": f"sqlite:///{folder / 'breachdesk.sqlite'}", "postgresql": url}


@dataclass
class Desk:
    """A desk that is served by a process of its own."""

    port: int
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """Run a command of the terminal on the same home and return what it said."""
        return subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, *PROGRAM, *words],
            check=True, capture_output=True, text=True, env=self.environment,
        ).stdout  # fmt: skip

    def invite(self) -> tuple[str, str]:
        """Let a member in and return address and password."""
        email = "bench@example.org"
        said = self.command("member", "invite", email, "--name", "Bench", "--role", "responder",
                            "--role", "dpo", "--json")  # fmt: skip
        return email, json.loads(said)["password"]

    def get(self, path: str, headers: dict[str, str] | None = None) -> int:
        """Return the status of a page."""
        return ask(self.port, "GET", path, None, headers or {})[0]

    def whole(self) -> bool:
        """Tell whether the trail is whole."""
        return bool(json.loads(self.command("trail", "verify", "--json"))["whole"])

    def memory(self) -> int:
        """Return the bytes that the serving process holds."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()


@contextmanager
def served(
    url: str,
    folder: Path,
    *,
    program: tuple[str, ...] = PROGRAM,
    verb: str = "run",
    log: int = subprocess.DEVNULL,
) -> Iterator[Desk]:
    """Serve a home on `url`. Fails if it does not answer in three minutes.

    What the desk says of faults goes into the open file `log`.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ, "BREACHDESK_HOME": str(folder / "home"), "BREACHDESK_DATABASE_URL": url,
        "BREACHDESK_LISTEN": f"127.0.0.1:{port}",
    }  # fmt: skip
    with ExitStack() as end:
        process = started(program, verb, environment, log)
        end.callback(process.wait)
        end.callback(process.terminate)
        desk = Desk(port, process, environment)
        until = time.monotonic() + PATIENCE
        while desk.get("/healthz") != OK:
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("the desk does not answer")
            time.sleep(0.1)
        yield desk


def started(
    program: tuple[str, ...],
    verb: str,
    environment: dict[str, str],
    log: int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start a program of the desk's that goes on until it is ended."""
    return subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, *program, verb], env=environment, stderr=log
    )


@dataclass
class Browser:
    """Whoever visits a desk: keeps cookies, and counts what was answered."""

    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    status: int = 0
    _jar: dict[str, str] = field(default_factory=dict)

    @property
    def cookies(self) -> str:
        """Return what it shows with each request."""
        return "; ".join(f"{name}={value}" for name, value in self._jar.items())

    def visit(self, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        """Return the text of an answer."""
        body = None if fields is None else urlencode(fields).encode()
        headers = {"Cookie": self.cookies}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        self.status, text, cookies = ask(self.port, method, path, body, headers)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[self.status] += 1
        for each in cookies:
            name, _, rest = each.partition("=")
            self._jar[name] = rest.partition(";")[0]
        return text

    def send(self, path: str, page: str, fields: dict[str, str]) -> bool:
        """Post a form of a page; tell whether it was taken."""
        found = TOKEN.search(page)
        self.visit("POST", path, {"csrf_token": found[1] if found else "", **fields})
        return self.status == SEEN

    def sign_in(self, email: str, password: str) -> None:
        """Sign in."""
        page = self.visit("GET", "/sign-in")
        self.send("/sign-in", page, {"email": email, "password": password})


def ask(
    port: int, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, str, list[str]]:
    """Return status, text and cookies of an answer; status 0 for none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, text, answer.headers.get_all("Set-Cookie") or []
    except OSError:
        return 0, "", []
    finally:
        connection.close()
