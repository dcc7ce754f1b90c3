"""From lines of the register to files that a program reads and a spreadsheet may open."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from breachdesk.kernel.cells import safe
from breachdesk.register.terms import CODES, Cell, Row


def json_of(rows: Iterable[Row]) -> Iterator[str]:
    """Yield lines as a JSON list, each an object with every column."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def csv_of(rows: Iterable[Row], *, excel: bool = False) -> Iterator[str]:
    """Yield lines as RFC 4180: commas, one header row with codes, no cell that computes.

    `excel` separates by semicolons and begins with a byte-order mark, which is what a French
    spreadsheet expects of a file that is opened by a double click.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if excel else ",", lineterminator="\r\n")
    out.write("\ufeff" if excel else "")
    writer.writerow(CODES)
    for row in rows:
        writer.writerow([safe(_cell(row.get(code))) for code in CODES])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _cell(cell: Cell | None) -> str:
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
