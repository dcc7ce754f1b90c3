"""From a measured scope to the customers who are alerted (Art. 33(2) GDPR)."""

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import queries
from breachdesk.delivery.commands.freezing import PROCESSOR
from breachdesk.delivery.terms import Breach, Reader, ToTell
from breachdesk.notices import queries as notices
from breachdesk.notices import rules
from breachdesk.scoping import queries as scoping
from breachdesk.scoping.terms import Scope

UNNAMED = "(no customer)"


def customers_to_tell(
    tx: Transaction, incident: Breach, notice: ToTell, scope: Scope
) -> list[Reader]:
    """Return each customer with people in the notice's ring, with its own facts and numbers.

    They are those of the customer's own data: of somebody whom we hold for several, or who
    has an account with us too, each is told what is its own. A customer without an address is
    a reader without one, so that the ledger shows it as not informed; people of no known
    customer count as one such reader. Raises Purged, and Refused for a scope of an earlier
    release.
    """
    named = notices.customers_named(tx.session, tx.vault, incident.id)
    letters = {
        each.locale: notices.letter_of(each)
        for each in notices.variants_of(tx.session, notice.id)
    }
    readers = []
    counted = scoping.counted_by_customer(tx.session, scope)
    nobodys = scope.counts["without_customer"][notice.ring]
    for key, customer in rules.by_customer(counted, notice.ring, nobodys).items():
        addressee = named.get(key) if key else None
        language = rules.language_for(addressee.locale if addressee else None, notice.languages)
        own = rules.named(customer, addressee)
        tags = rules.customer_tags(letters[language], own, "")
        tags.pop("code")
        readers.append(
            Reader(
                key=queries.customer_key(key) if key else UNNAMED,
                address=addressee.email if addressee else None,
                locale=language,
                role=PROCESSOR,
                categories=(),
                values=tags,
            )
        )
    return readers
