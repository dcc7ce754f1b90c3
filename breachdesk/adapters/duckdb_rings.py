"""The rings: everyone of the directories with what is known of them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_members import DETAILS
from breachdesk.adapters.duckdb_touches import bits, categories_of, said, stores_of
from breachdesk.adapters.duckdb_values import timestamp
from breachdesk.datamap.terms import DataMap, Role
from breachdesk.scoping.terms import Question

Opening = tuple[int, str, int | None, datetime | None]
"""A store that stood open: its number, how, and the request that showed it, if any."""


def find(
    engine: Engine, question: Question, datamap: DataMap, *, alone: bool
) -> tuple[Opening, ...]:
    """Make `rings`: a row for each person, with the innermost ring; NULL if excluded.

    `touched` has the stores of the routes that reached somebody; where a route's own store
    does not hold them, what it showed may lie in any that does, and so all of these count.
    Returns the stores that stood open or were listed in part.
    """
    _touched(engine)
    engine.run(_held(timestamp(question.window.since), alone=alone))
    opened, openings = _open_stores(engine, question, datamap)
    open_mask = sum(1 << store for store in opened)
    inside = {
        number: bits(store.categories, categories_of(datamap))
        for number, store in enumerate(datamap.stores)
    }
    controllers = bits(
        (each.id for each in datamap.stores if each.role is Role.CONTROLLER), stores_of(datamap)
    )
    engine.run(f"""CREATE VIEW rings AS
WITH known AS (SELECT h.*, coalesce(t.n, 0) AS touches, t.first_at, t.last_at,
    coalesce(t.mask, 0) AS mask_0, CASE WHEN coalesce(t.stores, 0) & ~h.stores = 0
    THEN coalesce(t.stores, 0) ELSE h.stores END AS touched,
    t.id IS NOT NULL AS proven
    FROM held AS h LEFT JOIN touched AS t ON h.id = t.id),
ringed AS (SELECT *, CASE WHEN proven THEN 0 WHEN present & {open_mask} <> 0 THEN 1
    WHEN present <> 0 THEN 2 END AS ring, mask_0 | {_masks("present", opened)} AS mask_1
    FROM known)
SELECT *, mask_1 | {_masks("present", inside)} AS mask_2,
    (CASE WHEN touched <> 0 THEN touched ELSE stores END) & {controllers} <> 0 AS controller
FROM ringed""")
    return openings


def _touched(engine: Engine) -> None:
    """Make `ways` of each person and route, `again` of what they count twice, and `touched`."""
    engine.run("""CREATE TABLE ways AS
SELECT id, route, how, count(*) AS n, min(instant) AS first_at, max(instant) AS last_at,
    min_by(request, (instant, request)) AS request FROM pairs GROUP BY id, route, how""")
    engine.run("""CREATE TABLE again AS
WITH several AS (SELECT request FROM hits WHERE applies GROUP BY request HAVING count(*) > 1)
SELECT id, CAST(sum(n - 1) AS BIGINT) AS n FROM (SELECT p.request, p.id, count(*) AS n
    FROM pairs AS p JOIN several AS s ON p.request = s.request GROUP BY p.request, p.id)
    AS each_row WHERE n > 1 GROUP BY id""")
    engine.run("""CREATE TABLE touched AS
WITH parts AS (SELECT w.id, w.n, w.first_at, w.last_at, r.mask,
    CAST(1 AS BIGINT) << r.store AS stores
    FROM ways AS w JOIN routes AS r ON w.route = r.route
  UNION ALL SELECT w.id, w.n, w.first_at, w.last_at, r.mask, CAST(1 AS BIGINT) << r.store
    FROM whole AS w JOIN routes AS r ON w.route = r.route
  UNION ALL SELECT id, -n, NULL, NULL, 0, 0 FROM again
  UNION ALL SELECT id, n, NULL, NULL, mask, stores FROM leaked)
SELECT id, CAST(sum(n) AS BIGINT) AS n, min(first_at) AS first_at, max(last_at) AS last_at,
    bit_or(mask) AS mask, bit_or(stores) AS stores FROM parts GROUP BY id""")


def _held(since: str, *, alone: bool) -> str:
    """Return the statement that makes `held`: what the directories say of a person."""
    bit = "CAST(1 AS BIGINT) << store"
    present = f"CASE WHEN gone IS NULL OR gone >= {since} THEN {bit} ELSE 0 END"
    late = f"coalesce(over < {since}, false)"
    retained = f"by_retention AND coalesce(gone < {since}, false)"
    if alone:
        return (
            f"CREATE VIEW held AS SELECT id, person, {bit} AS stores, {present} AS present, "
            f"{late} AS late, {retained} AS retained, {', '.join(DETAILS)} "
            "FROM members"
        )
    details = ", ".join(
        f"first({each} ORDER BY store NULLS FIRST) FILTER ({each} IS NOT NULL) AS {each}"
        for each in DETAILS
    )
    return (
        f"CREATE TABLE held AS SELECT id, min(person) AS person, bit_or({bit}) AS stores, "
        f"bit_or({present}) AS present, bool_or({late}) AS late, "
        f"bool_or({retained}) AS retained, {details} FROM members GROUP BY id"
    )


def _open_stores(
    engine: Engine, question: Question, datamap: DataMap
) -> tuple[dict[int, int], tuple[Opening, ...]]:
    """Return the stores that stood open or were listed in part, with what could be read."""
    stores, categories = stores_of(datamap), categories_of(datamap)
    opened: Counter[int] = Counter()
    reasons: list[Opening] = []
    for each in question.readable:
        number = stores.index(each)
        opened[number] |= bits(datamap.store(each).categories, categories)
        reasons.append((number, f"the credential could read the store {each}", None, None))
    listings = engine.rows(
        "SELECT r.route, r.store, r.mask, min_by(h.request, (h.instant, h.request)), "
        "min(h.instant) FROM hits AS h JOIN routes AS r ON h.route = r.route "
        "WHERE h.applies AND r.people = 'some' "
        "GROUP BY r.route, r.store, r.mask ORDER BY r.route"
    )
    for route, store, mask, request, at in listings:
        opened[store] |= int(mask)
        reasons.append(
            (store, f"{said(datamap)[route]} listed a part of the store", request, at)
        )
    return dict(opened), tuple(reasons)


def _masks(stores: str, masks: Mapping[int, int]) -> str:
    """Return an expression that joins the masks of the stores whose bit is set."""
    parts = [
        f"(CASE WHEN {stores} & {1 << store} <> 0 THEN CAST({mask} AS BIGINT) ELSE 0 END)"
        for store, mask in masks.items()
        if mask
    ]
    return "(" + " | ".join(parts) + ")" if parts else "CAST(0 AS BIGINT)"
