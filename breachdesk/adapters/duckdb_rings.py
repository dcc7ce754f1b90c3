"""The rings: everyone of the directories with what is known of them, and the counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.adapters.duckdb_touches import bits, categories_of, stores_of
from breachdesk.adapters.duckdb_values import timestamp
from breachdesk.datamap.terms import DataMap, Role
from breachdesk.scoping import rules
from breachdesk.scoping.terms import Group, Question, Ring

RINGS = tuple(Ring)
PEOPLE_IN_A_MARK = 1000


def find(engine: Engine, question: Question, datamap: DataMap) -> None:
    """Make `rings`: a row for each person, with the innermost ring; NULL if excluded."""
    engine.run(_touched())
    engine.run(_held(engine, timestamp(question.window.since)))
    opened = _open_stores(engine, question, datamap)
    open_mask = sum(1 << store for store in opened)
    inside = {
        number: bits(store.categories, categories_of(datamap))
        for number, store in enumerate(datamap.stores)
    }
    controllers = bits(
        (each.id for each in datamap.stores if each.role is Role.CONTROLLER), stores_of(datamap)
    )
    engine.run(f"""CREATE TABLE rings AS
WITH known AS (SELECT h.*, coalesce(t.n, 0) AS touches, t.first_at, t.last_at,
    coalesce(t.mask, 0) AS mask, coalesce(t.stores, 0) AS touched, t.id IS NOT NULL AS proven
    FROM held AS h LEFT JOIN touched AS t ON h.id = t.id),
ringed AS (SELECT *, CASE WHEN proven THEN 0 WHEN (present & {open_mask}::BIGINT) <> 0 THEN 1
    WHEN present <> 0 THEN 2 END AS ring FROM known)
SELECT * EXCLUDE (mask), mask AS mask_0, mask | {_masks("present", opened)} AS mask_1,
    mask | {_masks("present", opened)} | {_masks("present", inside)} AS mask_2,
    CASE WHEN (CASE WHEN touched <> 0 THEN touched ELSE stores END
      & {controllers}::BIGINT) <> 0 THEN 'controller' ELSE 'processor' END AS role
FROM ringed""")
    _names(engine, "categories", categories_of(datamap), ("mask_0", "mask_1", "mask_2"))
    _names(engine, "stores", stores_of(datamap), ("stores",))


def _touched() -> str:
    """Return the statement that makes `touched`: all touches of a person together."""
    return """CREATE TABLE touched AS
WITH rows AS (SELECT p.request, p.id, any_value(p.instant) AS instant, bit_or(r.mask) AS mask,
    bit_or(1::BIGINT << r.store) AS stores
    FROM pairs AS p JOIN routes AS r ON p.route = r.route GROUP BY p.request, p.id),
parts AS (SELECT id, count(*) AS n, min(instant) AS first_at, max(instant) AS last_at,
    bit_or(mask) AS mask, bit_or(stores) AS stores FROM rows GROUP BY id
  UNION ALL SELECT w.id, w.n, w.first_at, w.last_at, r.mask, 1::BIGINT << r.store
    FROM whole AS w JOIN routes AS r ON w.route = r.route
  UNION ALL SELECT l.id, l.n, NULL, NULL, l.mask, h.stores
    FROM leaked AS l JOIN (SELECT id, bit_or(1::BIGINT << store) AS stores
      FROM members SEMI JOIN leaked USING (id) GROUP BY id) AS h ON l.id = h.id)
