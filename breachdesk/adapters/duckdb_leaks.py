"""What is known to be in the leak: lines that name people, and lines that name files.

A line of a list of people is a key or an address. A path of a list of files fits the routes
as a row's path does, and a key that it captures is looked for as a line of the first kind.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from breachdesk.adapters import duckdb_lines
from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_evidence import EXAMPLES, ROW_BITS, Read
from breachdesk.adapters.duckdb_touches import bits, categories_of
from breachdesk.adapters.duckdb_values import timestamp
from breachdesk.datamap.terms import DataMap
from breachdesk.scoping import rules
from breachdesk.scoping.terms import File, PeopleList, Question

ENTRIES = (
    "CREATE TABLE entries (list INTEGER, route SMALLINT, file INTEGER, row BIGINT, "
    "exact VARCHAR, trimmed VARCHAR, email VARCHAR)"
)
"""`route` is that of a file's path, and NULL where the line itself names somebody."""
LINE = {"exact": "VARCHAR", "trimmed": "VARCHAR", "email": "VARCHAR"}


def load(engine: Engine, lists: Sequence[PeopleList]) -> Read:
    """Make the table `entries`: each line of the lists as key, trimmed key and address."""
    unread = Read()
    engine.run(ENTRIES)
    for number, each in enumerate(lists):
        for position, file in enumerate(each.files):
            table = f"list_{number}_{position}"
            unread += read_lines(engine, table, file, LINE, _named)
            engine.run(
                f"INSERT INTO entries SELECT {number}, CAST(NULL AS SMALLINT), "
                f"{engine.number([file])}, row, exact, trimmed, email FROM {table}"
            )
            engine.run(f"DROP TABLE {table}")
    return unread


def _named(line: str) -> tuple[str, str, str]:
    return line, line.strip(), rules.email(line)


def read_lines(
    engine: Engine,
    table: str,
    file: File,
    columns: Mapping[str, str],
    of: Callable[[str], tuple[Any, ...]],
) -> Read:
    """Make `table` of each line's number and what `of` makes of it; blank lines are none."""
    lost: list[int] = []

    def rows() -> Any:
        for number, line in enumerate(duckdb_lines.numbered(engine, file, f"{table}_lines"), 1):
            if line is None or line == duckdb_lines.NO_TEXT:
                lost.append(number)
                continue
            plain = line.lstrip("\ufeff").rstrip("\r")
            if plain.strip():
                yield number, *of(plain)

    engine.lend(table, {"row": "BIGINT", **columns}, rows())
    engine.unread += [(file.name, number, "row") for number in lost[:EXAMPLES]]
    return Read(unread=len(lost))


def find(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `matched` of the lines that name somebody, and `leaked` of those still there.

    `leaked` has, for each person, the categories and stores that the lines show and how many
    lines do; `named_lines` has the lines that matched anybody, `shown` whom they show.
    """
    if not (question.lists or question.exports):
        for table in (
            "matched (list INTEGER, route SMALLINT, file INTEGER, row BIGINT, id INTEGER)",
            "leaked (id INTEGER, mask BIGINT, stores BIGINT, n BIGINT)",
            "named_lines (line BIGINT)",
        ):
            engine.run(f"CREATE TABLE {table}")
        return
    engine.run("""CREATE TABLE matched AS
WITH keyed AS (SELECT e.*, coalesce(x.id, t.id) AS id FROM entries AS e
    LEFT JOIN people AS x ON e.exact = x.person LEFT JOIN people AS t ON e.trimmed = t.person)
SELECT list, route, file, row, id FROM keyed WHERE id IS NOT NULL
UNION ALL
SELECT k.list, k.route, k.file, k.row, a.id FROM keyed AS k
JOIN addresses AS a ON k.email = a.email WHERE k.id IS NULL""")
    since = timestamp(question.window.since)
    engine.run(_shown(question, categories_of(datamap), since))
    engine.run(f"""CREATE TABLE named_lines AS
SELECT file * {1 << ROW_BITS} + row AS line FROM matched
UNION SELECT h.file * {1 << ROW_BITS} + h.row FROM taken_hits AS h
JOIN routes AS r ON h.route = r.route
WHERE r.people = 'all' AND r.store IN (SELECT store FROM members)""")
    engine.run(f"""CREATE TABLE leaked AS
WITH parts AS (SELECT id, bit_or(mask) AS mask, bit_or(stores) AS stores,
    count(DISTINCT line) AS n FROM shown GROUP BY id
  UNION ALL
  SELECT s.id, r.mask, CAST(1 AS BIGINT) << r.store, t.n
    FROM taken_whole AS t JOIN routes AS r ON t.route = r.route
    JOIN members AS s ON r.store = s.store WHERE coalesce(s.erased >= {since}, true))
SELECT id, bit_or(mask) AS mask, bit_or(stores) AS stores, CAST(sum(n) AS BIGINT) AS n
FROM parts GROUP BY id""")


def _shown(question: Question, categories: Sequence[str], since: str) -> str:
    """Return the statement that makes `shown`: who had not been erased before the window.

    A line of a list of people shows all stores of somebody, one of a list of files its own,
    or all of somebody who is not in it.
    """
    masks = " ".join(
        f"WHEN {number} THEN {bits(each.categories, categories)}"
        for number, each in enumerate(question.lists)
    )
    line = f"m.file * {1 << ROW_BITS} + m.row"
    return f"""CREATE TABLE shown AS
WITH every_store AS (SELECT id, bit_or(CAST(1 AS BIGINT) << store) AS stores FROM members
    WHERE id IN (SELECT id FROM matched) GROUP BY id)
SELECT m.id, CAST(CASE m.list {masks or "WHEN 0 THEN 0"} END AS BIGINT) AS mask,
    e.stores, {line} AS line FROM matched AS m JOIN every_store AS e ON m.id = e.id
    JOIN lasting AS l ON m.id = l.id
    WHERE m.route IS NULL AND coalesce(l.erased >= {since}, true)
  UNION ALL
  SELECT m.id, r.mask, CASE WHEN s.id IS NULL THEN e.stores
    ELSE CAST(1 AS BIGINT) << r.store END, {line}
    FROM matched AS m JOIN every_store AS e ON m.id = e.id
    JOIN routes AS r ON m.route = r.route JOIN lasting AS l ON m.id = l.id
    LEFT JOIN members AS s ON m.id = s.id AND r.store = s.store
    WHERE coalesce(CASE WHEN s.id IS NULL THEN l.erased ELSE s.erased END >= {since}, true)"""
