"""CSV files as office programs write them: a header, and rows that name their lines."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from breachdesk.kernel.errors import Problem, Unusable

Row = tuple[int, Mapping[str, str]]
"""The line a row ends on, and its cells by column, trimmed."""


def text_of(path: Path) -> str:
    """Return the text of a file. Raises Unusable where it cannot be read as UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(Problem(f"is not UTF-8 at byte {error.start}", str(path))) from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise Unusable(Problem(f"cannot be read: {reason}", str(path))) from None


def read_table(
    text: str, source: str, needed: Sequence[str], known: Sequence[str]
) -> Iterator[Row]:
    """Yield the rows that are not empty. Columns are parted by commas or semicolons.

    Raises Unusable, naming `source`, for a column of `needed` that is missing, for one
    that is not `known`, and for a cell that is longer than any cell.
    """
    head = text.partition("\n")[0]
    rows = csv.reader(
        text.splitlines(keepends=True),
        delimiter=";" if head.count(";") > head.count(",") else ",",
    )
    try:
        columns = [each.strip() for each in next(rows, [])]
        _check(columns, needed, known, source)
        for row in rows:
            if any(each.strip() for each in row):
                cells = (each.strip() for each in row)
                yield rows.line_num, dict(zip(columns, cells, strict=False))
    except csv.Error as error:  # a cell beyond any measure: a quotation mark that never closes
        raise Unusable(Problem(f"is no table: {error}", source, rows.line_num)) from None


def _check(
    columns: Sequence[str], needed: Sequence[str], known: Sequence[str], source: str
) -> None:
    problems = [
        Problem("the column is missing", source, line=1, field=name)
        for name in needed
        if name not in columns
    ]
    problems += [
        Problem(f"is not a column; these are: {', '.join(known)}", source, 1, name)
        for name in columns
        if name not in known
    ]
    if problems:
        raise Unusable(problems)
