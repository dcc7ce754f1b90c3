"""What is done to machines that send without a vault: enlist, admit, lend to, dismiss."""

from sqlalchemy import delete, select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.pacing import NothingToNote
from breachdesk.delivery.models import HandedKey, Worker
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.kernel.lending import fingerprint as fingerprint_of

_WORKERS = "workers"


@command("delivery.enlist_worker")
def enlist_worker(tx: Transaction, public: bytes, machine: str) -> Worker:
    """Note that a worker is there, or still is. Raises Refused if it was dismissed."""
    found = queries.worker_of(tx.session, fingerprint_of(public))
    if found is None:
        found = Worker(
            id=tx.new_id(),
            public_key=public,
            fingerprint=fingerprint_of(public),
            machine=machine,
            since=tx.now,
            seen_at=tx.now,
        )
        tx.session.add(found)
    elif found.dismissed_at is not None:
        raise Refused(f"worker {found.fingerprint} was dismissed")
    found.seen_at = tx.now
    tx.record(found, fingerprint=found.fingerprint, machine=machine)
    return found


@command("delivery.admit_worker")
def admit_worker(tx: Transaction, fingerprint: str) -> Worker:
    """Let a worker have the keys of what is being sent. Raises Unknown, or NoVault elsewhere.

    The public half is sealed under the desk's key: this is done where the vault is, or not.
    """
    tx.hold(_WORKERS)
    worker = _present(tx, fingerprint)
    house = tx.organisation_id
    tx.vault.make_key(house)
    worker.admission = tx.vault.seal(house, worker.public_key, label=rules.admission(worker.id))
    worker.admitted_at, worker.admitted_by = tx.now, tx.actor.name
    tx.record(worker, fingerprint=worker.fingerprint, machine=worker.machine)
    return worker


@command("delivery.dismiss_worker")
def dismiss_worker(tx: Transaction, fingerprint: str) -> Worker:
    """Withdraw every key from a worker, for good: started again, it is another one."""
    tx.hold(_WORKERS)
    worker = _present(tx, fingerprint)
    _dismiss(tx, worker)
    tx.record(worker, fingerprint=worker.fingerprint, machine=worker.machine)
    return worker


@command("delivery.hand_keys")
def hand_keys(tx: Transaction) -> int:
    """Hand each admitted worker the keys of what is being sent, and withdraw all others.

    Return how many were handed. Raises NothingToNote where nothing is to be done.
    """
    tx.hold(_WORKERS)
    due = queries.lending(tx.session, tx.vault, tx.now)
    if not due:
        raise NothingToNote("every worker has the keys it needs")
    for gone in due.withdraw:
        tx.record(gone, withdrawn=True, worker=gone.worker_id)
        tx.session.delete(gone)
    for worker in due.forget:
        tx.session.flush()  # its keys go before it
        _dismiss(tx, worker)
        tx.record(worker, fingerprint=worker.fingerprint, unheard_since=worker.seen_at)
    fit = [(worker, incident) for worker, incident in due.hand if worker not in due.forget]
    for worker, incident in fit:
        about = rules.loan(worker.id, incident)
        made = HandedKey(
            id=tx.new_id(),
            worker_id=worker.id,
            incident_id=incident,
            sealed=tx.vault.lend(incident, worker.public_key, about=about),
            handed_at=tx.now,
        )
        tx.session.add(made)
        tx.record(made, worker=worker.id, incident=incident)
    return len(fit)


def dismiss_all(tx: Transaction) -> int:
    """Dismiss every worker there is, as a part of what a restore is; return how many."""
    there = tx.session.scalars(select(Worker).where(Worker.dismissed_at.is_(None))).all()
    for worker in there:
        _dismiss(tx, worker)
    return len(there)


def withdraw_all(tx: Transaction, incident_id: object) -> None:
    """Withdraw an incident's key from every worker, as a part of what its purge is."""
    tx.session.execute(
        delete(HandedKey)
        .where(HandedKey.incident_id == incident_id)
        .execution_options(synchronize_session=False)
    )


def _present(tx: Transaction, fingerprint: str) -> Worker:
    worker = queries.worker_of(tx.session, fingerprint.strip().lower())
    if worker is None or worker.dismissed_at is not None:
        raise Unknown(f"no worker waits or works with the fingerprint {fingerprint}")
    return worker


def _dismiss(tx: Transaction, worker: Worker) -> None:
    worker.dismissed_at, worker.admission = tx.now, None
    tx.session.execute(
        delete(HandedKey)
        .where(HandedKey.worker_id == worker.id)
        .execution_options(synchronize_session=False)
    )
