"""Logs that are text: every row is read once, in order, so that its number is known."""

import duckdb

from breachdesk.adapters import duckdb_csv, duckdb_files, duckdb_intruder, duckdb_values
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_logs import COLUMNS, culprit, said, which
from breachdesk.kernel import times
from breachdesk.scoping.terms import Format, Log, Question


def keep(engine: Engine, table: str, source: Source, log: Log, question: Question) -> Source:
    """Make `table` of every row, with the texts of those that need a second look.

    `kept` has the instant and the texts of a row that may be the intruder's or is written in
    an uncommon way; it is empty for a row that is unread and NULL for one of no interest.
    Returns the source that was read: clean copies if quotes did not pair.
    """
    try:
        duckdb_files.read(engine, _statement(engine, table, source, log, question))
        if not duckdb_csv.is_suspect(engine, source):
            return source
        engine.read(f"DROP TABLE {table}")
    except duckdb.Error as error:
        if source.format is not Format.CSV or engine.stopped:
            raise unreadable(culprit(source.files, error), error) from None
    source = duckdb_csv.mended(engine, source, log.columns, f"{table}_mended")
    try:
        engine.read(_statement(engine, table, source, log, question))
    except duckdb.Error as error:
        raise unreadable(culprit(source.files, error), error) from None
    return source


def _statement(engine: Engine, table: str, source: Source, log: Log, question: Question) -> str:
    zone = times.zone(log.zone) if log.zone else None
    plain = ["at_plain IS NOT NULL"]
    if "ip" in source.fields:
        plain.append(duckdb_values.plain_address("ip"))
    unread = "at_plain IS NULL AND said_at IS NULL"
    if "status" in log.columns:
        unread = f"({unread}) OR status IS NULL"
        plain.append(duckdb_values.plain_status(source))
    several = len(source.files) > 1
    file = f"{which(source.files)} AS file, " if several else ""
    fields = ", ".join(("at_plain::VARCHAR", *COLUMNS.values()))
    window = duckdb_intruder.in_window("at_plain", question)
    return f"""CREATE TABLE {table} AS
WITH said AS (SELECT {file}{said(source)} FROM {source.relation}),
plain AS (SELECT *, {duckdb_values.moment(engine, source, "at", "said_at", zone)} AS at_plain
    FROM said)
SELECT {"file, " if several else ""}CASE WHEN {unread} THEN []
    WHEN {window} AND {duckdb_intruder.perhaps(question, ordered=True)}
      OR NOT ({" AND ".join(plain)})
    THEN [{fields}] END AS kept FROM plain"""


def unpack(engine: Engine, table: str, source: Source, first: int) -> None:
    """Make a table of what was kept, with each row's file and its number there.

    Files count from `first`, rows from 1; a row that could not be read has its number too.
    """
    several = len(source.files) > 1
    numbers = f"(SELECT {first} AS file, rowid AS number, rowid + 1 AS row, kept FROM {table})"
    if several:
        starts = f"(SELECT file, min(rowid) AS first FROM {table} GROUP BY file)"
        numbers = (
            f"(SELECT {first} + t.file AS file, t.rowid AS number, "
            f"t.rowid - f.first + 1 AS row, kept FROM {table} AS t "
            f"JOIN {starts} AS f ON t.file = f.file)"
        )
    lost = source.rejects and engine.one(f"SELECT count(*) FROM {source.rejects}")[0]
    row, gaps = "n.row", ""
    if lost and source.format is Format.CSV:
        # accepted rows before a rejected one: its line, less the header and those rejected
        gaps = f""" ASOF LEFT JOIN (SELECT file, before, max(n) AS n FROM
    (SELECT {first} + file AS file, count(*) OVER so_far AS n,
    line - 1 - count(*) OVER so_far AS before
    FROM (SELECT DISTINCT {_rejected_in(source)} AS file, line FROM {source.rejects}
      JOIN {source.rejects}_scan USING (scan_id, file_id))
    WINDOW so_far AS (PARTITION BY file ORDER BY line)) GROUP BY file, before) AS g
    ON n.file = g.file AND n.row > g.before"""
        row = "n.row + coalesce(g.n, 0)"
    kept = ", ".join(
        f"kept[{place}] AS {field}" for place, field in enumerate(COLUMNS.values(), start=2)
    )
    engine.read(
        f"CREATE TABLE {table}_kept AS SELECT n.file, {row} AS row, "
        f"kept[1]::TIMESTAMP AS at_plain, {kept} FROM {numbers} AS n{gaps} WHERE len(kept) > 0"
    )


def _rejected_in(source: Source) -> str:
    return which(source.files, "file_path") if len(source.files) > 1 else "0"


def unread(engine: Engine, table: str, source: Source) -> tuple[int, int]:
    """Return how many lines there are, and of how many nothing can be understood."""
    every, empty = engine.one(f"SELECT count(*), count(*) FILTER (len(kept) = 0) FROM {table}")
    lost = source.lost
    if source.rejects is not None:
        lines = f"SELECT count(DISTINCT (file_id, line)) FROM {source.rejects}"
        lost += int(engine.one(lines)[0])
    return int(every) + lost, int(empty) + lost


def examples(engine: Engine, table: str, source: Source, most: int) -> list[tuple[str, int]]:
    """Return the files and numbers of some lines of which nothing can be understood."""
    several = len(source.files) > 1
    if source.rejects and engine.one(f"SELECT count(*) FROM {source.rejects}")[0]:
        header = 1 if source.format is Format.CSV else 0
        rows = (
            f"SELECT DISTINCT {_rejected_in(source)}, line - {header} FROM {source.rejects} "
            f"JOIN {source.rejects}_scan USING (scan_id, file_id)"
        )
    elif several:
        rows = (
            f"SELECT file, rowid + 1 - (SELECT min(rowid) FROM {table} AS f "
            f"WHERE f.file = t.file) FROM {table} AS t WHERE len(kept) = 0"
        )
    else:
        rows = f"SELECT 0, rowid + 1 FROM {table} WHERE len(kept) = 0"
    found = engine.rows(f"{rows} ORDER BY ALL LIMIT {most}")
    return [(source.files[int(file)].name, int(row)) for file, row in found]
