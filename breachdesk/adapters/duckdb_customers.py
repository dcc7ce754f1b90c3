"""Whose people they are, where we are a processor: each customer's own, and their numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_touches import bits, categories_of
from breachdesk.datamap.terms import DataMap, Role
from breachdesk.scoping.terms import Question, Ring

RINGS = tuple(Ring)
DETAILS = ("email", "second_email", "locale", "country")


def find(engine: Engine, question: Question, datamap: DataMap, opened: int) -> None:
    """Make `held_for`: for each person the customers we hold them for, each with a ring.

    The ring is that of the customer's own data: somebody proven in another's is not proven
    in theirs. So are `own_0` to `own_2`, the categories of each ring: what was reached in the
    customer's store, what stood open there, what it holds. `own` has these stores, `email`
    and so on what the customer says of the person. `customer` is NULL where the directory
    names none. `held_apart` has the touches of whoever was touched in other stores too.
    `opened` is the mask of the stores that stood open.
    """
    asked = {each.store for each in question.directories}
    inside = {
        number: bits(each.categories, categories_of(datamap))
        for number, each in enumerate(datamap.stores)
        if each.role is Role.PROCESSOR and each.id in asked
    }
    among = ", ".join(str(number) for number in inside) or "-1"
    holds = " ".join(f"WHEN {number} THEN {mask}" for number, mask in inside.items())
    holds = f"CAST(CASE l.store {holds or 'WHEN -1 THEN 0'} END AS BIGINT)"
    open_here = _open_here(engine, question, datamap, inside)
    opens = " ".join(f"WHEN {number} THEN {mask}" for number, mask in open_here.items())
    opens = f"CAST(CASE l.store {opens or 'WHEN -1 THEN 0'} ELSE 0 END AS BIGINT)"
    bit = "(CAST(1 AS BIGINT) << l.store)"
    open_bit = f"r.present & {bit} & {opened} <> 0"
    touched = f"r.touched & {bit} <> 0"
    any_of = f"(coalesce(e.mask, 0) | CASE WHEN k.stores & {bit} <> 0 THEN k.mask ELSE 0 END)"
    _reached(engine, among)
    engine.run(f"""CREATE TABLE held_for AS
SELECT id, customer, min(ring) AS ring, bit_or(own) AS own, bit_or(own_0) AS own_0,
    bit_or(own_0 | opens) AS own_1, bit_or(own_0 | holds) AS own_2, max(touched) AS touched,
    {", ".join(f"min({each}) AS {each}" for each in DETAILS)}
FROM (SELECT r.id, l.customer, {bit} AS own, r.touched, {holds} AS holds,
    {", ".join(f"l.{each}" for each in DETAILS)},
    CASE WHEN {open_bit} THEN {opens} ELSE 0 END AS opens,
    CASE WHEN r.ring = 0 AND {touched}
    THEN coalesce(t.mask, 0) | CASE WHEN r.stores = {bit} THEN {any_of}
    ELSE {any_of} & {holds} END ELSE 0 END AS own_0,
    CASE WHEN r.ring = 0 AND {touched} THEN 0
    WHEN r.ring < 2 AND {open_bit} THEN 1 ELSE 2 END AS ring
  FROM listed AS l JOIN rings AS r ON l.person = r.person
  LEFT JOIN reached AS t ON r.id = t.id AND l.store = t.store
  LEFT JOIN leaked AS k ON r.id = k.id
  LEFT JOIN (SELECT id, bit_or(mask) AS mask FROM elsewhere GROUP BY id) AS e ON r.id = e.id
  WHERE l.store IN ({among}) AND r.ring IS NOT NULL
    AND (r.touched | r.present) & {bit} <> 0)
GROUP BY id, customer""")
    engine.run("""CREATE TABLE held_apart AS
WITH several AS (SELECT id, customer, own FROM held_for
    WHERE ring = 0 AND touched <> (touched & own)),
ways_there AS (SELECT id, route, n, first_at, last_at FROM ways
  UNION ALL SELECT id, route, n, first_at, last_at FROM whole),
parts AS (SELECT s.id, s.customer, w.n, w.first_at, w.last_at FROM several AS s
    JOIN ways_there AS w ON s.id = w.id JOIN routes AS r ON w.route = r.route
    LEFT JOIN elsewhere AS e ON w.id = e.id AND w.route = e.route
    WHERE s.own & coalesce(e.stores, CAST(1 AS BIGINT) << r.store) <> 0
  UNION ALL SELECT s.id, s.customer, k.n, NULL, NULL FROM several AS s
    JOIN leaked AS k ON s.id = k.id WHERE k.stores & s.own <> 0)
