"""Lists of people that a measure left: read, looked up, compared."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.adapters.duckdb_reasons import BETWEEN
from breachdesk.scoping.terms import Comparison, Person, Ring

RINGS = tuple(Ring)
COLUMNS = "person_key, email, locale, country, customer, stores, role"


def people(listed: Path, ring: Ring) -> Iterator[Person]:
    """Yield everyone of a ring, ordered by key."""
    engine = Engine(listed.parent, [listed])
    try:
        for row in engine.stream(_select(listed, ring) + " ORDER BY person_key"):
            yield _person(row)
    finally:
        engine.close()


def person(listed: Path, person_key: str) -> tuple[Ring, Person] | None:
    """Return the innermost ring of one person, and the person; None if not listed."""
    engine = Engine(listed.parent, [listed])
    try:
        for number, ring in enumerate(RINGS):
            where = f" AND ring = {number} AND person_key = {text(person_key)}"
            for row in engine.rows(_select(listed, ring) + where):
                return ring, _person(row)
    finally:
        engine.close()
    return None


def compare(earlier: Path, later: Path, ring: Ring) -> Comparison:
    """Say how a ring of two lists differs."""
    engine = Engine(later.parent, [earlier, later])
    number = RINGS.index(ring)
    before, after = (
        f"(SELECT person_key, categories_{number} AS categories "
        f"FROM read_parquet({text(str(path))}) WHERE ring <= {number})"
        for path in (earlier, later)
    )
    try:
        return Comparison(
            *engine.one(
                "SELECT count(*) FILTER (b.person_key IS NULL), "
                "count(*) FILTER (a.person_key IS NULL), "
                "count(*) FILTER (a.categories = b.categories), "
                "count(*) FILTER (a.categories <> b.categories) "
                f"FROM {before} AS b FULL JOIN {after} AS a ON a.person_key = b.person_key"
            )
        )
    finally:
        engine.close()


def _select(listed: Path, ring: Ring) -> str:
    number = RINGS.index(ring)
    return (
        f"SELECT {COLUMNS}, categories_{number}, first_at, last_at, touches, why "
        f"FROM read_parquet({text(str(listed))}) WHERE ring <= {number}"
    )


def _person(row: tuple[Any, ...]) -> Person:
    key, email, locale, country, customer, stores, role, categories, first, last, n, why = row
    return Person(
        person_key=key,
        email=email,
        locale=locale,
        country=country,
        customer=customer,
        stores=tuple(stores.split("|")),
        role=role,
        categories=tuple(categories.split("|")) if categories else (),
        first_touch=_utc(first),
        last_touch=_utc(last),
        touches=n,
        why=tuple(why.split(BETWEEN)),
    )


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)
