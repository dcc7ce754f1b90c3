"""The very message one person gets, before it leaves or after."""

from sqlalchemy import select

from breachdesk.access.commands import limits
from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.chunks import parcel_of
from breachdesk.delivery.models import Campaign, Chunk, Delivery
from breachdesk.delivery.terms import Breach
from breachdesk.kernel.errors import Unknown


@command("delivery.preview")
def preview(
    tx: Transaction,
    incident: Breach,
    person: str,
    of: str = queries.PEOPLE,
    *,
    reason: str | None = None,
    counted: bool = True,
) -> bytes:
    """Return the message of the letter `of` to one person, as its carrier is given it.

    But for the date it is byte for byte what a file or SMTP carries. That somebody looked is
    on the trail, by mark alone, and for what `reason`; nobody may look too often (TooMany).
    Raises Unknown for whom no message was frozen, Purged.
    """
    why = limits.look(tx, reason, counted=counted)
    key = queries.secret(tx.vault, incident.id, tx.session)
    mark = rules.mark(key, "person", person)
    row = tx.session.scalars(
        select(Delivery).where(
            Delivery.incident_id == incident.id,
            Delivery.letter == of,
            Delivery.person_mark == mark,
            Delivery.superseded.is_(False),
            Delivery.chunk_id.is_not(None),
        )
    ).first()
    if row is None:
        raise Unknown(f"no message of {incident.reference} is frozen for that person")
    chunk = tx.session.get_one(Chunk, row.chunk_id)
    campaign = tx.session.get_one(Campaign, row.campaign_id)
    parcel = parcel_of(tx, campaign, chunk)
    tx.record(campaign, person=mark, message=row.message, **why)
    [recipient] = [each for each in parcel.recipients if each.number == row.message]
    return rules.Letters(parcel).message(recipient)
