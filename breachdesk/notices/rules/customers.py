"""The people of a ring, customer by customer: none is told of another's."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from breachdesk.notices.terms import Addressee, Customer
from breachdesk.scoping.terms import Person


@dataclass
class _Tally:
    people: int = 0
    categories: set[str] = field(default_factory=set)
    touches: list[datetime] = field(default_factory=list)

    def add(self, person: Person) -> None:
        self.people += 1
        self.categories.update(person.categories)
        known = [each for each in (person.first_touch, person.last_touch) if each]
        if known:
            every = [*self.touches, *known]
            self.touches = [min(every), max(every)]


def by_customer(people: Iterable[Person], role: str) -> dict[str | None, Customer]:
    """Return the facts of each customer whose people these are, by the directories' key.

    Only people held in `role` count. People of no known customer stand under None: somebody
    must find out whose they are. Memory holds one entry a customer.
    """
    tallies: dict[str | None, _Tally] = {}
    for person in people:
        if person.role == role:
            tallies.setdefault(person.customer, _Tally()).add(person)
    return {
        key: Customer(
            name=key or "",
            people=tally.people,
            categories=tuple(sorted(tally.categories)),
            first_touch=tally.touches[0] if tally.touches else None,
            last_touch=tally.touches[-1] if tally.touches else None,
        )
        for key, tally in sorted(tallies.items(), key=lambda each: each[0] or "")
    }


def named(customer: Customer, addressee: Addressee | None) -> Customer:
    """Return a customer by the name its addressee has, else by the key of the directories."""
    return replace(customer, name=addressee.name) if addressee else customer
