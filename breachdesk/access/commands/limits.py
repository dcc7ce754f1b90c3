"""Counting what is tried, in the database, so that every process counts together.

Whoever is behind the desk counts in the command itself, for their own account::

    limits.spend(tx, "reveal")

Whoever stands before it counts in a transaction of its own, by `access.errands.spend`: a
refused sign-in must be counted although nothing else of it is kept.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import delete, select

from breachdesk.access import rules
from breachdesk.access.models import Allowance
from breachdesk.access.reading import read_limits
from breachdesk.access.terms import Rate
from breachdesk.audit.transaction import Transaction
from breachdesk.kernel.errors import Forbidden, Problem, Unusable

DESK = UUID(int=0)
"""Whose key of the vault belongs to the desk itself, and to no incident."""


class TooMany(Forbidden):
    """Done too often; `seconds` tells when it may be tried again."""

    def __init__(self, name: str, seconds: int) -> None:
        """Say which limit was met and how long to wait."""
        self.seconds = seconds
        super().__init__(f"{name} was tried too often; it may be tried again in {seconds} s")


def spend(tx: Transaction, name: str) -> None:
    """Count one use of the limit `name` by the actor. Raises TooMany, which is recorded."""
    seconds = used_up(tx, name, account=str(tx.actor.member_id))
    if seconds:
        raise TooMany(name, seconds)


def look(tx: Transaction, reason: str | None, *, counted: bool) -> dict[str, str]:
    """Count a look at affected people; return why they are looked at, for the trail.

    Raises TooMany, and Unusable for a person who says no reason. The desk itself, which only
    hands on, says None. Not `counted` is who sits at the terminal of the home: the vault and
    its key lie open there.
    """
    if reason is None:
        return {}
    if not reason.strip():
        raise Unusable(Problem("say for what reason you look", field="reason"))
    if counted:
        spend(tx, "reveal")
    return {"reason": reason.strip()}


def used_up(
    tx: Transaction, name: str, *, account: str | None = None, address: str | None = None
) -> int:
    """Count one use by this account and from this address, and return 0.

    Where one of the two is used up nothing is counted, and the seconds to wait are returned.
    The database keeps neither account nor address: an HMAC of each, under a key of the vault.
    """
    kept: list[tuple[str, Rate, Allowance | None]] = []
    longest = 0
    for mark, rate in _marks(tx, name, account, address):
        tx.hold(f"limit {mark}")
        row = _kept(tx, name, mark)
        free_at = rules.spend(row.free_at if row else None, rate, tx.now)
        longest = max(longest, rules.seconds_over(free_at, rate, tx.now))
        kept.append((mark, rate, row))
    if longest:
        return longest
    for mark, rate, row in kept:
        free_at = rules.spend(row.free_at if row else None, rate, tx.now)
        if row is not None:
            row.free_at = free_at
            continue
        over = select(Allowance.id).where(Allowance.free_at < tx.now)
        tx.session.execute(  # but those that somebody is counting on at this moment
            delete(Allowance).where(Allowance.id.in_(over.with_for_update(skip_locked=True)))
        )
        tx.session.add(Allowance(id=tx.new_id(), limit_name=name, mark=mark, free_at=free_at))
    return 0


def give_back(tx: Transaction, name: str, account: str) -> None:
    """Forget what `account` used of a limit: it has just shown who it is."""
    mark = _mark(tx, name, "account", account)
    tx.session.execute(
        delete(Allowance).where(Allowance.limit_name == name, Allowance.mark == mark)
    )


def _marks(
    tx: Transaction, name: str, account: str | None, address: str | None
) -> Iterator[tuple[str, Rate]]:
    limit = read_limits()[name]
    if account is not None and limit.account is not None:
        yield _mark(tx, name, "account", account), limit.account
    if address is not None and limit.address is not None:
        yield _mark(tx, name, "address", rules.line_of(address)), limit.address


def _mark(tx: Transaction, name: str, kind: str, text: str) -> str:
    tx.vault.make_key(DESK)
    return tx.vault.address_key(DESK, f"{name} {kind} {text}")


def _kept(tx: Transaction, name: str, mark: str) -> Allowance | None:
    """Return what is kept of a mark; nobody gives it back before this transaction ends."""
    return tx.session.scalars(
        select(Allowance)
        .where(Allowance.limit_name == name, Allowance.mark == mark)
        .with_for_update()
    ).first()
