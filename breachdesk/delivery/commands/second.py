"""Whom a first address did not reach, at their second: never where it was written before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import queries, rules
from breachdesk.delivery.models import Campaign
from breachdesk.delivery.terms import Reader

BATCH = 1000


def at_second_addresses(
    tx: Transaction,
    campaign: Campaign,
    readers: Iterable[Reader],
    given: Mapping[str, str],
) -> Iterator[Reader]:
    """Yield, with their second address, the readers who were not reached at their first.

    `given` are addresses by key, which take the place of those of the directories. Passed over
    are who was reached, may have been, or was told by another way; who has no second address;
    and whose second address this letter has gone to already, as theirs or as another's.
    """
    secret = queries.secret(tx.vault, campaign.incident_id)
    for batch in rules.batches(readers, BATCH):
        marks = {rules.mark(secret, "person", each.key): each for each in batch}
        wanting = queries.unreached(tx.session, campaign.incident_id, campaign.letter, marks)
        found = {}
        for mark in wanting:
            address = (given.get(marks[mark].key) or marks[mark].second or "").strip()
            if rules.usable(address):
                box = rules.mark(secret, "mailbox", rules.mailbox(address))
                found[mark] = box, address
        written = queries.mailboxes_written(
            tx.session, campaign, {box for box, _ in found.values()}
        )
        for mark, (box, address) in found.items():
            if box not in written:
                yield replace(marks[mark], address=address)
