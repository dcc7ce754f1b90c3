"""Which request reached whose data: routes as constant expressions, keys as equi-joins."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.adapters.duckdb_values import timestamp
from breachdesk.datamap.terms import DataMap, People, Route
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping.terms import Question

MOST_BITS = 62
NO_STORE = -1


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


def find(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `pairs` and `whole`: who was touched by which request.

    `pairs` has a row for each request, person and route. `whole` has, for each person and
    each route that shows a whole store, how many requests did; it has none of `pairs`.
    """
    _routes(engine, datamap)
    _hits(engine, question, datamap)
    _named(engine)
    _pairs(engine)
    _whole(engine)
    _lists(engine, question, datamap)


def _routes(engine: Engine, datamap: DataMap) -> None:
    for kind, found in (("categories", datamap.categories), ("stores", datamap.stores)):
        if len(found) > MOST_BITS:
            raise Unusable(f"the data map has {len(found)} {kind}; {MOST_BITS} can be measured")
    engine.run(
        "CREATE TABLE routes (route INTEGER, store TINYINT, mask BIGINT, people VARCHAR, "
        "said VARCHAR)"
    )
    categories, stores = categories_of(datamap), stores_of(datamap)
    for number, route in enumerate(datamap.routes):
        store = stores.index(route.store) if route.store else NO_STORE
        said = f"{'|'.join(route.methods)} {route.match}"
        mask = bits(route.categories, categories)
        engine.run(
            f"INSERT INTO routes VALUES ({number}, {store}, {mask}, "
            f"{text(route.people.value)}, {text(said)})"
        )


