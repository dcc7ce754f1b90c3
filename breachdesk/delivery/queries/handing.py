"""Which lists customers may fetch, and what opens them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.delivery import rules
from breachdesk.delivery.models import Delivery, Handover
from breachdesk.delivery.queries.ledger import campaigns_of, secret
from breachdesk.kernel.vault import Purged, Vault
from breachdesk.notices.terms import CUSTOMERS

_CUSTOMER = "customer"


def customer_key(customer: str) -> str:
    """Return by what key a customer stands in the ledger."""
    return f"{_CUSTOMER} {customer}"


def was_alerted(session: Session, vault: Vault, incident_id: UUID, customer: str) -> bool:
    """Tell whether a message to this customer was frozen. Raises Purged."""
    return bool(_messages(session, vault, incident_id, customer))


def offers_of(
    session: Session, incident_id: UUID, customer: str | None = None
) -> Sequence[Handover]:
    """Return the lists offered on an incident, the earliest first; of one customer if given."""
    offered = select(Handover).where(Handover.incident_id == incident_id).order_by(Handover.id)
    if customer is not None:
        offered = offered.where(Handover.customer == customer)
    return session.scalars(offered).all()


def opened_by(session: Session, vault: Vault, code: str, told: str) -> Handover | None:
    """Return the offer that the code of an alert and the word told besides open together.

    The session must see every organisation.
    """
    offer = session.scalars(
        select(Handover).where(
            Handover.secret_digest == rules.secret_digest(told), Handover.closed_at.is_(None)
        )
    ).first()
    if offer is None:
        return None
    try:
        messages = _messages(session, vault, offer.incident_id, offer.customer)
        key = secret(vault, offer.incident_id, session)
    except Purged:
        return None
    known = any(rules.message_of(key, name, code) == number for name, number in messages)
    return offer if known else None


def _messages(
    session: Session, vault: Vault, incident_id: UUID, customer: str
) -> list[tuple[str, int]]:
    """Return the alerts to a customer, as campaign and number of the message."""
    campaigns = {
        each.id: each.name
        for each in campaigns_of(session, incident_id)
        if each.letter.startswith(f"{CUSTOMERS}/")
    }
    if not campaigns:
        return []
    mark = rules.mark(secret(vault, incident_id, session), "person", customer_key(customer))
    rows = session.execute(
        select(Delivery.campaign_id, Delivery.message).where(
            Delivery.campaign_id.in_(campaigns),
            Delivery.person_mark == mark,
        )
    )
    return [(campaigns[campaign], number) for campaign, number in rows if number is not None]
