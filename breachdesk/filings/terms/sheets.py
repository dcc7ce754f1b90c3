"""A table as a workbook holds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

SheetCell = str | int | bool | datetime | None
"""What a cell of a spreadsheet holds; a datetime has no zone: the header says which clock."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook: its name, its header and its rows. Widths are in characters.

    A sheet has two columns at least.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[SheetCell]]
    widths: Sequence[int]
