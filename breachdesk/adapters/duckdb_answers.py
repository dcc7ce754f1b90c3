"""What a measure answers: the sealed list, its digest, the groups and the counts."""

from collections import Counter
from pathlib import Path
from typing import Any

from breachdesk.adapters import duckdb_customers
from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.adapters.duckdb_reasons import Words
from breachdesk.datamap.terms import Role
from breachdesk.scoping import rules
from breachdesk.scoping.terms import Group, Question, Ring

RINGS = tuple(Ring)
KEPT_WITH = "breachdesk"
"""Under this name a list keeps the words of its numbers."""
FIRST_HALF = "CAST(m >> 64 AS UBIGINT)"
LAST_HALF = f"CAST(m & {(1 << 64) - 1} AS UBIGINT)"
MARK = (
    "md5_number(CASE WHEN ring = 0 THEN concat_ws('|', coalesce(epoch_us(first_at), 0), "
    "coalesce(epoch_us(last_at), 0), touches, person) ELSE person END)"
)
"""The MD5 of somebody: of the key, and in the innermost ring of the touches before it."""
BY_RING = ("ring", "mask_2", "mask_0")
GROUPED = ("ring", "retained", "late", "locale", "country", "controller", "stores",
    "mask_0", "mask_1", "mask_2")  # fmt: skip


def write(engine: Engine, path: Path, words: Words) -> None:
    """Write everyone in a ring to a Parquet file, in no order, with numbers for words.

    It has a column for the customers that people are held for if there are any.
    """
    held, held_for = "", ""
    if engine.one("SELECT count(customer) FROM held_for")[0]:
        held = f"LEFT JOIN {duckdb_customers.lists()} AS c ON r.id = c.id "
        held_for = ", c.held_for"
    engine.read(f"""COPY (SELECT r.person AS person_key, r.ring::UTINYINT AS ring, r.email,
    r.second_email, r.locale, r.country, r.customer, r.stores, r.present, r.controller,
    r.mask_0, r.mask_1, r.mask_2, r.first_at, r.last_at, r.touches, w.reasons{held_for}
  FROM rings AS r LEFT JOIN reasons AS w ON r.id = w.id
  {held}WHERE r.ring IS NOT NULL)
TO {text(str(path))} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1,
    DICTIONARY_SIZE_LIMIT 1000, KV_METADATA {{{KEPT_WITH}: {text(words.as_json())}}})""")


def group(engine: Engine) -> None:
    """Make `grouped`: how many people are alike, with sums over the marks of their keys."""
    alike = ", ".join(GROUPED)
    engine.read(
        f"CREATE TABLE grouped AS SELECT {alike}, count(*) AS n, sum({FIRST_HALF}) AS firsts, "
        f"sum({LAST_HALF}) AS lasts FROM (SELECT {alike}, {MARK} AS m FROM rings) "
        f"GROUP BY {alike}"
    )


def result(engine: Engine, words: Words) -> str:
    """Return a digest of who is in which ring with what, in whatever order they were found.

    For each ring and set of categories: how many, and the sums of both halves of their marks.
    """
    by = ", ".join(BY_RING)
    rows = engine.rows(
        f"SELECT {by}, CAST(sum(n) AS BIGINT), CAST(sum(firsts) AS VARCHAR), "
        f"CAST(sum(lasts) AS VARCHAR) FROM grouped WHERE ring IS NOT NULL GROUP BY {by}"
    )
    people = sorted(
        (
            int(ring),
            words.names("categories", all_of),
            words.names("categories", proven),
            n,
            *sums,
        )
        for ring, all_of, proven, n, *sums in rows
    )
    return rules.sha256({"marks": "md5 sums", "people": people})


def groups(engine: Engine, words: Words) -> tuple[Group, ...]:
    """Return how many people of each ring share language, role, stores and categories."""
    found: list[Group] = []
    for number, ring in enumerate(RINGS):
        rows = engine.rows(
            f"SELECT locale, controller, stores, mask_{number}, CAST(sum(n) AS BIGINT) "
            f"FROM grouped WHERE ring <= {number} "
            f"GROUP BY locale, controller, stores, mask_{number}"
        )
        several = [
            Group(
                ring,
                locale,
                (Role.CONTROLLER if controller else Role.PROCESSOR).value,
                "|".join(words.names("stores", stores)),
                words.names("categories", mask),
                people,
            )
            for locale, controller, stores, mask, people in rows
        ]
        several.sort(
            key=lambda each: (each.locale or "", each.role, each.store, each.categories)
        )
        found.extend(several)
    return tuple(found)


