"""Mends files with lines that are no rows: what can be read is, what cannot keeps its place."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from breachdesk.adapters import duckdb_files, duckdb_lines
from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_files import Source
from breachdesk.scoping.terms import File, Format

MOST_LINES_IN_A_ROW = 50
MENDED = {Format.CSV: ".csv", Format.COMBINED: ".log"}
"""What lines are rejected of, and the endings of clean copies."""
NO_ROW = "?"


def is_suspect(engine: Engine, source: Source) -> bool:
    """Tell whether what was rejected makes it doubtful which row is which.

    A quote may have swallowed the lines after it. And lines are counted with the blank ones,
    rows without: behind a rejected line nobody could tell the number of a row.
    """
    if source.format not in MENDED:
        return False
    rejected, quoted = engine.one(
        "SELECT count(*), count(*) FILTER (contains(coalesce(csv_line, '\"'), '\"')) "
        f"FROM {source.rejects}"
    )
    if not rejected or (quoted and source.format is Format.CSV):
        return bool(rejected)
    for file in source.files:
        lines = duckdb_lines.relation([file], f"{source.rejects}_blank")
        if engine.rows(f"SELECT 1 FROM {lines} WHERE line IS NULL LIMIT 1"):
            return True
    return False


def mended(engine: Engine, source: Source, columns: Mapping[str, str], label: str) -> Source:
    """Return a source of clean copies of the files of `source`, with as many rows as those."""
    copies = []
    shape = None
    for number, file in enumerate(source.files):
        copy = engine.folder / f"{label}_{number}{MENDED[source.format]}"
        if source.format is Format.CSV:
            shape = duckdb_files.header(engine, file, columns) or shape
            if shape is None:
                continue
            copied(engine, file, copy, *shape)
        else:
            _without_blanks(engine, file, copy)
        copies.append(File(copy, file.name))
    rejects = f"rejects_{label}"
    if source.format is Format.COMBINED:
        return duckdb_files.combined(copies, columns, rejects)
    if shape is None:
        return source
    return duckdb_files.csv_source(copies, columns, (",", shape[1]), rejects)


def _without_blanks(engine: Engine, file: File, copy: Path) -> None:
    """Write the lines of a log to `copy`; one that is no text is one that is no row."""
    with copy.open("w", encoding="utf-8", newline="") as sink:
        for line in duckdb_lines.numbered(engine, file, f"lines_{copy.stem}"):
            if line is None or line.strip(" \t\r"):
                sink.write(f"{NO_ROW if line is None else line}\n")


def copied(
    engine: Engine, file: File, copy: Path, delimiter: str, names: tuple[str, ...]
) -> None:
    """Write the rows to `copy`; a line that cannot be read is a row of nothing in its place.

    So every row keeps its number, and what is lost is counted where the copy is read.
    """
    with copy.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        lines = duckdb_lines.numbered(engine, file, f"lines_{copy.stem}")
        for row in _rows(lines, delimiter, len(names)):
            writer.writerow([""] * len(names) if row is None else row)


def _rows(
    lines: Iterator[str | None], delimiter: str, width: int
) -> Iterator[list[str] | None]:
    """Yield each row, and None for a line that belongs to none."""
    waiting: list[str] = []
    for line in lines:
        if line is None:
            yield from _whole(waiting, delimiter, width, 0)
            yield None
            continue
        if waiting or line.strip():
            waiting.append(line)
        yield from _whole(waiting, delimiter, width, MOST_LINES_IN_A_ROW)
    yield from _whole(waiting, delimiter, width, 0)


def _whole(
    waiting: list[str], delimiter: str, width: int, patience: int
) -> Iterator[list[str] | None]:
    """Take rows off the front of `waiting` while there are any; give up on a line in time."""
    while waiting:
        row, taken = _first(waiting, delimiter, width)
        if row is None and len(waiting) <= patience:
            return  # its quotes may close on a line to come
        if row is not None or waiting[0].strip():
            yield row
        del waiting[:taken]


def _first(waiting: list[str], delimiter: str, width: int) -> tuple[list[str] | None, int]:
    """Return the first row of `waiting` and how many lines it takes; None and 1 if none."""
    for taken in range(1, len(waiting) + 1):
        joined = "\n".join(waiting[:taken])
        if joined.count('"') % 2 == 0:
            # over several lines, only what is surely a row: else two rows may become one
            row = duckdb_lines.cells(joined, delimiter, strict=taken > 1)
            if len(row) == width:
                return row, taken
            if taken == 1:
                return None, 1
    return None, 1
