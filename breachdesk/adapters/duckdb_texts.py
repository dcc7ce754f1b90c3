"""Logs that are text: every row is read once, in order, so that its number is known."""

from dataclasses import replace

import duckdb

from breachdesk.adapters import (
    duckdb_combined,
    duckdb_csv,
    duckdb_files,
    duckdb_intruder,
    duckdb_values,
    evidence_stretches,
)
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_logs import filled, texts
from breachdesk.adapters.duckdb_places import culprit, which
from breachdesk.kernel import times
from breachdesk.scoping.terms import File, Format, Log, Question


def keep(engine: Engine, table: str, source: Source, log: Log, question: Question) -> Source:
    """Make `table` of every row, with what those hold that need a second look.

    `kept` has the instant and the columns of a row that may be the intruder's or is written in
    an uncommon way; it is empty for a row that is unread and NULL for one of no interest.
    Returns the source that was read: clean copies if rows could not be told or numbered.
    """
    try:
        large = evidence_stretches.fits(source.files[0], source.format)
        if large and _keep_stretches(engine, table, source, log, question):
            return replace(source, rejects=None)
        duckdb_files.read(engine, _table(engine, table, source, log, question))
        if not duckdb_csv.is_suspect(engine, source):
            return source
    except duckdb.Error as error:
        if source.format not in duckdb_csv.MENDED or engine.stopped:
            raise unreadable(culprit(engine, source, error), error) from None
    source = duckdb_csv.mended(engine, source, log.columns, f"{table}_mended")
    try:
        engine.read(_table(engine, table, source, log, question))
    except duckdb.Error as error:
        raise unreadable(culprit(engine, source, error), error) from None
    return source


def _keep_stretches(
    engine: Engine, table: str, source: Source, log: Log, question: Question
) -> bool:
    """Make `table` of a large packed file, which lies alone in its source, part by part.

    Tells whether every line was one: else the number of a row is known of the whole alone.
    """
    [file], read, told = source.files, 0, 0
    for stretch in evidence_stretches.unpacked(file, engine.folder):
        here = [File(stretch.path, file.name)]
        [piece] = duckdb_files.sources(engine, here, source.format, log.columns, table)
        into = f"INSERT INTO {table}" if read else f"CREATE OR REPLACE TABLE {table} AS"
        engine.part = (engine.part[0], stretch.done)
        duckdb_files.read(engine, f"{into}\n{_rows(engine, piece, log, question)}")
        engine.part = (stretch.done, 1.0)
        read += 1
        if read > 2:  # noqa: PLR2004  (they say what the second says)
            del engine.statements[told:]
        told = len(engine.statements)
    engine.part = (0.0, 1.0)
    if not read:  # it unpacks to nothing
        engine.read(_table(engine, table, source, log, question))
        return True
    return piece.rejects is None or not engine.one(f"SELECT count(*) FROM {piece.rejects}")[0]


def _table(engine: Engine, table: str, source: Source, log: Log, question: Question) -> str:
    return f"CREATE OR REPLACE TABLE {table} AS\n{_rows(engine, source, log, question)}"


def _rows(engine: Engine, source: Source, log: Log, question: Question) -> str:
    zone = times.zone(log.zone) if log.zone else None
    plain, unread = ["at_plain IS NOT NULL"], "at_plain IS NULL AND coalesce(said_at, '') = ''"
    if "ip" in source.fields:
        plain.append(f"({duckdb_values.plain_address('ip')} OR ip = '')")
    if "status" in log.columns:
        plain.append(duckdb_values.plain_status(source))
        unread = f"({unread}) OR coalesce(status, '') = ''"
    file = f"{which(source.files)} AS file, " if len(source.files) > 1 else ""
    looked_at = texts(source, duckdb_intruder.looked_at(question))
    kept = ", ".join(f"{each}::VARCHAR" for each in ("at_plain", *source.made_of))
    window = duckdb_intruder.in_window("at_plain", question)
    # most rows are plain and of no interest: each test that comes first spares them the next,
    # and the fields that no test looks at are taken out of the rows that were kept
    return f"""WITH said AS (SELECT *, {file}{looked_at} FROM {source.relation}),
plain AS (SELECT *, {duckdb_values.moment(engine, source, "at", "said_at", zone)} AS at_plain
    FROM said)
SELECT {"file, " if file else ""}CASE WHEN {" AND ".join(plain)}
    THEN CASE WHEN {window} AND {duckdb_intruder.perhaps(question, ordered=True)}
      THEN [{kept}] END
    WHEN {unread} THEN [] ELSE [{kept}] END AS kept FROM plain"""


