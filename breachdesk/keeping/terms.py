"""Words of keeping: what is kept until when, what is left of what went, heads of the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID


class What(Enum):
    """What is kept, each for a time of its own."""

    PEOPLE = "people"
    """The lists of affected people and all else that is sealed under the incident's key."""
    INCIDENT = "incident"
    """The incident with its line of the register (Art. 33(5) GDPR)."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long we keep what we keep, as ISO 8601 periods.

    `register` counts from closing; `people` from the last notice, or from closing where none
    went (storage limitation, Art. 5(1)(e) GDPR).
    """

    register: str = "P5Y"
    people: str = "P12M"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why nothing of an incident may go."""

    reason: str
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an incident that decides how long it is kept."""

    incident_id: UUID
    reference: str
    title: str
    closed_at: datetime | None
    last_notice_at: datetime | None
    under_way: bool
    has_key: bool
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept: until when, from which day that counts, and what stops it."""

    incident_id: UUID
    reference: str
    title: str
    what: What
    since: datetime | None
    until: datetime | None
    why: str
    hold: Hold | None = None

    def due(self, now: datetime) -> bool:
        """Tell whether it is to go now."""
        return self.hold is None and self.until is not None and self.until <= now

    def as_json(self) -> dict[str, Any]:
        """Return it as commands answer it."""
        return {
            "reference": self.reference,
            "what": self.what.value,
            "since": self.since,
            "until": self.until,
            "why": self.why,
            "hold": None if self.hold is None else self.hold.reason,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """Where a trail ended at an instant: the anchor that shows when its end was cut off."""

    chain: UUID
    sequence: int
    digest: str
    at: datetime

    def line(self) -> str:
        """Return the one line that is printed, mailed and stamped."""
        return f"{self.chain} {self.sequence} {self.digest} {self.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    made_at: datetime
    digest: str
    rows: Mapping[str, int]
    files: int
    left_out: int
    """Incidents whose keys were destroyed since, and that came back without."""
    doubtful: Mapping[str, int] = field(default_factory=dict)
    whole: bool = True
    gap: str | None = None


class State(Enum):
    """How bad a finding is."""

    FINE = "fine"
    WARNING = "warning"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, what was seen, and what to do about it."""

    name: str
    state: State
    seen: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What the settings say of an installation, as far as its health depends on it."""

    home: Path
    listen: str
    hosts: tuple[str, ...]
    https: bool
    proxy: str
    mailer: str
    mail_host: tuple[str, int] | None
    master: str
    """Where the master key is kept: a file, the environment or a program."""
    dkim_selector: str
    services: tuple[str, ...] = ()
    """The web servers that the settings name: each has a clock of its own."""
