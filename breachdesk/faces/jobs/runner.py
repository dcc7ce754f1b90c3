"""Ticks the timetable in the background, in one process at a time."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.jobs.timetable import TIMETABLE, WITHOUT_VAULT, Job
from breachdesk.kernel.borrowing import BorrowedVault
from breachdesk.kernel.errors import Unavailable
from breachdesk.kernel.locks import LEADER, Held, exclusive

log = logging.getLogger(__name__)


def run_in_background(desk: Desk, actor: Actor) -> Callable[[], None]:
    """Run the timetable for `actor` until the returned function is called, which waits.

    The leader runs all of it: on SQLite whoever holds a lock file of the home, on PostgreSQL
    whoever holds an advisory lock. Others stand by, and take over when the leader dies; on
    PostgreSQL they send all the same. Who holds no vault never leads.
    """
    leader, asked = Leader(desk, actor), threading.Event()
    jobs = WITHOUT_VAULT if leader.never else TIMETABLE
    scheduler = BackgroundScheduler(
        jobstores={"default": Steady()},
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in jobs:
        scheduler.add_job(
            _tick,
            "interval",
            seconds=job.every,
            args=(job, desk, actor, leader, asked.is_set),
            id=job.name,
            next_run_time=desk.transactions.clock.now(),
        )
    scheduler.start()

    def stop() -> None:
        asked.set()
        scheduler.shutdown(wait=True)
        leader.resign()

    return stop


class Steady(MemoryJobStore):  # type: ignore[misc]  # it has no types
    """Keeps jobs whose turn is never further away than their interval.

    A clock that was set back would else let nothing be done until it has caught up.
    """

    def get_due_jobs(self, now: datetime) -> list[Any]:
        """Return what is due, and what the clock has moved away."""
        for job in self.get_all_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)
        due: list[Any] = super().get_due_jobs(now)
        return due


def _tick(
    job: Job, desk: Desk, actor: Actor, leader: "Leader", stopping: Callable[[], bool]
) -> None:
    if leader.leads() or (job.everywhere and leader.is_shared):
        job.run(desk, actor, stopping)


class Leader:
    """The claim of this process to be the one that ticks."""

    def __init__(self, desk: Desk, actor: Actor) -> None:
        """Claim nothing yet."""
        with desk.transactions.reading(actor.organisation_id) as session:
            bind = session.get_bind()
        self._engine: Engine = bind if isinstance(bind, Engine) else bind.engine
        self.never = isinstance(desk.transactions.vault, BorrowedVault)
        self._file = desk.home / "secrets" / "leader.lock"
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._connection: Connection | None = None
        self._leads = False

    @property
    def is_shared(self) -> bool:
        """Tell whether other processes, on other machines too, may work beside this one."""
        return self._engine.dialect.name == "postgresql"

    def leads(self) -> bool:
        """Tell whether this process is the leader, becoming it if nobody is."""
        with self._lock:
            if self.never:
                return False
            if self._engine.dialect.name == "postgresql":
                self._leads = self._leads_database()
            elif not self._leads:
                self._leads = self._leads_home()
            return self._leads

    def resign(self) -> None:
        """Let another process lead."""
        with self._lock:
            if self._leads and self._connection is not None:
                self._release(self._connection)
            self._leads = False
            self._held.close()
            self._drop()

    def _leads_home(self) -> bool:
        try:
            self._held.enter_context(exclusive(self._file, wait=False))
        except Held:
            return False
        return True

    def _leads_database(self) -> bool:
        """Hold a session's lock on a connection of its own; it is gone when that one is."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
            if self._leads:
                self._connection.execute(text("SELECT 1"))
                return True
            claim = text("SELECT pg_try_advisory_lock(:number)")
            return bool(self._connection.execute(claim, {"number": LEADER}).scalar())
        except (DBAPIError, Unavailable):
            log.warning("the leader's connection was lost; another process may lead")
            self._drop()
            return False

    def _release(self, connection: Connection) -> None:
        """Give the lock back at once: a closed connection gives it back some moments later."""
        try:
            free = text("SELECT pg_advisory_unlock(:number)")
            connection.execute(free, {"number": LEADER})
        except (DBAPIError, Unavailable):
            log.warning("the leader's connection was lost, and its lock with it")

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # closed, not pooled: the lock goes with it
            self._connection.close()
            self._connection = None
