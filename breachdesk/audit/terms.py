"""Words of the trail: who acts, what is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who runs a command, for which organisation, and which commands they may run."""

    member_id: UUID
    name: str
    organisation_id: UUID
    permits: frozenset[str]
    roles: tuple[str, ...] = ()
    unproven: frozenset[str] = frozenset()
    """Which of these commands they may run only after showing again who they are."""
    sees_every_incident: bool = False

    def may(self, action: str) -> bool:
        """Tell whether this actor may run the command `action`."""
        return action in self.permits


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail, as it is digested. Ids, counts and digests; no personal data."""

    chain: UUID
    sequence: int
    at: datetime
    actor: str
    actor_id: UUID
    action: str
    subject_type: str
    subject_id: UUID
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the trail is whole: how many entries were read, and the first gap if any.

    The last entries may be `unsealed`: the seal follows its transaction. Where they stay so,
    nobody vouches for who wrote them.
    """

    entries: int
    gap: str | None = None
    unsealed: int = 0

    @property
    def whole(self) -> bool:
        """Tell whether no gap was found."""
        return self.gap is None
