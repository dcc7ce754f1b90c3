"""From lines of the register to files that a program reads and a spreadsheet may open."""

import csv
import io
import json
from collections.abc import Sequence

from breachdesk.register.terms import CODES, Cell, Row

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; wide signs are signs to some."""


def as_json(rows: Sequence[Row]) -> str:
    """Return lines as a JSON list, each an object with every column."""
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_csv(rows: Sequence[Row], *, excel: bool = False) -> str:
    """Return lines as RFC 4180: commas, one header row with codes, no cell that computes.

    `excel` separates by semicolons and begins with a byte-order mark, which is what a French
    spreadsheet expects of a file that is opened by a double click.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if excel else ",", lineterminator="\r\n")
    writer.writerow(CODES)
    for row in rows:
        writer.writerow([safe(_cell(row[code])) for code in CODES])
    return ("\ufeff" if excel else "") + out.getvalue()


def safe(cell: str) -> str:
    """Return `cell` so that no spreadsheet computes it: an apostrophe goes before a formula."""
    computes = cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA)
    return f"'{cell}" if computes else cell


def _cell(cell: Cell) -> str:
    """Return a cell as text: codes joined by |, several entries one a line."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if not isinstance(cell, list):
        return str(cell)
    if all(isinstance(each, str) for each in cell):
        return "|".join(str(each) for each in cell)
    return "\n".join(
        "; ".join(f"{name}={value}" for name, value in each.items() if value is not None)
        for each in cell
        if isinstance(each, dict)
    )
