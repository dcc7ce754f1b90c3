"""The words of files that nobody knows yet, and of those that were converted once."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from breachdesk.scoping.terms.question import File, Log


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
    EXPORTED = "exported"
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
