"""Ten thousand wrong passwords, from several browsers at once, against a desk served over HTTP.

    python bench/wrong_passwords.py [--tries N]      a desk of its own on each database
    python bench/wrong_passwords.py http://127.0.0.1:8437 somebody@example.org [--tries N]

The desk must answer each, with 422 or 429 and never 5xx, and let somebody else in meanwhile.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from served_desk import SEEN, TOKEN, Browser, databases, served

THREADS = 8
AT_ONCE, GIVEN_BACK = 10, 90
"""An account has so many tries at once, then one more each so many seconds (limits.toml)."""


def guess(base: str, email: str, count: int) -> Counter[int]:
    """Guess `count` times with one browser; return how often each status came."""
    browser, told = requests.Session(), Counter[int]()
    found = TOKEN.search(browser.get(f"{base}/sign-in", timeout=30).text)
    assert found is not None
    for number in range(count):
        form = {"csrf_token": found[1], "email": email, "password": f"guess number {number}"}
        answer = browser.post(f"{base}/sign-in", form, timeout=30, allow_redirects=False)
        told[answer.status_code] += 1
    return told


def attack(base: str, email: str, tries: int) -> dict[str, Any]:
    """Guess with several browsers at once; return what came of it."""
    began, told = time.perf_counter(), Counter[int]()
    with ThreadPoolExecutor(THREADS) as pool:
        for each in pool.map(lambda _: guess(base, email, tries // THREADS), range(THREADS)):
            told += each
    seconds = time.perf_counter() - began
    most = AT_ONCE + 1 + seconds / GIVEN_BACK
    odd = sorted({status for status in told if status not in {422, 429}})
    broken = [f"answered {odd}"] * bool(odd) + ["too many tried"] * (told[422] > most)
    return {
        "guesses": told.total(), "seconds": round(seconds, 1), "answers": dict(told),
        "broken": broken,
    }  # fmt: skip


def on_our_own(tries: int) -> Iterator[dict[str, Any]]:
    """Attack a desk of our own on each database, and visit it as somebody else."""
    with (
        tempfile.TemporaryDirectory(prefix="breachdesk-faults-") as name,
        databases(Path(name)) as urls,
    ):
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir(mode=0o700)
            with served(url, folder) as desk:
                email, password = desk.invite()
                browser = Browser(desk.port)
                with ThreadPoolExecutor(1) as pool:
                    base = f"http://127.0.0.1:{desk.port}"
                    attacked = pool.submit(attack, base, "owner@localhost", tries)
                    browser.sign_in(email, password)
                    came_in = browser.status
                    done = attacked.result()
                whole = desk.whole()
            broken = [f"somebody else: {came_in}"] * (came_in != SEEN)
            broken += ["the trail is not whole"] * (not whole)
            done["broken"] = [*broken, *done["broken"]]
            yield {"database": kind, **done}


def main() -> None:
    """Guess, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?")
    parser.add_argument("email", nargs="?", default="owner@localhost")
    parser.add_argument("--tries", type=int, default=10_000)
    options = parser.parse_args()
    broken = False
    several = (
        iter([attack(options.base.rstrip("/"), options.email, options.tries)])
        if options.base
        else on_our_own(options.tries)
    )
    for done in several:
        broken = broken or bool(done["broken"])
        print(json.dumps(done), flush=True)
    sys.exit(broken)


if __name__ == "__main__":
    main()
