"""What the ledger says: who was told, what waits, what is in doubt."""

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from breachdesk.delivery.models import Campaign, CampaignVariant, Chunk, ChunkPayload
from breachdesk.delivery.terms import ChunkState, Recipients
from breachdesk.kernel.errors import Unknown
from breachdesk.kernel.vault import Purged, Vault
from breachdesk.notices.terms import FIRST, LATE

PEOPLE = "gdpr.34.people/first"
"""The letter by which people are told first (Art. 34 GDPR)."""

LOOK_UP = 1000


def letter(obligation: str, kind: str = "first") -> str:
    """Return what nobody gets twice: the obligation and the kind, whatever the version.

    Whoever is found late gets the first notice in other words, and so not another letter.
    """
    return f"{obligation}/{FIRST if kind == LATE else kind}"


def secret(vault: Vault, incident_id: UUID, session: Session | None = None) -> bytes:
    """Return the key of an incident's marks and codes. Raises Purged when it is gone.

    With a session, what was kept of it for proof is read where the incident was purged.
    """
    try:
        return bytes.fromhex(vault.address_key(incident_id, "delivery"))
    except Purged:
        kept = (
            session
            and session.execute(
                select(Campaign.proof_key, Campaign.organisation_id).where(
                    Campaign.incident_id == incident_id, Campaign.proof_key.is_not(None)
                )
            ).first()
        )
        if not kept or kept[0] is None:
            raise
        return vault.open(kept[1], kept[0], label=f"proof {incident_id}")


def campaigns_of(session: Session, incident_id: UUID) -> Sequence[Campaign]:
    """Return the campaigns of an incident, the first first."""
    return session.scalars(
        select(Campaign).where(Campaign.incident_id == incident_id).order_by(Campaign.number)
    ).all()


def campaign(session: Session, campaign_id: UUID) -> Campaign:
    """Return the campaign of that id. Raises Unknown."""
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise Unknown(f"there is no campaign {campaign_id}")
    return found


def recipients_of(
    session: Session, vault: Vault, campaign: Campaign, chunk_id: UUID
) -> Recipients:
    """Return number, address and values of each message of a chunk.

    Raises Purged or Tampered where it cannot be opened any more.
    """
    sealed = session.scalars(
        select(ChunkPayload.sealed).where(ChunkPayload.id == chunk_id)
    ).one()
    return _opened(vault, campaign, chunk_id, sealed)


def text_and_recipients(
    session: Session, vault: Vault, campaign: Campaign, chunk: Chunk
) -> tuple[str, str, str, str, Recipients]:
    """Return locale, subject, text and HTML that a chunk's readers are sent, and the readers.

    Raises Purged or Tampered.
    """
    asked = {"chunk_id": chunk.id, "variant_id": chunk.variant_id}
    locale, subject, text, html, sealed = session.execute(_TEXT_AND_PAYLOAD, asked).one()
    return locale, subject, text, html, _opened(vault, campaign, chunk.id, sealed)


_TEXT_AND_PAYLOAD = (
    select(
        CampaignVariant.locale,
        CampaignVariant.subject,
        CampaignVariant.text_frame,
        CampaignVariant.html_frame,
        ChunkPayload.sealed,
    )
    .join(ChunkPayload, ChunkPayload.id == bindparam("chunk_id"))
    .where(CampaignVariant.id == bindparam("variant_id"))
)
"""Made once: each parcel that leaves asks for it."""


def _opened(vault: Vault, campaign: Campaign, chunk_id: UUID, sealed: bytes) -> Recipients:
    clear = vault.open(campaign.incident_id, sealed, label=f"chunk {chunk_id}")
    recipients: Recipients = json.loads(clear)
    return recipients


def in_doubt(session: Session, incident_id: UUID) -> Sequence[Campaign]:
    """Return the campaigns of an incident with messages that a person must decide on."""
    doubtful = select(Chunk.campaign_id).where(Chunk.state == ChunkState.DOUBT.value)
    return session.scalars(
        select(Campaign)
        .where(Campaign.incident_id == incident_id, Campaign.id.in_(doubtful))
        .order_by(Campaign.number)
    ).all()
