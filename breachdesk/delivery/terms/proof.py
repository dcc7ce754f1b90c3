"""Words for what can be shown of one person, and of a message in a reader's hand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Publication:
    """What everybody may read of a campaign: who sends it, its subjects and its common text.

    `texts` are by language: what all readers of that language are told alike.
    """

    sender: str
    subjects: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]
    digest: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One attempt at the message that holds a person's notice."""

    number: int
    mailer: str
    began_at: datetime
    ended_at: datetime | None
    result: str | None
    proof: str
    messages: int


@dataclass(frozen=True, slots=True)
class Sign:
    """One report of the world on that message."""

    kind: str
    at: datetime
    reason: str
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One letter to one person: the text, who approved it, each attempt, each report."""

    letter: str
    seq: int
    campaign: str
    state: str
    standing: str
    reason: str | None
    note: str
    frozen_at: datetime
    frozen_by: str
    started_by: str | None
    message: int | None
    language: str | None
    text_digest: str | None
    content_digest: str
    payload_digest: str | None
    approvals: tuple[Mapping[str, Any], ...]
    attempts: tuple[Step, ...]
    events: tuple[Sign, ...]
    otherwise: tuple[Mapping[str, Any], ...]
    informed_by: str | None
    informed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proof:
    """All that the ledger holds of one person; `purged` tells that no address is left."""

    incident: str
    purged: bool
    letters: tuple[Told, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a document."""
        return asdict(self)


class Verdict(Enum):
    """What a check before sending found."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at before anything is sent. `said` holds domains and counts only."""

    name: str
    verdict: Verdict
    said: str
    count: int | None = None
