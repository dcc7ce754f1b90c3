"""The words of a question: what is asked, of which files, read in which way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path


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
    """What a pattern takes out of a value: its first group, if the whole value fits.

    The characters of `without` are left out of it.
    """

    source: str
    pattern: str
    without: str = ""


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
    this product has, `beside` what a document has that lies among its logs and holds no rows.
    """

    name: str
    label: Mapping[str, str]
    columns: tuple[str, ...]
    unfold: str | None
    known_by: Mapping[str, str]
    parts: Mapping[str, Part]
    fields: Mapping[str, tuple[Case, ...]]
    beside: Mapping[str, str] = field(default_factory=dict)


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
class ExportedFiles:
    """Files with a line for each file that the intruder took: its path, or its address.

    With `column`, files of rows that have it there; `sheet` is one of a workbook. `under` is
    the path under which the routes of the data map know what is named.
    """

    place: str
    files: tuple[File, ...]
    under: str | None = None
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

    `file` is the file it was read from and `text` what it says. `legal_hold` names the stores
    in which a dispute kept everyone, whatever the periods say.
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
    exports: tuple[ExportedFiles, ...] = ()
    legal_hold: tuple[str, ...] = ()

    @property
    def parts(self) -> "tuple[Log | PeopleList | ExportedFiles | Directory | Sessions, ...]":
        """Return everything that names files, in a fixed order."""
        return (
            *self.logs, *self.lists, *self.exports, *self.directories, *self.sessions,
        )  # fmt: skip
