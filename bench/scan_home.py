"""Homes for a scan: a demo, and beside its breach others that stand elsewhere on the way."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from served_desk import Browser, Desk, served

from postgresql import own_server
from sendgrid_reports import PUBLIC_KEY

TOP = Path(__file__).parents[1]
SCANNED = (str(Path(__file__).with_name("scanned_desk.py")),)
SIZE = ("--people", "200", "--log-rows", "2000", "--no-serve")
MEASURE = (
    "--phase", "after", "--fr", "Le jeton a été révoqué.", "--en", "The token was revoked.",
    "--done", "2026-11-20T10:00:00+01:00",
)  # fmt: skip
OWED = ("gdpr.33.authority", "gdpr.34.people")


class Home:
    """The home of a desk, and the commands that are run on it."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Name the folder, and a database that is not in it."""
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'breachdesk.sqlite'}"

    def __call__(self, *words: str, actor: str = "") -> Any:
        """Run a command and return the document that it prints."""
        environment = {
            **os.environ, "BREACHDESK_HOME": str(self.folder), "BREACHDESK_ACTOR": actor,
            "BREACHDESK_DATABASE_URL": self.url,
        }  # fmt: skip
        said = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-m", "breachdesk", *words, "--json"], cwd=TOP,
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        ).stdout  # fmt: skip
        return json.loads(said or "null")


def demo(folder: Path) -> tuple[Home, tuple[str, str]]:
    """Return a home with a demo, and the address and password of a member.

    Of the breaches beside the demo's one is drafted and held, one frozen, one approved and kept
    for two members, one closed.
    """
    home = Home(folder)
    people = home("demo", *SIZE)["sign_in"]
    first, second = (each["email"] for each in people)
    inputs = folder / "demo"

    def run(*words: str, actor: str = first) -> Any:
        return home(*words, actor=actor)

    held, frozen, approved, closed = (
        run("incident", "log", str(inputs / "incident.toml"))["reference"] for _ in range(4)
    )
    for each in (held, frozen, approved):
        run("incident", "measure", each, *MEASURE)
        run("scope", "measure", each, str(inputs / "question.toml"))
        run("risk", "sign", each)
        run("notice", "draft", each, "--words", str(TOP / "samples/leadjet/notice.toml"))
    for each in (frozen, approved):
        for actor in (first, second):
            run("notice", "approve", each, actor=actor)
    run("hold", held, "--reason", "by a scan")
    run("delivery", "freeze", frozen)
    run("incident", "keep-to", approved, first, second)
    for duty in OWED:
        run("obligation", "waive", closed, duty, "--reason", "by a scan")
    run("register", "close", closed, "--lessons", "by a scan", "--left-open", "by a scan")
    run("reminder", "feed")
    return home, (first, people[0]["password"])


def moved(home: Home, folder: Path, url: str) -> Home:
    """Return the same desk on an empty PostgreSQL, by way of a backup."""
    copy, file = Home(folder, url), folder.with_suffix(".backup")
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    shutil.copy(home.folder / "secrets/master.key", folder / "secrets/master.key")
    home("backup", str(file))
    copy("restore", str(file), "--key-file", str(home.folder / "secrets/backup.key"))
    return copy


@contextmanager
def database(kind: str, home: Home) -> Iterator[Home]:
    """Yield the desk of `home` on a database of this kind."""
    if kind == "sqlite":
        yield home
        return
    with own_server() as (url, _):
        yield moved(home, home.folder.parent / "postgresql" / "home", url)


@contextmanager
def standing(home: Home, log: Path) -> Iterator[Desk]:
    """Serve a home as a scanner meets it; what it says of faults goes into `log`."""
    os.environ["BREACHDESK_SENDGRID_WEBHOOK_KEY"] = PUBLIC_KEY
    room = home.folder.parent
    with (
        log.open("ab") as told,
        served(home.url, room, program=SCANNED, verb="serve", log=told.fileno()) as desk,
    ):
        yield desk


def cookie(desk: Desk, member: tuple[str, str]) -> str:
    """Sign in and return what a browser then shows with each request, a form's secret too."""
    browser = Browser(desk.port)
    browser.sign_in(*member)
    browser.visit("GET", "/preferences")
    return browser.cookies
