"""Obligations a second from prepared facts, against a floor of adding periods, in one run.

Ours computes every obligation of so many open incidents: which duties arise, from when, until
when. A board of clocks needs no more; explanations and arguable readings are computed when
somebody looks, and are timed apart. The floor adds one period to the awareness of each, once an
obligation. Ratios within one run count, figures between runs do not.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from breachdesk.law.reading import read_packs
from breachdesk.obligations import rules
from breachdesk.obligations.rules import gathering
from breachdesk.obligations.terms import BreachFacts, Obligation

T = TypeVar("T")
START = datetime(2026, 11, 20, 8, tzinfo=UTC)
ZONES = ("Europe/Paris", "Europe/Lisbon", "America/New_York")
RISKS = (None, "risk", "high")
PERIOD = timedelta(hours=72)


def main() -> None:
    """Run both, print obligations a second and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    asked = parser.parse_args()
    law = read_packs(None)
    vocabulary = law.facts()
    told = [
        gathering.presume(vocabulary, {"insured": True}),
        gathering.presume(vocabulary, {"attack_on_information_system": False}),
    ]
    facts = [
        BreachFacts(
            aware_at=START - timedelta(minutes=n % 4320),
            zone=ZoneInfo(ZONES[n % 3]),
            risk=RISKS[n // 3 % 3],
            told=told[n % 2],
        )
        for n in range(asked.incidents)
    ]
    for each in facts[:3]:
        rules.arising(each, law)[0].explanation["fr"]  # calendars are loaded once, then kept
    found, ours = timed(lambda: list(rules.arising_each(facts, law)))
    count = sum(map(len, found))
    pairs = list(zip(facts, found, strict=True))
    _, floor = timed(lambda: [f.aware_at + PERIOD for f, owed in pairs for _ in owed])
    few = found[: max(len(found) // 20, 1)]
    told_few = sum(map(len, few))
    _, explaining = timed(lambda: [look(each) for owed in few for each in owed])
    print(f"incidents              {asked.incidents:>12,}")
    print(f"obligations            {count:>12,}")
    print(f"seconds                {ours:>12.2f}")
    print(f"obligations/s          {count / ours:>12,.0f}")
    print(f"with all explained/s   {1 / (ours / count + explaining / told_few):>12,.0f}")
    print(f"floor, additions/s     {count / floor:>12,.0f}")
    print(f"ours / floor           {ours / floor:>12,.1f}")


def look(each: Obligation) -> tuple[str, object]:
    """Read what is only computed when somebody looks."""
    return each.explanation["fr"] + each.explanation["en"], each.readings.working_days_full


def timed(work: Callable[[], list[T]]) -> tuple[list[T], float]:
    """Return what `work` gives, and its seconds."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


if __name__ == "__main__":
    main()
