"""One DuckDB connection in a sandbox: it sees the files given to it and a folder of its own."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import chain
from pathlib import Path
from typing import Any, Self

import duckdb

from breachdesk.adapters.evidence_files import CUT_OFF
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File

ROWS_AT_ONCE = 10_000
SHARE_OF_MEMORY = 0.5
LEAST_MEMORY = 1 << 30
MOST_MEMORY = 5 << 30
INPUT = "-- input\n"
"""Stands before a statement that fills a relation from a file; the rest is portable SQL."""
READING = (
    "read_csv(", "read_json(", "read_ndjson_objects(", "read_json_objects(", "read_parquet(",
    "parquet_kv_metadata(", "COPY ",
)  # fmt: skip
"""What no other engine knows."""
ITS_OWN = "hive_partitioning = false"
"""The columns of a file are its own: a folder called `status=500` says nothing of its rows."""
PACKED = {".gz": "gzip", ".zst": "zstd"}


class Engine:
    """Runs statements and keeps their text, without the folder it worked in."""

    def __init__(self, folder: Path, files: Iterable[Path]) -> None:
        """Open a database in `folder`, with sight of `files` and of nothing else."""
        self.folder = folder
        self.statements: list[str] = []
        self.files: list[str] = []
        """The names of the files of which rows were read, by their numbers."""
        self.unread: list[tuple[str, int, str]] = []
        """Some rows that could not be read: file, number of the row, and what was not."""
        self.stopped = False
        self._others: list[duckdb.DuckDBPyConnection] = []
        self.part = (0.0, 1.0)
        """Of what is being done, where a statement begins and ends that does a part of it."""
        self._connection = duckdb.connect()  # in memory; what is too large spills to `folder`
        paths = ", ".join(text(str(path)) for path in files)
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            f"temp_directory = {text(str(folder / 'spill'))}",
            f"allowed_directories = [{text(str(folder) + '/')}]",
            f"allowed_paths = [{paths}]",
            "enable_external_access = false",
            f"memory_limit = '{_memory() >> 20}MiB'",
            "GLOBAL TimeZone = 'UTC'",  # for every thread
            "checkpoint_threshold = '1TB'",  # nothing is kept: nothing is put in order
            "enable_progress_bar = true",
            "enable_progress_bar_print = false",
            "lock_configuration = true",  # last: nothing can be loosened after it
        ):
            self._connection.execute(f"SET {setting}")

    def number(self, files: Iterable[File]) -> int:
        """Give files numbers of their own in a row; return that of the first."""
        first = len(self.files)
        self.files.extend(file.name for file in files)
        return first

    def stop(self) -> None:
        """Break off what is being done, from another thread."""
        self.stopped = True
        for each in (self._connection, *self._others):
            each.interrupt()

    def done(self) -> float:
        """Return about how much of what is being done is done, from another thread; 0 to 1."""
        since, until = self.part
        inside = max(0.0, min(self._connection.query_progress() / 100, 1.0))
        return since + (until - since) * inside

    def close(self) -> None:
        """Close the database."""
        for each in (*self._others, self._connection):
            each.close()

    def beside(self) -> Self:
        """Return the same database for another thread, with statements of its own.

        It is closed with this one, and stopped with it.
        """
        other = copy(self)
        other.statements = []
        other._connection = self._connection.cursor()  # noqa: SLF001  (of its own kind)
        self._others.append(other._connection)  # noqa: SLF001  (the same)
        return other

    def run(self, statement: str) -> None:
        """Run a statement for what it does."""
        self._execute(statement)

    def read(self, statement: str) -> None:
        """Run a statement that only this engine knows: it reads files or fills a table."""
        self._execute(statement, INPUT)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return all rows of a small answer."""
        return self._execute(statement).fetchall()

    def one(self, statement: str) -> tuple[Any, ...]:
        """Return the single row of an answer."""
        return self.rows(statement)[0]

    def stream(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an answer of any size."""
        found = self._execute(statement)
        while several := found.fetchmany(ROWS_AT_ONCE):
            yield from several

    def lend(
        self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Make a table of rows that were computed here."""
        path = self.folder / f"{table}.ndjson"
        lines = (json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows)
        first = next(lines, None)
        if first is None:
            several = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self.read(f"CREATE TABLE {table} ({several})")
            return
        with path.open("w", encoding="utf-8") as file:
            file.writelines(chain((first,), lines))
        types = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
        self.read(
            f"CREATE TABLE {table} AS FROM read_json({text(str(path))}, "
            f"format = 'newline_delimited', columns = {{{types}}}, {ITS_OWN})"
        )
        path.unlink()

    def _execute(self, statement: str, mark: str = "") -> duckdb.DuckDBPyConnection:
        if any(each in statement for each in READING):
            mark = INPUT
        self.statements.append(mark + statement.replace(str(self.folder), "."))
        return self._connection.execute(statement)


def text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Return the name of a column as SQL writes it."""
    return '"' + value.replace('"', '""') + '"'


def unreadable(file: str, error: duckdb.Error) -> Unusable:
    """Say in our words why a file cannot be read; the engine's own may quote its content."""
    said, packed = str(error).split("\nLINE ")[0].lower(), PACKED.get(Path(file).suffix.lower())
    if packed and isinstance(error, duckdb.IOException) and "memory" not in said:
        return Unusable(Problem(CUT_OFF.format(packed), file))
    for sign, reason in (
        ("file too large", "needs more room on the disk than there is"),
        ("no space", "needs more room on the disk than there is"),
        ("maximum_object_size", "has a line of more than 64 MiB"),
        ("utf8", "is not UTF-8"),
        ("parquet", "is not a whole Parquet file"),
        ("magic bytes", "is not a whole Parquet file"),
        ("encod", "is not UTF-8"),
        ("unicode", "is not UTF-8"),
        ("memory", "needs more memory than there is"),
    ):
        if sign in said:
            return Unusable(Problem(reason, file))
    return Unusable(Problem(f"cannot be read to its end ({type(error).__name__})", file))


def _memory() -> int:
    """Return how much memory to take at most."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(min(max(whole * SHARE_OF_MEMORY, LEAST_MEMORY), MOST_MEMORY))
