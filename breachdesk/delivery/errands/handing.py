"""Hand a list to the customer who holds both words."""

from collections.abc import Callable, Iterator
from uuid import UUID

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, queries
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.scoping.ports import Population
from breachdesk.scoping.terms import Person

FETCHERS = frozenset({"delivery.hand_over", "scoping.list_people"})
CUSTOMER = UUID(int=0)


def fetch_list(
    transactions: Transactions,
    population: Population,
    code: str,
    told: str,
    write: Callable[[Iterator[Person]], None],
) -> None:
    """Give `write` the customer's own people. Raises NothingToFetch, alike for every fault."""
    with transactions.reading(EVERY_ORGANISATION) as session:
        offer = queries.opened_by(session, transactions.vault, code, told)
    if offer is None:
        raise commands.NothingToFetch("these two words open no list")
    speaker = Actor(
        CUSTOMER, offer.customer, offer.organisation_id, FETCHERS, sees_every_incident=True
    )
    with transactions.open(speaker) as tx:
        write(commands.hand_over(tx, offer, population))
