"""The clock stepped by an hour, and two schedulers of which one is killed.

    python bench/faults_clock.py stepped         forth, back, and back behind the truth
    python bench/faults_clock.py two --runs 10   kill -9 of one or the other, by a seed

What shows is the reminders of incidents that are logged meanwhile: each is given, and once.
Each prints one line of JSON a database, and exits 1 if a promise was broken.
"""

import argparse
import json
import mailbox
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from faults_load import log
from served_desk import PROGRAM, Browser, Desk, databases, served, started

STEPPED = Path(__file__).with_name("stepped_desk.py")
HOUR = 3600
STEPS = (HOUR, 0, -HOUR, 0)
PATIENCE = 150
"""Reminders are looked for each half a minute; a busy machine may be slow."""


def stepped(_options: argparse.Namespace, url: str, folder: Path) -> dict[str, object]:
    """Step the clock under a served desk; whoever works goes on, and what is due leaves."""
    off = folder / "off"
    off.write_text("0")
    took: dict[str, float] = {}
    broken: list[str] = []
    with served(url, folder, program=(str(STEPPED), str(off))) as desk:
        browser = Browser(desk.port)
        browser.sign_in(*desk.invite())
        for number, seconds in enumerate((0, *STEPS)):
            off.write_text(str(seconds))
            title = f"step {number}"
            if not log(browser, title, ""):
                broken.append(f"{title}: answered {browser.status}")
            took[f"{number}: {seconds:+} s"] = _waited(desk, number + 1)
        broken += [] if desk.whole() else ["the trail is not whole"]
    told = _messages(desk)
    late = [name for name, waited in took.items() if waited >= PATIENCE]
    doubled = [each for each, times in told.items() if times > 1]
    broken += [f"never told: {late}"] * bool(late) + [f"told twice: {doubled}"] * bool(doubled)
    return {"told_after": took, "messages": told.total(), "broken": broken}


def two(options: argparse.Namespace, url: str, folder: Path) -> dict[str, object]:
    """Run two schedulers and kill one of them again and again; each reminder is given once."""
    chance = random.Random(options.seed)
    with served(url, folder, verb="serve") as desk, ExitStack() as end:
        browser = Browser(desk.port)
        browser.sign_in(*desk.invite())

        def work() -> "subprocess.Popen[bytes]":
            process = started(PROGRAM, "work", desk.environment)
            end.callback(process.wait)
            end.callback(process.kill)
            return process

        workers = [work(), work()]
        late = []
        for run in range(options.runs):
            log(browser, f"run {run}", "")
            time.sleep(chance.uniform(0, 40))
            died = chance.randrange(2)
            workers[died].kill()
            workers[died].wait()
            workers[died] = work()
            if _waited(desk, run + 1) >= PATIENCE:
                late.append(run)
        whole = desk.whole()
    told = _messages(desk)
    doubled = [each for each, times in told.items() if times > 1]
    broken = [f"never told: {late}"] * bool(late) + [f"told twice: {doubled}"] * bool(doubled)
    return {
        "seed": options.seed, "runs": options.runs, "messages": told.total(),
        "broken": broken + ([] if whole else ["the trail is not whole"]),
    }  # fmt: skip


def _waited(desk: Desk, incidents: int) -> float:
    """Return after how many seconds somebody was reminded of so many, at most patience."""
    began = time.monotonic()
    while _told(desk) < incidents and time.monotonic() - began < PATIENCE:
        assert desk.process.poll() is None, "the desk fell"
        time.sleep(0.5)
    return round(time.monotonic() - began, 1)


def _told(desk: Desk) -> int:
    """Return of how many incidents somebody was reminded."""
    return len({each.partition("@")[0].rpartition(".")[0] for each in _messages(desk)})


def _messages(desk: Desk) -> Counter[str]:
    """Return how often each reminder lies in the outbox, by its name."""
    staff = Path(desk.environment["BREACHDESK_HOME"]) / "outbox" / "staff"
    return Counter(
        str(message["Message-ID"])
        for box in sorted(staff.glob("*.mbox"))
        for message in mailbox.mbox(box, create=False)
    )


MODES = {"stepped": stepped, "two": two}


def main() -> None:
    """Run one mode on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=sorted(MODES))
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = False
    with (
        tempfile.TemporaryDirectory(prefix="breachdesk-faults-") as name,
        databases(Path(name)) as urls,
    ):
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir(mode=0o700)
            done = MODES[options.mode](options, url, folder)
            broken = broken or bool(done["broken"])
            print(json.dumps({"database": kind, "mode": options.mode, **done}), flush=True)
    sys.exit(broken)


if __name__ == "__main__":
    main()
