"""Evidence that is converted once: a log as columns of values, which later questions read.

An import has a row for each row that can be understood, in the order of the original, and says
how many could not. It needs no second look: what is written oddly was understood when it was
made. `row` is kept where it is not simply the place in the import.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from breachdesk.adapters import (
    duckdb_columns,
    duckdb_csv,
    duckdb_files,
    duckdb_intruder,
    duckdb_texts,
    duckdb_unseen,
    duckdb_values,
)
from breachdesk.adapters.duckdb_engine import ITS_OWN, Engine, text, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_logs import COLUMNS, FIELDS, said
from breachdesk.kernel import times
from breachdesk.scoping import rules
from breachdesk.scoping.terms import File, Format, Log, Question

KEPT_WITH = "breachdesk_import"
EXAMPLES = 10
TEXTS = tuple(field for field in FIELDS if field not in {"at", "ip", "status"})


def convert(file: File, log: Log, folder: Path, number: int) -> tuple[Path, int, int]:
    """Write `file` as an import into `folder`; return it, and how many rows were read or not.

    Raises Unusable for a file that cannot be read to its end or lacks a column.
    """
    engine = Engine(folder, [file.path])
    target = folder / f"imported-{number}.parquet"
    try:
        return target, *_convert(engine, replace(log, files=(file,)), target)
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    finally:
        engine.close()


def check(log: Log, folder: Path) -> None:
    """Refuse a column that no file of a log has. Raises Unusable."""
    engine = Engine(folder, [file.path for file in log.files])
    try:
        found = duckdb_files.sources(engine, log.files, log.format, log.columns, "checked")
        if found and all(source.format is Format.NDJSON for source in found):
            duckdb_unseen.refuse(engine, log, found)
    finally:
        engine.close()


def _convert(engine: Engine, log: Log, target: Path) -> tuple[int, int]:
    raw = target.with_suffix(".raw")
    found = duckdb_files.sources(engine, log.files, log.format, log.columns, "raw")
    if not found:
        engine.read(_empty(target))
        return 0, 0
    [source] = found
    source = _read(engine, source, log, raw)
    lost = 0
    if source.rejects:
        lines = f"SELECT count(DISTINCT (file_id, line)) FROM {source.rejects}"
        lost = int(engine.one(lines)[0])
    relation = f"read_parquet({text(str(raw))}, {ITS_OWN})"
    rows, odd = engine.one(f"SELECT count(*), count(*) FILTER (odd) FROM {relation}")
    if not (odd or lost):
        raw.replace(target)
        return int(rows), 0
    engine.read(f"CREATE VIEW raw_odd AS SELECT * FROM {relation} WHERE odd")
    duckdb_columns.resolve(engine, "raw_odd", log)
    unread = lost + int(
        engine.one(f"SELECT count(*) FROM ({_resolved(relation, log, source, 'unread')})")[0]
    )
    kept, gone = (_resolved(relation, log, source, where) for where in ("NOT unread", "unread"))
    if source.rejects and lost:
        kept, gone = _shifted(kept, source), _shifted(gone, source)
    some = _examples(engine, gone, source)
    engine.read(
        f"COPY (SELECT * EXCLUDE (unread, reason) FROM ({kept}) ORDER BY row) "
        f"TO {text(str(target))} "
        f"({_options(unread=unread, numbered=True, examples=some)})"
    )
    raw.unlink()
    return int(rows) + lost - unread, unread


def _read(engine: Engine, source: Source, log: Log, raw: Path) -> Source:
    """Write every row to `raw`; return what was read: a clean copy if quotes did not pair."""
    try:
        duckdb_files.read(engine, _copy(engine, source, log, raw))
        if not duckdb_csv.is_suspect(engine, source):
            return source
    except duckdb.Error:
        if source.format not in duckdb_csv.MENDED:
            raise
    source = duckdb_csv.mended(engine, source, log.columns, "raw_mended")
    engine.read(_copy(engine, source, log, raw))
    return source


def _copy(engine: Engine, source: Source, log: Log, raw: Path) -> str:
    """Return the statement that writes every row in its order, odd ones marked."""
    zone = times.zone(log.zone) if log.zone else None
    plain = ["at_plain IS NOT NULL"]
    if "ip" in source.fields:
        plain.append(duckdb_values.plain_address("ip"))
    status = "CAST(NULL AS SMALLINT)"
    if "status" in log.columns:
        plain.append(duckdb_values.plain_status(source))
        status = f"CASE WHEN {plain[-1]} THEN CAST(status AS SMALLINT) END"
    odd_ip = f"CASE WHEN NOT {duckdb_values.plain_address('ip')} THEN ip END"
    texts = ", ".join(TEXTS)
    at = duckdb_values.moment(engine, source, "at", "said_at", zone)
    return f"""COPY (SELECT at_plain AS instant, {status} AS code, ip, {odd_ip} AS ip_odd,
    {texts},
    CASE WHEN at_plain IS NULL THEN coalesce(said_at, '') END AS said_at,
    CASE WHEN {status} IS NULL THEN status END AS status, NOT ({" AND ".join(plain)}) AS odd
FROM (SELECT *, {at} AS at_plain FROM (SELECT {said(source)} FROM {source.relation})))
TO {text(str(raw))} ({_options(unread=0, numbered=False)})"""


def _resolved(relation: str, log: Log, source: Source, where: str) -> str:
    """Return the rows with what is written oddly understood, and their numbers."""
    # a text that says nothing there may be no row at all; what is kept in columns is one
    no_row = "false" if source.format is Format.PARQUET else "r.said_at = '' OR r.odd_status"
    empty = "odd AND code IS NULL AND status IS NULL" if "status" in log.columns else "false"
    return f"""SELECT * FROM (SELECT r.file_row_number + 1 AS row,
    coalesce(r.instant, m.instant) AS instant, coalesce(r.code, c.code) AS code, r.ip, r.ip_odd,
    {", ".join(f"r.{field}" for field in TEXTS)},
    r.odd AND (coalesce(r.instant, m.instant) IS NULL
      OR (r.code IS NULL AND c.code IS NULL AND (r.status IS NOT NULL OR r.odd_status))
      OR (r.ip IS NOT NULL AND NOT coalesce(a.known, true))) AS unread,
    CASE WHEN {no_row} THEN 'row'
      WHEN coalesce(r.instant, m.instant) IS NULL THEN 'instant'
      WHEN r.odd_status OR (r.status IS NOT NULL AND coalesce(r.code, c.code) IS NULL)
      THEN 'status'
      ELSE 'address' END AS reason
FROM (SELECT *, file_row_number, {empty} AS odd_status
    FROM {relation}) AS r
LEFT JOIN raw_odd_moments AS m ON r.said_at = m.said
LEFT JOIN raw_odd_statuses AS c ON r.status = c.status
LEFT JOIN raw_odd_addresses AS a ON r.ip_odd = a.ip) WHERE {where}"""


def _shifted(rows: str, source: Source) -> str:
    """Return the rows numbered as in the original, where others were no rows."""
    return f"""SELECT k.* REPLACE (k.row + coalesce(g.n, 0) AS row) FROM ({rows}) AS k
