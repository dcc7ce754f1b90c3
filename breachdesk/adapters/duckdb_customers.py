"""Whose people they are, where we are a processor: each customer's own, and their numbers."""

from collections.abc import Mapping

from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.datamap.terms import DataMap, Role
from breachdesk.scoping.terms import Question, Ring

RINGS = tuple(Ring)


def find(engine: Engine, question: Question, datamap: DataMap, opened: int) -> None:
    """Make `held_for`: for each person the customers we hold them for, each with a ring.

    The ring is that of the customer's own data: somebody proven in another's is not proven
    in theirs. `opened` is the mask of the stores that stood open.
    """
    asked = {each.store for each in question.directories}
    stores = [
        number
        for number, each in enumerate(datamap.stores)
        if each.role is Role.PROCESSOR and each.id in asked
    ]
    among = ", ".join(str(number) for number in stores) or "-1"
    bit = "(CAST(1 AS BIGINT) << l.store)"
    engine.run(f"""CREATE TABLE held_for AS
SELECT r.id, l.customer, min(CASE WHEN r.ring = 0 AND r.touched & {bit} <> 0 THEN 0
    WHEN r.ring < 2 AND r.present & {bit} & {opened} <> 0 THEN 1 ELSE 2 END) AS ring
FROM listed AS l JOIN rings AS r ON l.person = r.person
WHERE l.store IN ({among}) AND l.customer IS NOT NULL AND r.ring IS NOT NULL
    AND (r.touched | r.present) & {bit} <> 0
GROUP BY r.id, l.customer""")


def counts(engine: Engine) -> Mapping[str, Mapping[str, int]]:
    """Return how many people of each customer are in each ring."""
    rows = engine.rows(
        "SELECT customer, count(*) FILTER (ring = 0), count(*) FILTER (ring < 2), count(*) "
        "FROM held_for GROUP BY customer ORDER BY customer"
    )
    return {
        customer: dict(zip((ring.value for ring in RINGS), people, strict=True))
        for customer, *people in rows
    }


def lists() -> str:
    """Return a relation with the customers of each person, to be kept in the list."""
    return (
        "(SELECT id, list({'customer': customer, 'ring': ring::UTINYINT}) AS held_for "
        "FROM held_for GROUP BY id)"
    )


def only(customer: str, ring: int) -> str:
    """Return whether somebody of a list is held for a customer, in a ring of its data."""
    return (
        "len(list_filter(held_for, lambda h: "
        f"h.customer = {text(customer)} AND h.ring <= {ring})) > 0"
    )
