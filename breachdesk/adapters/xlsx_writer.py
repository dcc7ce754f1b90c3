"""Writes workbooks with xlsxwriter, a row at a time."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO

from breachdesk.filings.terms import Sheet, SheetCell

LONGEST = 32_767
"""Characters a cell holds; a spreadsheet drops the whole of a longer one."""
CUT = "… [coupé ici : l’export JSON porte le texte entier]"
FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001  (a cell has no zone; spreadsheets err before)
INSTANT = "dd/mm/yyyy hh:mm"
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class XlsxWriter:
    """A SheetWriter that keeps one row in memory. Texts stay texts: no formula, no link."""

    def write(self, out: BinaryIO, sheets: Sequence[Sheet]) -> None:
        """Write the workbook to `out`; headers are frozen, instants are dates."""
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415  (no types; heavy)

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(out, options) as book:
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
                for row, cells in enumerate(sheet.rows, start=1):
                    for column, cell in enumerate(cells):
                        _write(page, row, column, cell, text, instant)
                page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)


def _write(page: Any, row: int, column: int, cell: SheetCell, text: Any, instant: Any) -> None:
    """Write one cell as what it is; a text that is too long says that it was cut."""
    match cell:
        case None | "":
            return
        case bool():
            page.write_boolean(row, column, cell, text)
        case int():
            page.write_number(row, column, cell, text)
        case datetime() if cell >= FIRST_DAY:
            page.write_datetime(row, column, cell, instant)
        case datetime():
            page.write_string(row, column, cell.isoformat(" ", "minutes"), text)
        case _:
            page.write_string(row, column, _fitting(cell), text)


def _fitting(text: str) -> str:
    """Return a text that a cell can hold, without what XML cannot say."""
    clean = _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= LONGEST else clean[: LONGEST - len(CUT)] + CUT
