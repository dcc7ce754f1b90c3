"""What may be done to what is kept: hold it, let it go, purge it, restore it, anchor it."""

from datetime import datetime
from uuid import UUID

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import queries as delivery_queries
from breachdesk.incidents import queries as incidents
from breachdesk.keeping import queries
from breachdesk.keeping.models import LegalHold, Purge, Restore
from breachdesk.keeping.terms import Head, Kept, What
from breachdesk.kernel.erasing import among, erase
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.tables import Table


class OnHold(Refused):
    """A legal hold stands: nothing of the incident may be purged."""


@command("keeping.hold")
def hold(tx: Transaction, incident: Table, reason: str) -> LegalHold:
    """Keep all of an incident, whatever its age, for a reason. Raises OnHold if it is kept."""
    _say_why(reason)
    if queries.standing_hold(tx.session, incident.id) is not None:
        raise OnHold("a legal hold stands already; lift it first")
    made = LegalHold(
        id=tx.new_id(),
        incident_id=incident.id,
        reason=reason.strip(),
        set_at=tx.now,
        set_by=tx.actor.name,
    )
    tx.session.add(made)
    tx.record(incident, hold=made.id, reason=made.reason)
    return made


@command("keeping.lift")
def lift(tx: Transaction, incident: Table, reason: str) -> LegalHold:
    """Let an incident age again, for a reason. Raises Refused where no hold stands."""
    _say_why(reason)
    standing = queries.standing_hold(tx.session, incident.id)
    if standing is None:
        raise Refused("no legal hold stands")
    standing.lifted_at, standing.lifted_by = tx.now, tx.actor.name
    standing.lifted_for = reason.strip()
    tx.record(incident, hold=standing.id, reason=standing.lifted_for)
    return standing


@command("keeping.purge")
def purge(tx: Transaction, kept: Kept) -> Purge:
    """Note what goes and what stays of it; an incident's rows go with it. Raises OnHold.

    The key is destroyed by the errand once this is kept: what is noted and not yet destroyed
    is finished by the next run.
    """
    tx.hold(f"keeping {kept.incident_id}")
    if queries.standing_hold(tx.session, kept.incident_id) is not None:
        raise OnHold(f"{kept.reference} is under a legal hold")
    if not kept.due(tx.now) or kept.until is None:
        raise Refused(f"{kept.reference}: the {kept.what.value} are not due to go")
    made = Purge(
        id=tx.new_id(),
        incident_id=kept.incident_id,
        reference=kept.reference,
        what=kept.what.value,
        due_at=kept.until,
        purged_at=tx.now,
        purged_by=tx.actor.name,
        remains=queries.proof(tx.session, kept.incident_id),
    )
    incident = incidents.by_id(tx.session, kept.incident_id)
    if kept.what is What.PEOPLE and delivery_queries.campaigns_of(tx.session, incident.id):
        delivery.forget_addresses(tx, incident)
    if kept.what is What.INCIDENT:
        keys = among(tx.session, incident, tx.vault.keys())
        made.remains = {
            **made.remains,
            "keys": [str(each) for each in keys],
            "rows": erase(tx.session, incident),
        }
    tx.session.add(made)
    tx.record(made, what=made.what, reference=made.reference, remains=made.remains)
    return made


@command("keeping.check_restore")
def check_restore(tx: Transaction, restore: Restore) -> Restore:
    """Say that a person has looked at what is to go after a restore: it may go on by itself."""
    restore.checked_at, restore.checked_by = tx.now, tx.actor.name
    tx.record(restore)
    return restore


@command("keeping.note_backup")
def note_backup(tx: Transaction, house: Table, *, digest: str, size: int, folder: str) -> None:
    """Note that a backup was written and read back, and where it lies."""
    tx.record(house, digest=digest, bytes=size, folder=folder)


@command("keeping.restore")
def restore(tx: Transaction, act_id: UUID, digest: str, made_at: datetime) -> Restore:
    """Note that the desk now stands as it did when a backup was made."""
    made = Restore(
        id=tx.new_id(),
        act_id=act_id,
        backup_digest=digest,
        backup_made_at=made_at,
        restored_at=tx.now,
    )
    tx.session.add(made)
    tx.record(made, backup=digest, made_at=made_at)
    return made


@command("keeping.anchor")
def anchor(tx: Transaction, house: Table, head: Head, *, stamped_by: str, mailed: bool) -> None:
    """Note that the head of the trail was kept outside the database."""
    tx.record(
        house,
        sequence=head.sequence,
        digest=head.digest,
        stamped_by=stamped_by or None,
        mailed=mailed,
    )


@command("keeping.rotate")
def rotate(tx: Transaction, house: Table, *, former: str) -> None:
    """Note that the master key, known by its mark, is about to be followed by another."""
    tx.record(house, former=former)


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise Unusable(Problem("is empty; say why", field="reason"))
