"""All rows of a database as records, and back into a database of either kind.

The tables are read as they are, with the kind of each column, so that what was written from
one kind of database, at one version of the schema, can be read into the other kind later.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    column,
    select,
    table,
    types,
)

from breachdesk.kernel.archive import Record, document

REVISIONS = "alembic_version"
TABLE, ROWS = b"T", b"R"
READ_AT_ONCE = 50
WRITTEN_AT_ONCE = 1000
ENOUGH_BYTES = 1 << 19
UUID_WIDTH = 32


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a kind of column are written in JSON, read back, and stored."""

    type: Callable[[], types.TypeEngine[Any]]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


KINDS: Mapping[str, Kind] = {
    "uuid": Kind(Uuid, lambda value: str(UUID(str(value))), UUID),
    "instant": Kind(
        lambda: DateTime(timezone=True),
        lambda value: (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat(),
        datetime.fromisoformat,
    ),
    "date": Kind(Date, date.isoformat, date.fromisoformat),
    "json": Kind(lambda: JSON(none_as_null=True), _same, _same),
    "yes_no": Kind(Boolean, _same, _same),
    "bytes": Kind(
        LargeBinary, lambda value: base64.b64encode(value).decode(), base64.b64decode
    ),
    "number": Kind(types.NullType, _same, _same),
    "text": Kind(String, _same, _same),
}


def dump(
    connection: Connection,
    told: Callable[[str, int], object],
    left_out: Collection[str] = (),
) -> Iterator[Record]:
    """Yield every table but those `left_out`, and its rows; `told` hears how far it is."""
    for each in tables(connection):
        if each.name in left_out:
            continue
        kinds = [_kind(column_) for column_ in each.columns]
        columns = list(zip(each.columns.keys(), kinds, strict=True))
        yield document(TABLE, {"name": each.name, "columns": columns})
        number, batch, size = 0, [], 0
        rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
            select(each).order_by(*each.primary_key.columns)
        )
        for row in rows:
            written = [
                None if value is None else KINDS[kind].write(value)
                for value, kind in zip(row, kinds, strict=True)
            ]
            batch.append(written)
            size += sum(len(value) if isinstance(value, str) else 64 for value in written)
            number += 1
            if size >= ENOUGH_BYTES or len(batch) == WRITTEN_AT_ONCE:
                yield document(ROWS, batch)
                batch, size = [], 0
                told(each.name, number)
        if batch:
            yield document(ROWS, batch)
        told(each.name, number)


def load(connection: Connection, records: Iterable[Record]) -> dict[str, int]:
    """Write the rows of `records` into empty tables; return how many of each there were."""
    counts: dict[str, int] = {}
    target, kinds, name = None, [], ""
    for record in records:
        if record.kind == TABLE:
            told = record.document()
            name, names = told["name"], [each for each, _ in told["columns"]]
            kinds = [KINDS[kind] for _, kind in told["columns"]]
            target = table(
                name,
                *(column(each, kind.type()) for each, kind in zip(names, kinds, strict=True)),
            )
            counts[name] = 0
        elif record.kind == ROWS and target is not None:
            rows = [
                {
                    each: None if value is None else _stored(connection, kind.read(value))
                    for each, kind, value in zip(names, kinds, row, strict=True)
                }
                for row in record.document()
            ]
            connection.execute(target.insert(), rows)
            counts[name] += len(rows)
    return counts


def tables(connection: Connection) -> list[Table]:
    """Return every table that holds rows of ours, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [each for each in found.sorted_tables if each.name != REVISIONS]


def drop_all(connection: Connection) -> None:
    """Drop every table, and with it every row."""
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def _stored(connection: Connection, value: Any) -> Any:
    """SQLite's column has no room for an offset: the instant is kept in UTC, without."""
    if isinstance(value, datetime) and connection.dialect.name == "sqlite":
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _kind(column_: Column[Any]) -> str:
    kind = column_.type
    if isinstance(kind, types.Uuid) or (
        isinstance(kind, types.CHAR) and kind.length == UUID_WIDTH
    ):
        return "uuid"
    for base, name in (
        (types.DateTime, "instant"),
        (types.Date, "date"),
        (types.JSON, "json"),
        (types.Boolean, "yes_no"),
        (types.LargeBinary, "bytes"),
        (types.Numeric, "number"),
        (types.Integer, "number"),
        (types.String, "text"),
    ):
        if isinstance(kind, base):
            return name
    raise TypeError(f"{column_.table.name}.{column_.name} is {kind!r}, which no backup knows")
