"""What scoping asks of an engine: to count and to list the people behind a question."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from breachdesk.datamap.terms import DataMap
from breachdesk.scoping.terms import (
    Change,
    Comparison,
    File,
    Import,
    Log,
    Measurement,
    Person,
    Progress,
    Question,
    Ring,
    Sample,
    Watch,
)


class Population(Protocol):
    """Finds people in directories and evidence, without a database of its own."""

    def workplace(self) -> AbstractContextManager[Path]:
        """Return a private folder that is gone, with all that is in it, after the block."""

    def measure(
        self,
        question: Question,
        datamap: DataMap,
        folder: Path,
        progress: Progress,
        watch: Watch | None = None,
    ) -> Measurement:
        """Answer the question, leaving the list of people in `folder`.

        Raises Unusable for a file that cannot be read to its end or lacks a column, Stopped
        when the `watch` says so.
        """

    def convert(self, log: Log, folder: Path, only: File | None = None) -> Iterator[Import]:
        """Yield each file of a log, or one `only`, converted once, in `folder`.

        Raises Unusable for a file that cannot be read, and a column that no file has.
        """

    def sample(self, file: File, sheet: str | None) -> Sample:
        """Return the first rows of a file nobody knows yet. Raises Unusable."""

    def people(self, listed: Path, ring: Ring, *, mixed: bool = False) -> Iterator[Person]:
        """Yield everyone of a ring from a list that `measure` left, ordered by key.

        When `mixed`, by a digest of the key: any first part is a fair sample of all, and is so
        again next time.
        """

    def cut(self, listed: Path, customer: str, target: Path) -> None:
        """Write to `target` a list of those whom we hold for a customer as its processor.

        Of who is held for others too it has this customer's data, and nothing of theirs.
        """

    def person(self, listed: Path, person_key: str) -> tuple[Ring, Person] | None:
        """Return the innermost ring of one person, and the person; None if not listed."""

    def changes(self, earlier: Path, later: Path, ring: Ring) -> Iterator[tuple[str, Change]]:
        """Yield the key of everyone in whom a ring of two lists differs, and how."""

    def compare(self, earlier: Path, later: Path, ring: Ring) -> Comparison:
        """Say how a ring of two lists differs."""