SELECT id, sum(n)::BIGINT AS n, min(first_at) AS first_at, max(last_at) AS last_at,
    bit_or(mask) AS mask, bit_or(stores) AS stores FROM parts GROUP BY id"""


def _held(engine: Engine, since: str) -> str:
    """Return the statement that makes `held`: what the directories say of a person."""
    several = engine.one("SELECT count(DISTINCT store) FROM members")[0] > 1
    bit = "1::BIGINT << store"
    present = f"CASE WHEN coalesce(gone >= {since}, true) THEN {bit} ELSE 0 END"
    late = f"coalesce(over < {since}, false)"
    retained = f"by_retention AND coalesce(gone < {since}, false)"
    if not several:
        return (
            f"CREATE VIEW held AS SELECT id, {bit} AS stores, {present} AS present, "
            f"{late} AS late, {retained} AS retained, email, locale, country, customer "
            "FROM members"
        )
    details = ", ".join(
        f"first({each} ORDER BY store) FILTER ({each} IS NOT NULL) AS {each}"
        for each in ("email", "locale", "country", "customer")
    )
    return (
        f"CREATE TABLE held AS SELECT id, bit_or({bit}) AS stores, "
        f"bit_or({present}) AS present, bool_or({late}) AS late, "
        f"bool_or({retained}) AS retained, {details} FROM members GROUP BY id"
    )


def _open_stores(engine: Engine, question: Question, datamap: DataMap) -> dict[int, int]:
    """Return the stores that stood open or were listed in part, with what could be read."""
    stores, categories = stores_of(datamap), categories_of(datamap)
    opened: Counter[int] = Counter()
    reasons: list[tuple[int, str, int | None]] = []
    for each in question.readable:
        number = stores.index(each)
        opened[number] |= bits(datamap.store(each).categories, categories)
        reasons.append((number, f"the credential could read the store {each}", None))
    listings = engine.rows(
        "SELECT r.store, r.mask, r.said, min_by(h.request, (h.instant, h.request)) "
        "FROM hits AS h JOIN routes AS r ON h.route = r.route "
        "WHERE h.applies AND r.people = 'some' "
        "GROUP BY r.route, r.store, r.mask, r.said ORDER BY r.route"
    )
    for store, mask, said, request in listings:
        opened[store] |= int(mask)
        reasons.append((store, f"{said} listed a part of the store", request))
    engine.lend(
        "openings",
        {"store": "TINYINT", "said": "VARCHAR", "request": "BIGINT"},
        reasons,
    )
    return dict(opened)


def _masks(stores: str, masks: Mapping[int, int]) -> str:
    """Return an expression that joins the masks of the stores whose bit is set."""
    parts = [
        f"(CASE WHEN ({stores} & {1 << store}::BIGINT) <> 0 THEN {mask}::BIGINT ELSE 0 END)"
        for store, mask in masks.items()
        if mask
    ]
    return "(" + " | ".join(parts) + ")" if parts else "0::BIGINT"


def _names(engine: Engine, table: str, names: Sequence[str], columns: Sequence[str]) -> None:
    """Make a table of the sorted names behind every mask that occurs."""
    masks = " UNION ".join(f"SELECT DISTINCT {column} AS mask FROM rings" for column in columns)
    engine.lend(
        f"{table}_of",
        {"mask": "BIGINT", "names": "VARCHAR"},
        (
            (mask, "|".join(sorted(n for bit, n in enumerate(names) if int(mask) >> bit & 1)))
            for (mask,) in engine.stream(masks)
        ),
    )


def write(engine: Engine, path: Path) -> str:
    """Write everyone in a ring to a Parquet file, ordered by key; return a digest of it."""
    engine.run("""CREATE TABLE list AS
SELECT p.person AS person_key, r.ring, r.email, r.locale, r.country, r.customer,
    s.names AS stores, r.role, a.names AS categories_0, b.names AS categories_1,
    c.names AS categories_2, r.first_at, r.last_at, r.touches,
    coalesce(w.why, o.why, 'in a store that the question asks about') AS why
