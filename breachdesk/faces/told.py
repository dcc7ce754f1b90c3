"""Who has been told already, for whoever compares two versions of a scope."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import queries as deliveries
from breachdesk.delivery.terms import Standing
from breachdesk.scoping.commands import Told

TOLD = frozenset({Standing.ACCEPTED, Standing.DELIVERED})


def told_by(tx: Transaction, incident_id: UUID) -> Told:
    """Return what says of people, by their keys, whether a notice reached them or left."""

    def told(keys: Iterable[str]) -> Iterator[bool]:
        for _, standing in deliveries.standings(tx.session, tx.vault, incident_id, keys):
            yield standing in TOLD

    return told
