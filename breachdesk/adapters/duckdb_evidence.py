"""Logs as tables: which rows were read, which were not, which are the intruder's."""

from dataclasses import dataclass
from pathlib import Path

from breachdesk.adapters import (
    duckdb_columns,
    duckdb_files,
    duckdb_imports,
    duckdb_intruder,
    duckdb_texts,
    duckdb_unseen,
    duckdb_values,
)
from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.kernel import times
from breachdesk.scoping.terms import Format, Log, Question

EXAMPLES = 10
"""So many rows of a file that could not be read are named."""
ROW_BITS = 40
"""A request's id is the number of its file, shifted so far, and that of its row."""
REQUESTS = (
    "CREATE TABLE requests (id BIGINT, instant TIMESTAMP, method VARCHAR, status SMALLINT, "
    "whole VARCHAR, cut VARCHAR, ip VARCHAR, person VARCHAR, email VARCHAR, session VARCHAR)"
)


@dataclass(frozen=True, slots=True)
class Read:
    """How many rows were read, and how many lines were not."""

    rows: int = 0
    unread: int = 0

    def __add__(self, other: "Read") -> "Read":
        """Return both together."""
        return Read(self.rows + other.rows, self.unread + other.unread)


def load_log(engine: Engine, number: int, log: Log, question: Question) -> Read:
    """Add the intruder's rows in the window to `requests`. Raises Unusable."""
    label = f"log_{number}"
    read = Read()
    originals = [file for file in log.files if file.imported is None]
    found = duckdb_files.sources(engine, originals, log.format, log.columns, label)
    for part, source in enumerate(found):
        table = f"{label}_{part}"
        first = engine.number(source.files)
        if source.format is Format.PARQUET:
            every, unread = duckdb_columns.keep(engine, table, source, log, question, first)
            if unread:
                engine.unread += duckdb_columns.examples(engine, table, EXAMPLES)
            _judge(engine, table, log, question)
        else:
            kept = duckdb_texts.keep(engine, table, source, log, question)
            duckdb_texts.unpack(engine, table, kept, first)
            every, unread = duckdb_texts.unread(engine, table, kept)
            if unread:
                engine.unread += [
                    (*place, "row")
                    for place in duckdb_texts.examples(engine, table, kept, EXAMPLES)
                ]
            unread += _judge(engine, table, log, question)
        read += Read(every - unread, unread)
    for part, file in enumerate(each for each in log.files if each.imported is not None):
        table = f"{label}_imported_{part}"
        first = engine.number([file])
        every, unread = duckdb_imports.keep(engine, table, file, question, first)
        _judge(engine, table, log, question)
        read += Read(every - unread, unread)
    if len(found) and all(source.format is Format.NDJSON for source in found):
        duckdb_unseen.refuse(engine, log, found)
    return read


def _judge(engine: Engine, table: str, log: Log, question: Question) -> int:
    """Add the intruder's rows to `requests`; return how many that were kept are unread."""
    zone = times.zone(log.zone) if log.zone else None
    kept = f"{table}_kept"
    duckdb_values.resolve_addresses(engine, kept, duckdb_intruder.networks(question))
    duckdb_values.resolve_statuses(engine, kept)
    doubtful = f"SELECT DISTINCT said_at FROM {kept} WHERE at_plain IS NULL"
    duckdb_values.resolve_moments(engine, f"{kept}_moments", doubtful, zone)
    engine.run(f"""CREATE VIEW {table}_judged AS
SELECT l.*, coalesce(l.at_plain, m.instant) AS instant, s.code AS code,
    coalesce(l.at_plain, m.instant) IS NULL OR (l.status IS NOT NULL AND s.code IS NULL)
      OR (l.ip IS NOT NULL AND NOT coalesce(a.known, true)) AS unread,
    {duckdb_intruder.surely(question)} AS mine
FROM {kept} AS l
LEFT JOIN {kept}_moments AS m ON l.at_plain IS NULL AND l.said_at = m.said
LEFT JOIN {kept}_statuses AS s ON l.status = s.status
LEFT JOIN {kept}_addresses AS a ON l.ip = a.ip""")
    method = (
        "upper(coalesce(method, ''))" if "method" in log.columns else "CAST(NULL AS VARCHAR)"
    )
    engine.run(f"""INSERT INTO requests
SELECT file * {1 << ROW_BITS} + row, instant, {method}, code, whole,
    CASE WHEN ends_with(whole, '/') THEN left(whole, length(whole) - 1) ELSE whole END,
    ip, person, email, session
FROM (SELECT *, coalesce(split_part(path, '?', 1), '') AS whole FROM {table}_judged
    WHERE NOT unread AND mine AND {duckdb_intruder.in_window("instant", question)}) AS mine""")
    unread = int(engine.one(f"SELECT count(*) FROM {table}_judged WHERE unread")[0])
    if unread:
        rows = engine.rows(
            f"SELECT file, row, CASE WHEN instant IS NULL THEN 'instant' "
            "WHEN status IS NOT NULL AND code IS NULL THEN 'status' ELSE 'address' END "
            f"FROM {table}_judged WHERE unread ORDER BY file, row LIMIT {EXAMPLES}"
        )
        engine.unread += [(engine.files[file], row, reason) for file, row, reason in rows]
    return unread


def paths_of(question: Question) -> list[Path]:
    """Return every file of a question."""
    return list(
        dict.fromkeys(
            file.imported or file.path for part in question.parts for file in part.files
        )
    )
