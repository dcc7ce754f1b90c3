"""Faults and load, on SQLite and PostgreSQL: does the desk keep its promises?

    python bench/faults.py kill --runs 200       kill -9 at random during commands
    python bench/faults.py gone --seconds 60     PostgreSQL stopped, and started again
    python bench/faults.py load --users 50 --seconds 120
    python bench/faults.py upload --bytes 2147483648   a body too large, and a slow client

Each prints one line of JSON a database, and exits 1 if a promise was broken.
"""

import argparse
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import make_url

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from breachdesk.access import commands as access  # noqa: E402
from breachdesk.audit.terms import Actor  # noqa: E402
from breachdesk.audit.transaction import Transactions  # noqa: E402
from breachdesk.kernel.clock import SystemClock  # noqa: E402
from breachdesk.kernel.database import migrate, open_engine  # noqa: E402
from breachdesk.kernel.vault import Vault  # noqa: E402
from breachdesk.settings import shipped  # noqa: E402
from killed_writers import MASTER, faults, killed  # noqa: E402  (the tests' own writer)
from loopback_proxy import wire  # noqa: E402
from postgresql import server  # noqa: E402

OK, SEEN, FAILED = 200, 303, 500
HOUSE = UUID("00000000-0000-7000-8000-000000000001")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield a database address of each kind."""
    with server() as url:
        yield {"sqlite": f"sqlite:///{folder / 'breachdesk.sqlite'}", "postgresql": url}


def kill(options: argparse.Namespace, _name: str, url: str, folder: Path) -> dict[str, object]:
    """Kill writers at random; count what was said, and what was lost, halved or unchained."""
    engine = open_engine(url)
    migrate(engine, shipped("migrations"))
    vault = Vault(folder / "vault", MASTER)
    doors = Transactions(engine, SystemClock(), vault)
    founder = Actor(HOUSE, "founder", HOUSE, frozenset({"access.found"}))
    with doors.open(founder) as tx:
        access.found(tx, "Leadjet")
    engine.dispose()
    said: set[UUID] = set()
    for seed in range(options.runs):
        said |= set(killed(url, vault.folder, HOUSE, seed))
    broken = faults(doors, vault, said)
    engine.dispose()
    return {"runs": options.runs, "acknowledged": len(said), "broken": broken[:5]}


def load(options: argparse.Namespace, _name: str, url: str, folder: Path) -> dict[str, object]:
    """Let users read and write at once; count answers by status, and every write they made."""
    with served(url, folder) as desk:
        email, password = desk.invite()
        statuses, written, slow = Counter[int](), Counter[int](), [0.0]
        until = time.monotonic() + options.seconds
        people = [
            threading.Thread(target=_one, args=(desk, email, password, until, each, statuses,
                                                written, slow))
            for each in range(options.users)
        ]  # fmt: skip
        for each in people:
            each.start()
        for each in people:
            each.join()
        found = json.loads(desk.command("kept", "--json"))
        whole = json.loads(desk.command("trail", "verify", "--json"))["whole"]
    ours = sum(each["what"] == "incident" for each in found)
    failed = {str(code): n for code, n in statuses.items() if code >= FAILED or code == 0}
    lost = sum(written.values()) - ours
    broken = [f"{failed} failed"] * bool(failed) + [f"{lost} lost"] * bool(lost)
    return {
        "users": options.users, "seconds": options.seconds, "answers": dict(statuses),
        "logged": sum(written.values()), "kept": ours, "slowest": round(slow[0], 2),
        "broken": broken + ([] if whole else ["the trail is not whole"]),
    }  # fmt: skip


def upload(
    options: argparse.Namespace, _name: str, url: str, folder: Path
) -> dict[str, object]:
    """Send more than the desk takes, and send slowly; watch its memory and its other users."""
    with served(url, folder) as desk:
        desk.get("/healthz")
        before = desk.memory()
        with socket.create_connection(("127.0.0.1", desk.port)) as slow:
            slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n")
            status = _pour(desk.port, options.bytes)
            lag = time.monotonic()
            other = desk.get("/healthz")
            lag = time.monotonic() - lag
        grown = desk.memory() - before
    broken = [f"answered {status}"] * (status not in {0, 413})
    broken += [f"grew by {grown >> 20} MiB"] * (grown > 200 << 20)
    broken += [f"answered another {other}"] * (other != OK)
    return {
        "bytes": options.bytes, "status": status, "grown_mib": grown >> 20,
        "other_seconds": round(lag, 2), "broken": broken,
    }  # fmt: skip


def gone(options: argparse.Namespace, name: str, url: str, folder: Path) -> dict[str, object]:
    """Freeze PostgreSQL's wire for a while; SQLite has no server that could go."""
    if name == "sqlite":
        return {"skipped": "there is no server", "broken": []}
    there = make_url(url)
    with wire(there.port or 5432) as line:
        through = there.set(port=line.port).render_as_string(hide_password=False)
        with served(through, folder) as desk:
            cookie = {"Cookie": "breachdesk=somebody"}
            before = desk.get("/", cookie)
            line.cut()
            until, during = time.monotonic() + options.seconds, Counter[int]()
            while time.monotonic() < until:
                during[desk.get("/", cookie)] += 1
                time.sleep(1)
            line.mend()
            time.sleep(1)
            after = desk.get("/", cookie)
            whole = json.loads(desk.command("trail", "verify", "--json"))["whole"]
    told = dict(during)
    fine = (before, after, set(told), whole) == (SEEN, SEEN, {503}, True)
    return {
        "seconds": options.seconds, "before": before, "during": told, "after": after,
        "broken": [] if fine else [f"{before}, {told}, {after}, whole: {whole}"],
    }  # fmt: skip