ASOF LEFT JOIN (SELECT before, max(n) AS n FROM
    (SELECT count(*) OVER so_far AS n, row - count(*) OVER so_far AS before
    FROM {duckdb_texts.rejected(source)} WINDOW so_far AS (ORDER BY row))
    GROUP BY before) AS g
ON k.row > g.before"""


def _empty(target: Path) -> str:
    nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {field}" for field in TEXTS)
    return (
        "COPY (SELECT CAST(NULL AS TIMESTAMP) AS instant, CAST(NULL AS SMALLINT) AS code, "
        f"CAST(NULL AS VARCHAR) AS ip, CAST(NULL AS VARCHAR) AS ip_odd, {nothing} "
        f"WHERE false) TO {text(str(target))} ({_options(unread=0, numbered=False)})"
    )


def _examples(engine: Engine, gone: str, source: Source) -> list[tuple[int, str]]:
    """Return the numbers of some rows that could not be read, and what was not."""
    rows = f"SELECT row, reason FROM ({gone})"
    if source.rejects:
        rows = f"{rows} UNION ALL SELECT row, 'row' FROM {duckdb_texts.rejected(source)}"
    return engine.rows(f"{rows} ORDER BY row LIMIT {EXAMPLES}")


def _options(*, unread: int, numbered: bool, examples: Sequence[tuple[int, str]] = ()) -> str:
    said = json.dumps({"unread": unread, "numbered": numbered, "examples": examples})
    return (
        "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4, "  # the quickest to read again
        f"KV_METADATA {{{KEPT_WITH}: {text(said)}}}"
    )


def keep(
    engine: Engine, table: str, file: File, question: Question, first: int
) -> tuple[int, int]:
    """Make `table`_kept of the rows that may be the intruder's; return all and the unread."""
    relation = f"read_parquet({text(str(file.imported))}, {ITS_OWN})"
    [(said_of,)] = engine.rows(
        f"SELECT decode(value) FROM parquet_kv_metadata({text(str(file.imported))}) "
        f"WHERE decode(key) = '{KEPT_WITH}'"
    )
    about = json.loads(said_of)
    row = "row" if about["numbered"] else "file_row_number + 1"
    engine.read(
        f"CREATE VIEW {table} AS SELECT {first} AS file, {row} AS row, instant AS at_plain, "
        "CAST(NULL AS VARCHAR) AS said_at, ip, ip_odd, CAST(code AS VARCHAR) AS status, "
        f"{', '.join(TEXTS)} FROM {relation}"
    )
    odd, networks = None, duckdb_intruder.networks(question)
    if networks:
        seen = engine.rows(f"SELECT DISTINCT ip_odd FROM {table} WHERE ip_odd IS NOT NULL")
        hits = [(ip,) for (ip,) in seen if rules.within(ip, networks)]
        if hits:
            odd = f"{table}_odd"
            engine.lend(odd, {"ip": "VARCHAR"}, hits)
    columns = ", ".join(("file", "row", "at_plain", *COLUMNS.values()))
    engine.run(
        f"CREATE TABLE {table}_kept AS SELECT {columns} FROM {table} "
        f"WHERE {duckdb_intruder.in_window('at_plain', question)} "
        f"AND {duckdb_intruder.perhaps(question, ordered=False, odd=odd)}"
    )
    engine.unread += [(file.name, row, reason) for row, reason in about["examples"]]
    rows = int(engine.one(f"SELECT count(*) FROM {table}")[0])
    return rows + about["unread"], int(about["unread"])
