"""The database stopped for a minute, its disk full, and clients that dawdle.

    python bench/faults_server.py stopped --seconds 60   the server of PostgreSQL is killed
    python bench/faults_server.py full                   both kinds on a disk of some megabytes
    python bench/faults_server.py slow --clients 300     heads and bodies byte by byte

Each prints one line of JSON a database, and exits 1 if a promise was broken. `full` mounts a
file system in memory, for which it needs to be root.
"""

import argparse
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import UUID

from served_desk import GONE, HOUSE, OK, SEEN, databases, served

from breachdesk.access import commands as access
from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.errors import Unavailable
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from killed_writers import MASTER
from postgresql import Switch, own_server

ROOM = {"sqlite": "8m", "postgresql": "150m"}
BALLAST = 32 << 20
COOKIE = {"Cookie": "breachdesk=somebody"}


def stopped(options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Kill the server of PostgreSQL under a served desk, and start it after a while."""
    with tempfile.TemporaryDirectory(prefix="breachdesk-faults-") as name:
        folder = Path(name)
        with own_server(commits="on") as (url, switch), served(url, folder) as desk:
            before = desk.get("/", COOKIE)
            switch(on=False)
            until, during = time.monotonic() + options.seconds, Counter[int]()
            while time.monotonic() < until:
                during[desk.get("/", COOKIE)] += 1
                time.sleep(1)
            switch(on=True)
            after = desk.get("/", COOKIE)
            whole = desk.whole()
    fine = (before, after, set(during), whole) == (SEEN, SEEN, {GONE}, True)
    yield {
        "database": "postgresql", "seconds": options.seconds, "before": before,
        "during": dict(during), "after": after, "broken": [] if fine else ["see above"],
    }  # fmt: skip


def full(_options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Write until the disk is full; then make room, and look whether all is there."""
    for kind, size in ROOM.items():
        with small_disk(size) as disk, ExitStack() as end:
            revive = None
            if kind == "sqlite":
                url = f"sqlite:///{disk / 'breachdesk.sqlite'}"
            else:
                url, revive = end.enter_context(own_server(disk, commits="on"))
            home = Path(end.enter_context(tempfile.TemporaryDirectory()))
            yield {"database": kind, "disk": size, **_filled(url, disk, home, revive)}


def _filled(url: str, disk: Path, home: Path, revive: Switch | None) -> dict[str, object]:
    engine = open_engine(url)
    migrate(engine, shipped("migrations"))
    vault = Vault(home / "vault", MASTER)
    doors = Transactions(engine, SystemClock(), vault)
    permits = frozenset({"access.found", "incidents.log", "incidents.add_to_timeline"})
    actor = Actor(HOUSE, "writer", HOUSE, permits, sees_every_incident=True)
    with doors.open(actor) as tx:
        access.found(tx, "Leadjet")
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(BALLAST if revive else BALLAST >> 5))
    said: set[UUID] = set()
    refusal = ""
    while not refusal:
        try:
            said.add(_log(doors, actor))
        except Unavailable as fault:
            refusal = str(fault)
    ballast.unlink()
    if revive is not None:  # PostgreSQL falls where its own journal has no room
        with suppress(RuntimeError):
            revive(on=False)
        revive(on=True)
    again = _log(doors, actor)
    with doors.reading(HOUSE) as session:
        whole = audit.verify(session, vault, HOUSE).whole
        kept = {each.subject_id for each in audit.all_of(session, "incidents.log")}
    engine.dispose()
    lost = len(said - kept)
    broken = [f"{lost} lost"] * bool(lost) + ["not whole"] * (not whole)
    broken += ["not writing again"] * (again not in kept)
    return {"acknowledged": len(said), "refusal": refusal, "broken": broken}


def _log(doors: Transactions, actor: Actor) -> UUID:
    with doors.open(actor) as tx:
        logged = incidents.log(tx, IncidentDraft(title="Lost laptop", aware_at=tx.now))
        incidents.add_to_timeline(tx, logged, tx.now, secrets.token_hex(10000))
    return logged.id


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """Yield a folder on a disk of that size."""
    with tempfile.TemporaryDirectory(prefix="breachdesk-disk-") as name:
        subprocess.run(  # noqa: S603  (our own words)
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", name],  # noqa: S607
            check=True,
        )
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)  # noqa: S603, S607


def slow(options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Let many send heads and bodies byte by byte, and ask beside them for a page."""
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with (
        tempfile.TemporaryDirectory(prefix="breachdesk-faults-") as name,
        databases(Path(name)) as urls,
    ):
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir(mode=0o700)
            with served(url, folder) as desk, ExitStack() as end:
                dawdling = []
                for number in range(options.clients):
                    wire = end.enter_context(socket.create_connection(("127.0.0.1", desk.port)))
                    body = b"Content-Length: 900\r\n\r\nx" if number % 2 else b"X-A: "
                    wire.sendall(head + body)
                    dawdling.append(wire)
                statuses, slowest = Counter[int](), 0.0
                until = time.monotonic() + options.seconds
                while time.monotonic() < until:
                    for wire in dawdling[:: max(1, len(dawdling) // 20)]:
                        with suppress(OSError):
                            wire.sendall(b"x")
                    began = time.monotonic()
                    statuses[desk.get("/sign-in")] += 1
                    slowest = max(slowest, time.monotonic() - began)
                    time.sleep(1)
            broken = [f"answered {dict(statuses)}"] * (set(statuses) != {OK})
            yield {
                "database": kind, "clients": options.clients, "seconds": options.seconds,
                "answers": dict(statuses), "slowest": round(slowest, 2), "broken": broken,
            }  # fmt: skip


MODES = {"stopped": stopped, "full": full, "slow": slow}


def main() -> None:
    """Run one mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=sorted(MODES))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--clients", type=int, default=300)
    options = parser.parse_args()
    broken = False
    for done in MODES[options.mode](options):
        broken = broken or bool(done["broken"])
        print(json.dumps({"mode": options.mode, **done}), flush=True)
    sys.exit(broken)


if __name__ == "__main__":
    main()
