"""Erases a row with all that refers to it, in every table there is, also those of tomorrow."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy import Table as Columns
from sqlalchemy.orm import Session

from breachdesk.kernel.tables import Table


def erase(session: Session, row: Table) -> dict[str, int]:
    """Erase `row` and what refers to it; return how many rows of each table went."""
    found = _referring(row)
    counts = {
        table.name: session.scalar(select(func.count()).select_from(table).where(theirs)) or 0
        for table, theirs in found
    }
    session.flush()
    session.expunge_all()
    for table, theirs in reversed(found):
        session.execute(delete(table).where(theirs))
    return {name: number for name, number in counts.items() if number}


def among(session: Session, row: Table, ids: Collection[UUID]) -> list[UUID]:
    """Return which of `ids` are `row`'s, or of a row that refers to it."""
    return [
        each
        for table, theirs in _referring(row)
        for each in session.scalars(select(table.c.id).where(theirs, table.c.id.in_(ids)))
    ]


def _referring(row: Table) -> list[tuple[Columns, ColumnElement[bool]]]:
    """Return each table with the condition that its rows lead to `row`, `row`'s own first."""
    start = row.metadata.tables[row.__tablename__]
    found: dict[Columns, ColumnElement[bool]] = {start: start.c.id == row.id}
    for table in row.metadata.sorted_tables:
        ways = [
            key.parent.in_(select(key.column).where(found[key.column.table]))
            for key in table.foreign_keys
            if key.column.table in found and key.column.table is not table
        ]
        if ways:
            found[table] = or_(*ways)
    return list(found.items())
