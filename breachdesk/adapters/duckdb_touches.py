"""Which request reached whose data: routes as constant expressions, keys as equi-joins."""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from breachdesk.adapters import duckdb_routes
from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping.terms import Question

MOST_BITS = 62
NO_STORE = -1
HOWS = (
    "captured key", "logged key", "logged session", "session at this address and time",
    "logged e-mail address", "whole store",
)  # fmt: skip
"""How a request named a person; kept as places in this list."""
WHOLE_STORE = HOWS.index("whole store")


def bits(names: Iterable[str], among: Sequence[str]) -> int:
    """Return names as a bit mask over their places in `among`."""
    mask = 0
    for each in names:
        mask |= 1 << among.index(each)
    return mask


def categories_of(datamap: DataMap) -> tuple[str, ...]:
    """Return the ids of the categories; a mask's bits stand for them in this order."""
    return tuple(each.id for each in datamap.categories)


def stores_of(datamap: DataMap) -> tuple[str, ...]:
    """Return the ids of the stores; a mask's bits stand for them in this order."""
    return tuple(each.id for each in datamap.stores)


def find(engine: Engine, question: Question, datamap: DataMap, *, alone: bool) -> None:
    """Make `pairs` and `whole`: who was touched by which request.

    `pairs` has a row for each request, person and route. `whole` has, for each person and
    each route that shows a whole store, how many requests did; it has none of `pairs`.
    `alone` says that no key comes twice in the directories.
    """
    _routes(engine, datamap)
    keys = _hits(engine, question, datamap)
    _named(engine, question, keys)
    _pairs(engine, question, alone=alone)
    _whole(engine)


def said(datamap: DataMap) -> list[str]:
    """Return each route in words."""
    return [f"{'|'.join(route.methods)} {route.match}" for route in datamap.routes]


def _routes(engine: Engine, datamap: DataMap) -> None:
    for kind, found in (("categories", datamap.categories), ("stores", datamap.stores)):
        if len(found) > MOST_BITS:
            raise Unusable(f"the data map has {len(found)} {kind}; {MOST_BITS} can be measured")
    engine.run(
        "CREATE TABLE routes (route SMALLINT, store SMALLINT, mask BIGINT, people VARCHAR)"
    )
    categories, stores = categories_of(datamap), stores_of(datamap)
    rows = ", ".join(
        f"({number}, {stores.index(route.store) if route.store else NO_STORE}, "
        f"{bits(route.categories, categories)}, {text(route.people.value)})"
        for number, route in enumerate(datamap.routes)
    )
    if rows:
        engine.run(f"INSERT INTO routes VALUES {rows}")


def _hits(engine: Engine, question: Question, datamap: DataMap) -> int:
    """Make `hits`: the requests whose path fits a route, and whether the rest fits as well.

    Returns how many keys a path has at most.
    """
    parts, most = duckdb_routes.hits(
        datamap.routes, question, "requests", "id, instant", duckdb_routes.applies
    )
    columns = "".join(f", key_{number} VARCHAR" for number in range(most))
    engine.run(
        "CREATE TABLE hits (request BIGINT, instant TIMESTAMP, route SMALLINT, "
        f"applies BOOLEAN{columns})"
    )
    if parts:
        engine.run("INSERT INTO hits\n" + "\nUNION ALL ".join(parts))
    return most


def _named(engine: Engine, question: Question, keys: int) -> None:
    """Make `named`: the keys on each request, each once: captured, logged, of a session."""
    captured = [f"key_{number}" for number in range(keys)]
    percent = " UNION ".join(
        f"SELECT DISTINCT {key} AS said FROM hits WHERE applies AND contains({key}, '%')"
        for key in captured
    )
    engine.lend(
        "decoded",
        {"said": "VARCHAR", "key": "VARCHAR"},
        ((said, unquote(said)) for (said,) in (engine.stream(percent) if percent else ())),
    )
    decoded = "".join(f", coalesce(d_{key}.key, h.{key}) AS {key}" for key in captured)
    joins = "".join(
        f" LEFT JOIN decoded AS d_{key} ON h.{key} = d_{key}.said" for key in captured
    )
    engine.run(f"""CREATE TABLE ones AS
SELECT h.request, h.instant, h.route, q.person AS logged, q.email, q.session, q.ip{decoded}
FROM hits AS h JOIN routes AS r ON h.route = r.route JOIN requests AS q ON h.request = q.id
{joins} WHERE h.applies AND r.people = 'one'""")
    ways = [(key, HOWS.index("captured key")) for key in captured]
    ways += [("logged", HOWS.index("logged key"))]
    parts = []
    for number, (key, how) in enumerate(ways):
        others = "".join(f" AND {key} IS DISTINCT FROM {each}" for each, _ in ways[:number])
        parts.append(
            f"SELECT request, instant, route, {key} AS key, {how} AS how FROM ones "
            f"WHERE {key} IS NOT NULL{others}"
        )
    if question.sessions:
        others = "".join(f" AND s.person IS DISTINCT FROM o.{each}" for each, _ in ways)
        how = HOWS.index("logged session")
        parts.append(
            f"SELECT DISTINCT o.request, o.instant, o.route, s.person, {how} FROM ones AS o "
            f"JOIN session_people AS s ON o.session = s.session WHERE true{others}"
        )
        nobody = "".join(f" AND o.{each} IS NULL" for each, _ in ways)
        how = HOWS.index("session at this address and time")
        parts.append(
            f"SELECT DISTINCT o.request, o.instant, o.route, s.person, {how} FROM ones AS o "
            "JOIN request_addresses AS x ON o.ip = x.said JOIN session_spans AS s "
            "ON x.ip = s.ip AND o.instant >= s.since AND o.instant < s.until "
            f"WHERE o.session IS NULL AND o.email IS NULL{nobody}"
        )
    engine.run("CREATE TABLE named AS\n" + "\nUNION ALL ".join(parts))


