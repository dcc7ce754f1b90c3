"""Lists of files that the intruder took: each path is asked of the routes, as a row's is."""

from typing import Any
from urllib.parse import unquote

from breachdesk.adapters import duckdb_leaks, duckdb_routes
from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_evidence import EXAMPLES, ROW_BITS, Read
from breachdesk.datamap.terms import DataMap, People, Route
from breachdesk.scoping import rules
from breachdesk.scoping.reading.paths import resource
from breachdesk.scoping.terms import Question

LINE = f"file * {1 << ROW_BITS} + row"


def load(engine: Engine, question: Question, datamap: DataMap) -> Read:
    """Make `taken` of the paths and `taken_hits` of the routes that they fit.

    What a path captures comes into `entries`, as if it stood on a list of people.
    """
    unread = Read()
    if not question.exports:
        engine.run("CREATE TABLE taken_hits (file INTEGER, row BIGINT, route SMALLINT)")
        return unread
    engine.run("CREATE TABLE taken (file INTEGER, row BIGINT, whole VARCHAR, cut VARCHAR)")
    for number, each in enumerate(question.exports):
        for position, file in enumerate(each.files):
            table = f"taken_{number}_{position}"

            def path(line: str, under: str | None = each.under) -> tuple[str]:
                return (resource(line, under).split("?", 1)[0],)

            unread += duckdb_leaks.read_lines(engine, table, file, {"whole": "VARCHAR"}, path)
            engine.run(
                f"INSERT INTO taken SELECT {engine.number([file])}, row, whole, "
                "CASE WHEN ends_with(whole, '/') THEN left(whole, length(whole) - 1) "
                f"ELSE whole END FROM {table}"
            )
            engine.run(f"DROP TABLE {table}")
    _captured(engine, question, _hits(engine, question, datamap))
    return unread


def _hits(engine: Engine, question: Question, datamap: DataMap) -> list[str]:
    """Make `taken_hits`; return its columns of keys."""
    parts, most = duckdb_routes.hits(datamap.routes, question, "taken", "file, row", _lost)
    keys = [f"key_{number}" for number in range(most)]
    engine.run(
        "CREATE TABLE taken_hits (file INTEGER, row BIGINT, route SMALLINT, lost BOOLEAN"
        + "".join(f", {key} VARCHAR" for key in keys)
        + ")"
    )
    if parts:
        engine.run("INSERT INTO taken_hits\n" + "\nUNION ALL ".join(parts))
    return keys


def _lost(route: Route, keys: int) -> str:
    """Return whether a route shows one person, and its path does not name whom."""
    return "true" if route.people is People.ONE and not keys else "false"


def _captured(engine: Engine, question: Question, keys: list[str]) -> None:
    """Add what the paths capture to `entries`; each capture of a route is a list of its own."""
    for number, key in enumerate(keys):
        said = engine.stream(f"SELECT DISTINCT {key} FROM taken_hits WHERE {key} IS NOT NULL")
        engine.lend(
            f"taken_{key}",
            {"said": "VARCHAR", "person": "VARCHAR", "email": "VARCHAR"},
            ((each, unquote(each), rules.email(unquote(each))) for (each,) in said),
        )
        first = f"{len(question.lists)} + {len(keys)} * h.route + {number}"
        engine.run(
            f"INSERT INTO entries SELECT {first}, h.route, h.file, h.row, k.person, k.person, "
            f"k.email FROM taken_hits AS h JOIN taken_{key} AS k ON h.{key} = k.said"
        )


def find(engine: Engine, question: Question) -> None:
    """Make `taken_whole` of the routes that show a whole store; open those listed in part."""
    if not question.exports:
        engine.run("CREATE TABLE taken_whole (route SMALLINT, n BIGINT, line BIGINT)")
        return
    engine.run(
        f"CREATE TABLE taken_whole AS SELECT h.route, count(*) AS n, min({LINE}) AS line "
        "FROM taken_hits AS h JOIN routes AS r ON h.route = r.route "
        "WHERE r.people = 'all' GROUP BY h.route"
    )
    engine.run(
        f"INSERT INTO hits (request, instant, route, applies) SELECT {LINE}, "
        "CAST(NULL AS TIMESTAMP), h.route, true FROM taken_hits AS h "
        "JOIN routes AS r ON h.route = r.route WHERE r.people = 'some'"
    )


def count(engine: Engine, question: Question) -> dict[str, Any]:
    """Return how many paths there are, and how many of them no route knows."""
    if not question.exports:
        return {"paths": 0, "unmatched": 0, "examples": []}
    engine.run(
        "CREATE TABLE taken_lost AS SELECT t.file, t.row FROM taken AS t "
        "LEFT JOIN (SELECT file, row, max(CASE WHEN lost THEN 1 ELSE 0 END) AS lost "
        "FROM taken_hits GROUP BY file, row) AS h ON t.file = h.file AND t.row = h.row "
        "WHERE coalesce(h.lost, 1) = 1"
    )
    paths, lost = engine.one(
        "SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM taken_lost)"
    )
    some = engine.rows(f"SELECT file, row FROM taken_lost ORDER BY file, row LIMIT {EXAMPLES}")
    examples = [{"file": engine.files[file], "row": row} for file, row in some]
    return {"paths": paths, "unmatched": lost, "examples": examples}
