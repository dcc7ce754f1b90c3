"""Senders are killed, stopped and lied to, many times over; everyone is told once, or it shows.

Each run freezes some campaigns, starts three senders in processes of their own and hurts them
as its seed says: kill -9, SIGSTOP and SIGCONT, a full disk; answers lost, 500 before and after
acceptance, 429, hangs. Then the carrier's book is compared with the list and with the report:
nobody is missed, nobody is doubled, and the report says what the book says. Time runs thirty
times as fast, for senders and carrier alike.
"""

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, make_url, text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import fake_sendgrid
from breachdesk.access import commands as access
from breachdesk.adapters.sendgrid_events import SendGridEvents
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import errands, queries
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from campaigns import frozen
from conftest import all_commands
from fakes import readers
from postgresql import server
from sendgrid_reports import PUBLIC_KEY, events, posted, shuffled, signed

FASTER = 30
CAMPAIGNS, PEOPLE, SENDERS, TOGETHER = 4, 20, 3, 2
FAULTS = ("lost", "500 before", "500 after", "429", "hang before", "hang after", "reset", "503")
FAULTY = 0.2
HURT_SECONDS, LONGEST = 5.0, 240.0
EPOCH = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Fast:
    """A clock that runs faster than the machine's, alike in every process."""

    began: float

    def now(self) -> datetime:
        """Return the time here."""
        return EPOCH + timedelta(seconds=(time.monotonic() - self.began) * FASTER)


@dataclass
class Place:
    """Where one run takes place."""

    url: str
    folder: Path
    carrier: str
    clock: Fast
    actor: Actor = field(
        default_factory=lambda: Actor(
            UUID(int=1), "Faults", UUID(int=2), all_commands(), sees_every_incident=True
        )
    )

    def open(self) -> Transactions:
        """Open the desk of this run, in this process."""
        vault = Vault(self.folder / "vault", bytes(range(32)))
        return Transactions(open_engine(self.url), self.clock, vault)


def send(place: Place, *, disk_full: bool) -> None:
    """Send and sweep for ever, as a worker does."""
    transport = Transport(place.carrier, fake_sendgrid.API_KEY, read_seconds=1.0)
    mailer = SendGridMailer(transport, place.clock)
    mailer.together = TOGETHER
    transactions = place.open()
    if disk_full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    while True:
        errands.sweep(transactions, mailer, place.actor)
        errands.send_waiting(transactions, mailer, place.actor)
        time.sleep(0.05)


