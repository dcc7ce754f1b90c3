"""Ten thousand wrong passwords, from many addresses at once, against a desk served over HTTP.

    python bench/wrong_passwords.py http://127.0.0.1:8437 somebody@example.org [tries]

The desk must answer each, with 422 or 429 and never 5xx, and still let somebody else in.
"""

import re
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import requests

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
THREADS = 8


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


def main() -> None:
    """Guess, and say what came of it."""
    base, email = sys.argv[1].rstrip("/"), sys.argv[2]
    tries = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000  # noqa: PLR2004  (the third word)
    began, told = time.perf_counter(), Counter[int]()
    with ThreadPoolExecutor(THREADS) as pool:
        for each in pool.map(lambda _: guess(base, email, tries // THREADS), range(THREADS)):
            told += each
    seconds = time.perf_counter() - began
    print(f"{sum(told.values())} guesses in {seconds:.1f} s: {dict(told)}")
    assert not [status for status in told if status not in {422, 429}]
    assert told[422] <= 60  # what the limits give back meanwhile  # noqa: PLR2004


if __name__ == "__main__":
    main()
