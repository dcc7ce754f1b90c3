"""The one door to the database for whoever writes.

A command takes a `Transaction`, which brings the actor, *the* instant and new ids, and which
refuses to be kept if the command left no trail entry.
"""

import functools
import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from breachdesk.audit import rules
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor, Entry
from breachdesk.kernel import ids
from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Forbidden
from breachdesk.kernel.sight import WHOLE, look_as
from breachdesk.kernel.tables import ORGANISATION, Table
from breachdesk.kernel.vault import Vault

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_LOCK = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger())))

COMMANDS: dict[str, Callable[..., Any]] = {}
"""Every command by its name; the role table must name the same set."""


class Unrecorded(RuntimeError):
    """A command ended without a trail entry: a fault of ours, never of the user's."""


class Unproven(Forbidden):
    """Permitted, and not before the actor shows again who they are."""


class Transaction:
    """What a command is given: a session, the actor, *the* instant, new ids and the vault."""

    def __init__(self, session: Session, actor: Actor, now: datetime, vault: Vault) -> None:
        """Begin with an empty trail."""
        self.session = session
        self.actor = actor
        self.now = now
        self.vault = vault
        self._records: list[tuple[str, Table, dict[str, Any]]] = []
        self._running: list[str] = []
        self._ids = ids.series(now)

    @property
    def organisation_id(self) -> UUID:
        """Return the organisation that this transaction speaks for."""
        return self.actor.organisation_id

    def new_id(self) -> UUID:
        """Return a fresh UUIDv7 of this instant, greater than those before it."""
        return next(self._ids)

    def hold(self, name: str) -> None:
        """Let nobody else of the organisation hold `name` until this transaction ends.

        SQLite has one writer anyway; PostgreSQL is asked for an advisory lock.
        """
        if self.session.get_bind().dialect.name == "postgresql":
            key = int.from_bytes(
                hashlib.sha256(f"{self.organisation_id} {name}".encode()).digest()[:8],
                signed=True,
            )
            self.session.connection().execute(_LOCK, {"key": key})

    def record(self, subject: Table, **details: Any) -> None:
        """Write on the trail what the running command did to `subject`.

        `details` hold ids, counts, digests and texts of ours: never data of affected people.
        """
        plain = json.loads(json.dumps(details, default=_plain))
        self._records.append((self._running[-1], subject, plain))


class Transactions:
    """Opens transactions for commands and sessions for queries, on one database."""

    def __init__(self, engine: Engine | Connection, clock: Clock, vault: Vault) -> None:
        """Write through `engine`, read the time from `clock`, seal in `vault`.

        On a connection every transaction is a part of the one that is open there.
        """
        self._write = sessionmaker(
            engine.execution_options(immediate=True), expire_on_commit=False
        )
        self._read = sessionmaker(engine, expire_on_commit=False)
        self.clock = clock
        self.vault = vault

    @contextmanager
    def open(self, actor: Actor) -> Iterator[Transaction]:
        """Run commands in one transaction: kept whole, with its trail, or not at all."""
        try:
            with self._write.begin() as session:
                session.info[ORGANISATION] = actor.organisation_id
                look_as(session, None if actor.sees_every_incident else actor.member_id)
                tx = Transaction(session, actor, self.clock.now(), self.vault)
                yield tx
                head = _write_trail(tx)
        except Forbidden as refusal:
            self._record_refusal(actor, refusal)
            raise
        if head is not None:
            self._seal(actor, head)

    @contextmanager
    def reading(self, whose: Actor | UUID | str) -> Iterator[Session]:
        """Run queries that see what an actor may see, and write nothing.

        Given an organisation in place of an actor, the desk itself reads: every incident of it.
        """
        with self._read() as session:
            if isinstance(whose, Actor):
                session.info[ORGANISATION] = whose.organisation_id
                look_as(session, None if whose.sees_every_incident else whose.member_id)
            else:
                session.info[ORGANISATION] = whose
            yield session

    def _record_refusal(self, actor: Actor, refusal: Forbidden) -> None:
        """Leave a trail entry of what was refused, in a transaction of its own."""
        with self._write.begin() as session:
            session.info[ORGANISATION] = actor.organisation_id
            tx = Transaction(session, actor, self.clock.now(), self.vault)
            entry = _entry(
                tx,
                *_head(tx),
                "refused",
                ("members", actor.member_id),
                {"refusal": str(refusal)},
            )
            session.add(entry)
        self._seal(actor, (entry.sequence, entry.digest))

    def _seal(self, actor: Actor, head: tuple[int, str]) -> None:
        """Seal the head of the trail. What was kept is kept: a full disk seals it later."""
        try:
            self.vault.keep_head(str(actor.organisation_id), *head)
        except OSError as fault:
            log.warning("the head of the trail waits to be sealed: %s", fault.strerror)


