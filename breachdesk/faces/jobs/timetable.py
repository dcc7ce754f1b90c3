"""What runs how often. Each job is idempotent: run twice at once, it does no harm."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from breachdesk.access import queries as access
from breachdesk.audit.terms import Actor
from breachdesk.delivery import errands
from breachdesk.desk import Desk
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.reminders import errands as reminding
from breachdesk.reminders.reading import read_plan

SENDERS = frozenset(
    f"delivery.{verb}" for verb in ("claim", "begin", "settle", "reclaim", "resolve")
)
"""All that a sender may do, whoever started it."""
REMINDERS = frozenset(f"reminders.{verb}" for verb in ("claim", "settle", "resolve", "drop"))
"""All that whoever reminds may do."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something due every so many seconds."""

    name: str
    every: int
    run: Callable[[Desk, Actor, Callable[[], bool]], object]
    """Told the desk, who started it, and whom to ask whether the process is about to stop."""


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
        errands.sweep(desk.transactions, desk.mailer, each) for each in senders(desk, actor)
    )


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


TIMETABLE = (Job("send", 2, send), Job("sweep", 5, sweep), Job("remind", 30, remind))
