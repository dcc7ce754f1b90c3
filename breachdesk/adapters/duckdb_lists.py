"""Lists of people that a measure left: read, looked up, compared."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from breachdesk.adapters.duckdb_answers import KEPT_WITH
from breachdesk.adapters.duckdb_engine import ITS_OWN, Engine, text
from breachdesk.adapters.duckdb_reasons import Words
from breachdesk.datamap.terms import Role
from breachdesk.scoping.terms import Change, Comparison, Person, Ring

RINGS = tuple(Ring)
COLUMNS = (
    "person_key, email, locale, country, customer, first_at, last_at, touches, ring, "
    "stores, present, controller, mask_{ring}, reasons"
)
SECOND = "second_email"
"""Lists of earlier releases have no such column."""
EARLIER = (
    "person_key, email, locale, country, customer, first_at, last_at, touches, ring, "
    "stores, role, categories_{ring}, why"
)
"""The columns of lists that were kept in words: those of earlier releases."""
BETWEEN = "\n"
"""Stands between two sentences of such a list."""


def people(listed: Path, ring: Ring, *, mixed: bool = False) -> Iterator[Person]:
    """Yield everyone of a ring, ordered by key; when `mixed`, by a digest of the key."""
    order = "md5_number(person_key)" if mixed else "person_key"
    with opened(listed) as engine:
        for _, person in _found(engine, listed, ring, "", order):
            yield person


def person(listed: Path, person_key: str) -> tuple[Ring, Person] | None:
    """Return the innermost ring of one person, and the person; None if not listed."""
    with opened(listed) as engine:
        for ring in RINGS:
            where = f"AND person_key = {text(person_key)}"
            for number, found in _found(engine, listed, ring, where):
                return RINGS[number], found
    return None


def compare(earlier: Path, later: Path, ring: Ring) -> Comparison:
    """Say how a ring of two lists differs."""
    with opened(later, earlier) as engine:
        before = _with_categories(engine, earlier, ring, "before")
        after = _with_categories(engine, later, ring, "after")
        return Comparison(
            *engine.one(
                "SELECT count(*) FILTER (b.person_key IS NULL), "
                "count(*) FILTER (a.person_key IS NULL), "
                "count(*) FILTER (a.categories = b.categories), "
                "count(*) FILTER (a.categories <> b.categories) "
                f"FROM {before} AS b FULL JOIN {after} AS a ON a.person_key = b.person_key"
            )
        )


def changes(earlier: Path, later: Path, ring: Ring) -> Iterator[tuple[str, Change]]:
    """Yield the key of everyone in whom a ring of two lists differs, and how."""
    with opened(later, earlier) as engine:
        before = _with_categories(engine, earlier, ring, "before")
        after = _with_categories(engine, later, ring, "after")
        rows = engine.stream(
            "SELECT coalesce(a.person_key, b.person_key), b.person_key IS NULL, "
            f"a.person_key IS NULL FROM {before} AS b FULL JOIN {after} AS a "
            "ON a.person_key = b.person_key WHERE a.categories IS DISTINCT FROM b.categories"
        )
        for key, came, went in rows:
            yield key, Change.ADDED if came else Change.REMOVED if went else Change.CHANGED


@contextmanager
def opened(*lists: Path) -> Iterator[Engine]:
    """Yield an engine that sees some lists, and the folder of the first."""
    engine = Engine(lists[0].parent, lists)
    try:
        yield engine
    finally:
        engine.close()


def words_of(engine: Engine, listed: Path) -> Words | None:
    """Return the words of a list's numbers; None if it was kept in words."""
    kept = engine.rows(
        f"SELECT decode(value) FROM parquet_kv_metadata({text(str(listed))}) "
        f"WHERE decode(key) = '{KEPT_WITH}'"
    )
    return Words.from_json(kept[0][0]) if kept else None


def _found(
    engine: Engine, listed: Path, ring: Ring, where: str, order: str = "person_key"
) -> Iterator[tuple[int, Person]]:
    """Yield the people of a ring with the number of their innermost one."""
    number, words = RINGS.index(ring), words_of(engine, listed)
    columns = (EARLIER if words is None else COLUMNS).format(ring=number)
    rows = engine.stream(
        f"SELECT {_second(engine, listed)}, {columns} "
        f"FROM read_parquet({text(str(listed))}, {ITS_OWN}) "
        f"WHERE ring <= {number} {where} ORDER BY {order}"
    )
    for second, *row in rows:
        key, email, locale, country, customer, first, last, touches, innermost = row[:9]
        known = _in_words(row[9:]) if words is None else _in_numbers(words, innermost, row[9:])
        stores, role, categories, why = known
        yield (
            int(innermost),
            Person(
                person_key=key,
                email=email,
                locale=locale,
                country=country,
                customer=customer,
                stores=stores,
                role=role,
                categories=categories,
                first_touch=_utc(first),
                last_touch=_utc(last),
                touches=touches,
                why=why,
                second_email=second,
            ),
        )


def _second(engine: Engine, listed: Path) -> str:
    """Return what stands for the second address in a list that may have none."""
    held = engine.one(
        f"SELECT count(*) FROM parquet_schema({text(str(listed))}) WHERE name = '{SECOND}'"
    )
    return SECOND if held[0] else "CAST(NULL AS VARCHAR)"


Known = tuple[tuple[str, ...], str, tuple[str, ...], tuple[str, ...]]
"""Stores, role, categories and reasons of somebody."""


def _in_words(row: Sequence[Any]) -> Known:
    stores, role, categories, why = row
    return (
        tuple(stores.split("|")),
        role,
        tuple(categories.split("|")) if categories else (),
        tuple(why.split(BETWEEN)),
    )


def _in_numbers(words: Words, ring: int, row: Sequence[Any]) -> Known:
    stores, present, controller, mask, reasons = row
    return (
        words.names("stores", stores),
        (Role.CONTROLLER if controller else Role.PROCESSOR).value,
        words.names("categories", mask),
        words.why(ring, present, reasons),
    )


def _with_categories(engine: Engine, listed: Path, ring: Ring, label: str) -> str:
    """Return a relation of the keys of a ring with the names of their categories."""
    number, words = RINGS.index(ring), words_of(engine, listed)
    rows = f"read_parquet({text(str(listed))}, {ITS_OWN})"
    if words is None:
        return (
            f"(SELECT person_key, categories_{number} AS categories FROM {rows} "
            f"WHERE ring <= {number})"
        )
    masks = engine.rows(f"SELECT DISTINCT mask_{number} FROM {rows} WHERE ring <= {number}")
    engine.lend(
        f"names_{label}",
        {"mask": "BIGINT", "names": "VARCHAR"},
        ((mask, "|".join(words.names("categories", mask))) for (mask,) in masks),
    )
    return (
        f"(SELECT l.person_key, n.names AS categories FROM {rows} AS l "
        f"JOIN names_{label} AS n ON l.mask_{number} = n.mask WHERE l.ring <= {number})"
    )


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)
