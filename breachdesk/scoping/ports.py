"""What scoping asks of an engine: to count and to list the people behind a question."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from breachdesk.datamap.terms import DataMap
from breachdesk.scoping.terms import (
    Comparison,
    File,
    Measurement,
    Person,
    Progress,
    Question,
    Ring,
    Sample,
)


class Population(Protocol):
    """Finds people in directories and evidence, without a database of its own."""

    def workplace(self) -> AbstractContextManager[Path]:
        """Return a private folder that is gone, with all that is in it, after the block."""

    def measure(
        self, question: Question, datamap: DataMap, folder: Path, progress: Progress
    ) -> Measurement:
        """Answer the question, leaving the list of people in `folder`.

        Raises Unusable for a file that cannot be read to its end or lacks a column.
        """

    def sample(self, file: File, sheet: str | None) -> Sample:
        """Return the first rows of a file nobody knows yet. Raises Unusable."""

    def people(self, listed: Path, ring: Ring) -> Iterator[Person]:
        """Yield everyone of a ring from a list that `measure` left, ordered by key."""

    def person(self, listed: Path, person_key: str) -> tuple[Ring, Person] | None:
        """Return the innermost ring of one person, and the person; None if not listed."""

    def compare(self, earlier: Path, later: Path, ring: Ring) -> Comparison:
        """Say how a ring of two lists differs."""
