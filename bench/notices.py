"""Notices per second to a carrier a tenth of a second away over TLS: ours, and two other ways.

Ours freezes people into chunks and hands them over through the ledger, eight requests at a
time. The naive sender asks for one person, renders, posts by the official library and keeps
each in transactions of its own. The better one renders and posts one person a request, by 32
threads that keep their connections, without any ledger. Ratios within one run count, figures
between runs do not; processor seconds are given too, since others may be at work.
"""

import argparse
import gc
import http.client
import json
import os
import resource
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
from jinja2 import Environment
from sqlalchemy import Engine, event, text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import outbox
from carrier import carrier

from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.delivery import errands, queries
from breachdesk.delivery.models import Campaign
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import open_engine
from loopback_smtp import certificates
from postgresql import server

KEY = "SG.bench.0123456789"
THREADS = 32


@dataclass(frozen=True)
class Cost:
    """What some work took: seconds on the wall, and of this process's processors."""

    number: int
    wall: float
    cpu: float

    @property
    def each_second(self) -> float:
        """Return how many a second of the wall."""
        return self.number / self.wall

    @property
    def each_core_second(self) -> float:
        """Return how many a second of one core."""
        return self.number / self.cpu


def costing(number: int, work: Callable[[], object]) -> Cost:
    """Do `work` and return what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(number, time.perf_counter() - wall, time.process_time() - cpu)


def main() -> None:
    """Run all ways on each database that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--naive-people", type=int, default=40)
    parser.add_argument("--pool-people", type=int, default=1500)
    parser.add_argument("--alone", action="store_true", help="leave the other two ways out")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = parser.parse_args()
    gc.freeze()  # as the command `breachdesk` does
    wanted = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    for kind in wanted:
        with tempfile.TemporaryDirectory(prefix="breachdesk-bench-") as name:
            folder = Path(name)
            certificates(folder)
            chain = folder / "loopback.pem"
            trusted = folder / "trusted.pem"  # as on a real machine: a hundred authorities more
            trusted.write_bytes(Path(certifi.where()).read_bytes() + chain.read_bytes())
            os.environ["SSL_CERT_FILE"] = str(trusted)
            with carrier(chain) as host, database(kind, folder) as url:
                compare(kind, host, url, folder, asked)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite'}"
    else:
        with server() as url:
            yield url


def compare(kind: str, host: str, url: str, folder: Path, asked: argparse.Namespace) -> None:
    """Run the three ways, and print figures and ratios."""
    transactions, actor = outbox.desk(folder, url)
    base = peak()
    campaigns: list[Any] = []
    frozen = costing(
        asked.people,
        lambda: campaigns.append(outbox.freeze(transactions, actor, asked.people)),
    )
    after_freeze = peak()
    transport = Transport(
        host, KEY, tls=ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    )
    mailer = SendGridMailer(transport, SystemClock())
    with transactions.reading(actor.organisation_id) as session:
        bind = session.get_bind()
    sender = replace(actor, sees_every_incident=True)  # as every process that only sends
    with counting(bind.engine) as commits:
        ours = costing(asked.people, lambda: errands.send_waiting(transactions, mailer, sender))
    with transactions.reading(actor.organisation_id) as session:
        incident_id = session.get_one(Campaign, campaigns[0]).incident_id
        report = queries.report(session, incident_id)
    assert report.accepted == asked.people, report
    thousands = asked.people / 1000
    print(f"{kind}, {asked.people:,} people")
    show("freeze", frozen)
    show("ours", ours)
    print(f"  commits per 1,000 people  {len(commits) / thousands:>10.2f}")
    print(f"  memory, MB: before {base}, frozen {after_freeze}, sent {peak()}", flush=True)
    if not asked.alone:
        naive = costing(asked.naive_people, lambda: naively(host, url, asked.naive_people))
        pool = costing(asked.pool_people, lambda: by_pool(host, asked.pool_people))
        show("naive", naive)
        show("pool", pool)
        ratio("ours / naive, wall", ours.each_second / naive.each_second)
        ratio("ours / naive, core-second", ours.each_core_second / naive.each_core_second)
        ratio("ours / pool, wall", ours.each_second / pool.each_second)


def show(name: str, cost: Cost) -> None:
    """Print what one way took."""
    print(
        f"  {name:<8}{cost.each_second:>12,.1f} a second"
        f"{cost.each_core_second:>12,.1f} a core-second   ({cost.wall:.1f} s)"
    )


def ratio(name: str, value: float) -> None:
    """Print how many times as fast ours was."""
    print(f"  {name:<26}{value:>10,.0f}", flush=True)


def peak() -> int:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def counting(engine: Engine) -> Iterator[list[int]]:
    """Note every commit of a write."""
    commits: list[int] = []

    def note(_: object) -> None:
        commits.append(1)

    event.listen(engine, "commit", note)
    try:
        yield commits
    finally:
        event.remove(engine, "commit", note)


def naively(host: str, url: str, number: int) -> None:
    """Ask for one, render, post by the official library, keep: one after the other."""
    from sendgrid import SendGridAPIClient  # noqa: PLC0415  (what is measured against)
    from sendgrid.helpers.mail import Mail  # noqa: PLC0415

    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE naive (address TEXT PRIMARY KEY, state TEXT)"))
        for person in outbox.people(number):
            connection.execute(
                text("INSERT INTO naive VALUES (:address, 'ready')"),
                {"address": person.address},
            )
    plain, rich = templates()
    client = SendGridAPIClient(KEY, host=host)
    for _ in range(number):
        with engine.begin() as connection:
            address = connection.scalar(
                text("SELECT address FROM naive WHERE state = 'ready' LIMIT 1")
            )
            connection.execute(
                text("UPDATE naive SET state = 'sending' WHERE address = :a"), {"a": address}
            )
        mail = Mail(
            from_email="dpo@bench.example",
            to_emails=address,
            subject=outbox.SUBJECT,
            plain_text_content=plain.render(tag="K7M4-QD2X-9R3"),
            html_content=rich.render(tag="K7M4-QD2X-9R3"),
        )
        assert client.send(mail).status_code == 202  # noqa: PLR2004  (accepted)
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE naive SET state = 'sent' WHERE address = :a"), {"a": address}
            )
    engine.dispose()


def by_pool(host: str, number: int) -> None:
    """Render and post one person a request, by threads that keep their connections."""
    from sendgrid.helpers.mail import Mail  # noqa: PLC0415  (what is measured against)

    plain, rich = templates()
    address = urlsplit(host)
    tls = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])

    def some(start: int) -> None:
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=tls
        )
        for n in range(start, number, THREADS):
            mail = Mail(
                from_email="dpo@bench.example",
                to_emails=f"person{n}@example.org",
                subject=outbox.SUBJECT,
                plain_text_content=plain.render(tag="K7M4-QD2X-9R3"),
                html_content=rich.render(tag="K7M4-QD2X-9R3"),
            )
            connection.request("POST", "/v3/mail/send", json.dumps(mail.get()))
            response = connection.getresponse()
            response.read()
            assert response.status == 202  # noqa: PLR2004  (accepted)
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(some, range(THREADS)))


def templates() -> tuple[Any, Any]:
    """Return the same texts, to be rendered for each person."""
    environment = Environment(autoescape=True)
    return (
        environment.from_string(outbox.TEXT.replace("{tag}", "{{ tag }}")),
        environment.from_string(outbox.HTML.replace("{tag}", "{{ tag }}")),
    )


if __name__ == "__main__":
    main()
