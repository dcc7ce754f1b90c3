"""How people enter the ledger, a thousand at a time: each database by its quickest way."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import text

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery.models import Campaign
from breachdesk.kernel.database import copy_in

Place = tuple[UUID, int]
"""Chunk and number of a message."""


class Row(NamedTuple):
    """One person and one letter, as the ledger keeps them."""

    mark: str
    mailbox: str | None
    seq: int
    chunk_id: UUID | None
    message: int | None
    reason: str | None
    note: str


@contextmanager
def room(tx: Transaction) -> Iterator[None]:
    """Let SQLite hold the pages of an index in memory: marks have no order, so each is any.

    What is left of it afterwards is given back, and not kept by the connection.
    """
    connection = tx.session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
    yield
    connection.exec_driver_sql(f"PRAGMA cache_size={int(usual)}")


CACHE_KIB = 64 * 1024


class Pen:
    """Writes people down; on PostgreSQL while the marks of those who follow are made.

    The transaction has one connection: whoever asks it something must `wait` first.
    """

    def __init__(self, tx: Transaction, campaign: Campaign) -> None:
        """Write into `campaign`."""
        self._tx, self._campaign = tx, campaign
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="pen")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let nothing use the connection after this, also where something failed."""
        self._beside.shutdown()

    def write(self, people: Sequence[Row]) -> None:
        """Begin to add people to the ledger; a thousand conversions by the ORM cost more."""
        if not people:
            return
        connection = self._tx.session.connection()
        if connection.dialect.name == "sqlite":
            house, incident, owner = (each.hex for each in self._shared())
            rows = [
                (
                    self._tx.new_id().hex, house, incident, owner, self._campaign.letter,
                    False, mark, mailbox, seq, chunk and chunk.hex, message, reason, note,
                )
                for mark, mailbox, seq, chunk, message, reason, note in people
            ]  # fmt: skip
            connection.exec_driver_sql(_ADD, rows)
        else:
            shared, letter = self._shared(), self._campaign.letter
            copied = [(self._tx.new_id(), *shared, letter, False, *each) for each in people]
            self._under_way = self._beside.submit(
                copy_in, connection, "deliveries", _COLUMNS, copied
            )

    def wait(self) -> None:
        """Return when all is written. Raises what the database says of it."""
        if self._under_way is not None:
            self._under_way.result()

    def _shared(self) -> tuple[UUID, UUID, UUID]:
        return self._tx.organisation_id, self._campaign.incident_id, self._campaign.id


def written_to(
    tx: Transaction, campaign: Campaign, boxes: Sequence[str]
) -> list[tuple[str, UUID, int]]:
    """Return mailbox, chunk and message of what this campaign holds for some mailboxes.

    The mailboxes are looked up one by one: SQLite would rather read the whole campaign.
    """
    connection = tx.session.connection()
    if connection.dialect.name == "postgresql":
        asked = {"campaign": campaign.id, "boxes": ",".join(boxes)}
        return [(box, chunk, n) for box, chunk, n in connection.execute(_FIND, asked)]
    rows = connection.exec_driver_sql(_FIND_ROWS, (json.dumps(boxes), campaign.id.hex))
    return [(box, UUID(chunk), n) for box, chunk, n in rows]


_FIND = text(
    "SELECT address_mark, chunk_id, message FROM deliveries"
    " WHERE campaign_id = :campaign AND address_mark = ANY(string_to_array(:boxes, ','))"
    " AND message IS NOT NULL"
)
# The sign keeps SQLite from going through every message by their index, which it deems as good.
_FIND_ROWS = (
    "SELECT address_mark, chunk_id, message FROM json_each(?) AS box CROSS JOIN deliveries"
    " WHERE campaign_id = ? AND address_mark = box.value AND +message IS NOT NULL"
)


def look_over(tx: Transaction, batch: int) -> None:
    """Let PostgreSQL look its tables over as they grow, after the 1st, 4th, 16th … batch.

    In one transaction nothing else does, and what it planned for an empty table reads the whole
    of a full one for each batch.
    """
    connection = tx.session.connection()
    if connection.dialect.name == "postgresql" and batch.bit_count() == 1 and batch & _FOURS:
        connection.exec_driver_sql("ANALYZE deliveries, chunks")


_FOURS = 0x5555_5555
_COLUMNS = {
    "id": "uuid",
    "organisation_id": "uuid",
    "incident_id": "uuid",
    "campaign_id": "uuid",
    "letter": "varchar",
    "superseded": "bool",
    "person_mark": "varchar",
    "address_mark": "varchar",
    "seq": "int4",
    "chunk_id": "uuid",
    "message": "int4",
    "reason": "varchar",
    "note": "varchar",
}
"""What a person's row is made of, and how PostgreSQL calls each kind."""
_ADD = (
    f"INSERT INTO deliveries ({', '.join(_COLUMNS)})"  # noqa: S608  (names of ours)
    f" VALUES ({', '.join('?' * len(_COLUMNS))})"
)
