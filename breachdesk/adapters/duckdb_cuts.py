"""A customer's own list, cut out of the list of everyone: its people, its data, its reasons."""

from dataclasses import replace
from pathlib import Path

from breachdesk.adapters.duckdb_answers import KEPT_WITH
from breachdesk.adapters.duckdb_engine import ITS_OWN, Engine, text
from breachdesk.adapters.duckdb_evidence import ROW_BITS
from breachdesk.adapters.duckdb_lists import opened, words_of
from breachdesk.adapters.duckdb_reasons import Words

OWN = """person_key, h.ring AS ring, h.email AS email, h.second_email AS second_email,
    h.locale AS locale, h.country AS country, h.customer AS customer, stores & h.own AS stores,
    present & h.own AS present, false AS controller, h.own_0 AS mask_0, h.own_1 AS mask_1,
    h.own_2 AS mask_2,
    CASE WHEN h.ring = 0 AND h.n IS NULL THEN first_at ELSE h.first_at END AS first_at,
    CASE WHEN h.ring = 0 AND h.n IS NULL THEN last_at ELSE h.last_at END AS last_at,
    CASE WHEN h.ring > 0 THEN 0 ELSE coalesce(h.n, touches) END AS touches,
    CASE WHEN h.ring = 0 THEN list_filter(reasons, lambda r: r.route IS NULL
      OR ((h.own >> {stores}[r.route + 1]) & 1) = 1
      OR ((everywhere >> {stores}[r.route + 1]) & 1) = 0) END AS reasons"""
EARLIER = """person_key, h.ring AS ring, email, locale, country, h.customer AS customer, stores,
    present, false AS controller, mask_0, mask_1, mask_2, first_at, last_at, touches, reasons"""
"""What lists of earlier releases know: they did not keep each customer's own data apart."""


def cut(listed: Path, customer: str, target: Path) -> None:
    """Write to `target` a list of those whom we hold for a customer, and of nobody else.

    Where somebody is held for several, each is told of its own data alone: of what was reached
    there, when, and by which row. A row of a route whose own store does not hold somebody is
    a reason in every store that does.
    """
    with opened(listed) as engine:
        words = words_of(engine, listed)
        assert words is not None  # noqa: S101  (lists in words hold nobody for customers)
        relation = f"read_parquet({text(str(listed))}, {ITS_OWN})"
        [(_, kind, *_)] = engine.rows(f"DESCRIBE SELECT held_for FROM {relation}")
        stores = f"[{', '.join(map(str, words.route_stores))}]"
        columns = OWN.format(stores=stores) if "own_0" in kind else EARLIER
        engine.read(
            f"CREATE TABLE own AS SELECT {columns} FROM (SELECT *, stores AS everywhere, "
            "unnest(list_filter(held_for, "
            f"lambda x: x.customer = {text(customer)})) AS h FROM {relation})"
        )
        known = text(_only(engine, words).as_json())
        engine.read(
            f"COPY own TO {text(str(target))} "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{KEPT_WITH}: {known}}})"
        )


def _only(engine: Engine, words: Words) -> Words:
    """Return the words without the files and openings that no reason of theirs names."""
    held = engine.one("SELECT bit_or(present) FROM own")[0] or 0
    openings = tuple(each for each in words.openings if held >> each[0] & 1)
    used = {
        number
        for (number,) in engine.rows(
            f"SELECT DISTINCT unnest(reasons).request >> {ROW_BITS} FROM own"
        )
    } | {each[2] >> ROW_BITS for each in openings if each[2] is not None}
    files = tuple(name if number in used else "" for number, name in enumerate(words.files))
    return replace(words, files=files, openings=openings)
