"""Many users who read and write at once, some of it the same thing."""

import argparse
import html
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from served_desk import FAILED, Browser, served

SHARED = "/incidents/BD-2026-0001"
WHEN = "2026-11-20T09:00"
BEFORE = re.compile(r'name="before" value="([^"]*)"')
SUMMARY = re.compile(r'<textarea[^>]*name="summary"[^>]*>(.*?)</textarea>', re.DOTALL)
TIMES = ("started_at", "ended_at", "detected_at", "aware_at", "qualified_at")
UNREAD = 422


@dataclass
class User:
    """One of many: what they wrote, and what the desk said it took."""

    number: int
    browser: Browser
    logged: int = 0
    added: list[str] = field(default_factory=list)
    told: int = 0
    refused: int = 0

    def line(self) -> str:
        """Return their line in the summary that all share, as the desk last took it."""
        return f"user {self.number} told {self.told} times."

    def work(self, email: str, password: str, until: float) -> None:
        """Read and write until the time is over."""
        self.browser.sign_in(email, password)
        while time.monotonic() < until:
            self.browser.visit("GET", "/")
            self.logged += log(self.browser, f"user {self.number}", "")
            self.browser.visit("GET", "/register/")
            self._add()
            self._correct()

    def _add(self) -> None:
        page = self.browser.visit("GET", SHARED)
        text = f"user {self.number} added line {len(self.added)}."
        if self.browser.send(f"{SHARED}/timeline", page, {"happened_at": WHEN, "text": text}):
            self.added.append(text)

    def _correct(self) -> None:
        """Change their own line; where the desk cannot join two changes it says so."""
        page = self.browser.visit("GET", f"{SHARED}/correct")
        before, summary = BEFORE.search(page), SUMMARY.search(page)
        if before is None or summary is None:
            return
        was, self.told = self.line(), self.told + 1
        fields = {
            "title": "shared by all", "before": html.unescape(before[1]),
            "summary": html.unescape(summary[1]).replace(was, self.line()),
            "reason": "more is known", **{each: _value(page, each) for each in TIMES},
        }  # fmt: skip
        if not self.browser.send(f"{SHARED}/correct", page, fields):
            self.told -= 1
            self.refused += self.browser.status == UNREAD


def load(options: argparse.Namespace, _name: str, url: str, folder: Path) -> dict[str, object]:
    """Let users read and write at once; count answers by status, and what became of each write.

    Each logs incidents of their own, adds to the timeline of one that all share, and keeps
    their own line of its summary up to date while all others change theirs.
    """
    with served(url, folder) as desk:
        email, password = desk.invite()
        users = [User(number, Browser(desk.port)) for number in range(options.users)]
        first = Browser(desk.port)
        first.sign_in(email, password)
        log(first, "shared by all", "\n\n".join(each.line() for each in users))
        until = time.monotonic() + options.seconds
        people = [
            threading.Thread(target=each.work, args=(email, password, until)) for each in users
        ]
        for thread in people:
            thread.start()
        for thread in people:
            thread.join()
        found = json.loads(desk.command("kept", "--json"))
        page = first.visit("GET", f"{SHARED}/correct")
        timeline = html.unescape(first.visit("GET", f"{SHARED}/part/timeline"))
        whole = desk.whole()
    summary = SUMMARY.search(page)
    kept = html.unescape(summary[1]) if summary else ""
    statuses = sum((each.browser.statuses for each in users), Counter[int]())
    failed = {str(code): n for code, n in statuses.items() if code >= FAILED or code == 0}
    logged = sum(each.logged for each in users)
    ours = sum(each["what"] == "incident" for each in found) - 1
    added = [line for each in users for line in each.added]
    unwritten = [line for line in added if line not in timeline]
    overwritten = [each.line() for each in users if each.line() not in kept]
    broken = [f"{failed} failed"] * bool(failed) + [f"{logged - ours} lost"] * (logged > ours)
    broken += [f"{each} lost" for each in (unwritten, overwritten) if each]
    return {
        "users": options.users, "seconds": options.seconds, "answers": dict(statuses),
        "logged": logged, "kept": ours, "added": len(added),
        "corrected": sum(each.told for each in users),
        "not_joined": sum(each.refused for each in users),
        "slowest": round(max(each.browser.slowest for each in users), 2),
        "broken": broken + ([] if whole else ["the trail is not whole"]),
    }  # fmt: skip


def log(browser: Browser, title: str, summary: str) -> bool:
    """Log an incident; tell whether it was taken."""
    page = browser.visit("GET", "/log")
    told = {"title": title, "aware_at": WHEN, "zone": "Europe/Paris", "summary": summary}
    return browser.send("/log", page, told)


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""
