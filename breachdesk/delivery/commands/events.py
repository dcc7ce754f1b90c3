"""What the world reports of messages, written down once."""

from sqlalchemy import select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, Delivery, Event
from breachdesk.delivery.terms import EventKind, Happening
from breachdesk.kernel.errors import Unknown


@command("delivery.record_event")
def record_event(tx: Transaction, happening: Happening) -> Event:
    """Write down what the world reports of a message. A repeat of a report is ignored."""
    campaign = tx.session.get(Campaign, happening.campaign_id)
    if campaign is None:
        raise Unknown(f"there is no campaign {happening.campaign_id}")
    before = tx.session.scalars(select(Event).where(Event.source == happening.source)).first()
    if before is not None:
        tx.record(before, repeated=True)
        return before
    event = Event(
        id=tx.new_id(),
        campaign_id=campaign.id,
        source=happening.source,
        message=happening.message,
        kind=happening.kind.value,
        at=happening.at,
        reason=happening.reason,
        recorded_at=tx.now,
    )
    tx.session.add(event)
    deliveries = tx.session.scalars(
        select(Delivery).where(
            Delivery.campaign_id == campaign.id, Delivery.message == happening.message
        )
    ).all()
    if not deliveries:
        raise Unknown(f"{campaign.name} has no message {happening.message}")
    for delivery in deliveries:
        kept = EventKind(delivery.outcome) if delivery.outcome else None
        if rules.later_event(kept, happening.kind) is not kept:
            delivery.outcome, delivery.outcome_at = happening.kind.value, happening.at
    tx.record(event, kind=happening.kind.value, people=len(deliveries))
    return event
