"""What runs how often. Each job is idempotent: run twice at once, it does no harm."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from breachdesk.access import queries as access
from breachdesk.audit.terms import Actor
from breachdesk.delivery import errands
from breachdesk.desk import Desk
from breachdesk.keeping.errands import anchoring, backing_up, purging
from breachdesk.kernel.borrowing import BorrowedVault
from breachdesk.kernel.database import sample
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.reminders import errands as reminding
from breachdesk.reminders.reading import read_plan
from breachdesk.scoping import errands as scoping

SENDERS = frozenset(
    f"delivery.{verb}" for verb in ("claim", "begin", "settle", "reclaim", "resolve")
)
"""All that a sender may do, whoever started it."""
WATCHERS = frozenset({"delivery.watch", "delivery.hear"})
"""All that whoever looks after campaigns may do."""
REMINDERS = frozenset(f"reminders.{verb}" for verb in ("claim", "settle", "resolve", "drop"))
"""All that whoever reminds may do."""
KEEPERS = frozenset({"keeping.purge", "keeping.anchor", "delivery.forget_addresses"})
"""All that whoever keeps the desk may do by itself."""
LENDERS = frozenset({"delivery.hand_keys"})
"""All that whoever lends keys to workers may do."""
BORROWERS = SENDERS | {"delivery.enlist_worker"}
"""All that a worker without a vault may do."""
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Job:
    """Something due every so many seconds."""

    name: str
    every: int
    run: Callable[[Desk, Actor, Callable[[], bool]], object]
    """Told the desk, who started it, and whom to ask whether the process is about to stop."""
    everywhere: bool = False
    """Run by every process that shares a PostgreSQL database, not by the leader alone."""


def send(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Send the chunks that wait in running campaigns; return how many people they held."""
    return sum(
        errands.send_waiting(desk.transactions, desk.mailer, each, stopping=stopping)
        for each in senders(desk, actor)
    )


def sweep(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Take chunks from senders that died, and resolve outcomes nobody knows."""
    del stopping  # it is over in a moment
    return sum(
        errands.sweep(desk.transactions, desk.mailer, each, desk.witness)
        for each in senders(desk, actor)
    )


def watch(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Halt campaigns that must be, let next waves begin, note where a carrier is silent."""
    del stopping  # it is over in a moment
    return sum(
        errands.watch(desk.transactions, each)
        for each in _each_house(desk, actor, "watchers", WATCHERS)
    )


def reconcile(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Ask the carrier's logs about campaigns that it does not report on any more."""
    new = 0
    for each in _each_house(desk, actor, "watchers", WATCHERS):
        if desk.witness is None or stopping():
            break
        new += errands.reconcile(desk.transactions, desk.witness, each)
    return new


def remind(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Give the reminders that are due; return how many left."""
    plan = read_plan(desk.templates)
    return sum(
        reminding.give(
            desk.transactions,
            reminding.Carriers(desk.mailer, desk.webhook),
            desk.renderer,
            each,
            desk.law,
            plan,
            stopping=stopping,
        )
        for each in _each_house(desk, actor, "reminders", REMINDERS)
    )


def keep(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Let go what is over its time, and keep the day's head of each trail."""
    del stopping  # each purge is whole by itself
    gone = 0
    for each in _each_house(desk, actor, "keepers", KEEPERS):
        outbox = desk.home / "outbox"
        gone += len(
            purging.purge(desk.transactions, each, desk.retention, outbox, by_hand=False)
        )
        anchoring.anchor(desk.transactions, each, desk.anchoring)
    return gone


def take_samples(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> None:
    """Let the database know how its rows are spread."""
    del actor, stopping  # it is over in a moment
    sample(backing_up.engine_of(desk.transactions))


def measure(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Make the measures that were asked for on a page; return how many were made."""
    evidence = scoping.Evidence(desk.home, desk.evidence)
    return sum(
        scoping.make_waiting(desk.transactions, desk.population, each, evidence, stopping)
        for each in _each_house(desk, actor, "measures", scoping.MAKER)
    )


def lend(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Hand admitted workers without a vault the keys they need, and withdraw all others."""
    del stopping  # it is over in a moment
    return sum(
        errands.lend(desk.transactions, each)
        for each in _each_house(desk, actor, "lenders", LENDERS)
    )


def borrow(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Say that this worker is there, and hold the keys that were handed to it."""
    del stopping  # it is over in a moment
    return sum(
        errands.borrow(desk.transactions, each, borrowed, platform.node())
        for borrowed in _borrowed(desk)
        for each in _each_house(desk, actor, "workers", BORROWERS)
    )


def send_borrowed(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Send what waits of the incidents whose keys were handed to this worker."""
    return sum(
        errands.send_borrowed(desk.transactions, desk.mailer, each, borrowed, stopping=stopping)
        for borrowed in _borrowed(desk)
        for each in _each_house(desk, actor, "senders", SENDERS)
    )


def _borrowed(desk: Desk) -> Iterator[BorrowedVault]:
    if isinstance(desk.transactions.vault, BorrowedVault):
        yield desk.transactions.vault


def senders(desk: Desk, actor: Actor) -> Iterator[Actor]:
    """Yield who sends for each organisation, in the name of `actor` and with no other right."""
    yield from _each_house(desk, actor, "senders", SENDERS)


def _each_house(
    desk: Desk, actor: Actor, name: str, permits: frozenset[str]
) -> Iterator[Actor]:
    with desk.transactions.reading(EVERY_ORGANISATION) as session:
        organisations = [each.id for each in access.organisations(session)]
    for organisation_id in organisations:
        yield replace(
            actor,
            name=f"{name} of {actor.name}",
            organisation_id=organisation_id,
            permits=permits,
            roles=(),
            sees_every_incident=True,
        )


TIMETABLE = (
    Job("send", 2, send, everywhere=True),
    Job("lend", 2, lend),
    Job("sweep", 5, sweep),
    Job("watch", 10, watch),
    Job("reconcile", 600, reconcile),
    Job("remind", 30, remind),
    Job("measure", 2, measure),
    Job("keep", HOUR, keep),
    Job("take_samples", HOUR, take_samples),
)
WITHOUT_VAULT = (
    Job("borrow", 2, borrow, everywhere=True),
    Job("send", 2, send_borrowed, everywhere=True),
)
"""What a process runs that holds no vault: it never leads, and leaves all else to others."""
