"""Logs that are kept in columns: only what a question needs is read of them.

First the columns that say whether a row can be understood; then the rows of the window, whose
other columns alone are read. Evidence that was imported has been understood before.
"""

import duckdb

from breachdesk.adapters import duckdb_intruder, duckdb_values
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_lines import WHICH
from breachdesk.adapters.duckdb_logs import COLUMNS, said
from breachdesk.adapters.duckdb_places import culprit, which
from breachdesk.kernel import times
from breachdesk.scoping import rules
from breachdesk.scoping.terms import Log, Question

DAY = "to_hours(24)"
FIRST_ROWS, OFTEN = 300_000, 2
"""To make values distinct is quicker than to test each, if they come so often on average."""
FIRST, LAST = "TIMESTAMPTZ '0001-01-01 00:00:00+00'", "TIMESTAMPTZ '9999-12-31 00:00:00+00'"
"""What lies between is an instant, for sure; a plain comparison that a file often answers."""


def keep(
    engine: Engine, table: str, source: Source, log: Log, question: Question, first: int
) -> tuple[int, int]:
    """Make `table`_kept of the rows that may be the intruder's; return all and the unread."""
    zone = times.zone(log.zone) if log.zone else None
    at = duckdb_values.moment(engine, source, "at", "said_at", zone)
    row = source.row or "row_number() OVER (PARTITION BY " + WHICH + ") - 1"
    try:
        engine.read(
            f"CREATE VIEW {table} AS SELECT *, {at} AS at_plain "
            f"FROM (SELECT {first} + {which(source.files)} AS file, {row} + 1 AS row, "
            f"{said(source)} FROM {source.relation})"
        )
        every, unread = _look(engine, table, source, log)
        _narrow(engine, table, source, question)
    except duckdb.Error as error:
        raise unreadable(culprit(engine, source, error), error) from None
    return every, unread


def _look(engine: Engine, table: str, source: Source, log: Log) -> tuple[int, int]:
    """Make `table`_seen of what is oddly written; count all rows and the unread ones."""
    plain = ["at_plain IS NOT NULL"]
    status = "CAST(NULL AS VARCHAR)"
    if "ip" in source.fields:
        plain.append(duckdb_values.plain_address("ip"))
    if "status" in log.columns:
        plain.append(duckdb_values.plain_status(source))
        status = f"CASE WHEN NOT ({plain[-1]}) THEN coalesce(status, '') END"
    # a test alone reads one column, and often only what the file says of it
    tests = {each: f"FROM {table} WHERE NOT ({each})" for each in plain}
    if source.types.get("at") == duckdb_values.ZONED:
        among = f"at_typed IS NULL OR at_typed < {FIRST} OR at_typed > {LAST}"
        tests["at_plain IS NOT NULL"] = f"FROM {table} WHERE {among}"
    if "ip" in source.fields and _comes_often(engine, table, "ip"):
        test = duckdb_values.plain_address("ip")
        tests[test] = _where_distinct(table, "ip", test)
    odd = [each for each, test in tests.items() if engine.rows(f"SELECT 1 {test} LIMIT 1")]
    engine.read(
        f"CREATE TABLE {table}_seen AS SELECT ip, {status} AS status, "
        "CASE WHEN at_plain IS NULL THEN coalesce(said_at, '') END AS said_at, "
        f"count(*) AS n FROM {table} WHERE NOT ({' AND '.join(odd) or 'true'}) GROUP BY ALL"
    )
    resolve(engine, f"{table}_seen", log)
    engine.read(f"""CREATE TABLE {table}_bad AS SELECT s.*,
    CASE WHEN s.said_at IS NOT NULL AND m.instant IS NULL THEN 'instant'
      WHEN s.status IS NOT NULL AND c.code IS NULL THEN 'status'
      WHEN s.ip IS NOT NULL AND NOT coalesce(a.known, true) THEN 'address' END AS reason
FROM {table}_seen AS s LEFT JOIN {table}_seen_moments AS m ON s.said_at = m.said
LEFT JOIN {table}_seen_statuses AS c ON s.status = c.status
LEFT JOIN {table}_seen_addresses AS a ON s.ip = a.ip""")
    every, unread = engine.one(
        f"SELECT (SELECT count(*) FROM {table}), "
        f"(SELECT coalesce(sum(n), 0) FROM {table}_bad WHERE reason IS NOT NULL)"
    )
    return int(every), int(unread)


