"""Faults and load, on SQLite and PostgreSQL: does the desk keep its promises?

    python bench/faults.py kill --runs 200       kill -9 at random during commands
    python bench/faults.py gone --seconds 60     the wire to PostgreSQL cut; SQLite's file held
    python bench/faults.py load --users 50 --seconds 120
    python bench/faults.py upload --bytes 2147483648   a body too large, and a slow client

Each prints one line of JSON a database, and exits 1 if a promise was broken.
"""

import argparse
import json
import socket
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from faults_load import load, log
from served_desk import GONE, HOUSE, OK, SEEN, Browser, databases, served
from sqlalchemy import make_url

from breachdesk.access import commands as access
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from killed_writers import MASTER, faults, killed
from loopback_proxy import wire


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
    """Cut PostgreSQL's wire for a while; of SQLite, let somebody else hold the file."""
    if name == "sqlite":
        return _held(options.seconds, url, folder)
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
            whole = desk.whole()
    told = dict(during)
    fine = (before, after, set(told), whole) == (SEEN, SEEN, {GONE}, True)
    return {
        "seconds": options.seconds, "before": before, "during": told, "after": after,
        "broken": [] if fine else [f"{before}, {told}, {after}, whole: {whole}"],
    }  # fmt: skip


def _held(seconds: int, url: str, folder: Path) -> dict[str, object]:
    """Hold the file of SQLite; whoever writes is told so, and whoever reads reads."""
    with served(url, folder) as desk:
        browser = Browser(desk.port)
        browser.sign_in(*desk.invite())
        before = log(browser, "before", "")
        other = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        until, read, written = time.monotonic() + seconds, Counter[int](), Counter[int]()
        while time.monotonic() < until:
            read[desk.get("/sign-in")] += 1
            log(browser, "during", "")
            written[browser.status] += 1
        other.execute("ROLLBACK")
        other.close()
        after = log(browser, "after", "")
        found = json.loads(desk.command("incident", "list", "--json"))
        whole = desk.whole()
    kept = Counter(str(each["title"]) for each in found)
    taken = Counter({"before": before, "during": written[SEEN], "after": after})
    fine = (set(read), whole, kept) == ({OK}, True, +taken) and set(written) <= {SEEN, GONE}
    return {
        "seconds": seconds, "before": before, "read": dict(read), "written": dict(written),
        "after": after, "broken": [] if fine else [f"kept {dict(kept)}, whole: {whole}"],
    }  # fmt: skip


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
