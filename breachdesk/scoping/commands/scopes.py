"""What may be done with scopes: record one, and look at its people."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from breachdesk.access.commands import limits
from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.kernel.tables import Table
from breachdesk.kernel.vault import Tampered, Vault
from breachdesk.scoping import queries, rules
from breachdesk.scoping.models import MeasuredScope
from breachdesk.scoping.ports import Population
from breachdesk.scoping.terms import (
    Change,
    Comparison,
    Measurement,
    Person,
    Question,
    Ring,
    Scope,
)

NAMED = 3
"""So many rows that could not be read are named in a refusal."""
MARK = 32
"""So long is what tells one customer's list from another's in its name."""
Told = Callable[[Iterable[str]], Iterable[bool]]
"""Says of each person, by key and in their order, whether they have been told already.

Whoever tells people stands later in the line, so whoever asks brings the answer along.
"""


class TooManyUnread(Refused):
    """More of the evidence could not be read than a measure may pass over in silence."""


@command("scoping.record")
def record(
    tx: Transaction,
    incident_id: UUID,
    question: Question,
    measurement: Measurement,
    *,
    accept_unread: bool,
) -> Scope:
    """Keep a measurement as the next version, its people sealed in the vault.

    Raises TooManyUnread if over 0.1 % of the evidence was unread and nobody accepts it.
    """
    if not accept_unread:
        _refuse_unread(measurement)
    last = tx.session.scalar(
        select(func.max(MeasuredScope.version)).where(MeasuredScope.incident_id == incident_id)
    )
    identity, number = tx.new_id(), (last or 0) + 1
    digest = rules.digest(question, measurement.files, measurement.result)
    tx.vault.make_key(incident_id)
    name = f"scope-{identity}"
    row = MeasuredScope(
        id=identity,
        incident_id=incident_id,
        version=number,
        digest=digest,
        counts={
            "scope": str(identity),
            "version": number,
            "digest": digest,
            **measurement.counts,
        },
        groups=[{**asdict(each), "ring": each.ring.value} for each in measurement.groups],
        list_name=name,
        list_digest=tx.vault.store_list(incident_id, name, measurement.people),
        question_file=str(question.file),
        question=question.text,
        statements=measurement.statements,
        files=[asdict(each) for each in measurement.files],
        unread_accepted=accept_unread,
        measured_at=tx.now,
        measured_by=tx.actor.name,
        customers={key: dict(counts) for key, counts in measurement.customers.items()},
        hours=[list(each) for each in measurement.hours],
    )
    tx.session.add(row)
    tx.record(
        row,
        incident=incident_id,
        version=number,
        digest=digest,
        rings=measurement.counts["rings"],
        unread_rows=measurement.counts["unmatched"]["unread_rows"],
        list_digest=row.list_digest,
    )
    return queries.scope(row)


def _refuse_unread(measurement: Measurement) -> None:
    """Raise TooManyUnread, with some examples, if over 0.1 % of the evidence was unread."""
    read = measurement.counts["rows_read"]
    unread = measurement.counts["unmatched"]["unread_rows"]
    if not rules.too_many_unread(read, unread):
        return
    some = ", ".join(
        f"{each['file']} row {each['row']}"
        for each in measurement.counts.get("unread_examples", ())[:NAMED]
    )
    raise TooManyUnread(
        f"{unread} of {read + unread} lines of evidence could not be read, over 0.1 %"
        f"{some and f' (as {some})'}; "
        "repair the evidence, or measure with --accept-unread"
    )


@command("scoping.list_people")
def list_people(  # noqa: PLR0913  (whose people, of whom, and for what)
    tx: Transaction,
    incident: Table,
    scope: Scope,
    ring: Ring,
    population: Population,
    *,
    customer: str | None = None,
    reason: str | None = None,
    counted: bool = True,
    mixed: bool = False,
) -> Iterator[Person]:
    """Yield the people of a ring, ordered by key. That one looked is on the trail.

    When `mixed`, ordered by a digest of the key: any first part is a fair sample.

    With a `customer`, only those whom we hold for it, and none of another's. Raises Unknown.
    A person who looks says for what `reason`, and may not look too often (TooMany); the desk
    itself, which only hands the list on, says none. Not `counted` is who sits at the terminal
    of the home: the vault and its key lie open there.
    """
    why = limits.look(tx, reason, counted=counted)
    people = scope.counts["rings"][ring.value]
    if customer is not None:
        held = queries.customers_of(tx.session, scope.id)
        if customer not in held:
            raise Unknown(f"nobody in version {scope.version} is held for that customer")
        people = held[customer][ring.value]
    tx.record(
        incident,
        scope=scope.id,
        version=scope.version,
        ring=ring.value,
        people=people,
        list_digest=scope.list_digest,
        **({} if customer is None else {"customer": customer}),
        **why,
    )
    return _people(tx, scope, ring, population, customer, mixed=mixed)


@command("scoping.look_up")
def look_up(
    tx: Transaction,
    incident: Table,
    scope: Scope,
    person_key: str,
    population: Population,
    *,
    reason: str | None = None,
    counted: bool = True,
) -> tuple[Ring, Person] | None:
    """Return one person with the ring they are in; None if the scope does not know them.

    Whoever looks says for what `reason`, and may not look too often (TooMany).
    """
    why = limits.look(tx, reason, counted=counted)
    with population.workplace() as folder:
        listed = folder / "people.parquet"
        tx.vault.fetch_list(incident.id, scope.list_name, listed)
        found = population.person(listed, person_key)
    tx.record(
        incident,
        scope=scope.id,
        version=scope.version,
        person=tx.vault.address_key(incident.id, person_key),
        found=found is not None,
        **why,
    )
    return found


@command("scoping.compare")
def compare(
    tx: Transaction,
    incident: Table,
    scopes: tuple[Scope, Scope],
    ring: Ring,
    population: Population,
    told: Told | None = None,
) -> Comparison:
    """Say how many people came into a ring from one version to another, and went out.

    With `told`, which knows who has been told, also how many of them have been.
    """
    with population.workplace() as folder:
        listed = [folder / f"people-{position}.parquet" for position in range(len(scopes))]
        for scope, path in zip(scopes, listed, strict=True):
            tx.vault.fetch_list(incident.id, scope.list_name, path)
        found = population.compare(listed[0], listed[1], ring)
        if told is not None:
            changes = population.changes(listed[0], listed[1], ring)
            found = replace(found, told=_told(changes, told))
    tx.record(
        incident,
        versions=[scope.version for scope in scopes],
        ring=ring.value,
        comparison=asdict(found),
    )
    return found


def _people(
    tx: Transaction,
    scope: Scope,
    ring: Ring,
    population: Population,
    customer: str | None,
    *,
    mixed: bool,
) -> Iterator[Person]:
    with population.workplace() as folder:
        if customer is None:
            listed = _whole(tx.vault, scope, folder)
        else:
            listed = _own(tx.vault, scope, customer, population, folder)
        yield from population.people(listed, ring, mixed=mixed)


def _whole(vault: Vault, scope: Scope, folder: Path) -> Path:
    """Open the list of a scope. Raises Tampered."""
    listed = folder / "people.parquet"
    vault.fetch_list(scope.incident_id, scope.list_name, listed)
    if rules.file_digest(listed) != scope.list_digest:
        raise Tampered(f"the list of scope {scope.id} is not the one that was measured")
    return listed


def _own(
    vault: Vault, scope: Scope, customer: str, population: Population, folder: Path
) -> Path:
    """Open a customer's own list; the first time it is cut out of the whole, and sealed.

    It lies under a name that tells no customer, sealed under a key that opens no other list.
    """
    incident, own = scope.incident_id, folder / "own.parquet"
    name = f"{scope.list_name}-{vault.address_key(incident, customer)[:MARK]}"
    if not vault.has_list(incident, name):
        population.cut(_whole(vault, scope, folder), customer, own)
        vault.store_list(incident, name, own, holder=customer)
    vault.fetch_list(incident, name, own, holder=customer)
    return own


def _told(changes: Iterator[tuple[str, Change]], told: Told) -> dict[str, int]:
    """Return how many of those who changed have been told, by what became of them."""
    waiting: deque[Change] = deque()

    def keys() -> Iterator[str]:
        for key, change in changes:
            waiting.append(change)
            yield key

    counted = dict.fromkeys((each.value for each in Change), 0)
    for was_told in told(keys()):
        counted[waiting.popleft().value] += was_told
    return counted
