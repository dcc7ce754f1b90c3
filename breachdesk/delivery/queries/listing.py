"""Each parcel of an incident and each attempt, in counts and digests: proof without names."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.delivery.models import Attempt, Campaign, Chunk


def parcels_of(session: Session, incident_id: UUID) -> list[dict[str, Any]]:
    """Return each parcel with the digest of its payload and each carrier's answer."""
    attempts: dict[UUID, list[dict[str, Any]]] = {}
    tried = (
        select(Attempt)
        .join(Chunk, Chunk.id == Attempt.chunk_id)
        .join(Campaign, Campaign.id == Chunk.campaign_id)
        .where(Campaign.incident_id == incident_id)
        .order_by(Attempt.began_at, Attempt.id)
    )
    for each in session.scalars(tried):
        attempts.setdefault(each.chunk_id, []).append(
            {
                "number": each.number,
                "mailer": each.mailer,
                "began_at": each.began_at,
                "ended_at": each.ended_at,
                "result": each.result,
                "proof": each.proof,
            }
        )
    rows = session.execute(
        select(Campaign.name, Campaign.letter, Campaign.content_digest, Chunk)
        .join(Chunk, Chunk.campaign_id == Campaign.id)
        .where(Campaign.incident_id == incident_id)
        .order_by(Campaign.number, Chunk.id)
    )
    return [
        {
            "campaign": name,
            "letter": letter,
            "text_digest": digest,
            "parcel": str(chunk.id),
            "state": chunk.state,
            "messages": chunk.messages,
            "people": chunk.people,
            "payload_digest": chunk.payload_digest,
            "settled_at": chunk.settled_at,
            "attempts": attempts.get(chunk.id, []),
        }
        for name, letter, digest, chunk in rows
    ]
