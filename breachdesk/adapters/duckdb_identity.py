"""Whom a request means that names no key: by e-mail, by session, by address and time."""

import duckdb

from breachdesk.adapters import duckdb_directory, duckdb_files, duckdb_values
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_places import culprit, place, refuse_rejected
from breachdesk.kernel import times
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.terms import Format, Question, Sessions

FAR = "TIMESTAMP '9999-12-31'"


def load(engine: Engine, question: Question) -> None:
    """Make the tables that say whom addresses and sessions mean. Raises Unusable.

    `addresses` has the people of each e-mail address and `logged_addresses` the ones that
    were logged; `session_people` the person of each session that was logged; `session_spans`
    who was signed in from an address, and when.
    """
    logged = any("email" in each.columns for each in question.logs)
    several = len({each.store for each in question.directories}) > 1
    if question.lists or question.exports or logged or several:
        duckdb_directory.load_addresses(engine)
    if logged:
        seen = engine.stream("SELECT DISTINCT email FROM requests WHERE email IS NOT NULL")
        engine.lend(
            "logged_addresses",
            {"said": "VARCHAR", "email": "VARCHAR"},
            ((said, rules.email(said)) for (said,) in seen),
        )
    if question.sessions:
        _sessions(engine, question)


def _sessions(engine: Engine, question: Question) -> None:
    engine.read(
        "CREATE TABLE sessions (session VARCHAR, person VARCHAR, ip VARCHAR, "
        "since TIMESTAMP, until TIMESTAMP)"
    )
    for number, each in enumerate(question.sessions):
        label = f"sessions_{number}"
        form = format_of(each.files[0].path, None) or Format.CSV
        found = duckdb_files.sources(engine, each.files, form, each.columns, label)
        for part, source in enumerate(found):
            _load(engine, f"{label}_{part}", source, each)
    engine.run("""CREATE TABLE session_people AS
SELECT DISTINCT s.session, s.person FROM sessions AS s
JOIN (SELECT DISTINCT session FROM requests WHERE session IS NOT NULL) AS q
ON s.session = q.session""")
    for table, rows in (
        (
            "request_addresses",
            "SELECT DISTINCT ip FROM requests WHERE session IS NULL AND ip IS NOT NULL",
        ),
        (
            "session_addresses",
            "SELECT DISTINCT ip FROM sessions WHERE ip IS NOT NULL AND since IS NOT NULL",
        ),
    ):
        engine.lend(
            table,
            {"said": "VARCHAR", "ip": "VARCHAR"},
            (
                (said, str(address))
                for (said,) in engine.stream(rows)
                if (address := rules.address(said)) is not None
            ),
        )
    engine.run("""CREATE TABLE session_spans AS
SELECT DISTINCT a.ip, s.person, s.since, s.until FROM sessions AS s
JOIN session_addresses AS a ON s.ip = a.said
JOIN (SELECT DISTINCT ip FROM request_addresses) AS r ON a.ip = r.ip
WHERE s.since IS NOT NULL""")


def _load(engine: Engine, table: str, source: Source, sessions: Sessions) -> None:
    zone = times.zone(sessions.zone) if sessions.zone else None
    said = ", ".join(
        f"nullif({source.fields[field]}, '') AS {field}_said"
        if field in source.fields
        else f"CAST(NULL AS VARCHAR) AS {field}_said"
        for field in ("session", "person", "ip", "from", "until")
    )
    typed = "".join(
        f", {source.fields[f'{field}_typed']} AS {field}_typed"
        for field in ("from", "until")
        if f"{field}_typed" in source.fields
    )
    plain = ", ".join(
        f"{duckdb_values.moment(engine, source, field, f'{field}_said', zone)} AS {field}_plain"
        for field in ("from", "until")
    )
    try:
        engine.read(
            f"CREATE TABLE {table} AS SELECT *, {plain} "
            f"FROM (SELECT {said}{typed} FROM {source.relation})"
        )
    except duckdb.Error as error:
        raise unreadable(culprit(engine, source, error), error) from None
    _refuse_broken(engine, table, source, sessions)
    for field in ("from", "until"):
        query = (
            f"SELECT DISTINCT {field}_said FROM {table} "
            f"WHERE {field}_plain IS NULL AND {field}_said IS NOT NULL"
        )
        duckdb_values.resolve_moments(engine, f"{table}_{field}", query, zone)
        [first] = engine.one(
            f"SELECT min(t.rowid) FROM {table} AS t JOIN {table}_{field} AS m "
            f"ON t.{field}_said = m.said WHERE m.instant IS NULL"
        )
        if first is not None:
            name, row = place(engine, source, first)
            problem = (
                f"row {row} holds no instant that can be understood; write it like "
                f'{times.EXAMPLE}, or give the sessions a zone = "Europe/Paris"'
            )
            raise Unusable(Problem(problem, name, field=sessions.columns[field]))
    engine.read(
        "INSERT INTO sessions SELECT t.session_said, t.person_said, t.ip_said, "
        f"coalesce(t.from_plain, f.instant), coalesce(t.until_plain, u.instant, {FAR}) "
        f"FROM {table} AS t LEFT JOIN {table}_from AS f ON t.from_said = f.said "
        f"LEFT JOIN {table}_until AS u ON t.until_said = u.said"
    )
    engine.read(f"DROP TABLE {table}")


def _refuse_broken(engine: Engine, table: str, source: Source, sessions: Sessions) -> None:
    """Refuse a line that is no row, or a row without a session or a person."""
    refuse_rejected(engine, source)
    for field in ("session", "person"):
        [first] = engine.one(f"SELECT min(rowid) FROM {table} WHERE {field}_said IS NULL")
        if first is not None:
            name, row = place(engine, source, first)
            problem = f"row {row} is broken or has no {field}"
            raise Unusable(Problem(problem, name, field=sessions.columns[field]))
