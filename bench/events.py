"""Reports of the carrier per second: verified, read, written down once, with the person's row.

Each person's message is processed and delivered; posts hold a thousand events, out of order
among ten thousand, as they come when many requests are under way.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import outbox
from notices import database

from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.delivery import errands, queries
from breachdesk.delivery.models import Campaign
from breachdesk.kernel.clock import SystemClock
from sendgrid_reports import PUBLIC_KEY, signed

KINDS = ("processed", "delivered")
NEAR = 10_000


def main() -> None:
    """Run on each database; print events a second, on the wall and of a core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--post", type=int, default=1000, help="events in a post")
    asked = parser.parse_args()
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="breachdesk-bench-") as name:
            folder = Path(name)
            with database(kind, folder) as url:
                hear(kind, folder, url, asked)


def hear(kind: str, folder: Path, url: str, asked: argparse.Namespace) -> None:
    """Take every post, then the first twenty again."""
    transactions, actor = outbox.desk(folder, url)
    campaign_id: Any = outbox.freeze(transactions, actor, asked.people)
    clock = SystemClock()
    ear = SendGridEvents(PUBLIC_KEY, clock)
    bodies = posts(asked.people, asked.post, int(clock.now().timestamp()))
    given = [(body, signed(body, clock.now())) for body in bodies]
    for what, some in (("new", given), ("again", given[:20])):
        wall, cpu = time.perf_counter(), time.process_time()
        for body, headers in some:
            errands.hear(transactions, "SendGrid", ear.hear(body, headers))
        number = min(len(some) * asked.post, asked.people * len(KINDS))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(
            f"{kind:<12}{what:<7}{number / wall:>10,.0f} a second{number / cpu:>10,.0f} a core"
        )
    with transactions.reading(actor.organisation_id) as session:
        incident_id = session.get_one(Campaign, campaign_id).incident_id
        assert queries.report(session, incident_id).delivered == asked.people


def posts(people: int, size: int, at: int) -> list[bytes]:
    """Return the events of every message in posts of `size`."""
    told = [
        {
            "email": f"person{n}@example.org", "timestamp": at, "event": kind,
            "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>", "category": ["bench"],
            "sg_message_id": f"XBg2aaaaaaaaaaaaaaaaaa.recvd-5f54b5d587-{n}",
            "bd_c": "bench", "bd_k": "01900000-0000-7000-8000-000000000001", "bd_a": "1",
            "bd_n": str(n), "sg_event_id": os.urandom(16).hex(), "response": "250 2.0.0 OK",
        }
        for n in range(1, people + 1)
        for kind in KINDS
    ]  # fmt: skip
    mixed: list[dict[str, object]] = []
    for start in range(0, len(told), NEAR):
        part = told[start : start + NEAR]
        mixed += random.Random(start).sample(part, len(part))
    return [json.dumps(mixed[n : n + size]).encode() for n in range(0, len(mixed), size)]


if __name__ == "__main__":
    main()
