"""CSV files as office programs write them: a header, and rows that name their lines."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from breachdesk.kernel.errors import Problem, Unusable

Row = tuple[int, Mapping[str, str]]
"""The line a row ends on, and its cells by column, trimmed."""
LONGEST_CELL = 1 << 16
"""Characters."""


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
    rows = rows_of(text, source, ";" if head.count(";") > head.count(",") else ",")
    columns = [each.strip() for each in next(rows, (1, []))[1]]
    _check(columns, needed, known, source)
    for line, row in rows:
        if any(each.strip() for each in row):
            cells = (each.strip() for each in row)
            yield line, dict(zip(columns, cells, strict=False))


def rows_of(text: str, source: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it ends on. Raises Unusable for a cell beyond measure.

    That is a quotation mark that never closes. The limit of the csv module is the whole
    process's, and who reads logs raises it; so cells are measured here.
    """
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        for row in rows:
            if any(len(each) > LONGEST_CELL for each in row):
                problem = f"is no table: a cell has more than {LONGEST_CELL} characters"
                raise Unusable(Problem(problem, source, rows.line_num))
            yield rows.line_num, row
    except csv.Error as error:
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
