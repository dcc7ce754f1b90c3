"""Measures that were asked for on a page, made one after the other in the background.

A measure holds a lock file while it is made. Where one says that it runs and nobody holds its
lock, its maker died: it is begun again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import queries as datamaps
from breachdesk.kernel.errors import BreachDeskError, Problem, Unusable
from breachdesk.kernel.locks import Held, exclusive
from breachdesk.scoping import commands, queries, reading
from breachdesk.scoping.errands.measuring import measure
from breachdesk.scoping.errands.standing import Looking, place
from breachdesk.scoping.ports import Population
from breachdesk.scoping.reading.files import Shelf, can_be_said
from breachdesk.scoping.terms import RequestState, Scope, Stopped

MAKER = frozenset(f"scoping.{verb}" for verb in ("begin", "finish", "put_back", "record"))
"""All that whoever makes measures may do."""
QUESTION = "question.toml"
Row: TypeAlias = Any
"""A row of this station; its class is for queries and commands."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where evidence lies: the home with its vault, and a folder of the machine, if any."""

    home: Path
    folder: Path | None = None

    def pointed(self) -> dict[str, Path]:
        """Return the files of the folder by their names in it; no link leads out of it.

        What has a name that is no text is left out: no page could show it.
        """
        if self.folder is None:
            return {}
        top = self.folder.resolve()
        found = {}
        for path in sorted(top.rglob("*")):
            real = path.resolve()
            if real.is_file() and real.is_relative_to(top) and can_be_said(path):
                found[path.relative_to(top).as_posix()] = real
        return found


def make_waiting(
    transactions: Transactions,
    population: Population,
    actor: Actor,
    evidence: Evidence,
    stopping: Callable[[], bool],
) -> int:
    """Make the measures that are waited for; return how many were made."""
    with transactions.reading(actor.organisation_id) as session:
        waiting = list(queries.waiting(session))
    made = 0
    for identity in waiting:
        if stopping():
            break
        lock = place(evidence.home, identity).with_suffix(".lock")
        try:
            with exclusive(lock, wait=False):
                made += _make(transactions, population, actor, evidence, identity, stopping)
        except Held:
            continue  # another process makes it
        for left in (lock, place(evidence.home, identity)):
            left.unlink(missing_ok=True)
    return made


def _make(
    transactions: Transactions,
    population: Population,
    actor: Actor,
    evidence: Evidence,
    identity: UUID,
    stopping: Callable[[], bool],
) -> bool:
    with transactions.open(actor) as tx:
        request = commands.begin(tx, identity)
    if request is None:
        return False
    asker = replace(
        actor, member_id=request.requested_by_id, name=request.requested_by, permits=MAKER
    )
    outcome: Scope | tuple[Problem, ...] | None
    try:
        outcome = _measured(transactions, population, asker, evidence, request, stopping)
    except Stopped:
        outcome = None
        if stopping() and not _cancelled(transactions, actor, identity):
            with transactions.open(asker) as tx:
                commands.put_back(tx, identity)
            return False
    except Unusable as error:
        outcome = error.problems
    except BreachDeskError as error:
        outcome = (Problem(str(error)),)
    with transactions.open(asker) as tx:
        commands.finish(tx, identity, outcome)
    return isinstance(outcome, Scope)


def _measured(
    transactions: Transactions,
    population: Population,
    asker: Actor,
    evidence: Evidence,
    request: Row,
    stopping: Callable[[], bool],
) -> Scope:
    started = perf_counter()
    told = place(evidence.home, request.id)

    def asked() -> bool:
        return stopping() or _cancelled(transactions, asker, request.id)

    with population.workplace() as folder:
        with transactions.reading(asker.organisation_id) as session:
            datamap = datamaps.current(session)
            brought = queries.files_of(session, request.incident_id)
            known = shelf(brought, evidence, folder)
        question = reading.parse(request.question, folder / QUESTION, datamap, known)
        used = {file.path for part in question.parts for file in part.files}
        for each in brought:
            if known.files[each.name] in used:
                transactions.vault.fetch_list(
                    request.incident_id, each.list_name, known.files[each.name]
                )
        return measure(
            transactions,
            population,
            asker,
            request.incident_id,
            datamap,
            question,
            accept_unread=request.accept_unread,
            watch=Looking(told, lambda: perf_counter() - started, asked),
        )


def shelf(brought: Iterable[Row], evidence: Evidence, folder: Path) -> Shelf:
    """Return the files that a question of a page may name; what was brought comes first.

    Those lie, once they are unsealed, in `folder`, under names that nobody chose.
    """
    names = {
        each.name: folder / "".join((str(each.id), *Path(each.name).suffixes[-2:]))
        for each in brought
    }
    return Shelf({**evidence.pointed(), **names})


def _cancelled(transactions: Transactions, actor: Actor, identity: UUID) -> bool:
    with transactions.reading(actor.organisation_id) as session:
        return bool(queries.request(session, identity).state == RequestState.STOPPING.value)