def _pairs(engine: Engine, question: Question, *, alone: bool) -> None:
    """Make `pairs` of the keys that somebody has who had not been erased by then.

    `known` has the people who bear a key that a request names.
    """
    bearers = (
        "SELECT person, id, erased FROM members" if alone else "SELECT person, id FROM people"
    )
    engine.run(f"CREATE TABLE known AS {bearers} WHERE person IN (SELECT key FROM named)")
    if alone:
        found = """SELECT n.request, n.instant, n.route, k.id, n.how
FROM named AS n JOIN known AS k ON n.key = k.person
WHERE k.erased IS NULL OR k.erased >= n.instant"""
    else:
        found = """SELECT n.request, n.instant, n.route, k.id, n.how
FROM named AS n JOIN routes AS r ON n.route = r.route JOIN known AS k ON n.key = k.person
LEFT JOIN members AS m ON m.id = k.id AND m.store = r.store
LEFT JOIN lasting AS l ON l.id = k.id
WHERE coalesce(CASE WHEN m.id IS NULL THEN l.erased ELSE m.erased END >= n.instant, true)"""
    if any("email" in each.columns for each in question.logs):
        how = HOWS.index("logged e-mail address")
        found = f"""SELECT request, min(instant) AS instant, route, id, min(how) AS how
FROM ({found}
UNION ALL SELECT o.request, o.instant, o.route, a.id, {how}
FROM ones AS o JOIN logged_addresses AS g ON o.email = g.said
JOIN routes AS r ON o.route = r.route JOIN addresses AS a ON a.email = g.email
LEFT JOIN members AS m ON m.id = a.id AND m.store = r.store
LEFT JOIN lasting AS l ON l.id = a.id
WHERE coalesce(CASE WHEN m.id IS NULL THEN l.erased ELSE m.erased END >= o.instant, true)
) AS every GROUP BY request, route, id"""
    engine.run(f"CREATE TABLE pairs AS\n{found}")


def _whole(engine: Engine) -> None:
    """Make `whole` of the requests that showed a whole store, each to those then in it."""
    engine.run("""CREATE TABLE exports AS
SELECT h.request, h.instant, h.route, r.store, p.request IS NOT NULL
    OR count(*) OVER (PARTITION BY h.request) > 1 AS mixed
FROM hits AS h JOIN routes AS r ON h.route = r.route
LEFT JOIN (SELECT DISTINCT request FROM pairs) AS p ON h.request = p.request
WHERE h.applies AND r.people = 'all'""")
    engine.run(f"""INSERT INTO pairs
SELECT e.request, e.instant, e.route, m.id, {WHOLE_STORE}
FROM exports AS e JOIN members AS m ON m.store = e.store
WHERE e.mixed AND (m.erased IS NULL OR m.erased >= e.instant)""")
    engine.run("""CREATE TABLE steps AS
SELECT store, route, instant,
    sum(n) OVER (PARTITION BY route ORDER BY instant NULLS FIRST) AS n,
    min(instant) OVER (PARTITION BY route ORDER BY instant NULLS FIRST) AS first_at
FROM (SELECT store, route, instant, count(*) AS n FROM exports WHERE NOT mixed
    GROUP BY store, route, instant) AS each_at""")
    engine.run("""CREATE TABLE whole AS
WITH every AS (SELECT store, route, CAST(max(n) AS BIGINT) AS n, min(first_at) AS first_at,
    max(instant) AS last_at FROM steps GROUP BY store, route),
marks AS (SELECT e.route, m.id, m.erased AS instant, CAST(NULL AS BIGINT) AS n,
    CAST(NULL AS TIMESTAMP) AS step_at
    FROM members AS m JOIN every AS e ON m.store = e.store WHERE m.erased IS NOT NULL
    UNION ALL SELECT route, CAST(NULL AS INTEGER), instant, CAST(n AS BIGINT), instant
    FROM steps),
so_far AS (SELECT route, id, max(n) OVER (PARTITION BY route ORDER BY instant NULLS FIRST) AS n,
    min(step_at) OVER (PARTITION BY route ORDER BY instant NULLS FIRST) AS first_at,
    max(step_at) OVER (PARTITION BY route ORDER BY instant NULLS FIRST) AS last_at FROM marks)
SELECT m.id, e.route, e.n, e.first_at, e.last_at
FROM members AS m JOIN every AS e ON m.store = e.store WHERE m.erased IS NULL
UNION ALL
SELECT id, route, n, first_at, last_at FROM so_far WHERE id IS NOT NULL AND n IS NOT NULL""")
