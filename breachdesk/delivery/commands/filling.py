"""How a frozen list is written down: chunks as they fill, people a thousand at a time."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert, text, update

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, Chunk, ChunkPayload
from breachdesk.delivery.terms import CHUNK_MESSAGES, ChunkState, Recipients

Place = tuple[UUID, int]
"""Chunk and number of a message."""


@dataclass
class Filling:
    """A chunk that still takes messages; its kind is its text and its readers' clocks."""

    id: UUID
    kind: tuple[UUID, str | None]
    recipients: Recipients = field(default_factory=list)
    mailboxes: set[str] = field(default_factory=set)

    def takes(self, mailbox: str) -> bool:
        """Tell whether a message to this mailbox may join: each is in a chunk once."""
        return len(self.recipients) < CHUNK_MESSAGES and mailbox not in self.mailboxes


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
    connection.exec_driver_sql(f"PRAGMA cache_size={usual}")


CACHE_KIB = 64 * 1024


def open_chunk(tx: Transaction, campaign: Campaign, kind: tuple[UUID, str | None]) -> Filling:
    """Return a new chunk to be filled: people refer to it before it is sealed."""
    filling = Filling(tx.new_id(), kind)
    row = {
        "id": filling.id,
        "organisation_id": tx.organisation_id,
        "campaign_id": campaign.id,
        "variant_id": kind[0],
        "zone": kind[1],
        "messages": 0,
        "people": 0,
        "state": ChunkState.READY.value,
        "attempts": 0,
        "payload_digest": "",
    }
    tx.session.execute(insert(Chunk), [row])
    return filling


def seal(tx: Transaction, incident_id: UUID, filling: Filling) -> None:
    """Seal what a chunk holds; it takes no more."""
    digest = keep(tx, incident_id, filling.id, filling.recipients)
    tx.session.execute(
        update(Chunk)
        .where(Chunk.id == filling.id)
        .values(messages=len(filling.recipients), payload_digest=digest)
        .execution_options(synchronize_session=False)
    )


def keep(tx: Transaction, incident_id: UUID, chunk_id: UUID, recipients: Recipients) -> str:
    """Keep what a chunk holds under the incident's key; return its digest as sealed."""
    clear = json.dumps(recipients, ensure_ascii=False, separators=(",", ":")).encode()
    payload = tx.vault.seal(incident_id, clear, label=f"chunk {chunk_id}")
    row = {"id": chunk_id, "organisation_id": tx.organisation_id, "sealed": payload}
    tx.session.execute(insert(ChunkPayload), [row])
    return rules.digest(payload)


def write_down(tx: Transaction, campaign: Campaign, rows: Sequence[Row]) -> None:
    """Add people to the ledger: a thousand conversions by the ORM cost more than the rest."""
    connection = tx.session.connection()
    shared = (tx.organisation_id, campaign.incident_id, campaign.id)
    if connection.dialect.name == "postgresql":
        connection.execute(
            _ADD,
            {
                **dict(zip(("organisation", "incident", "campaign"), shared, strict=True)),
                "letter": campaign.letter,
                "ids": [tx.new_id() for _ in rows],
                **dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)),
            },
        )
        return
    house, incident, owner = (each.hex for each in shared)
    connection.exec_driver_sql(
        _ADD_ROWS,
        [
            (
                tx.new_id().hex, house, incident, owner, campaign.letter, mark, mailbox, seq,
                chunk and chunk.hex, message, reason, note,
            )
            for mark, mailbox, seq, chunk, message, reason, note in rows
        ],
    )  # fmt: skip


def written_to(
    tx: Transaction, campaign: Campaign, boxes: Sequence[str]
) -> list[tuple[str, UUID, int]]:
    """Return mailbox, chunk and message of what this campaign holds for some mailboxes.

    The mailboxes are looked up one by one: SQLite would rather read the whole campaign.
    """
    connection = tx.session.connection()
    if connection.dialect.name == "postgresql":
        asked = {"campaign": campaign.id, "boxes": list(boxes)}
        return [(box, chunk, n) for box, chunk, n in connection.execute(_FIND, asked)]
    rows = connection.exec_driver_sql(_FIND_ROWS, (json.dumps(boxes), campaign.id.hex))
    return [(box, UUID(chunk), n) for box, chunk, n in rows]


_FIND = text(
    "SELECT address_mark, chunk_id, message FROM deliveries"
    " WHERE campaign_id = :campaign AND address_mark = ANY(:boxes) AND message IS NOT NULL"
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
_COLUMNS = ("marks", "mailboxes", "seqs", "chunks", "messages", "reasons", "notes")
_ADD_ROWS = (
    "INSERT INTO deliveries (id, organisation_id, incident_id, campaign_id, letter,"
    " person_mark, address_mark, seq, superseded, chunk_id, message, reason, note)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)"
)
"""SQLite takes rows."""
_ADD = text(
    "INSERT INTO deliveries (id, organisation_id, incident_id, campaign_id, letter,"
    " person_mark, address_mark, seq, superseded, chunk_id, message, reason, note)"
    " SELECT id, :organisation, :incident, :campaign, :letter, mark, mailbox, seq,"
    " false, chunk, message, reason, note FROM unnest("
    "CAST(:ids AS uuid[]), CAST(:marks AS text[]), CAST(:mailboxes AS text[]),"
    " CAST(:seqs AS integer[]), CAST(:chunks AS uuid[]), CAST(:messages AS integer[]),"
    " CAST(:reasons AS text[]), CAST(:notes AS text[]))"
    " AS person (id, mark, mailbox, seq, chunk, message, reason, note)"
)
"""PostgreSQL takes columns: a thousand rows travel as twelve values."""
