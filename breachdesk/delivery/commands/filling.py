"""The chunks of a list that is being frozen: each is sealed as soon as it is full."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import insert, update

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import rules
from breachdesk.delivery.models import Campaign, Chunk, ChunkPayload
from breachdesk.delivery.terms import CHUNK_MESSAGES, ChunkState, Recipients


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
