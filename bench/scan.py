"""Puts the desk before two scanners: sqlmap on each thing that a route takes, wapiti on all.

    python bench/scan.py FOLDER            # where `sqlmap` and `wapiti` lie
    python bench/scan.py FOLDER --database postgresql --only sqlmap --workers 4

They live in an environment of their own (`pip install sqlmap wapiti3`) and run at nice 19; the
desk is served on the loopback by `scanned_desk.py`. Prints a line for each thing that was
tried. Ends with 1 if something was found, if something did not come to its end, or if the desk
logged a fault of its own.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from scan_home import cookie, database, demo, standing
from scan_targets import SCAN, Target, Walk, targets
from served_desk import Desk

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SQLMAP = (
    "--level", "3", "--risk", "2", "--technique", "BEUQ", "--batch", "--ignore-redirects",
    "--ignore-code", "*", "--skip-waf", "--disable-coloring", "--flush-session", "--timeout",
    "180", "--retries", "2",
)  # fmt: skip
"""Time-based guesses are left out: on a busy machine they find what is not there."""
ENDED = re.compile(r"parameter '([^']+)' does not seem to be injectable")
FOUND = re.compile(r"^Parameter: .*|^ +Payload: .*", re.MULTILINE)
MODULES = (
    "sql", "timesql", "xss", "permanentxss", "exec", "file", "crlf", "redirect", "ssrf", "xxe",
    "csrf", "upload", "csp", "cookieflags", "http_headers", "htaccess", "backup", "methods",
)  # fmt: skip
"""Those left out ask the open network, look for other programs, or try ten thousand names."""
WAPITI = (
    "--endpoint", "http://127.0.0.1:9/", "--no-bugreport", "--flush-session", "-f", "json",
    "-t", "120", "-v", "1", "--max-files-per-dir", "8", "--max-parameters", "20",
)  # fmt: skip
OUTSIDE = ("/sign-in", "/genuine/", "/lists/", "/sign-in/second", "/calendar/x.ics")
INSIDE = (
    "/register/", "/register/years", "/clocks/", "/trail/", "/datamap/", "/account/", "/log",
    "/incidents/BD-2026-0001/scope/ask", "/incidents/BD-2026-0003/delivery/",
)  # fmt: skip
DEEP = 2
LEFT_OUT = (
    "/sign-out*", "/sign-in*", "/preferences/password*", "/account/sessions/*",
    "/account/organisation*", "/account/codes*", "/account/recovery*", "/assets/*", "/trail/*",
    "/library/*", "/views*", "/incidents/*/tasks/*", "/incidents/*/filings/*/fields/*",
    "/incidents/*/risk/?*", "/incidents/BD-2026-0002*", "/incidents/BD-2026-0004*",
    "/incidents/BD-2026-0005*",
)  # fmt: skip
"""What ends the session that looks, and what is the same page by another id."""
MEANS_NOTHING = frozenset({"Secure Flag cookie", "Unencrypted Channels"})
"""So it is on the loopback."""
BROKEN_OFF = re.compile(r"Max attack time was reached for module (\w+)")
FELL = "fell:"


@dataclass
class Outcome:
    """What came of a scan."""

    found: list[str] = field(default_factory=list)
    unended: list[str] = field(default_factory=list)

    def __add__(self, other: "Outcome") -> "Outcome":
        """Return both."""
        return Outcome(self.found + other.found, self.unended + other.unended)


def tried(options: argparse.Namespace, port: int, shown: str, target: Target) -> Outcome:
    """Let sqlmap try a target, and return what came of it."""
    headers = {"Cookie": shown, **SCAN, **target.headers}
    words = [
        "-u",
        f"http://127.0.0.1:{port}{target.address}",
        "--dbms",
        NAMES[options.database],
    ]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    words += ["-p", ",".join(target.tried)] if target.tried else []
    if target.method == "POST":
        words += ["--method", "POST", "--data", target.body or urlencode(target.form)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.room) as folder:
        program = ["nice", "-n", "19", str(options.scanners / "sqlmap"), *words, *SQLMAP]
        done = subprocess.run(  # noqa: S603  (the scanner that was named)
            [*program, "--output-dir", folder], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
    what = f"{target.method} {target.path} {','.join(target.tried)}"
    ended, expected = set(ENDED.findall(done.stdout)), len(target.tried) or target.marks
    found = [f"{what}: {each.strip()}" for each in FOUND.findall(done.stdout)]
    short = len(ended) < expected and not found
    left = [f"{what}: {len(ended)} of {expected}, {sorted(ended)}"] if short else []
    print(f"{time.monotonic() - began:6.0f} s  {what}", *found, *left, sep="\n    ", flush=True)
    return Outcome(found, left)


def injected(options: argparse.Namespace, desk: Desk, shown: str) -> Outcome:
    """Let sqlmap try every target of a desk."""
    walk = Walk(desk.port, shown)
    walk.walk()
    every = [
        each
        for each in targets(walk)
        if options.route in each.endpoint
        if each.marks or (each.tried and not options.marked)
    ]
    print(f"{sum(len(each.tried) or each.marks for each in every)} parameters", flush=True)
    with ThreadPoolExecutor(options.workers) as pool:
        ended = pool.map(lambda one: tried(options, desk.port, shown, one), every)
        return sum(ended, Outcome())


def crawled(options: argparse.Namespace, desk: Desk, shown: str) -> Outcome:
    """Let wapiti walk through a desk that keeps what it is told, signed in or not."""
    root, who = f"http://127.0.0.1:{desk.port}", "signed in" if shown else "signed out"
    report = options.room / f"wapiti, {who}.json"
    words = ["-u", f"{root}/", "-o", str(report), "--store-session", str(options.room)]
    for path in INSIDE if shown else OUTSIDE:
        words += ["-s", root + path]
    if shown:
        words += ["-H", f"Cookie: {shown}", "-H", "Scan: stay"]
        words += [word for path in LEFT_OUT for word in ("-x", root + path)]
    words += ["-m", options.modules, *WAPITI]
    program = ["nice", "-n", "19", str(options.scanners / "wapiti"), *words]
    with report.with_suffix(".log").open("w") as log:
        subprocess.run(  # noqa: S603  (the scanner that was named)
            [*program, "-d", str(DEEP if shown else 1), "--max-attack-time", options.seconds],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
        )  # fmt: skip
    told = json.loads(report.read_text("utf-8"))
    print(f"wapiti, {who}: {told['infos']['crawled_pages_nbr']} pages and forms")
    broken_off = f"wapiti, {who}: {{}} was broken off after {options.seconds} s"
    left = map(broken_off.format, BROKEN_OFF.findall(report.with_suffix(".log").read_text()))
    found = [
        f"{kind}: {each['method']} {each['path']} {each['parameter']}: {each['info']}"
        for part in ("vulnerabilities", "anomalies")
        for kind, all_of_it in told[part].items() if kind not in MEANS_NOTHING
        for each in all_of_it
    ]  # fmt: skip
    return Outcome(found, [*left])


def scanned(options: argparse.Namespace) -> Outcome:
    """Make a demo, serve it, and let both scanners loose on it."""
    whole = Outcome()
    made, member = demo(options.room / "home")
    log = options.room / "desk.log"
    with database(options.database, made) as home, standing(home, log) as desk:
        if options.only in {None, "sqlmap"}:
            whole += injected(options, desk, cookie(desk, member))
        if options.only in {None, "wapiti"}:
            whole += crawled(options, desk, "")
            whole += crawled(options, desk, cookie(desk, member))
    lines = log.read_text("utf-8").splitlines()
    return whole + Outcome([each for each in lines if each.startswith(FELL)])


def main() -> int:
    """Scan, and print what was found and what did not come to its end."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scanners", type=Path, help="the folder with sqlmap and wapiti")
    parser.add_argument("--database", choices=NAMES, default="sqlite")
    parser.add_argument("--only", choices=("sqlmap", "wapiti"))
    parser.add_argument("--route", default="", help="only routes with this in their name")
    parser.add_argument(
        "--marked", action="store_true", help="only headers, cookies, JSON, parts of addresses"
    )
    parser.add_argument("--workers", type=int, default=2, help="so many sqlmaps at once")
    parser.add_argument("--modules", default=",".join(MODULES), help="those of wapiti's")
    parser.add_argument("--seconds", default="600", help="so long for a module of wapiti's")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scan-") as room:
        options.room = Path(room)
        whole = scanned(options)
    print(f"found: {len(whole.found)}", *whole.found, sep="\n    ")
    print(f"not ended: {len(whole.unended)}", *whole.unended, sep="\n    ")
    return 1 if whole.found or whole.unended else 0


if __name__ == "__main__":
    sys.exit(main())
