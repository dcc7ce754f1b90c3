"""What turns a draft or the register into a file that a person opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from breachdesk.filings.terms import Sheet


class PaperWriter(Protocol):
    """Sets a document from a template and plain values."""

    def layout(self, template: str) -> bytes:
        """Return the template itself, to be edited. Raises Unusable where there is none."""

    def write(self, template: str, values: Mapping[str, object]) -> bytes:
        """Return the file. Values are text, never run; what cannot be drawn shows as such.

        Raises Unusable naming the template where it cannot be set.
        """


class SheetWriter(Protocol):
    """Writes tables as a workbook."""

    def write(self, out: BinaryIO, sheets: Sequence[Sheet]) -> None:
        """Write the workbook to `out`; no cell of it is ever computed."""


@dataclass(frozen=True, slots=True)
class Writers:
    """One writer a kind of file."""

    pdf: PaperWriter
    docx: PaperWriter
    xlsx: SheetWriter
