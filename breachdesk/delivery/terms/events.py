"""Words for what the world reports of messages, and for what is then to be done."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID


class EventKind(Enum):
    """What the world reports of a message, the weakest word first.

    The strongest word heard of a message is what counts, in whatever order they came: a bounce
    may follow a delivery, and whoever complains has read it.
    """

    PROCESSED = "processed"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    BLOCKED = "blocked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Word:
    """One report as it came in: by our own marks, or by the carrier's id and the address.

    `receipt` is the id by which the carrier acknowledged the request. Reports that come long
    after a message left bear neither our marks nor always an id.
    """

    source: str
    kind: EventKind
    at: datetime
    reason: str = ""
    campaign: str = ""
    message: int | None = None
    chunk: UUID | None = None
    attempt: int | None = None
    receipt: str = ""
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a delivery of reports: of all, some were new, some nobody's."""

    words: int
    new: int
    strangers: int


class Channel(Enum):
    """By what way a person can be told, in the order in which they are tried."""

    EMAIL = "email"
    SECOND_ADDRESS = "second_address"
    LETTER = "letter"
    PHONE = "phone"
    PUBLIC = "public"
    """A public communication or the like, where each alone is out of proportion
    (Art. 34(3)(c) GDPR)."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Someone whom the e-mail did not reach, why, and by what way to go on."""

    person: str = field(repr=False)
    standing: str
    reason: str
    channel: Channel
    told_by: Channel | None
    told_at: datetime | None
