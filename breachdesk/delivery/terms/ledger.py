"""Words of the ledger: campaigns, chunks, parcels, outcomes, and what is told of each."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from breachdesk.delivery.terms.events import EventKind

CHUNK_MESSAGES = 1000
"""At most so many messages travel, and are recovered, together."""
Recipients = list[tuple[int, str, Mapping[str, str]]]
"""Number, address and values of each message of a chunk."""


class Breach(Protocol):
    """What delivery reads of an incident."""

    @property
    def id(self) -> UUID:
        """Return the incident's id."""

    @property
    def reference(self) -> str:
        """Return what people call it."""


class ToTell(Protocol):
    """What delivery reads of a notice."""

    @property
    def id(self) -> UUID:
        """Return the id of this version."""

    @property
    def obligation(self) -> str:
        """Return what it answers."""

    @property
    def kind(self) -> str:
        """Return whether it is the first notice, or which that follows."""

    @property
    def ring(self) -> str:
        """Return the ring whose people it is for."""

    @property
    def languages(self) -> list[Any]:
        """Return the languages it is written in, the organisation's own first."""

    @property
    def content_digest(self) -> str:
        """Return what was approved."""


class CampaignState(Enum):
    """How far a campaign is."""

    DRAFT = "draft"
    FROZEN = "frozen"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ChunkState(Enum):
    """How far a chunk is. `posting` is kept before the first byte leaves."""

    READY = "ready"
    CLAIMED = "claimed"
    POSTING = "posting"
    ACCEPTED = "accepted"
    SPLIT = "split"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    DOUBT = "doubt"
    CANCELLED = "cancelled"


class Standing(Enum):
    """What can be proved of one person. Everyone is in exactly one."""

    ACCEPTED = "accepted"
    """The carrier took the message."""
    DELIVERED = "delivered"
    """The reader's side took it."""
    BOUNCED = "bounced"
    DROPPED = "dropped"
    IN_DOUBT = "in_doubt"
    """It may or may not have left; it is never repeated blindly."""
    NOT_INFORMED = "not_informed"


class Reason(Enum):
    """Why someone is not informed."""

    NO_ADDRESS = "no_address"
    UNUSABLE_ADDRESS = "unusable_address"
    EXCLUDED = "excluded"
    CUSTOMER_INFORMS = "customer_informs"
    """We hold the data for a customer, who is the controller (Art. 33(2) GDPR)."""
    WAITING = "waiting"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    BLOCKED = "blocked"


class Folder(Enum):
    """Whom a parcel is for; each has a folder of its own in an outbox."""

    PEOPLE = "people"
    CUSTOMERS = "customers"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a notice comes from, and who reads the answers."""

    name: str
    address: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone to be told: a key that is theirs alone, an address, and which text is theirs.

    `values` are the reader's own, by the name of their tag.
    """

    key: str = field(repr=False)
    address: str | None = field(repr=False)
    locale: str | None
    role: str
    categories: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False, default_factory=dict)
    audience: str = "account"
    """As whom they are written to: see the audiences of notices."""
    second: str | None = field(repr=False, default=None)
    """Where else they can be written to, once the first address did not work."""
    country: str | None = None


class Recipient(NamedTuple):
    """One message to be: its number in the campaign, one address, the reader's own values.

    A tuple, which is made several times as fast as a frozen dataclass.
    """

    number: int
    address: str
    tags: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        """Show neither the address nor a value."""
        return f"Recipient(number={self.number})"


@dataclass(frozen=True, slots=True)
class Ticket:
    """By what name a carrier can be told to hold an attempt back, and until when.

    `leaves_at` is when the carrier lets go of what it took. Both are empty where a way of
    sending has no such thing.
    """

    name: str = ""
    leaves_at: datetime | None = None


NO_TICKET = Ticket()


@dataclass(frozen=True, slots=True)
class Slip:
    """Which attempt at which chunk, and under what name its campaign is posted."""

    campaign: str
    folder: Folder
    chunk: UUID
    attempt: int
    ticket: Ticket = NO_TICKET


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that a mailer needs to post one chunk. Frames hold tags, not values."""

    slip: Slip
    sender: Sender
    at: datetime
    locale: str
    subject: str
    text: str
    html: str
    recipients: tuple[Recipient, ...] = field(repr=False)


class Result(Enum):
    """What became of one posting."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    """Certainly not taken; it may be posted again."""
    REFUSED = "refused"
    """Certainly not taken, because of what it holds: halved until the cause stands alone."""
    BLOCKED = "blocked"
    """Certainly not taken, and nothing will be until somebody acts."""
    UNKNOWN = "unknown"
    """It may have left."""
    RECALLED = "recalled"
    """Certainly not taken: the attempt was recalled before."""
    PARTED = "parted"
    """Not the same for every message; `parts` says which."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mailer says of one posting. `why` is words of ours, never data of people.

    `parts` holds the numbers of messages by what became of them, each number once, where
    messages travel one by one. A refused one of these was refused alone.
    """

    result: Result
    proof: str = ""
    until: datetime | None = None
    why: str = ""
    parts: Mapping[Result, tuple[int, ...]] = field(default_factory=dict)


class Finding(Enum):
    """What a mailer says of an attempt whose outcome nobody knows."""

    PROVED = "proved"
    """The chunk was taken."""
    ABSENT = "absent"
    """This attempt was not taken, and cannot be any more."""
    CANNOT_TELL = "cannot_tell"


class Decision(Enum):
    """What a person decides on messages that stay in doubt."""

    SEND_AGAIN = "send_again"
    INFORMED = "informed"
    NOT_INFORMED = "not_informed"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many people of one standing, in chunks of one state or in none, for one reason."""

    chunk: ChunkState | None
    event: EventKind | None
    reason: Reason | None
    people: int


@dataclass(frozen=True, slots=True)
class Report:
    """Who was told. people is the sum of the six standings.

    `messages` counts what was or may yet be written, since people may share a mailbox;
    `whole` tells that every person of the ledger is in one chunk or has a written reason.
    """

    people: int
    accepted: int
    delivered: int
    bounced: int
    dropped: int
    in_doubt: int
    not_informed: int
    messages: int
    chunks: Mapping[str, int]
    reasons: Mapping[str, int]
    campaigns: tuple[Mapping[str, Any], ...]
    whole: bool
    otherwise: Mapping[str, int] = field(default_factory=dict)
    """How many people were told by another way, by channel."""
    second_address: Mapping[str, int] = field(default_factory=dict)
    """Of the people above, those who were written to at a second address, by standing."""

    def as_json(self) -> dict[str, Any]:
        """Return the document that the interfaces promise."""
        return asdict(self)
