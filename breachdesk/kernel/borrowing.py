"""What a machine holds that has no vault: keys lent to it, in memory, for a while."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.lending import Pair
from breachdesk.kernel.vault import Vault

PATIENCE = timedelta(minutes=1)
"""For so long a key may be used after it was last seen to be lent."""


class NoVault(Refused):
    """This machine holds no vault, and what was asked needs one."""


class NotLent(Refused):
    """The key of this incident is not lent to this machine, or not any more."""


class BorrowedVault(Vault):
    """Opens and seals what belongs to the incidents whose keys are lent; has no files."""

    def __init__(self, clock: Clock) -> None:  # no super().__init__: there is no folder
        """Hold no key yet."""
        self.pair = Pair()
        self._clock = clock
        self._guard = threading.Lock()
        self._lent: dict[UUID, tuple[bytes, datetime]] = {}
        self._of: dict[UUID, frozenset[UUID]] = {}

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse whatever needs the folder or the master key."""
        raise NoVault(
            "this machine holds no vault: it can send what it was admitted to, by `breachdesk "
            "work`; run this where the vault is"
        )

    def borrow(self, house: UUID, keys: Mapping[UUID, bytes]) -> None:
        """Hold the keys of an organisation's incidents, and let go all others of it."""
        now = self._clock.now()
        with self._guard:
            for gone in self._of.get(house, frozenset()) - keys.keys():
                self._lent.pop(gone, None)
            self._lent.update({incident: (key, now) for incident, key in keys.items()})
            self._of[house] = frozenset(keys)

    def lent(self, house: UUID) -> list[UUID]:
        """Return the incidents of an organisation whose keys are at hand."""
        with self._guard:
            return sorted(each for each in self._of.get(house, ()) if self._holds(each))

    def has_key(self, incident: UUID) -> bool:
        """Tell whether the key of an incident is lent."""
        with self._guard:
            return self._holds(incident)

    def keep_head(self, chain: str, sequence: int, digest: str) -> None:
        """Do nothing: who lends the keys seals the heads."""

    def _holds(self, incident: UUID) -> bool:
        kept = self._lent.get(incident)
        return kept is not None and self._clock.now() - kept[1] <= PATIENCE

    def _key(self, incident: UUID) -> bytes:
        with self._guard:
            if not self._holds(incident):
                raise NotLent(f"the key of incident {incident} is not lent to this machine")
            return self._lent[incident][0]
