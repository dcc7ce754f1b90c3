"""The words of scoping: a question, the rings of people behind it, and a measured scope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from breachdesk.kernel.errors import Refused

Progress = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""


class Ring(Enum):
    """How surely somebody is affected. Each ring holds the one before it."""

    PROVEN = "proven"
    """The evidence shows that data of this person were reached."""
    REACHABLE = "reachable"
    """Proven, or in a store that was listed in part or stood open."""
    POPULATION = "population"
    """Reachable, or in any store of the question's directories."""


class Format(Enum):
    """How a file of rows is written. Its ending says whether it is compressed."""

    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"
    COMBINED = "combined"
    """The log of Apache and nginx that is called so: its fields are known."""
    XLSX = "xlsx"
    """A workbook: for directories and lists of people."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `since`, included, until `until`, not included; both in UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Intruder:
    """Any of these on a row makes it the intruder's. `*` stands for any run in `user_agent`."""

    token: tuple[str, ...] = ()
    ip: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    user_agent: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell whether nothing says how to know the intruder."""
        return not (self.token or self.ip or self.account or self.user_agent)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the question: where it lies, and its name as people know it.

    `sha256` is that of its bytes, where it is known, and `imported` an import made of it.
    """

    path: Path
    name: str
    sha256: str | None = None
    imported: Path | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a pattern takes out of a value: its first group, if the whole value fits."""

    source: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Case:
    """A text with `{value}`s in it, said where each value of `when` fits its pattern."""

    say: str
    when: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """How the log of a well-known product is read: the first case that can be said counts.

    Rows are objects of JSON, which may lie in the list `unfold` of a document, or lines of
    CSV without a header, whose names are then in `columns`. `known_by` names what a row of
    this product has.
    """

    name: str
    label: Mapping[str, str]
    columns: tuple[str, ...]
    unfold: str | None
    known_by: Mapping[str, str]
    parts: Mapping[str, Part]
    fields: Mapping[str, tuple[Case, ...]]


@dataclass(frozen=True, slots=True)
class Log:
    """Files of rows that say who asked for what, and when.

    `columns` names the column of each field; `zone` is for instants without offset. A log
    of a well-known product is read as `ready` says.
    """

    place: str
    files: tuple[File, ...]
    format: Format
    columns: Mapping[str, str]
    zone: str | None = None
    ready: ReadyMade | None = None


@dataclass(frozen=True, slots=True)
class PeopleList:
    """Files with a line for each person known to be in the leak: a key or an e-mail address.

    With `column`, files of rows that have it there; `sheet` is one of a workbook.
    """

    place: str
    files: tuple[File, ...]
    categories: tuple[str, ...]
    column: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement to be asked of a database. The address may hold a password."""

    address: str = field(repr=False)
    statement: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Files that name everyone in a store. `columns` names the column of each field.

    `sheet` is one of a workbook. A database that is `asked` stands in the place of files.
    """

    place: str
    files: tuple[File, ...]
    store: str
    columns: Mapping[str, str]
    zone: str | None = None
    sheet: str | None = None
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Sessions:
    """Files that say whose a session was. `columns` names the column of each field.

    With `ip` and `from` they also say who was signed in from an address, and when.
    """

    place: str
    files: tuple[File, ...]
    columns: Mapping[str, str]
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Who is asked for: a window, an intruder, the evidence and the directories.

    `file` is the file it was read from and `text` what it says.
    """

    file: Path
    text: str
    window: Window
    intruder: Intruder
    readable: tuple[str, ...]
    logs: tuple[Log, ...]
    lists: tuple[PeopleList, ...]
    directories: tuple[Directory, ...]
    sessions: tuple[Sessions, ...] = ()

    @property
    def parts(self) -> "tuple[Log | PeopleList | Directory | Sessions, ...]":
        """Return everything that names files, in a fixed order."""
        return (*self.logs, *self.lists, *self.directories, *self.sessions)


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file: how it is written, what its columns are called, what it says.

    `format` is one of `Format`, the name of a ready-made mapping, or "list" for a line each.
    `broken` has the numbers of rows that would not be read, each with the reason.
    """

    format: str
    names: tuple[str, ...]
    rows: tuple[Mapping[str, str | None], ...]
    broken: tuple[tuple[int, str], ...]
    sheets: tuple[str, ...] = ()


class Kind(Enum):
    """What a file is to a question."""

    LOG = "evidence"
    PEOPLE = "people"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file seems to be, and the block of a question that says so, to be confirmed.

    `rows` are masked. `unread` has rows that would not be read, `doubts` what a person has
    to decide.
    """

    file: str
    kind: Kind
    format: str
    columns: tuple[str, ...]
    map: Mapping[str, str]
    zone: str | None
    rows: tuple[Mapping[str, str], ...]
    looked_at: int
    unread: tuple[tuple[int, str], ...]
    doubts: tuple[str, ...]
    block: str


@dataclass(frozen=True, slots=True)
class Import:
    """A file of evidence, converted once: `path` is in clear, and whoever asked removes it."""

    log: Log
    file: File
    path: Path
    rows: int
    unread: int


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
    customers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How many people of each customer are in each ring, of stores where we are processor."""
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


class RequestState(Enum):
    """How far a measure is that was asked for on a page."""

    REQUESTED = "requested"
    RUNNING = "running"
    STOPPING = "stopping"
    """Somebody cancelled it; its maker has not seen that yet."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = frozenset({RequestState.REQUESTED, RequestState.RUNNING, RequestState.STOPPING})
"""While a measure is in one of these it is waited for."""


class Stopped(Refused):
    """A measure was broken off because somebody asked for that; nothing of it is kept."""


class Watch(Protocol):
    """Looks on while a measure is made."""

    def seen(self, rows: int, of: int) -> None:
        """Be told about how many rows were read, and of how many; estimates, both."""

    def stopping(self) -> bool:
        """Tell whether to break off."""


class ReasonKind(Enum):
    """In which way the data of somebody were, or could have been, reached."""

    TOUCHED = "touched"
    LISTED = "listed"
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
