"""What turns a draft or the register into a file that a person opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from breachdesk.filings.terms import Sheet
from breachdesk.notices.ports import Renderer


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


class Press(Protocol):
    """What a document is made with; the desk is one."""

    @property
    def templates(self) -> Path:
        """Return the folder of the layouts."""

    @property
    def renderer(self) -> Renderer:
        """Return what renders pages."""

    @property
    def writers(self) -> Writers:
        """Return what writes files."""
