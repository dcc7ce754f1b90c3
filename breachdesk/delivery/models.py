"""Tables of the ledger. No name, key or address of an affected person is in clear in any."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table

MARK = String().with_variant(String(collation="C"), "postgresql")
"""Hexadecimal digits, which compare as bytes and by the rules of no language."""


class Campaign(Owned, Table):
    """One frozen list of people who are sent one notice.

    `letter` is the obligation and the kind of notice, whatever its version: nobody gets the
    same letter twice, across campaigns. `wave` is the last that may leave, `next_turn` when the
    next request may; `heard_at` is when the world last spoke. `proof_key` is what remains of
    the incident's key when it is destroyed: enough to find a person's row, and no address.
    Letters for the post that have no message are numbered after the messages: `printed` many.
    `channel` tells whether it goes to people's first addresses or to their second ones.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index(None, "id", "incident_id", "organisation_id", unique=True),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    letter: Mapped[str]
    number: Mapped[int]
    name: Mapped[str] = mapped_column(unique=True)
    folder: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="email", default="email")
    state: Mapped[str] = mapped_column(index=True)
    content_digest: Mapped[str]
    sender_name: Mapped[str]
    sender_address: Mapped[str]
    reply_to: Mapped[str]
    people: Mapped[int]
    messages: Mapped[int]
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[str]
    started_at: Mapped[datetime | None]
    started_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    why: Mapped[str]
    pace: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    wave: Mapped[int] = mapped_column(server_default="0", default=0)
    printed: Mapped[int] = mapped_column(server_default="0", default=0)
    next_turn: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]
    proof_key: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class CampaignVariant(Owned, Table):
    """The text of a campaign for one language, role and set of data, as it was approved."""

    __tablename__ = "campaign_variants"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"), index=True)
    locale: Mapped[str]
    role: Mapped[str]
    categories: Mapped[list[Any]]
    subject: Mapped[str]
    text_frame: Mapped[str]
    html_frame: Mapped[str]
    digest: Mapped[str]


class Chunk(Owned, Table):
    """At most 1,000 messages of one text, which are sent, and fail, together.

    `zone` names the clocks of its readers, where the freeze kept them apart.
    """

    __tablename__ = "chunks"
    __table_args__ = (
        Index(None, "campaign_id", "state", "id"),
        Index(None, "state", "lease_until"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_variants.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("chunks.id"))
    messages: Mapped[int]
    people: Mapped[int]
    state: Mapped[str]
    attempts: Mapped[int]
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]
    payload_digest: Mapped[str]
    settled_at: Mapped[datetime | None]
    wave: Mapped[int] = mapped_column(server_default="0", default=0)
    zone: Mapped[str | None]


class ChunkPayload(Owned, Table):
    """Addresses and values of a chunk's readers, sealed under the incident's key.

    It bears the id of its chunk. Beside the chunk it would be written again with each state of
    it, and read by SQLite on the way to what follows.
    """

    __tablename__ = "chunk_payloads"

    id: Mapped[UUID] = mapped_column(ForeignKey("chunks.id"), primary_key=True, sort_order=-1)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Owned, Table):
    """One person and one letter. Written at the freeze, changed by reports of the world only.

    Marks are HMACs under a key of the incident. Without a chunk there is a written reason.
    Incident and organisation are those of the campaign: one check holds all three.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["campaign_id", "incident_id", "organisation_id"],
            ["campaigns.id", "campaigns.incident_id", "campaigns.organisation_id"],
        ),
        UniqueConstraint("incident_id", "letter", "person_mark", "seq"),
        Index(None, "campaign_id", "message"),
        Index(None, "campaign_id", "address_mark"),
    )

    organisation_id: Mapped[UUID] = mapped_column()
    incident_id: Mapped[UUID]
    campaign_id: Mapped[UUID]
    letter: Mapped[str]
    person_mark: Mapped[str] = mapped_column(MARK)
    address_mark: Mapped[str | None] = mapped_column(MARK)
    seq: Mapped[int]
    superseded: Mapped[bool]
    chunk_id: Mapped[UUID | None] = mapped_column(ForeignKey("chunks.id"), index=True)
    message: Mapped[int | None]
    reason: Mapped[str | None]
    note: Mapped[str]
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]


class Attempt(Owned, Table):
    """One posting begun. Only ever added, and closed once.

    `ticket` is the name by which its carrier can be told to hold it back, until `leaves_at`.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("chunk_id", "number"),
        Index(None, "organisation_id", "result", "leaves_at"),
    )

    chunk_id: Mapped[UUID] = mapped_column(ForeignKey("chunks.id"))
    number: Mapped[int]
    owner: Mapped[str]
    mailer: Mapped[str]
    began_at: Mapped[datetime]
    ticket: Mapped[str | None]
    leaves_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str | None]
    proof: Mapped[str]


class Event(Owned, Table):
    """What the world reported of a message. Only ever added; a repeat is known by `source`."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        UniqueConstraint("organisation_id", "source"),
        Index(None, "campaign_id", "message"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    source: Mapped[str]
    message: Mapped[int]
    attempt: Mapped[int | None]
    kind: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]


class Published(Owned, Table):
    """What everybody may read of a campaign, or why nothing is published of it."""

    __tablename__ = "delivery_publications"
    __table_args__ = (UniqueConstraint("campaign_id"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.id"))
    sender: Mapped[str]
    subjects: Mapped[dict[str, Any]]
    texts: Mapped[dict[str, Any]]
    digest: Mapped[str]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    waived_why: Mapped[str]


class Telling(Owned, Table):
    """One person was told by another way than e-mail, and what proves it. Only ever added."""

    __tablename__ = "delivery_tellings"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), index=True)
    channel: Mapped[str]
    told_at: Mapped[datetime]
    evidence: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class Handover(Owned, Table):
    """A list of its own people that one customer may fetch, with two things that it was given.

    One is the code in its alert; the other, of which the digest is kept, it is told by another
    way, such as by telephone.
    """

    __tablename__ = "handovers"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    customer: Mapped[str]
    scope_version: Mapped[int]
    ring: Mapped[str]
    secret_digest: Mapped[str] = mapped_column(unique=True)
    offered_at: Mapped[datetime]
    offered_by: Mapped[str]
    until: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    fetched: Mapped[int]
    fetched_at: Mapped[datetime | None]


class Worker(Owned, Table):
    """A process that sends without a vault, known by the public half of a pair in its memory.

    `admission` is that half sealed under the desk's key of the vault when a member admitted
    it, so that whoever can only write to the database admits nobody.
    """

    __tablename__ = "workers"
    __table_args__ = (UniqueConstraint("organisation_id", "fingerprint"),)

    public_key: Mapped[bytes]
    fingerprint: Mapped[str]
    machine: Mapped[str]
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    admission: Mapped[bytes | None]
    admitted_at: Mapped[datetime | None]
    admitted_by: Mapped[str | None]
    dismissed_at: Mapped[datetime | None]


class HandedKey(Owned, Table):
    """An incident's key, sealed to one worker while there is something to send."""

    __tablename__ = "handed_keys"
    __table_args__ = (UniqueConstraint("worker_id", "incident_id"),)

    worker_id: Mapped[UUID] = mapped_column(ForeignKey("workers.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    sealed: Mapped[bytes]
    handed_at: Mapped[datetime]
