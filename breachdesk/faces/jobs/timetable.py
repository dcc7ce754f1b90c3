"""What runs how often. Each job is idempotent: run twice at once, it does no harm."""

from collections.abc import Callable
from dataclasses import dataclass

from breachdesk.audit.terms import Actor
from breachdesk.delivery import errands
from breachdesk.desk import Desk


@dataclass(frozen=True, slots=True)
class Job:
    """Something due every so many seconds."""

    name: str
    every: int
    run: Callable[[Desk, Actor, Callable[[], bool]], object]
    """Told the desk, who acts, and whom to ask whether the process is about to stop."""


def send(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Send the chunks that wait in campaigns that run."""
    return errands.send_waiting(desk.transactions, desk.mailer, actor, stopping=stopping)


def sweep(desk: Desk, actor: Actor, stopping: Callable[[], bool]) -> int:
    """Take chunks from senders that died, and resolve outcomes nobody knows."""
    del stopping  # it is over in a moment
    return errands.sweep(desk.transactions, desk.mailer, actor)


TIMETABLE = (Job("send", 2, send), Job("sweep", 5, sweep))
