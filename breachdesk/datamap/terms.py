"""The words of the data map: organisation, categories, populations, stores, routes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Protocol, TypeVar

from breachdesk.kernel.errors import Unknown, Unusable

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
    def pattern(self) -> "Pattern":
        """Return `match`, read."""
        return Pattern.read(self.match)


@dataclass(frozen=True, slots=True)
class NotHeld:
    """Data that are certainly not here. `what` is a category's id, or words."""

    what: str
    why: Label


@dataclass(frozen=True, slots=True)
class DataMap:
    """Everything the file says. Every id that it names is declared in it."""

    organisation: Organisation
    categories: tuple[Category, ...]
    populations: tuple[PopulationKind, ...]
    stores: tuple[Store, ...]
    routes: tuple[Route, ...] = ()
    not_held: tuple[NotHeld, ...] = ()

    def store(self, store_id: str) -> Store:
        """Return the store of that id. Raises Unknown."""
        return _find("store", store_id, self.stores)

    def category(self, category_id: str) -> Category:
        """Return the category of that id. Raises Unknown."""
        return _find("category", category_id, self.categories)

    def population(self, population_id: str) -> PopulationKind:
        """Return the population of that id. Raises Unknown."""
        return _find("population", population_id, self.populations)


class PieceKind(Enum):
    """What a piece of a pattern stands for."""

    FIXED = "fixed"
    NAMED = "named"
    SEGMENT_PART = "*"
    ANYTHING = "**"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a pattern: `text` is the fixed text, or the capture's name."""

    kind: PieceKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A route's `match`, read.

    `{name}` is one segment, captured; `*` anything but "/"; `**` anything.
    """

    text: str
    pieces: tuple[Piece, ...] = field(compare=False)

    @classmethod
    def read(cls, text: str) -> "Pattern":
        """Read a pattern. Raises Unusable, saying what is wrong with it."""
        if not text.startswith(("/", "*")):
            raise Unusable(f'the pattern {text!r} does not begin with "/"')
        if "?" in text or "#" in text:
            raise Unusable(f'the pattern {text!r} goes past the path: end it before "?" or "#"')
        pieces = tuple(_piece(part) for part in _PARTS.findall(text))
        for piece in pieces:
            if piece.kind is PieceKind.FIXED and ("{" in piece.text or "}" in piece.text):
                raise Unusable(
                    f"the pattern {text!r} has a brace of its own; "
                    "a capture is written {name}: letters, digits and _"
                )
        _check_captures(text, pieces)
        return cls(text, pieces)

    @property
    def captures(self) -> tuple[str, ...]:
        """Return the names of the captures, in order."""
        return tuple(piece.text for piece in self.pieces if piece.kind is PieceKind.NAMED)

    @property
    def regex(self) -> str:
        """Return a regular expression of the whole path, the same for re and for RE2."""
        return "".join(_as_regex(piece) for piece in self.pieces)

    def covers(self, other: "Pattern") -> bool:
        """Say whether every path that fits `other` surely fits this pattern too."""
        return _covers(_steps(self), _steps(other))


_PARTS = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}|\*\*|\*|[^*{]+|\{")
_ONE = "one character but /"
_RUN = "any run without /"
_ANY = "any run"


def is_siren(text: str) -> bool:
    """Say whether `text` is nine digits whose Luhn sum holds (ISO/IEC 7812-1)."""
    return bool(re.fullmatch(r"[0-9]{9}", text)) and _luhn(text) % 10 == 0


def is_siret(text: str, siren: str) -> bool:
    """Say whether `text` is an establishment's number of that SIREN: five digits more."""
    whole = re.fullmatch(r"[0-9]{14}", text) is not None and text.startswith(siren)
    la_poste = siren == "356000000" and whole and sum(map(int, text)) % 5 == 0
    return whole and (_luhn(text) % 10 == 0 or la_poste)


def _luhn(digits: str) -> int:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(number // 10 + number % 10 for number in doubled)


def _piece(part: str) -> Piece:
    if part == "**":
        return Piece(PieceKind.ANYTHING)
    if part == "*":
        return Piece(PieceKind.SEGMENT_PART)
    if part.startswith("{") and part.endswith("}"):
        return Piece(PieceKind.NAMED, part[1:-1])
    return Piece(PieceKind.FIXED, part)


def _check_captures(text: str, pieces: tuple[Piece, ...]) -> None:
    names = [piece.text for piece in pieces if piece.kind is PieceKind.NAMED]
    if len(names) != len(set(names)):
        raise Unusable(f"the pattern {text!r} captures the same name twice")
    for piece, following in pairwise(pieces):
        if piece.kind is not PieceKind.FIXED and following.kind is not PieceKind.FIXED:
            raise Unusable(
                f"the pattern {text!r} can be read in two ways: "
                "put fixed text between one placeholder and the next"
            )


def _as_regex(piece: Piece) -> str:
    match piece.kind:
        case PieceKind.FIXED:
            return re.escape(piece.text)
        case PieceKind.NAMED:
            return "([^/]+)"
        case PieceKind.SEGMENT_PART:
            return "[^/]*"
        case PieceKind.ANYTHING:
            return "(?s:.*)"


def _steps(pattern: Pattern) -> tuple[str, ...]:
    steps: list[str] = []
    for piece in pattern.pieces:
        match piece.kind:
            case PieceKind.FIXED:
                steps.extend(piece.text)
            case PieceKind.NAMED:
                steps.extend((_ONE, _RUN))
            case PieceKind.SEGMENT_PART:
                steps.append(_RUN)
            case PieceKind.ANYTHING:
                steps.append(_ANY)
    return tuple(steps)


def _covers(broad: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    """Match `narrow` as if it were a path, its placeholders being letters of their own."""
    end = len(narrow)
    fits = [False] * end + [True]  # what the rest of `broad` fits, by where `narrow` goes on
    for step in reversed(broad):
        row = [False] * (end + 1)
        for of in range(end, -1, -1):
            more = of < end
            inside = more and narrow[of] not in {"/", _ANY}
            if step == _ANY:
                row[of] = fits[of] or (more and row[of + 1])
            elif step == _RUN:
                row[of] = fits[of] or (inside and row[of + 1])
            elif step == _ONE:
                row[of] = inside and narrow[of] != _RUN and fits[of + 1]
            else:
                row[of] = more and narrow[of] == step and fits[of + 1]
        fits = row
    return fits[0]


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _find(kind: str, wanted: str, among: Iterable[N]) -> N:
    for each in among:
        if each.id == wanted:
            return each
    raise Unknown(f"the data map has no {kind} {wanted!r}")