SELECT id, customer, CAST(sum(n) AS BIGINT) AS n, min(first_at) AS first_at,
    max(last_at) AS last_at FROM parts GROUP BY id, customer""")


def _open_here(
    engine: Engine, question: Question, datamap: DataMap, inside: Mapping[int, int]
) -> dict[int, int]:
    """Return what stood open in each of those stores: all of it, or what a listing shows."""
    among = ", ".join(str(number) for number in inside) or "-1"
    listed = engine.rows(
        "SELECT r.store, bit_or(r.mask) FROM routes AS r WHERE r.people = 'some' "
        f"AND r.store IN ({among}) "
        "AND r.route IN (SELECT route FROM hits WHERE applies) GROUP BY r.store"
    )
    readable = {
        number: mask
        for number, mask in inside.items()
        if datamap.stores[number].id in question.readable
    }
    return {**dict(listed), **readable}


def _reached(engine: Engine, among: str) -> None:
    """Make `reached`: the categories that a route reached, by person and store.

    `elsewhere` has the routes whose own store does not hold the person, with those that do.
    """
    parts = " UNION ALL ".join(
        f"SELECT w.id, r.store, r.mask FROM {ways} AS w JOIN routes AS r ON w.route = r.route "
        f"WHERE r.store IN ({among})"
        for ways in ("ways", "whole")
    )
    engine.run(
        f"CREATE TABLE reached AS SELECT id, store, bit_or(mask) AS mask FROM ({parts}) "
        "GROUP BY id, store"
    )
    engine.run(
        "CREATE TABLE elsewhere AS SELECT DISTINCT w.id, w.route, r.mask, h.stores "
        "FROM ways AS w JOIN routes AS r ON w.route = r.route JOIN held AS h ON w.id = h.id "
        "WHERE h.stores & (CAST(1 AS BIGINT) << r.store) = 0"
    )


def without(engine: Engine) -> dict[str, int]:
    """Return how many in each ring we hold as a processor, nobody knows for which customer."""
    among = len(RINGS)
    counted = ", ".join(
        f"count(*) FILTER (ring <= {number} AND known > {number})" for number in range(among)
    )
    people = engine.one(
        f"SELECT {counted} FROM (SELECT min(ring) FILTER (customer IS NULL) AS ring, "
        f"coalesce(min(ring) FILTER (customer IS NOT NULL), {among}) AS known FROM held_for "
        "WHERE id IN (SELECT id FROM held_for WHERE customer IS NULL) GROUP BY id) AS each_id"
    )
    return dict(zip((ring.value for ring in RINGS), people, strict=True))


def counts(engine: Engine, datamap: DataMap) -> dict[str, dict[str, Any]]:
    """Return how many people of each customer are in each ring, and with which of its data.

    So are the first and the last touch of its own data.
    """
    names = categories_of(datamap)
    columns = ", ".join(
        f"count(*) FILTER (ring <= {ring} AND (own_{ring} & {1 << number}) <> 0)"
        for number in range(len(names))
        for ring in range(len(RINGS))
    )
    rows = engine.rows(
        "SELECT h.customer, min(CASE WHEN a.id IS NULL THEN t.first_at ELSE a.first_at END) "
        "FILTER (ring = 0), max(CASE WHEN a.id IS NULL THEN t.last_at ELSE a.last_at END) "
        "FILTER (ring = 0), "
        "count(*) FILTER (ring = 0), count(*) FILTER (ring < 2), count(*), "
        f"{columns} FROM held_for AS h LEFT JOIN touched AS t ON h.id = t.id "
        "LEFT JOIN held_apart AS a ON h.id = a.id AND h.customer = a.customer "
        "WHERE h.customer IS NOT NULL GROUP BY h.customer ORDER BY h.customer"
    )
    return {
        customer: {
            **_counted(names, people),
            "first_touch": instant(first),
            "last_touch": instant(last),
        }
        for customer, first, last, *people in rows
    }


def instant(at: datetime | None) -> str | None:
    """Return an instant of the engine, which is in UTC, as the answer writes it."""
    return None if at is None else f"{at.isoformat()}+00:00"


def _counted(names: Sequence[str], people: Sequence[int]) -> dict[str, Any]:
    """Return one customer's numbers by ring, and by the categories that anybody has."""
    among = len(RINGS)
    by_ring = [
        dict(zip((ring.value for ring in RINGS), people[start : start + among], strict=True))
        for start in range(0, len(people), among)
    ]
    held = zip(names, by_ring[1:], strict=True)
    by_category = {name: rings for name, rings in held if any(rings.values())}
    return {**by_ring[0], "by_category": by_category}


def lists() -> str:
    """Return a relation with the customers of each person, to be kept in the list."""
    own = ", ".join(
        f"'{each}': h.{each}" for each in ("own", "own_0", "own_1", "own_2", *DETAILS)
    )
    return (
        "(SELECT h.id, list({'customer': h.customer, 'ring': h.ring::UTINYINT, "
        f"{own}, 'n': a.n, 'first_at': a.first_at, 'last_at': a.last_at}}) AS held_for "
        "FROM held_for AS h LEFT JOIN held_apart AS a "
        "ON h.id = a.id AND h.customer = a.customer "
        "WHERE h.customer IS NOT NULL GROUP BY h.id)"
    )