def counts(engine: Engine, question: Question, words: Words) -> dict[str, Any]:
    """Return the counts that the lists answer."""
    by_ring = dict(
        engine.rows(
            "SELECT ring, CAST(sum(n) AS BIGINT) FROM grouped WHERE ring IS NOT NULL "
            "GROUP BY ring"
        )
    )
    proven = by_ring.get(0, 0)
    reachable = proven + by_ring.get(1, 0)
    first, last = engine.one("SELECT min(first_at), max(last_at) FROM touched")
    retained, erased, late = engine.one(
        "SELECT CAST(coalesce(sum(n) FILTER (ring IS NULL AND retained), 0) AS BIGINT), "
        "CAST(coalesce(sum(n) FILTER (ring IS NULL AND NOT retained), 0) AS BIGINT), "
        "CAST(coalesce(sum(n) FILTER (ring = 0 AND late), 0) AS BIGINT) FROM grouped"
    )
    by_mail = any("email" in each.columns for each in question.logs)
    return {
        "rings": {
            "proven": proven,
            "reachable": reachable,
            "population": reachable + by_ring.get(2, 0),
        },
        "by_category": _by_category(engine, words),
        "by_country": _by(engine, "country"),
        "by_locale": _by(engine, "locale"),
        "by_customer": _by_customer(engine),
        "without_customer": duckdb_customers.without(engine),
        "records": _records(engine),
        "first_touch": duckdb_customers.instant(first),
        "last_touch": duckdb_customers.instant(last),
        "excluded": {"erased_before_window": erased, "retention_over": retained},
        "held_past_retention": late,
        "unmatched": {
            "rows": _unmatched(engine),
            "unknown_people": _unknown(engine, by_mail=by_mail),
        },
        "duplicates": engine.one("SELECT count(*) FROM twice")[0],
        "directory": engine.one("SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM grouped")[0],
    }


def _by_category(engine: Engine, words: Words) -> dict[str, dict[str, int]]:
    by_category: Counter[str] = Counter()
    for mask, people in engine.rows(
        "SELECT mask_0, CAST(sum(n) AS BIGINT) FROM grouped WHERE ring = 0 GROUP BY mask_0"
    ):
        by_category.update(dict.fromkeys(words.names("categories", mask), people))
    return {each: {"proven": n} for each, n in sorted(by_category.items())}


def _by(engine: Engine, column: str) -> dict[str, dict[str, int]]:
    rows = engine.rows(
        f"SELECT {column}, CAST(sum(n) AS BIGINT) FROM grouped "
        f"WHERE ring = 0 AND {column} IS NOT NULL GROUP BY {column} ORDER BY {column}"
    )
    return {value: {"proven": people} for value, people in rows}


def _by_customer(engine: Engine) -> dict[str, int]:
    count, largest = engine.one(
        "SELECT count(*), coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM held_for "
        "WHERE ring = 0 AND customer IS NOT NULL GROUP BY customer)"
    )
    return {"count": count, "largest": largest}


def _records(engine: Engine) -> int:
    return int(
        engine.one(
            "SELECT (SELECT count(*) FROM pairs) - (SELECT coalesce(sum(n), 0) FROM again) "
            "+ (SELECT coalesce(sum(n), 0) FROM whole) "
            "+ (SELECT count(*) FROM named_lines)"
        )[0]
    )


def _unmatched(engine: Engine) -> int:
    return int(
        engine.one(
            "SELECT (SELECT count(*) FROM requests AS q WHERE NOT EXISTS "
            "(SELECT 1 FROM hits AS h WHERE h.request = q.id)) "
            "+ (SELECT count(DISTINCT o.request) FROM ones AS o WHERE o.email IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM named AS n "
            "WHERE n.request = o.request AND n.route = o.route))"
        )[0]
    )


def _unknown(engine: Engine, *, by_mail: bool) -> int:
    mails = (
        "UNION SELECT g.email FROM ones AS o JOIN logged_addresses AS g ON o.email = g.said "
        "WHERE NOT EXISTS (SELECT 1 FROM addresses AS a WHERE a.email = g.email) "
        if by_mail
        else ""
    )
    return int(
        engine.one(
            "SELECT count(*) FROM (SELECT n.key FROM named AS n WHERE NOT EXISTS "
            "(SELECT 1 FROM known AS k WHERE k.person = n.key) "
            f"{mails}UNION SELECT CASE WHEN contains(e.trimmed, '@') THEN e.email "
            "ELSE e.trimmed END FROM entries AS e WHERE NOT EXISTS "
            "(SELECT 1 FROM matched AS m WHERE m.list = e.list AND m.file = e.file "
            "AND m.row = e.row)) AS unknown"
        )[0]
    )
