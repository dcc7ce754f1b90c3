"""One chunk at a time: claim, note that it leaves, post, write down what became of it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction, Transactions
from breachdesk.delivery import commands, queries
from breachdesk.delivery.errands.watching import watch
from breachdesk.delivery.ports import Mailer, Witness
from breachdesk.delivery.terms import ChunkState, Finding, Outcome, Result, Slip
from breachdesk.kernel import ids

SHORTEST_WAIT, LONGEST_WAIT = timedelta(milliseconds=50), timedelta(seconds=5)


class Turns:
    """Opens transactions; on SQLite one after the other, since it has one writer.

    Threads that wait for their turn here need not ask the database again and again.
    """

    def __init__(self, transactions: Transactions, actor: Actor) -> None:
        """Open transactions for `actor`."""
        self._transactions, self._actor = transactions, actor
        with transactions.reading(actor.organisation_id) as session:
            alone = session.get_bind().dialect.name == "sqlite"
        self._turn = threading.Lock() if alone else nullcontext()

    @contextmanager
    def open(self) -> Iterator[Transaction]:
        """Run commands in one transaction."""
        with self._turn, self._transactions.open(self._actor) as tx:
            yield tx


def send_waiting(
    transactions: Transactions,
    mailer: Mailer,
    actor: Actor,
    incident_id: UUID | None = None,
    *,
    posted: Callable[[int], object] = int,
    stopping: Callable[[], bool] = bool,
) -> int:
    """Hand over every chunk that waits; return how many people the accepted ones held.

    As many chunks are on their way at once as the mailer bears. `posted` is told of each
    chunk's people as it is accepted; `stopping` is asked before each chunk whether to leave
    the rest for another time. No transaction is open while the mailer works.
    """
    turns = Turns(transactions, actor)
    given = (transactions, turns, mailer, actor, incident_id, posted, stopping)
    if mailer.together == 1:
        return _send(*given)
    with ThreadPoolExecutor(mailer.together, thread_name_prefix="sender") as pool:
        senders = [pool.submit(_send, *given) for _ in range(mailer.together)]
        return sum(each.result() for each in senders)


def _send(
    transactions: Transactions,
    turns: Turns,
    mailer: Mailer,
    actor: Actor,
    incident_id: UUID | None,
    posted: Callable[[int], object],
    stopping: Callable[[], bool],
) -> int:
    owner = f"sender-{ids.new_id(transactions.clock.now())}"
    people = 0
    while not stopping() and _something_waits(transactions, mailer, actor, incident_id):
        try:
            with turns.open() as tx:
                chunk = commands.claim(tx, owner, mailer.patience, incident_id)
            ticket = mailer.prepare()
            if isinstance(ticket, Outcome):
                with turns.open() as tx:
                    commands.settle(tx, chunk.id, owner, chunk.attempts, ticket)
                continue
            with turns.open() as tx:
                parcel = commands.begin(
                    tx, chunk.id, owner, mailer.patience, mailer.name, ticket
                )
        except commands.NothingWaits:
            break  # another sender took the last one
        except commands.Lost:
            continue  # a sweeper found us too slow; the chunk waits again or is another's
        if parcel is None:
            continue
        outcome = mailer.post(parcel)
        with turns.open() as tx:
            chunk = commands.settle(tx, chunk.id, owner, parcel.slip.attempt, outcome)
        told = chunk.people if chunk.state == ChunkState.ACCEPTED.value else 0
        if outcome.result is Result.PARTED:
            with transactions.reading(actor.organisation_id) as session:
                told = queries.accepted_of(session, chunk.id)
        if told:
            people += told
            posted(told)
    return people


def sweep(
    transactions: Transactions, mailer: Mailer, actor: Actor, witness: Witness | None = None
) -> int:
    """Take chunks from senders that died, and resolve every outcome nobody knows.

    Return how many chunks were resolved. An attempt whose outcome is not known is never
    repeated before its mailer has recalled it or proved that it left. Where it can do
    neither, the carrier's logs are asked, then its reports are waited for, then a person
    decides.
    """
    with transactions.reading(actor.organisation_id) as session:
        overdue = queries.expired(session, transactions.clock.now())
    for chunk_id in overdue:
        try:
            with transactions.open(actor) as tx:
                commands.reclaim(tx, chunk_id)
        except commands.Lost:
            continue  # it was settled, or another sweeper was faster
    with transactions.reading(actor.organisation_id) as session:
        slips = queries.unknown(session)
    resolved = 0
    for slip in slips:
        finding = mailer.recall(slip)
        if finding is Finding.CANNOT_TELL and witness is not None:
            finding = _asked(transactions, witness, actor, slip)
        try:
            with transactions.open(actor) as tx:
                chunk = commands.resolve(tx, slip.chunk, slip.attempt, finding)
        except commands.Lost:
            continue  # another sweeper was faster
        resolved += chunk.state != ChunkState.UNKNOWN.value
    return resolved


def _asked(transactions: Transactions, witness: Witness, actor: Actor, slip: Slip) -> Finding:
    """Ask the carrier's logs for some readers of an attempt."""
    with transactions.reading(actor.organisation_id) as session:
        since, addresses = queries.sample_of(session, transactions.vault, slip.chunk)
    return Finding.CANNOT_TELL if since is None else witness.proves(slip, addresses, since)


def send_all(
    transactions: Transactions,
    mailer: Mailer,
    actor: Actor,
    incident_id: UUID,
    *,
    wait: Callable[[float], None],
    posted: Callable[[int], object] = int,
) -> int:
    """Send until nothing of the incident's running campaigns waits or is on its way.

    `wait` is given seconds while another sender holds a chunk, or died holding one.
    """
    people = 0
    while True:
        sweep(transactions, mailer, actor)
        people += send_waiting(transactions, mailer, actor, incident_id, posted=posted)
        if watch(transactions, actor, incident_id):
            continue  # the next wave may leave
        with transactions.reading(actor.organisation_id) as session:
            due = queries.next_due(session, incident_id)
        if due is None:
            return people
        rest = min(max(due - transactions.clock.now(), SHORTEST_WAIT), LONGEST_WAIT)
        wait(rest.total_seconds())


def _something_waits(
    transactions: Transactions, mailer: Mailer, actor: Actor, incident_id: UUID | None
) -> bool:
    """Look before a write is begun: most looks find nothing, or nothing that may leave now."""
    now = transactions.clock.now()
    with transactions.reading(actor.organisation_id) as session:
        if not queries.has_waiting(session, now, incident_id):
            return False
        out = queries.tickets_out(session, now)
    return mailer.has_room(out)
