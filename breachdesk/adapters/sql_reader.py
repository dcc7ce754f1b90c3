"""A directory asked of a database: a server-side cursor, streamed to a file as CSV.

Nothing of the address is ever said: an error names its kind, and what the driver says may
quote the address or the data, so it is not passed on.
"""

import csv
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import Asked

ROWS_AT_ONCE = 10_000
STREAMED = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
POSTGRESQL = "postgresql://"
NAME = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What would be taken for the name of a value; a statement has none, and means a colon."""


def fetch(asked: Asked, place: str, target: Path) -> tuple[str, ...]:
    """Write the rows that a statement yields to `target`; return the names of their columns.

    The transaction is read only where the database knows such a thing, and always rolled
    back. Raises Unusable.
    """
    address = asked.address
    if address.startswith(POSTGRESQL):
        address = "postgresql+psycopg://" + address.removeprefix(POSTGRESQL)
    try:
        engine = create_engine(address)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise Unusable(
            Problem("is no address that can be used", field=f"{place}.sql")
        ) from None
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION READ ONLY"))
            elif connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA query_only = ON"))
            statement = text(NAME.sub(r"\\:", asked.statement))
            found = connection.execute(statement, execution_options=STREAMED)
            names = _write(found, place, target)
            connection.rollback()
            return names
    except SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise Unusable(
            Problem(f"cannot be answered by the database ({kind})", field=f"{place}.query")
        ) from None
    finally:
        engine.dispose()


def _write(found: Any, place: str, target: Path) -> tuple[str, ...]:
    if not found.returns_rows:
        raise Unusable(Problem("returns no rows; begin it with SELECT", field=f"{place}.query"))
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(found.keys())
        while rows := found.fetchmany(ROWS_AT_ONCE):
            writer.writerows([_text(value) for value in row] for row in rows)
    return tuple(found.keys())


def _text(value: Any) -> str:
    """Return a value as text; an instant with its offset if it has one."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