def nursery(orders: Connection) -> None:
    """Make senders by fork, from a process without threads; answer with their ids."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        place, disk_full = orders.recv()
        child = os.fork()
        if child == 0:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 2)  # a sender that dies of its fault says so at length
            try:
                send(place, disk_full=disk_full)
            finally:
                os._exit(1)
        orders.send(child)


class Senders:
    """The senders of one run, and what is done to them."""

    def __init__(self, orders: Connection, place: Place, chance: random.Random) -> None:
        """Start them."""
        self._orders, self._place, self._chance = orders, place, chance
        self.ids = [self._start() for _ in range(SENDERS)]
        self.asleep: dict[int, float] = {}
        self.done: Counter[str] = Counter()

    # a process is held by a handle, never by its number

    def _start(self, *, disk_full: bool = False) -> int:
        self._orders.send((self._place, disk_full))
        return os.pidfd_open(int(self._orders.recv()))  # a number may become another's

    def hurt(self) -> None:
        """Do one thing to one of them."""
        what = self._chance.choice(["kill", "stop", "stop", "disk full", "nothing"])
        self.done[what] += 1
        place = self._chance.randrange(SENDERS)
        if what == "stop":
            if self._signal(self.ids[place], signal.SIGSTOP):
                wakes = time.monotonic() + self._chance.uniform(0.2, 8)
                self.asleep[self.ids[place]] = wakes
        elif what in {"kill", "disk full"}:
            self._signal(self.ids[place], signal.SIGKILL)
            self._let_go(place)
            self.ids[place] = self._start(disk_full=what == "disk full")

    def wake(self, *, everybody: bool = False) -> None:
        """Let those go on that slept long enough; replace those that died."""
        for sender, at in list(self.asleep.items()):
            if everybody or time.monotonic() >= at:
                self._signal(sender, signal.SIGCONT)
                del self.asleep[sender]
        for place, sender in enumerate(self.ids):
            if not self._signal(sender, 0):
                self._let_go(place)
                self.ids[place] = self._start()

    def end(self) -> None:
        """Let none go on."""
        for place, sender in enumerate(self.ids):
            self._signal(sender, signal.SIGKILL)
            self._let_go(place)

    def _let_go(self, place: int) -> None:
        self.asleep.pop(self.ids[place], None)
        os.close(self.ids[place])

    @staticmethod
    def _signal(sender: int, number: int) -> bool:
        try:
            signal.pidfd_send_signal(sender, number)
        except ProcessLookupError:
            return False
        return True


def run(orders: Connection, url: str, folder: Path, seed: int) -> tuple[bool, str]:
    """Run once; return whether all was well, and what happened."""
    chance, clock = random.Random(seed), Fast(time.monotonic())
    with fake_sendgrid.serving(clock.now) as fake:
        fake.faults = [
            chance.choice(FAULTS) if chance.random() < FAULTY else "fine" for _ in range(16)
        ]
        given = fake.faults.copy()
        place = Place(url, folder, fake.url, clock)
        transactions = place.open()
        with transactions.open(place.actor) as tx:
            access.found(tx, "Faults")
        with transactions.open(place.actor) as tx:
            draft = IncidentDraft(title="Faults", aware_at=tx.now)
            incident = incidents.log(tx, draft)
        for number in range(CAMPAIGNS):
            with transactions.open(place.actor) as tx:
                frozen(tx, incident, readers(PEOPLE, start=number * PEOPLE))
        senders = Senders(orders, place, chance)
        began = time.monotonic()
        try:
            while not _is_over(transactions, place, incident.id):
                if time.monotonic() - began < HURT_SECONDS:
                    senders.hurt()
                senders.wake()
                if time.monotonic() - began > LONGEST:
                    break
                time.sleep(0.3)
            senders.wake(everybody=True)
            time.sleep(1.5)  # whoever slept between its note and its posting posts now
        finally:
            senders.end()
        fine, said = _compare(transactions, place, fake, incident.id, seed)
        seconds = time.monotonic() - began
        faults = Counter(each for each in given if each != "fine")
        return fine, f"{said} in {seconds:.0f} s; {dict(senders.done)} {dict(faults)}"


def _is_over(transactions: Transactions, place: Place, incident_id: UUID) -> bool:
    with transactions.reading(place.actor.organisation_id) as session:
        return all(
            each.state == "finished" for each in queries.campaigns_of(session, incident_id)
        )


def _compare(
    transactions: Transactions,
    place: Place,
    fake: fake_sendgrid.FakeSendGrid,
    incident_id: UUID,
    seed: int,
) -> tuple[bool, str]:
    """Compare list, book and report, before and after the carrier's own reports."""
    wanted = Counter(str(each.address) for each in readers(CAMPAIGNS * PEOPLE))
    book = fake.book()
    missed, doubled = wanted - book, book - wanted
    with transactions.reading(place.actor.organisation_id) as session:
        before = queries.report(session, incident_id)
        whole = trail.verify(session, transactions.vault, place.actor.organisation_id).whole
    ear = SendGridEvents(PUBLIC_KEY, place.clock)
    for post in shuffled(events(fake), seed):
        body = posted(post)
        words = ear.hear(body, signed(body, place.clock.now()))
        errands.hear(transactions, "SendGrid", words)
    with transactions.reading(place.actor.organisation_id) as session:
        after = queries.report(session, incident_id)
    agrees = (
        before.accepted == before.messages == book.total()
        and after.delivered == book.total()
        and before.whole
        and after.whole
    )
    said = (
        f"missed {missed.total()}, doubled {doubled.total()}, in doubt {before.in_doubt}, "
        f"report {'agrees' if agrees else f'{before.accepted} of {book.total()}'}"
        f"{'' if whole else ', trail broken'}"
    )
    return not missed and not doubled and agrees and whole, said


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Iterator[str]]:
    """Yield fresh migrated databases of a kind, one after the other."""
    if kind == "sqlite":
        template = folder / "template.sqlite"
        engine = open_engine(f"sqlite:///{template}")
        migrate(engine, shipped("migrations"))
        engine.dispose()
        yield (_copied(template, folder / f"run-{n}.sqlite") for n in range(10_000))
        return
    with server() as url:
        admin = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE template_faults"))
            engine = open_engine(_named(url, "template_faults"))
            migrate(engine, shipped("migrations"))
            engine.dispose()

            def fresh(number: int) -> str:
                name = f"faults_{number}"
                made = f"CREATE DATABASE {name} TEMPLATE template_faults"
                connection.execute(text(made))
                return _named(url, name)

            yield (fresh(number) for number in range(10_000))


def _copied(template: Path, path: Path) -> str:
    shutil.copy(template, path)
    return f"sqlite:///{path}"


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def main() -> None:
    """Run the seeds that are asked for; exit 1 if one of them is not well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    all_commands()
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    zygote = context.Process(target=nursery, args=(there,), daemon=True)
    zygote.start()
    well = 0
    with tempfile.TemporaryDirectory(prefix="breachdesk-faults-") as name:
        folder = Path(name)
        with databases(asked.database, folder) as fresh:
            for seed in range(asked.first, asked.first + asked.runs):
                place = folder / f"run-{seed}"
                place.mkdir()
                fine, said = run(here, next(fresh), place, seed)
                well += fine
                print(f"{asked.database} seed {seed}: {'well' if fine else 'NOT WELL'}: {said}")
                sys.stdout.flush()
    zygote.terminate()
    print(f"{asked.database}: {well} of {asked.runs} runs well")
    sys.exit(well != asked.runs)


if __name__ == "__main__":
    main()
