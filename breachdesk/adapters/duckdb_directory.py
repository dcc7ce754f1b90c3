"""Directories as tables: who is in which store, until when, and who had left before."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

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
    `said_erased` and `said_after` are the texts of instants that the engine did not understand.
    """
    details = ", ".join(f"{each} VARCHAR" for each in DETAILS)
    engine.read(
        f"CREATE TABLE listed (store TINYINT, person VARCHAR, {details}, erased TIMESTAMP, "
        "over TIMESTAMP, gone TIMESTAMP, by_retention BOOLEAN, said_erased VARCHAR, "
        "said_after VARCHAR)"
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
    number = [each.id for each in datamap.stores].index(store.id)
    keep = store.retention.keep if store.retention else None
    before = int(engine.one("SELECT count(*) FROM listed")[0])
    said = _said(engine, source, instants, zone)
    try:
        engine.read(_insert(f"({said})", number, instants, keep))
    except duckdb.Error as error:
        raise unreadable(source.files[0].name, error) from None
    _refuse_broken(engine, before, source, directory)
    for role, field in instants.items():
        odd = f"listed WHERE rowid >= {before} AND said_{role} IS NOT NULL"
        if not engine.rows(f"SELECT 1 FROM {odd} LIMIT 1"):
            continue
        query = f"SELECT DISTINCT said_{role} FROM {odd}"
        duckdb_values.resolve_moments(engine, f"{table}_{role}", query, zone, dates=True)
        _refuse_instant(engine, table, role, before, source, directory.columns[field])
        decides = "erased" not in instants or role == "erased"
        at = "m.instant" if role == "erased" else _ends("m.instant", keep)
        to = f"{'erased' if role == 'erased' else 'over'} = {at}"
        engine.read(
            f"UPDATE listed SET {to}{f', gone = {at}' if decides else ''} "
            f"FROM {table}_{role} AS m WHERE listed.rowid >= {before} AND said_{role} = m.said"
        )


def _said(
    engine: Engine, source: Source, instants: Mapping[str, str], zone: ZoneInfo | None
) -> str:
    """Return the rows of a source with the instants that are commonly written."""
    said = ", ".join(
        f"nullif({source.fields[field]}, '') AS {field}"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {field}"
        for field in dict.fromkeys(("person", *DETAILS, *instants.values()))
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
    return f"SELECT *{plain} FROM (SELECT {said}{typed} FROM {source.relation})"


def _instants(directory: Directory, datamap: DataMap) -> Mapping[str, str]:
    """Return the fields of the directory that hold the instants of erasure and of retention."""
    retention = datamap.store(directory.store).retention
    instants = {}
    if "erased_at" in directory.columns:
        instants["erased"] = "erased_at"
    if retention is not None and retention.after in directory.columns:
        instants["after"] = retention.after
    return instants


def _insert(rows: str, store: int, instants: Mapping[str, str], keep: str | None) -> str:
    erased = "erased_plain" if "erased" in instants else NO_INSTANT
    over = _ends("after_plain", keep) if "after" in instants else NO_INSTANT
    odd = ", ".join(
        f"CASE WHEN {role}_plain IS NULL THEN {instants[role]} END"
        if role in instants
        else "CAST(NULL AS VARCHAR)"
        for role in ("erased", "after")
    )
    gone = erased if "erased" in instants else over
    by_retention = "false" if "erased" in instants else "true"
    return (
        f"INSERT INTO listed SELECT {store}, person, {', '.join(DETAILS)}, {erased}, {over}, "
        f"{gone}, {by_retention}, {odd} FROM {rows}"
    )


def _ends(at: str, keep: str | None) -> str:
    """Return when retention is over that began at an instant."""
    return NO_INSTANT if keep is None else f"{at} + {_interval(keep)}"


def _interval(keep: str) -> str:
    parts = (f"to_{unit}({count})" for unit, count in times.period(keep).items())
    return "(" + " + ".join(parts) + ")"


def _refuse_broken(engine: Engine, before: int, source: Source, directory: Directory) -> None:
    """Refuse a directory with a line that is no row, or a row without a key."""
    if source.rejects is not None:
        broken = engine.rows(
            f"SELECT file_path, min(line) FROM {source.rejects} JOIN {source.rejects}_scan "
            "USING (scan_id, file_id) GROUP BY file_path ORDER BY file_path"
        )
        for path, line in broken:
            raise Unusable(Problem("is not a row of the file", _name(source, path), line))
    first = engine.rows(
        f"SELECT min(rowid) - {before} FROM listed WHERE rowid >= {before} AND person IS NULL"
    )
    if first[0][0] is not None:
        name, row = _place(engine, source, first[0][0])
        problem = f"row {row} is broken or has no key"
        raise Unusable(Problem(problem, name, field=directory.columns["person"]))


def _refuse_instant(
    engine: Engine, table: str, role: str, before: int, source: Source, column: str
) -> None:
    [(first,)] = engine.rows(
        f"SELECT min(l.rowid) - {before} FROM listed AS l JOIN {table}_{role} AS m "
        f"ON l.said_{role} = m.said WHERE l.rowid >= {before} AND m.instant IS NULL"
    )
    if first is not None:
        name, row = _place(engine, source, first)
        problem = (
            f"row {row} holds no instant that can be understood; write it like "
            f'{times.EXAMPLE}, or give the directory a zone = "Europe/Paris"'
        )
        raise Unusable(Problem(problem, name, field=column))


def _place(engine: Engine, source: Source, before: int) -> tuple[str, int]:
    """Return the file of a row, and its number there; so many of its source are before it."""
    which = duckdb_lines.WHICH
    counted = f"SELECT {which}, count(*) FROM {source.relation} GROUP BY {which}"
    rows = dict(engine.rows(counted)) if len(source.files) > 1 else {}
    for file in source.files:
        if before < rows.get(str(file.path), before + 1):
            return file.name, before + 1
        before -= rows[str(file.path)]
    return source.files[-1].name, before + 1


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
