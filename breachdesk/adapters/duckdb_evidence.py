"""Logs as tables: which rows were read, which were not, which are the intruder's."""

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
from breachdesk.scoping.terms import File, Format, Log, Question

FIELDS = ("at", "ip", "status", "token", "account", "user_agent", "method", "path", "person")
FIRST_ROWS = 1000
"""How many rows are searched for every column before all are for one."""
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
    read = Read()
    found = duckdb_files.sources(engine, log.files, log.format, log.columns, label)
    for part, source in enumerate(found):
        table = f"{label}_{part}"
        kept = _keep(engine, table, source, log, question)
        _unpack(engine, table, kept)
        read += _judge(engine, table, (number << 8) + part, kept, log, question)
        read += Read(unread=_rejected(engine, kept))
    if found and all(source.format is Format.NDJSON for source in found):
        _refuse_unseen(engine, log, found)
    return read


def _keep(engine: Engine, table: str, source: Source, log: Log, question: Question) -> Source:
    """Read every row once; keep those that are the intruder's or need a second look."""
    try:
        duckdb_files.read(engine, _keep_statement(engine, table, source, log, question))
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
    """Return the statement that makes `table`: what is kept of the rows.

    `kept` has the instant and the texts of a row that needs a second look; it is empty for a
    row that is unread and NULL for one of no interest. Those are left out where the file
    numbers its rows itself.
    """
    zone = times.zone(log.zone) if log.zone else None
    said = ", ".join(
        f"nullif({source.fields[field]}, '') AS {column}"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {column}"
        for field, column in COLUMNS.items()
    )
    typed = "".join(
        f", {expression} AS {field}"
        for field, expression in source.fields.items()
        if field.endswith("_typed")
    )
    plain = ["at_plain IS NOT NULL"]
    if "ip" in source.fields:
        plain.append(duckdb_values.plain_address("ip"))
    unread = "at_plain IS NULL AND said_at IS NULL"
    if "status" in log.columns:
        unread = f"({unread}) OR status IS NULL"
        plain.append(duckdb_values.plain_status("status"))
    numbered = f"{source.row} AS row, " if source.row else ""
    fields = ", ".join(("at_plain::VARCHAR", *COLUMNS.values()))
    return f"""CREATE TABLE {table} AS
WITH said AS (SELECT {_which(source)} AS file, {numbered}{said}{typed}
    FROM {source.relation}),
plain AS (SELECT *, {duckdb_values.moment(engine, source, "at", "said_at", zone)} AS at_plain
    FROM said),
judged AS (SELECT file, {"row, " if source.row else ""}CASE WHEN {unread} THEN []
    WHEN NOT ({" AND ".join(plain)})
      OR ({_in_window("at_plain", question)} AND {_perhaps(question)})
    THEN [{fields}] END AS kept FROM plain)
FROM judged{" WHERE kept IS NOT NULL" if source.row else ""}"""


def _which(source: Source) -> str:
    """Return the path of a row's file, small as one of a few."""
    if len(source.files) == 1:
        return "''"
    paths = dict.fromkeys(text(str(file.path)) for file in source.files)
    return f"CAST({duckdb_files.WHICH} AS ENUM ({', '.join(paths)}))"


def _unpack(engine: Engine, table: str, source: Source) -> None:
    """Make a table of what was kept, with the path of each row's file and its place in it."""
    kept = ", ".join(
        f"kept[{number}] AS {field}" for number, field in enumerate(COLUMNS.values(), start=2)
    )
    file, row, firsts = "t.file::VARCHAR", source.row and "t.row + 1", ""
    if len(source.files) == 1:
        file, row = text(str(source.files[0].path)), row or "t.rowid + 1"
    elif row is None:
        row = "t.rowid - f.first + 1"
        firsts = (
            f" JOIN (SELECT file, min(rowid) AS first FROM {table} GROUP BY file) AS f "
            "ON t.file = f.file"
        )
    engine.run(
        f"CREATE TABLE {table}_kept AS SELECT t.rowid AS number, {file} AS file, {row} AS row, "
        f"kept[1]::TIMESTAMP AS at_plain, {kept} FROM {table} AS t{firsts} WHERE len(kept) > 0"
    )


