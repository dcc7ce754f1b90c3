"""One chunk at a time: claim, note that it leaves, post, write down what became of it.

While a parcel is on its way the next one's ticket is asked for. Then what became of the one,
and that the next leaves, are one transaction: both are kept before the next byte leaves.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction, Transactions
from breachdesk.delivery import commands, queries
from breachdesk.delivery.errands.watching import watch
from breachdesk.delivery.ports import Mailer, Witness
from breachdesk.delivery.terms import ChunkState, Finding, Outcome, Parcel, Result, Slip, Ticket
from breachdesk.kernel import ids
from breachdesk.kernel.borrowing import NotLent

AHEAD = 2
"""So many tickets a sender asks for ahead: one may take longer than a posting."""
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
    with ThreadPoolExecutor(mailer.together, thread_name_prefix="asker") as asking:
        given = (transactions, turns, actor, mailer, asking, incident_id, posted, stopping)
        if mailer.together == 1:
            return _Sender(*given).send()
        with ThreadPoolExecutor(mailer.together, thread_name_prefix="sender") as pool:
            senders = [pool.submit(_Sender(*given).send) for _ in range(mailer.together)]
            return sum(each.result() for each in senders)


@dataclass
class _Sender:
    """Posts one parcel after the other; `asking` asks for tickets of later ones beside."""

    transactions: Transactions
    turns: Turns
    actor: Actor
    mailer: Mailer
    asking: Executor
    incident_id: UUID | None
    posted: Callable[[int], object]
    stopping: Callable[[], bool]
    asked: deque[Future[Ticket | Outcome]] = field(default_factory=deque)
    leaving: Parcel | None = None
    """What leaves next: noted in the transaction that settled the one before."""

    def __post_init__(self) -> None:
        """Take a name that no other sender has."""
        self.owner = f"sender-{ids.new_id(self.transactions.clock.now())}"

    def send(self) -> int:
        """Send until nothing waits that may leave now; return how many people were told."""
        people = 0
        while not self.stopping() and self._something_waits():
            try:
                parcel = self._first()
            except commands.NothingWaits:
                break  # another sender took the last one
            except NotLent:
                break  # the key went back; a sweeper puts the chunk back for others
            except commands.Lost:
                continue  # a sweeper found us too slow; the chunk waits again or is another's
            while parcel is not None:
                told, parcel = self._post(parcel), self.leaving
                if told:
                    people += told
                    self.posted(told)
        return people

    def _first(self) -> Parcel | None:
        """Claim a chunk, ask for its ticket, and note that it leaves, each kept by itself.

        A campaign is held after its chunk here, so both are not held at once.
        """
        owner, mailer = self.owner, self.mailer
        with self.turns.open() as tx:
            chunk = commands.claim(tx, owner, mailer.patience, self.incident_id)
        ticket = self._ticket() or mailer.prepare()
        with self.turns.open() as tx:
            if isinstance(ticket, Outcome):
                commands.settle(tx, chunk.id, owner, chunk.attempts, ticket)
                return None
            return commands.begin(tx, chunk.id, owner, mailer.patience, mailer.name, ticket)

    def _post(self, parcel: Parcel) -> int:
        """Post a parcel, and let the next one leave; return how many people it told."""
        slip, self.leaving = parcel.slip, None
        while len(self.asked) < AHEAD:
            self.asked.append(self.asking.submit(self.mailer.prepare))
        outcome = self.mailer.post(parcel)
        goes_on = outcome.result is Result.ACCEPTED and not self.stopping()
        with self.turns.open() as tx:
            following = partial(self._follow, tx) if goes_on else None
            chunk = commands.settle(
                tx, slip.chunk, self.owner, slip.attempt, outcome, following
            )
        if outcome.result is Result.PARTED:
            with self.transactions.reading(self.actor.organisation_id) as session:
                return queries.accepted_of(session, chunk.id)
        return chunk.people if chunk.state == ChunkState.ACCEPTED.value else 0

    def _follow(self, tx: Transaction, campaign_id: UUID) -> bool:
        """Claim one more chunk of the campaign that is held, and note that it leaves.

        Where its ticket has come, and there is room. No other campaign's: who holds two could
        wait for one who holds them the other way.
        """
        owner, mailer = self.owner, self.mailer
        if not self.asked[0].done() or not mailer.has_room(
            queries.tickets_out(tx.session, tx.now)
        ):
            return False
        ticket = self._ticket()
        if ticket is None:
            return False
        try:
            chunk = commands.claim(tx, owner, mailer.patience, campaign_id=campaign_id)
            self.leaving = commands.begin(
                tx, chunk.id, owner, mailer.patience, mailer.name, ticket
            )
        except (commands.NothingWaits, NotLent):
            return False  # what became of the last one is kept all the same
        return self.leaving is not None

    def _ticket(self) -> Ticket | None:
        """Return the ticket that was asked for first; None if none was, or none was given."""
        ticket = self.asked.popleft().result() if self.asked else None
        return None if isinstance(ticket, Outcome) else ticket

    def _something_waits(self) -> bool:
        """Look before a write is begun: most looks find nothing that may leave now."""
        now = self.transactions.clock.now()
        with self.transactions.reading(self.actor.organisation_id) as session:
            if not queries.has_waiting(session, now, self.incident_id):
                return False
            out = queries.tickets_out(session, now)
        return self.mailer.has_room(out)


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
        finding, proof = mailer.recall(slip), ""
        if finding is Finding.CANNOT_TELL and witness is not None:
            finding, proof = _asked(transactions, witness, actor, slip), "logged"
        try:
            with transactions.open(actor) as tx:
                chunk = commands.resolve(tx, slip.chunk, slip.attempt, finding, proof)
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
