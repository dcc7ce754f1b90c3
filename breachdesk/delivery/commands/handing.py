"""A customer's own list, handed to that customer and to nobody else (Art. 33(2) GDPR)."""

from collections.abc import Iterator
from datetime import timedelta

from breachdesk.audit.transaction import Transaction, command
from breachdesk.delivery import queries, rules
from breachdesk.delivery.models import Handover
from breachdesk.delivery.terms import Breach
from breachdesk.kernel.errors import Refused
from breachdesk.notices import queries as notices
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.ports import Population
from breachdesk.scoping.terms import Person, Ring

LASTS = timedelta(days=14)


class NothingToFetch(Refused):
    """The two words open nothing: wrong, fetched too late, or taken back."""


@command("delivery.offer_list")
def offer_list(
    tx: Transaction, incident: Breach, notice: notices.NoticeRow, customer: str, secret: str
) -> Handover:
    """Let a customer fetch the list of its own people for a fortnight.

    `secret` is told to the customer by another way than the alert; only its digest is kept.
    An offer made before is closed. Raises Refused for a customer that was not alerted.
    """
    if not queries.was_alerted(tx.session, tx.vault, incident.id, customer):
        raise Refused(
            f"{customer} was not alerted of {incident.reference}; freeze the alert first"
        )
    for earlier in queries.offers_of(tx.session, incident.id, customer):
        earlier.closed_at = earlier.closed_at or tx.now
    offer = Handover(
        id=tx.new_id(),
        incident_id=incident.id,
        customer=customer,
        scope_version=notice.scope_version,
        ring=notice.ring,
        secret_digest=rules.secret_digest(secret),
        offered_at=tx.now,
        offered_by=tx.actor.name,
        until=tx.now + LASTS,
        closed_at=None,
        fetched=0,
        fetched_at=None,
    )
    tx.session.add(offer)
    tx.record(offer, incident=incident.id, customer=customer, until=offer.until.isoformat())
    return offer


@command("delivery.hand_over")
def hand_over(tx: Transaction, offer: Handover, population: Population) -> Iterator[Person]:
    """Yield the people of the customer that the offer is for. The trail says that it fetched.

    Raises NothingToFetch for an offer that is over.
    """
    held = tx.session.get_one(Handover, offer.id, with_for_update=True)
    if held.closed_at is not None or held.until <= tx.now:
        raise NothingToFetch("this list cannot be fetched any more")
    held.fetched, held.fetched_at = held.fetched + 1, tx.now
    tx.record(held, incident=held.incident_id, customer=held.customer, fetched=held.fetched)
    incident = notices.incident(tx.session, held.incident_id)
    scope = scopes.version(tx.session, held.incident_id, held.scope_version)
    return scoping.list_people(
        tx, incident, scope, Ring(held.ring), population, customer=held.customer
    )
