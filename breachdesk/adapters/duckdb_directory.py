"""Directories as tables: who is in which store, until when, and who had left before."""

from collections.abc import Mapping

import duckdb

from breachdesk.adapters import duckdb_files, duckdb_lines, duckdb_values
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel import times
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.terms import Directory, Format, Question

DETAILS = ("email", "second_email", "locale", "country", "customer", "phone")
NO_INSTANT = "CAST(NULL AS TIMESTAMP)"


def load(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `listed` of the rows as they are. Raises Unusable for a row that has no sense.

    `erased` is known; `over` is when retention ends; `gone` is the one of the two that decides.
    """
    details = ", ".join(f"{each} VARCHAR" for each in DETAILS)
    engine.read(
        f"CREATE TABLE listed (store TINYINT, person VARCHAR, {details}, erased TIMESTAMP, "
        "over TIMESTAMP, gone TIMESTAMP, by_retention BOOLEAN)"
    )
    for number, directory in enumerate(question.directories):
        label = f"directory_{number}"
        columns = directory.columns
        form = format_of(directory.files[0].path, None) or Format.CSV
        for part, source in enumerate(
            duckdb_files.sources(engine, directory.files, form, columns, label)
        ):
            _load(engine, f"{label}_{part}", source, directory, datamap)


def _load(
    engine: Engine, table: str, source: Source, directory: Directory, datamap: DataMap
) -> None:
    zone = times.zone(directory.zone) if directory.zone else None
    store = datamap.store(directory.store)
    instants = _instants(directory, datamap)
    fields = ("person", *DETAILS, *instants.values())
    columns = dict.fromkeys(fields)
    said = ", ".join(
        f"nullif({source.fields[field]}, '') AS {field}"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {field}"
        for field in columns
    )
    typed = "".join(
        f", {source.fields[f'{field}_typed']} AS {field}_typed"
        for field in instants.values()
        if f"{field}_typed" in source.fields
    )
    plain = "".join(
        f", {duckdb_values.moment(engine, source, field, field, zone)} AS {role}_plain"
        for role, field in instants.items()
    )
    try:
        engine.read(
            f"CREATE TABLE {table} AS SELECT *{plain} "
            f"FROM (SELECT {duckdb_lines.WHICH} AS file, {said}{typed} FROM {source.relation})"
        )
    except duckdb.Error as error:
        raise unreadable(source.files[0].name, error) from None
    _refuse_broken(engine, table, source, directory)
    for role, field in instants.items():
        query = (
            f"SELECT DISTINCT {field} FROM {table} WHERE {role}_plain IS NULL AND {field} <> ''"
        )
        duckdb_values.resolve_moments(engine, f"{table}_{role}", query, zone, dates=True)
        _refuse_instant(engine, table, role, field, source, directory)
    number = [each.id for each in datamap.stores].index(store.id)
    keep = store.retention.keep if store.retention else None
    engine.read(_insert(table, number, instants, keep))
    engine.read(f"DROP TABLE {table}")


def _instants(directory: Directory, datamap: DataMap) -> Mapping[str, str]:
    """Return the fields of the directory that hold the instants of erasure and of retention."""
    retention = datamap.store(directory.store).retention
    instants = {}
    if "erased_at" in directory.columns:
        instants["erased"] = "erased_at"
    if retention is not None and retention.after in directory.columns:
        instants["after"] = retention.after
    return instants


def _insert(table: str, store: int, instants: Mapping[str, str], keep: str | None) -> str:
    erased, over, joins = NO_INSTANT, NO_INSTANT, ""
    for role, field in instants.items():
        at = f"coalesce(t.{role}_plain, {role}.instant)"
        joins += (
            f" LEFT JOIN {table}_{role} AS {role} "
            f"ON t.{role}_plain IS NULL AND t.{field} = {role}.said"
        )
        if role == "erased":
            erased = at
        elif keep is not None:
            over = f"{at} + {_interval(keep)}"
    gone = erased if "erased" in instants else over
    details = ", ".join(f"t.{field}" for field in DETAILS)
    return (
        f"INSERT INTO listed SELECT {store}, t.person, {details}, {erased}, {over}, {gone}, "
        f"{'false' if 'erased' in instants else 'true'} FROM {table} AS t{joins}"
    )


def _interval(keep: str) -> str:
    parts = (f"to_{unit}({count})" for unit, count in times.period(keep).items())
    return "(" + " + ".join(parts) + ")"


def _refuse_broken(engine: Engine, table: str, source: Source, directory: Directory) -> None:
    """Refuse a directory with a line that is no row, or a row without a key."""
    if source.rejects is not None:
        broken = engine.rows(
            f"SELECT file_path, min(line) FROM {source.rejects} JOIN {source.rejects}_scan "
            "USING (scan_id, file_id) GROUP BY file_path ORDER BY file_path"
        )
        for path, line in broken:
            raise Unusable(Problem("is not a row of the file", _name(source, path), line))
    first = engine.rows(
        f"SELECT b.file, b.rowid - (SELECT min(rowid) FROM {table} AS f WHERE f.file = b.file) "
        f"FROM {table} AS b WHERE person IS NULL ORDER BY b.rowid LIMIT 1"
    )
    if first:
        path, row = first[0]
        problem = f"row {row + 1} is broken or has no key"
        column = directory.columns["person"]
        raise Unusable(Problem(problem, _name(source, path), field=column))


def _refuse_instant(
    engine: Engine, table: str, role: str, field: str, source: Source, directory: Directory
) -> None:
    first = engine.rows(
        f"SELECT t.file, t.rowid - (SELECT min(rowid) FROM {table} AS f WHERE f.file = t.file) "
        f"FROM {table} AS t JOIN {table}_{role} AS r "
        f"ON t.{role}_plain IS NULL AND t.{field} = r.said "
        "WHERE r.instant IS NULL ORDER BY t.rowid LIMIT 1"
    )
    if first:
        path, row = first[0]
        problem = (
            f"row {row + 1} holds no instant that can be understood; write it like "
            f'{times.EXAMPLE}, or give the directory a zone = "Europe/Paris"'
        )
        raise Unusable(Problem(problem, _name(source, path), field=directory.columns[field]))


def _name(source: Source, path: str) -> str:
    return next((each.name for each in source.files if str(each.path) == path), path)


def load_addresses(engine: Engine) -> None:
    """Make `addresses`: the people of every address as addresses are compared."""
    plain = "regexp_full_match(email, '[!-~]+')"  # for these, case-folding is lower case
    odd = f"SELECT DISTINCT email FROM listed WHERE email IS NOT NULL AND NOT {plain}"
    engine.lend(
        "odd_addresses",
        {"said": "VARCHAR", "email": "VARCHAR"},
        ((said, rules.email(said)) for (said,) in engine.stream(odd)),
    )
    engine.read(
        "CREATE TABLE addresses AS SELECT DISTINCT p.id, "
        "CASE WHEN o.said IS NULL THEN lower(l.email) ELSE o.email END AS email "
        "FROM listed AS l JOIN people AS p USING (person) "
        "LEFT JOIN odd_addresses AS o ON l.email = o.said WHERE l.email IS NOT NULL"
    )