def _comes_often(engine: Engine, table: str, column: str) -> bool:
    """Tell whether most values of a column come several times, by its first rows."""
    values, rows = engine.one(
        f"SELECT approx_count_distinct({column}), count(*) "
        f"FROM (SELECT {column} FROM {table} LIMIT {FIRST_ROWS}) AS few"
    )
    return bool(values * OFTEN < rows)


def _where_distinct(table: str, column: str, test: str) -> str:
    """Return a relation with a row if any value fails a test, each value tested once."""
    return (  # a plain condition would be tested of each row, before they are made distinct
        f"FROM (SELECT count(*) FILTER (WHERE NOT ({test})) AS n "
        f"FROM (SELECT DISTINCT {column} FROM {table}) AS each_value) AS odd WHERE n > 0"
    )


def examples(engine: Engine, table: str, most: int) -> list[tuple[str, int, str]]:
    """Return the files and numbers of some rows that could not be read, and why."""
    rows = engine.rows(
        f"SELECT v.file, v.row, max(b.reason) FROM {table} AS v JOIN {table}_bad AS b "
        "ON v.ip IS NOT DISTINCT FROM b.ip AND b.said_at IS NOT DISTINCT FROM "
        "CASE WHEN v.at_plain IS NULL THEN coalesce(v.said_at, '') END "
        "AND (b.status IS NULL OR b.status = coalesce(v.status, '')) "
        "WHERE b.reason IS NOT NULL GROUP BY v.file, v.row "
        f"ORDER BY v.file, v.row LIMIT {most}"
    )
    return [(engine.files[file], row, reason) for file, row, reason in rows]


def resolve(engine: Engine, table: str, log: Log) -> None:
    """Make the tables of what the texts in `table` stand for."""
    zone = times.zone(log.zone) if log.zone else None
    duckdb_values.resolve_addresses(engine, table)
    duckdb_values.resolve_statuses(engine, table)
    query = f"SELECT DISTINCT said_at FROM {table} WHERE said_at IS NOT NULL"
    duckdb_values.resolve_moments(engine, f"{table}_moments", query, zone)


def _narrow(engine: Engine, table: str, source: Source, question: Question) -> None:
    odd = None
    networks = duckdb_intruder.networks(question)
    if networks:
        hits = [
            (ip,)
            for (ip,) in engine.rows(
                f"SELECT DISTINCT ip FROM {table}_seen WHERE ip IS NOT NULL "
                f"AND NOT {duckdb_values.plain_address('ip')}"
            )
            if rules.within(ip, networks)
        ]
        if hits:
            odd = f"{table}_odd"
            engine.lend(odd, {"ip": "VARCHAR"}, hits)
    window = duckdb_intruder.in_window("at_plain", question)
    kind = source.types.get("at", "")
    odd_at, no_status = engine.one(
        "SELECT count(*) FILTER (said_at IS NOT NULL), count(*) FILTER (status = '') "
        f"FROM {table}_seen"
    )
    if odd_at:  # what says nothing is unread, and was counted
        window = f"((at_plain IS NULL AND said_at IS NOT NULL) OR {window})"
    elif kind == duckdb_values.ZONED:
        # a plain comparison of the column itself, which leaves out whole parts of the file
        window = duckdb_intruder.in_window("at_typed", question, zoned=True)
    elif kind == "TIMESTAMP":
        since, until = question.window.since, question.window.until
        window += f" AND at_typed >= {duckdb_values.timestamp(since)} - {DAY}"
        window += f" AND at_typed < {duckdb_values.timestamp(until)} + {DAY}"
    if no_status:
        window += " AND status IS NOT NULL"
    columns = ", ".join(("file", "row", "at_plain", *COLUMNS.values()))
    engine.run(
        f"CREATE TABLE {table}_kept AS SELECT {columns} FROM {table} "
        f"WHERE {window} AND {duckdb_intruder.perhaps(question, ordered=False, odd=odd)}"
    )