def unpack(engine: Engine, table: str, source: Source, first: int) -> None:
    """Make a table of the texts that were kept, with each row's file and its number there.

    Files count from `first`, rows from 1; a row that could not be read has its number too.
    """
    columns = ", ".join(
        f"kept[{place}] AS {column}" for place, column in enumerate(source.made_of, start=2)
    )
    rows = (
        f"(SELECT {first} + file AS file, row, kept[1]::TIMESTAMP AS at_plain, {columns} "
        f"FROM {_numbered(engine, table, source)} WHERE len(kept) > 0)"
    )
    if source.format is Format.COMBINED:
        rows = duckdb_combined.cut(rows)
    engine.read(
        f"CREATE TABLE {table}_kept AS SELECT file, row, at_plain, {filled(source)} FROM {rows}"
    )


def _numbered(engine: Engine, table: str, source: Source) -> str:
    """Return a relation of the rows with their numbers, also behind lines that were none."""
    numbers = f"(SELECT 0 AS file, rowid + 1 AS row, kept FROM {table})"
    if len(source.files) > 1:
        starts = f"(SELECT file, min(rowid) AS first FROM {table} GROUP BY file)"
        numbers = (
            f"(SELECT t.file, t.rowid - f.first + 1 AS row, kept FROM {table} AS t "
            f"JOIN {starts} AS f ON t.file = f.file)"
        )
    if not (source.rejects and engine.one(f"SELECT count(*) FROM {source.rejects}")[0]):
        return numbers
    # accepted rows before a rejected one: its number, less those rejected before
    return f"""(SELECT n.file, n.row + coalesce(g.n, 0) AS row, kept FROM {numbers} AS n
ASOF LEFT JOIN (SELECT file, before, max(n) AS n FROM
    (SELECT file, count(*) OVER so_far AS n, row - count(*) OVER so_far AS before
    FROM {rejected(source)} WINDOW so_far AS (PARTITION BY file ORDER BY row))
    GROUP BY file, before) AS g ON n.file = g.file AND n.row > g.before)"""


def rejected(source: Source) -> str:
    """Return a relation of the lines that were no rows; what is mended has no blank ones."""
    file = which(source.files, "file_path") if len(source.files) > 1 else "0"
    header = 1 if source.format is Format.CSV else 0
    return (
        f"(SELECT DISTINCT {file} AS file, line - {header} AS row FROM {source.rejects} "
        f"JOIN {source.rejects}_scan USING (scan_id, file_id))"
    )


def unread(engine: Engine, table: str, source: Source) -> tuple[int, int]:
    """Return how many lines there are, and of how many nothing can be understood."""
    every, empty = engine.one(f"SELECT count(*), count(*) FILTER (len(kept) = 0) FROM {table}")
    lost = 0
    if source.rejects is not None:
        lines = f"SELECT count(DISTINCT (file_id, line)) FROM {source.rejects}"
        lost += int(engine.one(lines)[0])
    return int(every) + lost, int(empty) + lost


def examples(engine: Engine, table: str, source: Source, most: int) -> list[tuple[str, int]]:
    """Return the files and numbers of some lines of which nothing can be understood."""
    rows = f"SELECT file, row FROM {_numbered(engine, table, source)} WHERE len(kept) = 0"
    if source.rejects:
        rows = f"{rows} UNION ALL SELECT file, row FROM {rejected(source)}"
    found = engine.rows(f"{rows} ORDER BY ALL LIMIT {most}")
    return [(source.files[int(file)].name, int(row)) for file, row in found]