def _judge(
    engine: Engine,
    table: str,
    part: int,
    source: Source,
    log: Log,
    question: Question,
) -> Read:
    """Decide on every row that was kept, and add the intruder's to `requests`."""
    zone = times.zone(log.zone) if log.zone else None
    found = (rules.network(each) for each in question.intruder.ip)
    networks = tuple(each for each in found if each is not None)
    duckdb_values.resolve_addresses(engine, f"{table}_kept", networks)
    duckdb_values.resolve_statuses(engine, f"{table}_kept")
    doubtful = f"SELECT DISTINCT said_at FROM {table}_kept WHERE at_plain IS NULL"
    duckdb_values.resolve_moments(engine, f"{table}_kept_moments", doubtful, zone)
    method = "upper(coalesce(method, ''))" if "method" in log.columns else "NULL"
    whole = "coalesce(split_part(path, '?', 1), '')"
    engine.run(f"""CREATE TABLE {table}_judged AS
SELECT l.number, l.row, l.file, coalesce(l.at_plain, m.instant) AS instant, s.code AS status,
    l.method, l.path, l.person,
    coalesce(l.at_plain, m.instant) IS NULL OR (l.status IS NOT NULL AND s.code IS NULL)
      OR (l.ip IS NOT NULL AND NOT a.known) AS unread,
    {_surely(question)} AS mine
FROM {table}_kept AS l
LEFT JOIN {table}_kept_moments AS m ON l.at_plain IS NULL AND l.said_at = m.said
LEFT JOIN {table}_kept_statuses AS s ON l.status = s.status
LEFT JOIN {table}_kept_addresses AS a ON l.ip = a.ip""")
    engine.run(f"""INSERT INTO requests
WITH mine AS (SELECT *, {whole} AS whole FROM {table}_judged
    WHERE NOT unread AND mine AND {_in_window("instant", question)})
SELECT ({part}::BIGINT << 40) + number, file, row, instant, {method}, status, whole,
    CASE WHEN ends_with(whole, '/') THEN left(whole, length(whole) - 1) ELSE whole END, person
FROM mine""")
    every = source.relation if source.row else table
    return Read(
        *engine.one(
            f"SELECT every - unread, unread FROM (SELECT (SELECT count(*) FROM {every}) "
            f"AS every, (SELECT count(*) FROM {table} WHERE len(kept) = 0) "
            f"+ (SELECT count(*) FROM {table}_judged WHERE unread) AS unread)"
        )
    )


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
            # with IN the engine would join, and lose the order of the rows
            tests.append(f"coalesce(list_position([{several}], {prefix}{field}) > 0, false)")
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


def _refuse_unseen(engine: Engine, log: Log, found: Sequence[Source]) -> None:
    """Refuse a column that no row of NDJSON has: a typing error would find nobody."""
    columns = [log.columns[field] for field in FIELDS if field in log.columns]
    seen = ", ".join(f"bool_or({_has(column)})" for column in columns)
    first = f"(FROM {duckdb_files.objects(found[0].files[:1])} LIMIT {FIRST_ROWS})"
    early = engine.one(f"SELECT {seen} FROM {first}")
    for field, column in log.columns.items():
        if column not in columns or early[columns.index(column)]:
            continue
        if any(engine.rows(_rows_with(source, column)) for source in found):
            continue
        names = {key for source in found for (key,) in engine.rows(_keys(source))}
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


def _culprit(files: Sequence[File], error: duckdb.Error) -> str:
    """Return the name of the file that an error speaks of, else of the first."""
    return next((each.name for each in files if str(each.path) in str(error)), files[0].name)


def paths_of(question: Question) -> list[Path]:
    """Return every file of a question."""
    return list(dict.fromkeys(file.path for part in question.parts for file in part.files))
