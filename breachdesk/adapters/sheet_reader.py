"""Workbooks as CSV: one sheet, its first row the names of the columns."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from breachdesk.datamap.reading.fields import nearest
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File

LARGEST_SHEETS = 4 << 30
LEAST_BOMB = 1 << 26
LARGEST_RATIO = 250
MOST_PARTS = 10_000
"""How many times its size a workbook may unpack to."""


def convert(file: File, sheet: str | None, target: Path) -> None:
    """Write a sheet, or the first, to `target` as CSV. Raises Unusable."""
    _check(file)
    try:
        with CalamineWorkbook.from_path(str(file.path)) as book:
            name = _chosen(file, sheet, book.sheet_names)
            rows = book.get_sheet_by_name(name).iter_rows()
            with target.open("w", encoding="utf-8", newline="") as sink:
                writer = csv.writer(sink, lineterminator="\n")
                for row in rows:
                    values = [_text(value) for value in row]
                    if any(values):
                        writer.writerow(values)
    except CalamineError:
        raise Unusable(
            Problem("is not a workbook that can be read; save it anew", file.name)
        ) from None


def sheets(file: File) -> list[str]:
    """Return the names of the sheets of a workbook. Raises Unusable."""
    _check(file)
    try:
        with CalamineWorkbook.from_path(str(file.path)) as book:
            return list(book.sheet_names)
    except CalamineError:
        raise Unusable(
            Problem("is not a workbook that can be read; save it anew", file.name)
        ) from None


def _check(file: File) -> None:
    """Refuse a workbook that unpacks to far more than it is: all of it is read into memory."""
    try:
        with ZipFile(file.path) as archive:
            parts = archive.infolist()
    except BadZipFile:
        raise Unusable(Problem("is not a workbook; save it anew as .xlsx", file.name)) from None
    size, grown = file.path.stat().st_size, sum(each.file_size for each in parts)
    if len(parts) > MOST_PARTS:
        raise Unusable(Problem("has more parts than a workbook may; save it anew", file.name))
    if grown > LARGEST_SHEETS or grown > max(LEAST_BOMB, LARGEST_RATIO * size):
        raise Unusable(
            Problem("unpacks to more than a workbook may; save it as CSV", file.name)
        )


def _chosen(file: File, sheet: str | None, names: Sequence[str]) -> str:
    if sheet is None and names:
        return names[0]
    if sheet is None or sheet not in names:
        raise Unusable(
            Problem(f"has no sheet {sheet!r}; {nearest(sheet or '', names)}", file.name)
        )
    return sheet


def _text(value: Any) -> str:
    """Return a cell as text: a whole number as such, an instant as ISO 8601 without zone."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if not isinstance(value, timedelta) else str(value.total_seconds())