FROM rings AS r JOIN people AS p ON r.id = p.id JOIN stores_of AS s ON r.stores = s.mask
JOIN categories_of AS a ON r.mask_0 = a.mask JOIN categories_of AS b ON r.mask_1 = b.mask
JOIN categories_of AS c ON r.mask_2 = c.mask LEFT JOIN reasons AS w ON r.id = w.id
LEFT JOIN open_reasons AS o ON r.ring = 1 AND r.present = o.present
WHERE r.ring IS NOT NULL ORDER BY person_key""")
    engine.run(f"COPY list TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd)")
    said = (
        "to_json([person_key, ring::VARCHAR, categories_2, categories_0, "
        "first_at::VARCHAR, last_at::VARCHAR])::VARCHAR"
    )
    parts = engine.rows(
        f"SELECT sha256(string_agg({said}, chr(10) ORDER BY rowid)) FROM list "
        f"GROUP BY rowid // {PEOPLE_IN_A_MARK} ORDER BY rowid // {PEOPLE_IN_A_MARK}"
    )
    return rules.sha256({"people": [mark for (mark,) in parts]})


def groups(engine: Engine) -> tuple[Group, ...]:
    """Return how many people of each ring share language, role, stores and categories."""
    found: list[Group] = []
    for number, ring in enumerate(RINGS):
        rows = engine.rows(
            f"SELECT locale, role, stores, categories_{number}, count(*) "
            f"FROM list WHERE ring <= {number} GROUP BY ALL ORDER BY ALL"
        )
        found.extend(
            Group(
                ring,
                locale,
                role,
                store,
                tuple(categories.split("|") if categories else ()),
                people,
            )
            for locale, role, store, categories, people in rows
        )
    return tuple(found)


def counts(engine: Engine, question: Question, datamap: DataMap) -> dict[str, Any]:
    """Return the counts that the lists answer."""
    del question
    by_ring = dict(
        engine.rows("SELECT ring, count(*) FROM rings WHERE ring IS NOT NULL GROUP BY ring")
    )
    proven = by_ring.get(0, 0)
    reachable = proven + by_ring.get(1, 0)
    names = engine.rows(
        "SELECT c.names, count(*) FROM rings AS r JOIN categories_of AS c ON r.mask_0 = c.mask "
        "WHERE r.ring = 0 GROUP BY c.names"
    )
    by_category: Counter[str] = Counter()
    for several, people in names:
        by_category.update(dict.fromkeys(several.split("|") if several else (), people))
    first, last = engine.one("SELECT min(first_at), max(last_at) FROM rings WHERE ring = 0")
    retained, erased = engine.one(
        "SELECT count(*) FILTER (retained), count(*) FILTER (NOT retained) "
        "FROM rings WHERE ring IS NULL"
    )
    return {
        "rings": {
            "proven": proven,
            "reachable": reachable,
            "population": reachable + by_ring.get(2, 0),
        },
        "by_category": {each: {"proven": n} for each, n in sorted(by_category.items())},
        "by_country": _by(engine, "country"),
        "by_locale": _by(engine, "locale"),
        "by_customer": _by_customer(engine, datamap),
        "records": _records(engine),
        "first_touch": _instant(first),
        "last_touch": _instant(last),
        "excluded": {"erased_before_window": erased, "retention_over": retained},
        "held_past_retention": engine.one("SELECT count(*) FROM rings WHERE ring = 0 AND late")[
            0
        ],
        "unmatched": {"rows": _unmatched(engine), "unknown_people": _unknown(engine)},
        "duplicates": engine.one("SELECT count(*) FROM twice")[0],
        "directory": engine.one("SELECT count(*) FROM people")[0],
    }


def _by(engine: Engine, column: str) -> dict[str, dict[str, int]]:
    rows = engine.rows(
        f"SELECT {column}, count(*) FROM rings WHERE ring = 0 AND {column} IS NOT NULL "
        f"GROUP BY {column} ORDER BY {column}"
    )
    return {value: {"proven": people} for value, people in rows}


def _by_customer(engine: Engine, datamap: DataMap) -> dict[str, int]:
    stores = [
        str(number) for number, each in enumerate(datamap.stores) if each.role is Role.PROCESSOR
    ]
    if not stores:
        return {"count": 0, "largest": 0}
    count, largest = engine.one(
        "SELECT count(*), coalesce(max(n), 0) "
        "FROM (SELECT l.customer, count(DISTINCT p.id) AS n FROM listed AS l "
        "JOIN people AS p USING (person) JOIN touched AS t ON p.id = t.id "
        f"WHERE l.store IN ({', '.join(stores)}) AND l.customer IS NOT NULL "
        "AND (t.stores & (1::BIGINT << l.store)) <> 0 GROUP BY l.customer)"
    )
    return {"count": count, "largest": largest}


def _records(engine: Engine) -> int:
    return int(
        engine.one(
            "SELECT (SELECT count(*) FROM (SELECT DISTINCT request, id FROM pairs)) "
            "+ (SELECT coalesce(sum(n), 0) FROM whole) "
            "+ (SELECT count(*) FROM (SELECT DISTINCT file, list, row FROM matched))"
        )[0]
    )


def _unmatched(engine: Engine) -> int:
    return int(
        engine.one(
            "SELECT (SELECT count(*) FROM requests ANTI JOIN hits ON id = request) "
            "+ (SELECT count(DISTINCT h.request) FROM hits AS h JOIN routes AS r "
            "ON h.route = r.route ANTI JOIN named AS n ON h.request = n.request "
            "AND h.route = n.route WHERE h.applies AND r.people = 'one')"
        )[0]
    )


def _unknown(engine: Engine) -> int:
    return int(
        engine.one(
            "SELECT count(*) FROM (SELECT key FROM named ANTI JOIN people ON key = person "
            "UNION SELECT trimmed FROM entries AS e ANTI JOIN matched AS m "
            "ON e.list = m.list AND e.file = m.file AND e.row = m.row)"
        )[0]
    )


def _instant(at: Any) -> str | None:
    return None if at is None else f"{at.isoformat()}+00:00"
