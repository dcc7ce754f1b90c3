"""Directories as tables: who is in which store, until when, and who had left before."""

from collections.abc import Mapping
from itertools import accumulate
from zoneinfo import ZoneInfo

import duckdb

from breachdesk.adapters import duckdb_files, duckdb_values
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_places import (
    culprit,
    place,
    refuse_rejected,
    rows_of_files,
    which,
)
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel import times
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.terms import Directory, Format, Question

DETAILS = ("email", "second_email", "locale", "country", "customer", "phone")
LISTED = {
    "number": "INTEGER", "store": "TINYINT", "person": "VARCHAR",
    **dict.fromkeys(DETAILS, "VARCHAR"), "erased": "TIMESTAMP", "over": "TIMESTAMP",
    "gone": "TIMESTAMP", "by_retention": "BOOLEAN",
}  # fmt: skip


def load(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `listed` of the rows as they are. Raises Unusable for a row that has no sense.

    Each has a `number`. `erased` is known; `over` is when retention ends; `gone` is the one of
    the two that decides.
    """
    parts: list[str] = []
    before = 0
    for number, directory in enumerate(question.directories):
        label = f"directory_{number}"
        columns = _columns_of(directory, datamap)
        form = format_of(directory.files[0].path, None) or Format.CSV
        for part, source in enumerate(
            duckdb_files.sources(engine, directory.files, form, columns, label)
        ):
            table = f"{label}_{part}"
            rows = _load(engine, table, source, directory, datamap)
            parts.append(_listed(table, before, source, directory, datamap))
            before += rows
    engine.read(f"CREATE VIEW listed AS {' UNION ALL '.join(parts or [_nobody()])}")


def _load(
    engine: Engine, table: str, source: Source, directory: Directory, datamap: DataMap
) -> int:
    """Make `table` of the rows of a source; return how many there are.

    Rows that lie in columns stay there, where each has a key and instants as most are written.
    """
    instants = _instants(directory, datamap)
    zone = times.zone(directory.zone) if directory.zone else None
    said = _said(engine, source, instants, zone)
    try:
        if source.row is not None:
            rows = _plain_rows(engine, said, instants)
            if rows is not None:
                engine.read(f"CREATE VIEW {table} AS {said}")
                return rows
        engine.read(f"CREATE TABLE {table}_rows AS {said}")
    except duckdb.Error as error:
        raise unreadable(culprit(engine, source, error), error) from None
    _refuse_broken(engine, f"{table}_rows", source, directory)
    columns = _columns_of(directory, datamap)
    for role, field in instants.items():
        _understand(engine, f"{table}_rows", role, zone)
        _refuse_instant(engine, f"{table}_rows", role, source, columns[field])
    number = "" if source.row is not None else "rowid AS number, "
    engine.read(f"CREATE VIEW {table} AS SELECT {number}* FROM {table}_rows")
    return int(engine.one(f"SELECT count(*) FROM {table}_rows")[0])


def _said(
    engine: Engine, source: Source, instants: Mapping[str, str], zone: ZoneInfo | None
) -> str:
    """Return the rows of a source: what it says of a person, and instants.

    `said_erased` and `said_after` are the texts of those that the engine does not understand.
    """
    said = [
        f"nullif({source.fields[each]}, '') AS {each}"
        for each in ("person", *DETAILS, *instants.values())
        if each in source.fields
    ]
    said += [
        f"{source.fields[f'{field}_typed']} AS {field}_typed"
        for field in instants.values()
        if f"{field}_typed" in source.fields
    ]
    told = ["person", *(each for each in DETAILS if each in source.fields)]
    plain = []
    for role, field in instants.items():
        at = duckdb_values.moment(engine, source, field, field, zone)
        # most say nothing there: that is seen before any spelling is tried
        plain.append(f", CASE WHEN {field} IS NOT NULL THEN {at} END AS {role}_plain")
        told.append(f"{role}_plain AS {role}")
        told.append(f"CASE WHEN {role}_plain IS NULL THEN {field} END AS said_{role}")
    if source.row is not None:
        said.append(f"{_number(engine, source)} AS of_all")
        told.append("of_all AS number")
    return (
        f"SELECT {', '.join(told)} FROM (SELECT *{''.join(plain)} "
        f"FROM (SELECT {', '.join(said)} FROM {source.relation}))"
    )


def _number(engine: Engine, source: Source) -> str:
    """Return the number of a row among all of its source, from 0; each file knows its own."""
    rows = rows_of_files(engine, source)
    several = (int(rows.get(str(file.path), 0)) for file in source.files)
    before = list(accumulate(several, initial=0))
    return f"{source.row} + {before}[{which(source.files)} + 1]"


def _plain_rows(engine: Engine, said: str, instants: Mapping[str, str]) -> int | None:
    """Return how many rows there are; None if one needs a second look."""
    odd = " OR ".join(("person IS NULL", *(f"said_{role} IS NOT NULL" for role in instants)))
    rows, doubtful = engine.one(f"SELECT count(*), count(*) FILTER ({odd}) FROM ({said})")
    return None if doubtful else int(rows)


def _columns_of(directory: Directory, datamap: DataMap) -> Mapping[str, str]:
    """Return the columns of the directory that a measure asks for.

    The field of retention is called `after` here: a data map may give it any name.
    """
    retention = datamap.store(directory.store).retention
    asked = {each: directory.columns.get(each) for each in ("person", *DETAILS, "erased_at")}
    asked["after"] = None if retention is None else directory.columns.get(retention.after)
    return {field: column for field, column in asked.items() if column is not None}


def _instants(directory: Directory, datamap: DataMap) -> Mapping[str, str]:
    """Return the fields of the directory that hold the instants of erasure and of retention."""
    columns = _columns_of(directory, datamap)
    several = {"erased": "erased_at", "after": "after"}
    return {role: field for role, field in several.items() if field in columns}


def _listed(
    table: str, before: int, source: Source, directory: Directory, datamap: DataMap
) -> str:
    """Return the rows of `table` as `listed` has them; so many are before them."""
    store = datamap.store(directory.store)
    instants = _instants(directory, datamap)
    known = {each: each for each in ("person", *DETAILS) if each in source.fields}
    known["number"] = f"{before} + number"
    known["store"] = str([each.id for each in datamap.stores].index(store.id))
    if "erased" in instants:
        known["erased"] = known["gone"] = "erased"
    if "after" in instants and store.retention is not None:
        known["over"] = f"after + {_interval(store.retention.keep)}"
        known.setdefault("gone", known["over"])
    known["by_retention"] = "false" if "erased" in instants else "true"
    return f"SELECT {_columns(known)} FROM {table}"


def _nobody() -> str:
    return f"SELECT {_columns({})} WHERE false"


def _columns(known: Mapping[str, str]) -> str:
    """Return the columns of `listed`, with nothing where nothing is known."""
    return ", ".join(
        f"CAST({known.get(column, 'NULL')} AS {kind}) AS {column}"
        for column, kind in LISTED.items()
    )


def _interval(keep: str) -> str:
    parts = (f"to_{unit}({count})" for unit, count in times.period(keep).items())
    return "(" + " + ".join(parts) + ")"


def _understand(engine: Engine, table: str, role: str, zone: ZoneInfo | None) -> None:
    """Make `table`_role of the instants that are not written as most are, and put them in."""
    query = f"SELECT DISTINCT said_{role} FROM {table} WHERE said_{role} IS NOT NULL"
    duckdb_values.resolve_moments(engine, f"{table}_{role}", query, zone, dates=True)
    engine.read(
        f"UPDATE {table} SET {role} = m.instant FROM {table}_{role} AS m "
        f"WHERE said_{role} = m.said"
    )


def _refuse_broken(engine: Engine, table: str, source: Source, directory: Directory) -> None:
    """Refuse a directory with a line that is no row, or a row without a key."""
    refuse_rejected(engine, source)
    [(first,)] = engine.rows(f"SELECT min(rowid) FROM {table} WHERE person IS NULL")
    if first is not None:
        name, row = place(engine, source, first)
        problem = f"row {row} is broken or has no key"
        raise Unusable(Problem(problem, name, field=directory.columns["person"]))


def _refuse_instant(engine: Engine, table: str, role: str, source: Source, column: str) -> None:
    [(first,)] = engine.rows(
        f"SELECT min(l.rowid) FROM {table} AS l JOIN {table}_{role} AS m "
        f"ON l.said_{role} = m.said WHERE m.instant IS NULL"
    )
    if first is not None:
        name, row = place(engine, source, first)
        problem = (
            f"row {row} holds no instant that can be understood; write it like "
            f'{times.EXAMPLE}, or give the directory a zone = "Europe/Paris"'
        )
        raise Unusable(Problem(problem, name, field=column))


def damaged(engine: Engine, question: Question) -> str | None:
    """Return the name of the first directory file of which not every value can be read.

    What lies in columns is read where it is used, and the engine's errors name no file.
    """
    for each in question.directories:
        form = format_of(each.files[0].path, None) or Format.CSV
        for source in duckdb_files.sources(engine, each.files, form, each.columns, ""):
            found = duckdb_files.damaged(engine, source)
            if found is not None:
                return found
    return None


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
