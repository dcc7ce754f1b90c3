"""Writes and says what it wrote, until it is killed; then everything it said must be there."""

import os
import random
import signal
import threading
from collections import Counter
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

import breachdesk.access.models  # noqa: F401  (rows of incidents refer to its tables)
from breachdesk.audit import queries as audit
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident, TimelineEntry
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.kernel.vault import Vault

MASTER = bytes(range(32))
PERMITS = frozenset({"incidents.log", "incidents.add_to_timeline"})


def write(url: str, vault: Path, organisation: UUID, seed: int, told: int) -> None:
    """Log incidents with two lines of a timeline each, in one transaction; say each that is."""
    chance = random.Random(seed)  # noqa: S311  (a seeded run)
    actor = Actor(organisation, f"writer {seed}", organisation, PERMITS, (), frozenset(), True)
    transactions = Transactions(open_engine(url), SystemClock(), Vault(vault, MASTER))
    while True:
        with transactions.open(actor) as tx:
            draft = IncidentDraft(title=f"run {seed}", aware_at=tx.now)
            incident = incidents.log(tx, draft)
            for line in ("first", "second"):
                incidents.add_to_timeline(tx, incident, tx.now, line * chance.randint(1, 200))
        os.write(told, f"{incident.id}\n".encode())


def killed(url: str, vault: Path, organisation: UUID, seed: int) -> list[UUID]:
    """Run a writer, kill it with SIGKILL at a random moment, and return what it said it wrote.

    It is killed some milliseconds after it said the first, so that it is always at work.
    """
    chance = random.Random(seed)  # noqa: S311  (a seeded run)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(url, vault, organisation, seed, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = [told.readline()]
        death = threading.Timer(chance.uniform(0, 0.1), os.kill, (child, signal.SIGKILL))
        death.start()
        said += told
        death.join()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer failed by itself"
    return [UUID(line.strip()) for line in said if line.endswith("\n")]


def faults(transactions: Transactions, vault: Vault, said: set[UUID]) -> list[str]:
    """Return what was lost, half written or unchained; nothing, if the desk keeps its word."""
    found = []
    with transactions.reading(EVERY_ORGANISATION) as session:
        written = set(session.scalars(select(Incident.id)))
        lines = Counter(session.scalars(select(TimelineEntry.incident_id)))
        noted = Counter(
            session.scalars(
                select(AuditEntry.subject_id).where(
                    AuditEntry.action.in_(["incidents.log", "incidents.add_to_timeline"])
                )
            )
        )
        found += [f"{each} was said and is lost" for each in said - written]
        found += [f"{each} is half written" for each in written if lines[each] != 2]
        found += [f"{each} is not on the trail" for each in written if noted[each] != 3]
        found += [f"{each} is on the trail alone" for each in set(noted) - written]
        organisations = set(session.scalars(select(AuditEntry.organisation_id)))
        for organisation in organisations:
            verdict = audit.verify(session, vault, organisation)
            found += [verdict.gap] if verdict.gap else []
    return found
