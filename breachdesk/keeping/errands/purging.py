"""Lets go what is due: first noted in the database, then destroyed in the vault and outbox."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.keeping import commands, queries
from breachdesk.keeping.errands.ledger import remember
from breachdesk.keeping.queries import Purge
from breachdesk.keeping.terms import Kept, Retention
from breachdesk.kernel.vault import Vault


def due(transactions: Transactions, actor: Actor, retention: Retention) -> tuple[Kept, ...]:
    """Return what is to go now, and why."""
    with transactions.reading(actor.organisation_id) as session:
        return tuple(
            each
            for each in queries.everything(session, transactions.vault, retention)
            if each.due(transactions.clock.now())
        )


def purge(
    transactions: Transactions,
    actor: Actor,
    retention: Retention,
    outbox: Path,
    *,
    by_hand: bool,
) -> Sequence[Purge]:
    """Purge what is due, and finish what an earlier run began; return what went.

    After a restore nothing goes by itself until a person has purged by hand: a legal hold may
    have been set since the backup. What cannot be undone is done last, after it was noted.
    """
    _finish(transactions, actor, outbox)
    with transactions.reading(actor.organisation_id) as session:
        restore = queries.unchecked_restore(session)
    if restore is not None and not by_hand:
        return ()
    if restore is not None:
        with transactions.open(actor) as tx:
            commands.check_restore(tx, tx.session.merge(restore))
    gone = []
    for each in due(transactions, actor, retention):
        with transactions.open(actor) as tx:
            gone.append(commands.purge(tx, each))
        _destroy(transactions.vault, gone[-1], outbox)
    if gone:
        _tell_backups(transactions, actor)
    return gone


def _finish(transactions: Transactions, actor: Actor, outbox: Path) -> None:
    """Destroy what was noted as purged and stands all the same: the power went in between."""
    with transactions.reading(actor.organisation_id) as session:
        noted = queries.purges(session)
    for each in noted:
        if any(transactions.vault.has_key(key) for key in _keys(each)):
            _destroy(transactions.vault, each, outbox)


def _destroy(vault: Vault, purge: Purge, outbox: Path) -> None:
    for name in purge.remains["campaigns"]:
        for mbox in outbox.glob(f"*/{name}.mbox"):
            mbox.unlink(missing_ok=True)
    for key in _keys(purge):
        vault.destroy_key(key)


def _keys(purge: Purge) -> list[UUID]:
    """Return what has a key of its own that goes: the incident, and papers filed for it."""
    return [purge.incident_id, *map(UUID, purge.remains.get("keys", ()))]


def _tell_backups(transactions: Transactions, actor: Actor) -> None:
    """Write beside each backup which keys must not come back from it."""
    with transactions.reading(actor.organisation_id) as session:
        folders = queries.backup_folders(session)
    for folder in folders:
        if Path(folder).is_dir():
            remember(Path(folder), transactions.vault.destroyed())
