"""What was counted of each customer, as what it is told: none is told of another's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from breachdesk.notices.terms import Addressee, Customer


def by_customer(
    counted: Mapping[str, Mapping[str, Any]], ring: str, nobodys: int
) -> dict[str | None, Customer]:
    """Return the facts of each customer that has people in a ring, by the directories' key.

    `nobodys` are held for no known customer. They stand under None: somebody must find out
    whose they are.
    """
    found: dict[str | None, Customer] = {}
    if nobodys:
        found[None] = Customer("", nobodys, (), None, None)
    for key, own in sorted(counted.items()):
        if own[ring]:
            held = own["by_category"].items()
            found[key] = Customer(
                name=key,
                people=own[ring],
                categories=tuple(sorted(each for each, people in held if people[ring])),
                first_touch=_instant(own["first_touch"]),
                last_touch=_instant(own["last_touch"]),
            )
    return found


def named(customer: Customer, addressee: Addressee | None) -> Customer:
    """Return a customer by the name its addressee has, else by the key of the directories."""
    return replace(customer, name=addressee.name) if addressee else customer


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
