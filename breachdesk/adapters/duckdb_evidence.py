"""Logs as tables: which rows were read, which were not, which are the intruder's."""

# ruff: noqa: S608  (statements are made of our own names; texts go through `text`)

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from breachdesk.adapters import duckdb_csv, duckdb_files, duckdb_values
from breachdesk.adapters.duckdb_engine import Engine, text, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.datamap.reading.fields import nearest
from breachdesk.kernel import times
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.rules import Network
from breachdesk.scoping.terms import File, Format, Log, Question

FIELDS = ("at", "ip", "status", "token", "account", "user_agent", "method", "path", "person")
COLUMNS = {field: "said_at" if field == "at" else field for field in FIELDS}
REQUESTS = (
    "CREATE TABLE requests (id BIGINT, file VARCHAR, row BIGINT, instant TIMESTAMP, "
    "method VARCHAR, status SMALLINT, whole VARCHAR, cut VARCHAR, person VARCHAR)"
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
    found_networks = (rules.network(each) for each in question.intruder.ip)
    networks = tuple(each for each in found_networks if each is not None)
    read = Read()
    found = duckdb_files.sources(engine, log.files, log.format, log.columns, label)
    seen = 0
    for part, source in enumerate(found):
        table = f"{label}_{part}"
        kept = _keep(engine, table, source, log, question)
        seen |= engine.one(f"SELECT coalesce(bit_or(seen), 0) FROM {table}")[0]
        read += _judge(engine, table, (number << 8) + part, log, question, networks)
        read += Read(unread=_rejected(engine, kept))
        engine.run(f"DROP TABLE {table}")
    typed = [source for source in found if source.format is not Format.NDJSON]
    if found and not typed:
        _refuse_unseen(engine, log, found, seen)
    return read


def _keep(engine: Engine, table: str, source: Source, log: Log, question: Question) -> Source:
    """Read every row once; keep those that are the intruder's or need a second look."""
    try:
        engine.run(_keep_statement(engine, table, source, log, question))
        if not duckdb_csv.is_suspect(engine, source):
            return source
        engine.run(f"DROP TABLE {table}")
    except duckdb.Error as error:
        if source.format is not Format.CSV:
            raise unreadable(_culprit(source.files, error), error) from None
    source = duckdb_csv.mended(engine, source, log.columns, f"{table}_mended")
    try:
        engine.run(_keep_statement(engine, table, source, log, question))
    except duckdb.Error as error:
        raise unreadable(_culprit(source.files, error), error) from None
    return source


def _keep_statement(
    engine: Engine, table: str, source: Source, log: Log, question: Question
) -> str:
    zone = times.zone(log.zone) if log.zone else None
    said = ", ".join(
        f"nullif({source.fields[field]}, '') AS {column}"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {column}"
        for field, column in COLUMNS.items()
    )
    typed = ", ".join(
        f"{expression} AS {field}"
        for field, expression in source.fields.items()
        if field.endswith("_typed")
    )
    status_plain = duckdb_values.plain_status("status") if "status" in log.columns else "true"
    unread = "at_plain IS NULL AND said_at IS NULL"
    if "status" in log.columns:
        unread = f"({unread}) OR status IS NULL"
    seen = " | ".join(
        f"(({field} IS NOT NULL)::INTEGER << {bit})"
        for bit, field in enumerate(COLUMNS.values())
    )
    kept = ", ".join(
        f"CASE WHEN state = 1 THEN {field} END AS {field}"
        for field in ("at_plain", *COLUMNS.values())
    )
    return f"""CREATE TABLE {table} AS
WITH said AS (SELECT {duckdb_files.WHICH} AS file, {said}{", " + typed if typed else ""}
    FROM {source.relation}),
plain AS (SELECT *, {duckdb_values.moment(engine, source, "at", "said_at", zone)} AS at_plain,
    {duckdb_values.plain_address("ip")} AS ip_plain,
    coalesce({status_plain}, false) AS status_plain FROM said),
judged AS (SELECT *, {seen} AS seen, CASE WHEN {unread} THEN 2
    WHEN at_plain IS NULL OR NOT ip_plain OR NOT status_plain
      OR ({_in_window("at_plain", question)} AND {_perhaps(question)}) THEN 1
    ELSE 0 END AS state FROM plain)
SELECT file, state::UTINYINT AS state, seen::USMALLINT AS seen, {kept} FROM judged"""


def _judge(
    engine: Engine,
    table: str,
    part: int,
    log: Log,
    question: Question,
    networks: Sequence[Network],
) -> Read:
    """Decide on every row that was kept, and add the intruder's to `requests`."""
    zone = times.zone(log.zone) if log.zone else None
    duckdb_values.resolve_addresses(engine, table, networks)
    duckdb_values.resolve_statuses(engine, table)
    doubtful = f"SELECT DISTINCT said_at FROM {table} WHERE state = 1 AND at_plain IS NULL"
    duckdb_values.resolve_moments(engine, f"{table}_moments", doubtful, zone)
    method = "upper(coalesce(method, ''))" if "method" in log.columns else "NULL"
    whole = "coalesce(split_part(path, '?', 1), '')"
    engine.run(f"""CREATE TABLE {table}_judged AS
SELECT l.rowid AS row, l.file, coalesce(l.at_plain, m.instant) AS instant, s.code AS status,
    l.method, l.path, l.person,
    coalesce(l.at_plain, m.instant) IS NULL OR (l.status IS NOT NULL AND s.code IS NULL)
      OR (l.ip IS NOT NULL AND NOT a.known) AS unread,
    {_surely(question)} AS mine
FROM {table} AS l LEFT JOIN {table}_moments AS m ON l.at_plain IS NULL AND l.said_at = m.said
LEFT JOIN {table}_statuses AS s ON l.status = s.status
LEFT JOIN {table}_addresses AS a ON l.ip = a.ip WHERE l.state = 1""")
    engine.run(f"""INSERT INTO requests
WITH firsts AS (SELECT file, min(rowid) AS first FROM {table} GROUP BY file),
mine AS (SELECT *, {whole} AS whole FROM {table}_judged
    WHERE NOT unread AND mine AND {_in_window("instant", question)})
SELECT ({part}::BIGINT << 40) + row, file, row - first + 1, instant, {method}, status, whole,
    CASE WHEN ends_with(whole, '/') THEN left(whole, length(whole) - 1) ELSE whole END, person
FROM mine JOIN firsts USING (file)""")
    every, broken = engine.one(f"SELECT count(*), count(*) FILTER (state = 2) FROM {table}")
    doubted = engine.one(f"SELECT count(*) FROM {table}_judged WHERE unread")[0]
    for suffix in ("judged", "moments", "statuses", "addresses"):
        engine.run(f"DROP TABLE {table}_{suffix}")
    return Read(every - broken - doubted, broken + doubted)


def _in_window(field: str, question: Question) -> str:
    since, until = question.window.since, question.window.until
    return (
        f"({field} >= {duckdb_values.timestamp(since)} "
        f"AND {field} < {duckdb_values.timestamp(until)})"
    )


def _named(question: Question, prefix: str = "") -> list[str]:
    """Return the tests of token, account and user agent."""
    intruder, tests = question.intruder, []
    for field, words in (("token", intruder.token), ("account", intruder.account)):
        if words:
            several = ", ".join(text(word) for word in words)
            tests.append(f"coalesce({prefix}{field} IN ({several}), false)")
    patterns = (_like(pattern) for pattern in intruder.user_agent)
    tests.extend(f"coalesce({prefix}user_agent {like}, false)" for like in patterns)
    return tests


def _perhaps(question: Question) -> str:
    """Return a quick test that no row of the intruder's fails."""
    tests = _named(question)
    for each in question.intruder.ip:
        if (network := rules.network(each)) is not None:
            start = text(rules.prefix(network))
            tests.append(f"coalesce(starts_with(ip, {start}), false)")
    return f"({' OR '.join(tests)})" if tests else "false"


def _surely(question: Question) -> str:
    return "(" + " OR ".join([*_named(question, "l."), "coalesce(a.hit, false)"]) + ")"


def _like(pattern: str) -> str:
    """Return the comparison with a user agent in which `*` stands for any run."""
    if "*" not in pattern:
        return f"= {text(pattern)}"
    escaped = pattern.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"LIKE {text(escaped.replace('*', '%'))} ESCAPE '!'"


def _rejected(engine: Engine, source: Source) -> int:
    """Return how many lines of a source were no rows."""
    if source.rejects is None:
        return source.lost
    found = engine.one(f"SELECT count(DISTINCT (file_id, line)) FROM {source.rejects}")[0]
    return int(found) + source.lost


def _refuse_unseen(engine: Engine, log: Log, found: Sequence[Source], seen: int) -> None:
    """Refuse a column that no row of NDJSON has: a typing error would find nobody."""
    missing = [
        field
        for bit, field in enumerate(FIELDS)
        if field in log.columns and not seen >> bit & 1
    ]
    for field in missing:
        column = log.columns[field]
        if any(engine.rows(_rows_with(source, column)) for source in found):
            continue
        names = {key for source in found for (key,) in engine.rows(_keys(source))}
        if names:  # else nothing in the files is a row at all, and that is told elsewhere
            problem = f"has no column {column!r}; {nearest(column, names)}"
            place = f"{log.place}.map.{field}"
            raise Unusable(Problem(problem, log.files[0].name, field=place))


def _rows_with(source: Source, column: str) -> str:
    """Return a question that has an answer if any row has a column."""
    steps = "".join(duckdb_files.step(each) for each in column.split("."))
    return (
        f"SELECT 1 FROM {duckdb_files.objects(source.files)} "
        f"WHERE json_exists(json, {text('$' + steps)}) "
        f"OR json_exists(json, {text('$' + duckdb_files.step(column))}) LIMIT 1"
    )


def _keys(source: Source) -> str:
    return (
        f"SELECT DISTINCT unnest(json_keys(json)) FROM {duckdb_files.objects(source.files)} "
        "WHERE json_type(json) = 'OBJECT'"
    )


def _culprit(files: Sequence[File], error: duckdb.Error) -> str:
    """Return the name of the file that an error speaks of, else of the first."""
    return next((each.name for each in files if str(each.path) in str(error)), files[0].name)


def paths_of(question: Question) -> list[Path]:
    """Return every file of a question."""
    return list(dict.fromkeys(file.path for part in question.parts for file in part.files))
