"""Which file a row lies in, and which one cannot be read."""

from collections.abc import Sequence

import duckdb

from breachdesk.adapters import duckdb_files, duckdb_lines
from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.adapters.duckdb_files import Source
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File, Format


def which(files: Sequence[File], path: str = duckdb_lines.WHICH) -> str:
    """Return the place of a row's file among some files."""
    if len(files) == 1:
        return "0"
    paths = dict.fromkeys(text(str(file.path)) for file in files)
    return f"CAST(enum_code(CAST({path} AS ENUM ({', '.join(paths)}))) AS INTEGER)"


def blamed(files: Sequence[File], error: duckdb.Error) -> str | None:
    """Return the name of the file that an error speaks of; None if it names none."""
    return next((each.name for each in files if str(each.path) in str(error)), None)


def culprit(engine: Engine, source: Source, error: duckdb.Error) -> str:
    """Return the name of the file that an error speaks of, or that cannot be read."""
    first = source.files[0].name
    if len(source.files) == 1 or engine.stopped:
        return first
    found = blamed(source.files, error)
    if found is None and source.format is Format.PARQUET:
        found = duckdb_files.damaged(engine, source)
    return found or first


def place(engine: Engine, source: Source, before: int) -> tuple[str, int]:
    """Return the file of a row, and its number there; so many of its source are before it."""
    rows = rows_of_files(engine, source)
    for file in source.files:
        if before < rows.get(str(file.path), before + 1):
            return file.name, before + 1
        before -= rows[str(file.path)]
    return source.files[-1].name, before + 1


def rows_of_files(engine: Engine, source: Source) -> dict[str, int]:
    """Return how many rows each file has, by its path; nothing if there is but one."""
    if len(source.files) == 1:
        return {}
    path = duckdb_lines.WHICH
    return dict(engine.rows(f"SELECT {path}, count(*) FROM {source.relation} GROUP BY {path}"))


def refuse_rejected(engine: Engine, source: Source) -> None:
    """Refuse a source with a line that is no row, naming the first. Raises Unusable."""
    if source.rejects is None:
        return
    broken = engine.rows(
        f"SELECT file_path, min(line) FROM {source.rejects} JOIN {source.rejects}_scan "
        "USING (scan_id, file_id) GROUP BY file_path ORDER BY file_path LIMIT 1"
    )
    for path, line in broken:
        name = next((each.name for each in source.files if str(each.path) == path), path)
        raise Unusable(Problem("is not a row of the file", name, line))
