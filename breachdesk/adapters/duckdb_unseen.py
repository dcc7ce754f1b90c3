"""Columns of NDJSON that no row has: a typing error in a map would find nobody."""

from collections.abc import Sequence

import duckdb

from breachdesk.adapters import duckdb_files
from breachdesk.adapters.duckdb_engine import Engine, text, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_logs import FIELDS
from breachdesk.adapters.duckdb_places import blamed
from breachdesk.datamap.reading.fields import nearest
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import Log

FIRST_ROWS = 1000
"""How many rows are searched for every column before all are for one."""


def refuse(engine: Engine, log: Log, found: Sequence[Source]) -> None:
    """Refuse a column that no row of NDJSON has: a typing error would find nobody."""
    try:
        _refuse(engine, log, found)
    except duckdb.Error as error:
        raise unreadable(blamed(log.files, error) or log.files[0].name, error) from None


def _refuse(engine: Engine, log: Log, found: Sequence[Source]) -> None:
    columns = [log.columns[field] for field in FIELDS if field in log.columns]
    seen = ", ".join(f"bool_or({_has(column)})" for column in columns)
    first = f"(FROM {duckdb_files.objects(found[0].files[:1])} LIMIT {FIRST_ROWS})"
    [early] = duckdb_files.read(engine, f"SELECT {seen} FROM {first}")
    for field, column in log.columns.items():
        if column not in columns or early[columns.index(column)]:
            continue
        if any(duckdb_files.read(engine, _rows_with(source, column)) for source in found):
            continue
        names = {key for source in found for (key,) in duckdb_files.read(engine, _keys(source))}
        if names:  # else nothing in the files is a row at all, and that is told elsewhere
            problem = f"has no column {column!r}; {nearest(column, names)}"
            place = f"{log.place}.map.{field}"
            raise Unusable(Problem(problem, log.files[0].name, field=place))


def _rows_with(source: Source, column: str) -> str:
    """Return a question that has an answer if any row has a column."""
    return f"SELECT 1 FROM {duckdb_files.objects(source.files)} WHERE {_has(column)} LIMIT 1"


def _has(column: str) -> str:
    """Return whether a row of NDJSON has a column, at the path or under the whole name."""
    steps = "".join(duckdb_files.step(each) for each in column.split("."))
    paths = dict.fromkeys((steps, duckdb_files.step(column)))
    return " OR ".join(f"json_exists(json, {text('$' + path)})" for path in paths)


def _keys(source: Source) -> str:
    return (
        f"SELECT DISTINCT unnest(json_keys(json)) FROM {duckdb_files.objects(source.files)} "
        "WHERE json_type(json) = 'OBJECT'"
    )
