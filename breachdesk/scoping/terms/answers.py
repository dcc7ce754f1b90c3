"""The words of an answer: rings of people, their groups, a measured scope, one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID


class Ring(Enum):
    """How surely somebody is affected. Each ring holds the one before it."""

    PROVEN = "proven"
    """The evidence shows that data of this person were reached."""
    REACHABLE = "reachable"
    """Proven, or in a store that was listed in part or stood open."""
    POPULATION = "population"
    """Reachable, or in any store of the question's directories."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file that was read: its name, its part in the question, its size and SHA-256."""

    name: str
    part: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Group:
    """How many people of a ring share language, role, stores and categories.

    The groups of a ring hold everyone in it, so those of `population` hold all. `store` joins
    the ids of several stores with "|". `role` is "controller" or "processor".
    """

    ring: Ring
    locale: str | None
    role: str
    store: str
    categories: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the engine found: counts, groups, the statements it ran and the files it read.

    `counts` is the answer of `scope measure` without what only a record of it can know.
    `people` is a file in clear with one row for each person; whoever asked removes it.
    """

    counts: Mapping[str, Any]
    groups: tuple[Group, ...]
    result: str
    statements: str
    files: tuple[FileDigest, ...]
    people: Path
    customers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How many people of each customer are in each ring, of stores where we are processor;
    under `by_category` the same for each category of that customer's data; `first_touch` and
    `last_touch` of these data."""
    hours: tuple[tuple[str, int, int], ...] = ()
    """For each hour of the window in which the intruder was there: the hour in UTC, their
    rows, and those of them that reached somebody's data or a store."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A measured scope. `counts` is what `scope measure --json` answers."""

    id: UUID
    incident_id: UUID
    version: int
    digest: str
    counts: Mapping[str, Any]
    groups: tuple[Group, ...]
    list_name: str
    list_digest: str
    measured_at: datetime
    measured_by: str


@dataclass(frozen=True, slots=True)
class Person:
    """One affected person. `categories` are those of the ring that was asked for, sorted.

    A person who is only on a list has no instant of a touch. `why` has a sentence for each
    way in which the data of this person were, or could have been, reached.
    """

    person_key: str
    email: str | None
    locale: str | None
    country: str | None
    customer: str | None
    stores: tuple[str, ...]
    role: str
    categories: tuple[str, ...]
    first_touch: datetime | None
    last_touch: datetime | None
    touches: int
    why: tuple[str, ...]
    second_email: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many people came into a ring, went out, stayed alike or stayed with other data."""

    added: int
    removed: int
    unchanged: int
    changed_categories: int
    told: Mapping[str, int] | None = None
    """How many of those who came in, went out or changed have been told already."""


class Change(Enum):
    """What became of somebody in a ring from one version to another."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed_categories"


class ReasonKind(Enum):
    """In which way the data of somebody were, or could have been, reached."""

    TOUCHED = "touched"
    LISTED = "listed"
    EXPORTED = "exported"
    READABLE = "readable"
    BROWSED = "browsed"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is on a list: where it stands, by which route and rule, in how many rows."""

    kind: ReasonKind
    sentence: str
    file: str | None = None
    row: int | None = None
    at: datetime | None = None
    route: str | None = None
    rule: str | None = None
    rows: int = 1
    store: str | None = None
