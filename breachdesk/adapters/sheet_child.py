"""Reads one sheet of a workbook, alone in a process that may die: run by `sheet_reader`.

Whoever made a workbook decides how much memory it takes: two cells in opposite corners of a
sheet take hundreds of gigabytes. Here that ends this process and no other. What it was told
stands on its command line: the workbook, its sheet (none: the first), where to write (nowhere:
only the names of the sheets are asked for). It answers with those names in JSON.
"""

import csv
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

MEMORY = 2 << 30
"""What a workbook may take while it is read: a full sheet of some twenty columns."""
UNREADABLE = 3
"""The exit of a process that was given what is no workbook."""


def main(workbook: str, sheet: str, target: str) -> int:
    """Read a workbook; return how to exit."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with CalamineWorkbook.from_path(workbook) as book:
            names = list(book.sheet_names)
            name = sheet or (names[0] if names else "")
            if target and name in names:
                _write(book.get_sheet_by_name(name).iter_rows(), Path(target))
    except CalamineError:
        return UNREADABLE
    sys.stdout.write(json.dumps(names))
    return 0


def _write(rows: Any, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        for row in rows:
            values = [_text(value) for value in row]
            if any(values):
                writer.writerow(values)


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


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
