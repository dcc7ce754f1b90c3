"""Lend keys to machines that hold no vault, and on such a machine borrow them and send."""

import logging
from collections.abc import Callable

from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, queries, rules
from breachdesk.delivery.errands.sending import send_waiting
from breachdesk.delivery.ports import Mailer
from breachdesk.kernel.borrowing import BorrowedVault
from breachdesk.kernel.lending import fingerprint
from breachdesk.kernel.vault import Tampered

log = logging.getLogger(__name__)


def lend(transactions: Transactions, actor: Actor) -> int:
    """Hand keys to admitted workers, withdraw what they need no more; return how many went out.

    Workers cannot seal the head of the trail; so it is sealed here while there are any.
    """
    vault = transactions.vault
    with transactions.reading(actor.organisation_id) as session:
        due = queries.lending(session, vault, transactions.clock.now())
        entry = trail.last(session, actor.organisation_id) if due.admitted else None
        if entry is not None:
            vault.keep_head(str(actor.organisation_id), entry.sequence, entry.digest)
    if not due:
        return 0
    try:
        with transactions.open(actor) as tx:
            return commands.hand_keys(tx)
    except commands.NothingToNote:
        return 0  # it was dismissed meanwhile


def borrow(transactions: Transactions, actor: Actor, vault: BorrowedVault, machine: str) -> int:
    """Say that this worker is there, and hold the keys that lie ready; return how many."""
    house, known_by = actor.organisation_id, fingerprint(vault.pair.public)
    with transactions.reading(house) as session:
        worker = queries.worker_of(session, known_by)
        keys = {}
        if worker is not None:
            for each in queries.handed_to(session, worker):
                about = rules.loan(worker.id, each.incident_id)
                try:
                    keys[each.incident_id] = vault.pair.open(each.sealed, about)
                except Tampered:
                    log.warning("a key handed to worker %s does not open", known_by)
        vault.borrow(house, keys)
        dismissed = worker is not None and worker.dismissed_at is not None
        speaks = worker is None or rules.speaks(
            worker.seen_at,
            transactions.clock.now(),
            sending=bool(queries.being_sent(session)),
        )
    if speaks and not dismissed:
        with transactions.open(actor) as tx:
            commands.enlist_worker(tx, vault.pair.public, machine)
    return len(keys)


def send_borrowed(
    transactions: Transactions,
    mailer: Mailer,
    actor: Actor,
    vault: BorrowedVault,
    *,
    stopping: Callable[[], bool] = bool,
) -> int:
    """Send what waits of the incidents whose keys are lent; return how many people it held."""
    return sum(
        send_waiting(
            transactions,
            mailer,
            actor,
            incident,
            stopping=lambda each=incident: stopping() or not vault.has_key(each),  # type: ignore[misc]  # bound now, called later
        )
        for incident in vault.lent(actor.organisation_id)
    )