@dataclass
class Desk:
    """A desk that is served by a process of its own."""

    port: int
    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """Run a command of the terminal on the same home and return what it said."""
        return subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-m", "breachdesk", *words],
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

    def memory(self) -> int:
        """Return the bytes that the serving process holds."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()


@contextmanager
def served(url: str, folder: Path) -> Iterator[Desk]:
    """Serve a fresh home on `url`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ, "BREACHDESK_HOME": str(folder / "home"), "BREACHDESK_DATABASE_URL": url,
        "BREACHDESK_LISTEN": f"127.0.0.1:{port}",
    }  # fmt: skip
    with ExitStack() as end:
        process = subprocess.Popen(
            [sys.executable, "-m", "breachdesk", "run"],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        end.callback(process.wait)
        end.callback(process.terminate)
        desk = Desk(port, process, environment)
        for _ in range(600):
            if desk.get("/healthz") == OK:
                break
            time.sleep(0.1)
        yield desk


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


def _one(  # noqa: PLR0913, PLR0917  (a thread's arguments)
    desk: Desk, email: str, password: str, until: float, number: int,
    statuses: Counter[int], written: Counter[int], slow: list[float],
) -> None:  # fmt: skip
    jar: dict[str, str] = {}

    def visit(method: str, path: str, fields: dict[str, str] | None = None) -> str:
        body = None if fields is None else urlencode(fields).encode()
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        status, text, cookies = ask(desk.port, method, path, body, headers)
        slow[0] = max(slow[0], time.monotonic() - began)
        statuses[status] += 1
        for each in cookies:
            name, _, rest = each.partition("=")
            jar[name] = rest.partition(";")[0]
        written[number] += method == "POST" and path == "/log" and status == SEEN
        return text

    def token(text: str) -> str:
        found = TOKEN.search(text)
        return found[1] if found else ""

    page = visit("GET", "/sign-in")
    visit("POST", "/sign-in", {"csrf_token": token(page), "email": email, "password": password})
    while time.monotonic() < until:
        visit("GET", "/")
        page = visit("GET", "/log")
        visit("POST", "/log", {
            "csrf_token": token(page), "title": f"user {number}",
            "aware_at": "2026-11-20T09:00", "zone": "Europe/Paris",
        })  # fmt: skip
        visit("GET", "/register/")


def _pour(port: int, size: int) -> int:
    """Send a body of `size` bytes; return the status, 0 where the desk hung up."""
    block = b"x" * (1 << 20)
    head = (
        f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {size}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        try:
            wire.sendall(head.encode())
            for _ in range(size // len(block)):
                wire.sendall(block)
        except OSError:
            pass  # it would hear no more
        try:
            said = wire.recv(1024).split()
        except OSError:
            return 0
        return int(said[1]) if len(said) > 1 else 0


MODES: dict[str, Callable[[argparse.Namespace, str, str, Path], dict[str, object]]] = {
    "kill": kill, "gone": gone, "load": load, "upload": upload,
}  # fmt: skip


def main() -> None:
    """Run one mode on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=sorted(MODES))
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--bytes", type=int, default=2 << 30)
    options = parser.parse_args()
    broken = False
    with (
        tempfile.TemporaryDirectory(prefix="breachdesk-faults-") as name,
        databases(Path(name)) as urls,
    ):
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir(mode=0o700)
            done = MODES[options.mode](options, kind, url, folder)
            broken = broken or bool(done["broken"])
            print(json.dumps({"database": kind, "mode": options.mode, **done}), flush=True)
    sys.exit(broken)


if __name__ == "__main__":
    main()
