"""The words of the data map: organisation, categories, populations, stores, routes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from breachdesk.datamap.terms.numbers import is_siren as is_siren  # filings check SIRENs too
from breachdesk.datamap.terms.patterns import Pattern as Pattern
from breachdesk.kernel.errors import Unknown

Label = Mapping[str, str]
"""A text by language: `{"fr": ..., "en": ...}`."""


class Role(Enum):
    """Who decides on the data of a store. A processor's customer is the controller."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class People(Enum):
    """Whose data one answer of a route shows."""

    ONE = "one"
    """The captured and the logged key."""
    ALL = "all"
    """Everyone in the store: an export."""
    SOME = "some"
    """A part of the store that the log does not name: a listing."""
    NONE = "none"
    """Nobody's."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a letter arrives. `country` is an ISO 3166-1 code of two letters."""

    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or desk of the organisation. A text not given is empty."""

    name: str
    email: str = ""
    phone: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who answers for the data. `authority` is a pack id, `sector` a letter of the NAF."""

    name: str
    siren: str
    address: Address
    sector: str
    legal_representative: Contact
    contact: Contact
    dpo: Contact
    authority: str
    siret: str | None = None
    vat_number: str | None = None
    headcount: int | None = None
    zone: str | None = None
    languages: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of data, with its codes in the CNIL and the EDPB lists."""

    id: str
    label: Label
    cnil: tuple[str, ...] = ()
    edpb: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PopulationKind:
    """A kind of person, with its codes in the CNIL and the EDPB lists."""

    id: str
    label: Label
    cnil: tuple[str, ...] = ()
    edpb: tuple[str, ...] = ()
    minors: bool = False
    account: bool = True
    """Whether these people have an account with us, or at least know us."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Erased `keep` (an ISO 8601 period) after the instant in the directory's `after`."""

    keep: str
    after: str


@dataclass(frozen=True, slots=True)
class Store:
    """One place where data of one population lies, in one role."""

    id: str
    system: str
    population: str
    role: Role
    categories: tuple[str, ...]
    retention: Retention | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A resource, and whose data of which categories an answer from it shows.

    `status` holds classes ("2xx") and single codes ("304"). A `none` route has no store.
    """

    match: str
    people: People
    store: str | None = None
    categories: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET",)
    status: tuple[str, ...] = ("2xx",)

    @property
    def pattern(self) -> Pattern:
        """Return `match`, read."""
        return Pattern.read(self.match)


@dataclass(frozen=True, slots=True)
class NotHeld:
    """Data that are certainly not here. `what` is a category's id, or words."""

    what: str
    why: Label


@dataclass(frozen=True, slots=True)
class Processor:
    """Somebody who works on our stores for us (GDPR art. 28).

    `safeguard` says what a transfer outside the European Economic Area rests on (art. 46).
    """

    name: str
    does: Label
    country: str
    stores: tuple[str, ...]
    safeguard: str = ""


@dataclass(frozen=True, slots=True)
class DataMap:
    """Everything the file says. Every id that it names is declared in it."""

    organisation: Organisation
    categories: tuple[Category, ...]
    populations: tuple[PopulationKind, ...]
    stores: tuple[Store, ...]
    routes: tuple[Route, ...] = ()
    not_held: tuple[NotHeld, ...] = ()
    processors: tuple[Processor, ...] = ()

    def store(self, store_id: str) -> Store:
        """Return the store of that id. Raises Unknown."""
        return _find("store", store_id, self.stores)

    def category(self, category_id: str) -> Category:
        """Return the category of that id. Raises Unknown."""
        return _find("category", category_id, self.categories)

    def population(self, population_id: str) -> PopulationKind:
        """Return the population of that id. Raises Unknown."""
        return _find("population", population_id, self.populations)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _find(kind: str, wanted: str, among: Iterable[N]) -> N:
    for each in among:
        if each.id == wanted:
            return each
    raise Unknown(f"the data map has no {kind} {wanted!r}")
