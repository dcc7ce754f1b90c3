"""Mends CSV files whose quotes do not pair: what can be read is, what cannot is counted."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from breachdesk.adapters import duckdb_files
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.scoping.terms import File, Format

MOST_LINES_IN_A_ROW = 50


def is_suspect(engine: Engine, source: Source) -> bool:
    """Tell whether a quote in a rejected line may have swallowed the lines after it."""
    if source.format is not Format.CSV:
        return False
    quoted = (
        f"SELECT count(*) FROM {source.rejects} WHERE contains(coalesce(csv_line, '\"'), '\"')"
    )
    return int(engine.one(quoted)[0]) > 0


def mended(engine: Engine, source: Source, columns: Mapping[str, str], label: str) -> Source:
    """Return a source of clean copies of the files of `source`, and count what was lost."""
    copies, lost = [], 0
    shape = None
    for number, file in enumerate(source.files):
        shape = duckdb_files.header(engine, file, columns) or shape
        if shape is None:
            continue
        copy = engine.folder / f"{label}_{number}.csv"
        lost += copied(engine, file, copy, *shape)
        copies.append(File(copy, file.name))
        engine.copies[str(copy)] = file.name
    if shape is None:
        return source
    clean = duckdb_files.csv_source(copies, columns, (",", shape[1]), f"rejects_{label}")
    return Source(
        clean.files,
        clean.format,
        clean.relation,
        clean.fields,
        rejects=clean.rejects,
        lost=lost,
    )


def copied(
    engine: Engine, file: File, copy: Path, delimiter: str, names: tuple[str, ...]
) -> int:
    """Write the rows that can be read to `copy`; return how many lines could not."""
    rejects = f"rejects_{copy.stem}"
    relation = duckdb_files.lines([file], rejects)
    lost = 0
    try:
        with copy.open("w", encoding="utf-8", newline="") as sink:
            writer = csv.writer(sink, lineterminator="\n")
            found = (row[0] or "" for row in engine.stream(f"SELECT line FROM {relation}"))
            for row in _rows(found, delimiter, len(names)):
                if row is None:
                    lost += 1
                else:
                    writer.writerow(row)
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    return lost + int(engine.one(f"SELECT count(DISTINCT line) FROM {rejects}")[0])


def _rows(lines: Iterator[str], delimiter: str, width: int) -> Iterator[list[str] | None]:
    """Yield each row, and None for a line that belongs to none."""
    waiting: list[str] = []
    for line in lines:
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
            row = next(csv.reader([joined], delimiter=delimiter), [])
            if len(row) == width:
                return row, taken
            if taken == 1:
                return None, 1
    return None, 1
