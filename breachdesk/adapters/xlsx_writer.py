"""Writes workbooks: xlsxwriter makes the frame, the rows stream into it one at a time.

xlsxwriter takes three times as long for a long register. It still makes everything but the
rows: styles, header, widths, panes, filter. A sample row marks where they go and tells, by
its own cells, which style is which.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import BinaryIO

from breachdesk.filings.terms import Sheet, SheetCell

LONGEST = 32_767
"""Characters a cell holds; a spreadsheet drops the whole of a longer one."""
CUT = "… [coupé ici : l’export JSON porte le texte entier]"
LAST_ROW = 1_048_576
"""Rows a sheet holds."""
FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001  (a cell has no zone; spreadsheets err before)
DAY_NOUGHT = datetime(1899, 12, 30)  # noqa: DTZ001  (from which spreadsheets count days)
INSTANT = "dd/mm/yyyy hh:mm"
FAST = 1
"""How hard to compress: the next level costs half as much again and saves a tenth."""
BLOCK = 50
_DAY = 86_400
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_SAMPLE = re.compile(r'<row r="2".*?</row>', re.DOTALL)
_STYLE = re.compile(r'r="([AB])2" s="(\d+)"')

Drawn = Callable[[int, Sequence[SheetCell]], str]


class XlsxWriter:
    """A SheetWriter that keeps a few rows in memory. Texts stay texts: no formula, no link."""

    def write(self, out: BinaryIO, sheets: Sequence[Sheet]) -> None:
        """Write the workbook to `out`; headers are frozen, instants are dates."""
        frame = zipfile.ZipFile(io.BytesIO(_frame(sheets)))
        rows = {
            f"xl/worksheets/sheet{number}.xml": sheet.rows
            for number, sheet in enumerate(sheets, start=1)
        }
        with (
            frame,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as book,
        ):
            for about in frame.infolist():
                if about.filename not in rows:
                    book.writestr(about, frame.read(about), zipfile.ZIP_DEFLATED)
                    continue
                before, sample, after = _opened(frame.read(about).decode())
                about.compress_type = zipfile.ZIP_DEFLATED
                with book.open(about, "w", force_zip64=True) as page:
                    page.write(before.encode())
                    for block in _blocks(rows[about.filename], _drawing(sample)):
                        page.write(block.encode())
                    page.write(after.encode())


def _frame(sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook with its headers and, in each sheet, one sample row."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415  (no types; heavy)

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        instant = book.add_format({"num_format": INSTANT, "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            page.repeat_rows(0)
            page.set_landscape()
            for column, width in enumerate(sheet.widths):
                page.set_column(column, column, width)
            for column, name in enumerate(sheet.header):
                page.write_string(0, column, name, bold)
            page.write_number(1, 0, 0, text)
            page.write_number(1, 1, 0, instant)
            page.autofilter(0, 0, LAST_ROW - 1, len(sheet.header) - 1)
    return made.getvalue()


def _opened(xml: str) -> tuple[str, str, str]:
    """Return what stands before the sample row, the row, and what stands behind it."""
    found = _SAMPLE.search(xml)
    if found is None:
        raise ValueError("the sheet has no sample row")
    return xml[: found.start()], found[0], xml[found.end() :]


def _drawing(sample: str) -> Drawn:
    """Return what draws a row in the styles of the sample."""
    styles = dict(_STYLE.findall(sample))
    names: list[str] = []

    def drawn(number: int, cells: Sequence[SheetCell]) -> str:
        while len(names) < len(cells):
            names.append(_column(len(names)))
        row = [
            f'<c r="{name}{number}" s="{styles["B" if isinstance(cell, datetime) else "A"]}"'
            f"{_content(cell)}</c>"
            for name, cell in zip(names, cells, strict=False)
            if cell is not None and cell != ""
        ]
        return f'<row r="{number}">{"".join(row)}</row>'

    return drawn


def _content(cell: SheetCell) -> str:
    """Return one cell as what it is; a text that is too long says that it was cut."""
    if isinstance(cell, str):
        said = cell if len(cell) <= LONGEST else cell[: LONGEST - len(CUT)] + CUT
        if "&" in said or "<" in said or ">" in said:
            said = escape(said, quote=False)
        return f' t="inlineStr"><is><t xml:space="preserve">{said}</t></is>'
    if isinstance(cell, bool):
        return f' t="b"><v>{cell:d}</v>'
    if isinstance(cell, int):
        return f"><v>{cell}</v>"
    if isinstance(cell, datetime) and cell >= FIRST_DAY:
        return f"><v>{(cell - DAY_NOUGHT).total_seconds() / _DAY!r}</v>"
    return _content("" if cell is None else cell.isoformat(" ", "minutes"))


def _blocks(rows: Iterable[Sequence[SheetCell]], drawn: Drawn) -> Iterator[str]:
    """Yield the rows as XML, some at a time; the header is the first."""
    waiting = []
    for number, cells in enumerate(rows, start=2):
        waiting.append(drawn(number, cells))
        if len(waiting) == BLOCK:
            yield _sayable("".join(waiting))
            waiting.clear()
    yield _sayable("".join(waiting))


def _sayable(xml: str) -> str:
    """Return rows without what XML cannot say."""
    return _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", xml)


def _column(number: int) -> str:
    """Return the letters of a column, the first being number 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
