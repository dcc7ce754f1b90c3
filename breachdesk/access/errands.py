"""What happens at the door, before anybody is known: count, then look, then let in."""

import logging
from uuid import UUID

from breachdesk.access import commands, queries, rules
from breachdesk.access.commands import limits
from breachdesk.access.terms import LONGEST_PASSWORD
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.tables import EVERY_ORGANISATION

NOBODY = Actor(UUID(int=0), "nobody", UUID(int=0), frozenset())
"""Who counts what is tried at the door; may run no command and sees no organisation."""
AT_THE_DOOR = frozenset({"access.sign_in"})

log = logging.getLogger(__name__)


def spend(
    transactions: Transactions,
    name: str,
    *,
    account: str | None = None,
    address: str | None = None,
) -> None:
    """Count one use of the limit `name` in a transaction of its own. Raises TooMany.

    For whatever is reached without signing in, before anything is looked up::

        errands.spend(desk().transactions, "code_page", account=code, address=visit.address())

    `account` is whose thing is tried (a login, a code), `address` the network address it comes
    from; both are kept as an HMAC. The rates are in `limits.toml`.
    """
    with transactions.open(NOBODY) as tx:
        seconds = limits.used_up(tx, name, account=account, address=address)
    if seconds:
        log.warning("limit reached: %s, for %d s", name, seconds)
        raise limits.TooMany(name, seconds)


def sign_in(transactions: Transactions, email: str, password: str, address: str) -> str | None:
    """Return the token of a new session, or None: for one reason as quickly as for another.

    Raises TooMany where the account or the address was tried too often.
    """
    account = rules.account_name(email)
    spend(transactions, "sign_in", account=account, address=address)
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = queries.member_by_email(everywhere, email)
        first = queries.organisations(everywhere)[0]
        # slow on purpose: no transaction waits for it
        right = queries.matches(found, password[:LONGEST_PASSWORD])
    doorkeeper = (
        Actor(UUID(int=0), "stranger", first.id, AT_THE_DOOR)
        if found is None
        else Actor(found.id, found.name, found.organisation_id, AT_THE_DOOR)
    )
    with transactions.open(doorkeeper) as tx:
        known = None if found is None else queries.member(tx.session, email)
        allowed = right and len(password) <= LONGEST_PASSWORD
        return commands.sign_in(tx, known, right_password=allowed)