def _hits(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `hits`: the requests whose path fits a route, and whether the rest fits as well."""
    engine.run(
        "CREATE TABLE hits "
        "(request BIGINT, instant TIMESTAMP, route INTEGER, applies BOOLEAN, keys VARCHAR[])"
    )
    for number, route in enumerate(datamap.routes):
        pattern = route.pattern
        path = "whole" if route.match.endswith("/") else "cut"
        start = re.split(r"[{*]", route.match, maxsplit=1)[0]
        keys = ", ".join(
            f"regexp_extract({path}, {text(f'^{pattern.regex}$')}, {group})"
            for group in _captures(route, question)
        )
        engine.run(
            f"INSERT INTO hits SELECT id, instant, {number}, {_applies(route)}, [{keys}] "
            f"FROM requests WHERE starts_with({path}, {text(start)}) "
            f"AND regexp_full_match({path}, {text(pattern.regex)})"
        )


def _captures(route: Route, question: Question) -> list[int]:
    """Return which captures of a route name a person, counted from 1."""
    if route.people is not People.ONE:
        return []
    names = route.pattern.captures
    own = [each for each in question.directories if each.store == route.store]
    columns = {each.columns["person"] for each in own or question.directories}
    named = [index for index, each in enumerate(names, start=1) if each in columns]
    return named or ([1] if len(names) == 1 else [])


def _applies(route: Route) -> str:
    """Return whether method and status are those of a route; what was not logged is."""
    methods = ", ".join(text(method.upper()) for method in route.methods)
    statuses = " OR ".join(
        f"status BETWEEN {each[0]}00 AND {each[0]}99"
        if each.lower().endswith("xx")
        else f"status = {int(each)}"
        for each in route.status
    )
    return f"(method IS NULL OR method IN ({methods})) AND (status IS NULL OR {statuses})"


def _named(engine: Engine) -> None:
    """Make `named`: the keys on each request, captured and logged."""
    engine.run("""CREATE TABLE captured AS
SELECT request, instant, route, unnest(keys) AS key FROM hits
WHERE applies AND len(keys) > 0""")
    engine.lend(
        "decoded",
        {"said": "VARCHAR", "key": "VARCHAR"},
        (
            (said, unquote(said))
            for (said,) in engine.stream(
                "SELECT DISTINCT key FROM captured WHERE contains(key, '%')"
            )
        ),
    )
    engine.run("""CREATE TABLE named AS
SELECT request, instant, route, coalesce(d.key, c.key) AS key, 'captured key' AS how
FROM captured AS c LEFT JOIN decoded AS d ON c.key = d.said
UNION ALL
SELECT h.request, h.instant, h.route, q.person, 'logged key'
FROM hits AS h JOIN routes AS r ON h.route = r.route JOIN requests AS q ON h.request = q.id
WHERE h.applies AND r.people = 'one' AND q.person IS NOT NULL""")


def _pairs(engine: Engine) -> None:
    """Make `pairs` of the keys that somebody has who had not been erased by then."""
    engine.run("""CREATE TABLE lasting AS
SELECT id, CASE WHEN count(erased) = count(*) THEN max(erased) END AS erased
FROM members GROUP BY id""")
    engine.run("""CREATE TABLE pairs AS
SELECT n.request, any_value(n.instant) AS instant, n.route, p.id, min(n.how) AS how
FROM named AS n JOIN routes AS r ON n.route = r.route JOIN people AS p ON n.key = p.person
LEFT JOIN members AS m ON m.id = p.id AND m.store = r.store
LEFT JOIN lasting AS l ON l.id = p.id
WHERE coalesce(CASE WHEN m.id IS NULL THEN l.erased ELSE m.erased END >= n.instant, true)
GROUP BY n.request, n.route, p.id""")


def _whole(engine: Engine) -> None:
    """Make `whole` of the requests that showed a whole store, each to those then in it."""
    engine.run("""CREATE TABLE exports AS
SELECT h.request, h.instant, h.route, r.store, h.request IN (SELECT request FROM pairs)
    OR count(*) OVER (PARTITION BY h.request) > 1 AS mixed
FROM hits AS h JOIN routes AS r ON h.route = r.route WHERE h.applies AND r.people = 'all'""")
    engine.run("""INSERT INTO pairs
SELECT e.request, e.instant, e.route, m.id, 'whole store'
FROM exports AS e JOIN members AS m ON m.store = e.store
WHERE e.mixed AND coalesce(m.erased >= e.instant, true)""")
    engine.run("""CREATE TABLE steps AS
SELECT store, route, instant, sum(n) OVER so_far AS n, min(instant) OVER so_far AS first_at
FROM (SELECT store, route, instant, count(*) AS n FROM exports WHERE NOT mixed GROUP BY ALL)
WINDOW so_far AS (PARTITION BY route ORDER BY instant)""")
    engine.run("""CREATE TABLE whole AS
WITH every AS (SELECT store, route, max(n)::BIGINT AS n, min(first_at) AS first_at,
    max(instant) AS last_at FROM steps GROUP BY store, route),
leaving AS (SELECT m.id, m.erased, e.route FROM members AS m JOIN every AS e
    ON m.store = e.store WHERE m.erased IS NOT NULL)
SELECT m.id, e.route, e.n, e.first_at, e.last_at
FROM members AS m JOIN every AS e ON m.store = e.store WHERE m.erased IS NULL
UNION ALL
SELECT l.id, l.route, s.n::BIGINT, s.first_at, s.instant
FROM leaving AS l ASOF JOIN steps AS s ON l.route = s.route AND l.erased >= s.instant""")


def _lists(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `matched` of the lines that name somebody, and `leaked` of those still there."""
    addresses = "addresses" if question.lists else "(SELECT NULL::INTEGER AS id, '' AS email)"
    engine.run(f"""CREATE TABLE matched AS
WITH keyed AS (SELECT e.*, coalesce(x.id, t.id) AS id FROM entries AS e
    LEFT JOIN people AS x ON e.exact = x.person LEFT JOIN people AS t ON e.trimmed = t.person)
SELECT list, file, row, id FROM keyed WHERE id IS NOT NULL
UNION ALL
SELECT k.list, k.file, k.row, a.id FROM keyed AS k JOIN {addresses} AS a ON k.email = a.email
WHERE k.id IS NULL""")
    categories = categories_of(datamap)
    masks = " ".join(
        f"WHEN {number} THEN {bits(each.categories, categories)}::BIGINT"
        for number, each in enumerate(question.lists)
    )
    mask = f"CASE list {masks} END" if masks else "0::BIGINT"
    engine.run(f"""CREATE TABLE leaked AS
SELECT m.id, bit_or({mask}) AS mask, count(*) AS n
FROM matched AS m JOIN lasting AS l ON m.id = l.id
WHERE coalesce(l.erased >= {timestamp(question.window.since)}, true) GROUP BY m.id""")