def command(
    action: str,
) -> Callable[
    [Callable[Concatenate[Transaction, P], R]], Callable[Concatenate[Transaction, P], R]
]:
    """Make a function the command `action`: permitted, and recorded before it ends.

    Raises Forbidden if the actor may not run it, Unproven (one of these) if they have not
    shown who they are for some time, Unrecorded if it left no trail entry.
    """

    def decorate(
        function: Callable[Concatenate[Transaction, P], R],
    ) -> Callable[Concatenate[Transaction, P], R]:
        @functools.wraps(function)
        def run(tx: Transaction, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if not tx.actor.may(action):
                raise Forbidden(f"{tx.actor.name} may not run {action}")
            if action in tx.actor.unproven:
                raise Unproven(f"{tx.actor.name} must show again who they are to run {action}")
            before = len(tx._records)  # noqa: SLF001  (the door knows its own transaction)
            tx._running.append(action)  # noqa: SLF001
            try:
                result = function(tx, *args, **kwargs)
            finally:
                tx._running.pop()  # noqa: SLF001
            if len(tx._records) == before:  # noqa: SLF001
                raise Unrecorded(action)
            return result

        COMMANDS[action] = run
        return run

    return decorate


def _write_trail(tx: Transaction) -> tuple[int, str] | None:
    """Chain what the transaction recorded onto the trail; return the new head."""
    if not tx._records:  # noqa: SLF001
        return None
    tx.session.flush()  # rows get their constraints checked before the trail is locked
    sequence, digest = _head(tx)
    for action, subject, details in tx._records:  # noqa: SLF001
        entry = _entry(
            tx, sequence, digest, action, (subject.__tablename__, subject.id), details
        )
        tx.session.add(entry)
        sequence, digest = entry.sequence, entry.digest
    return sequence, digest


def _head(tx: Transaction) -> tuple[int, str]:
    """Return sequence and digest of the last entry, holding the chain until the end."""
    tx.hold("trail")
    last = tx.session.execute(_LAST).first()
    return (0, rules.GENESIS) if last is None else (last.sequence, last.digest)


_LAST = (
    select(AuditEntry.sequence, AuditEntry.digest)
    .order_by(AuditEntry.sequence.desc())
    .limit(1)
    .execution_options(**{WHOLE: True})
)
"""Made once: every write asks for it."""


def _entry(
    tx: Transaction,
    sequence: int,
    previous: str,
    action: str,
    subject: tuple[str, UUID],
    details: dict[str, Any],
) -> AuditEntry:
    subject_type, subject_id = subject
    entry = Entry(
        chain=tx.organisation_id,
        sequence=sequence + 1,
        at=tx.now,
        actor=tx.actor.name,
        actor_id=tx.actor.member_id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        details=details,
    )
    return AuditEntry(
        id=tx.new_id(),
        organisation_id=entry.chain,
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        actor_id=entry.actor_id,
        action=entry.action,
        subject_type=entry.subject_type,
        subject_id=entry.subject_id,
        details=details,
        previous=previous,
        digest=rules.digest(entry, previous),
    )


def _plain(value: Any) -> Any:
    """Turn what JSON does not know into text: instants, ids, enums, sets."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    return str(getattr(value, "value", value))
