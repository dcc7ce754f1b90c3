"""The words of a measure that is being made: how far it is, and whether to stop."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from breachdesk.kernel.errors import Refused

Progress = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""


class RequestState(Enum):
    """How far a measure is that was asked for on a page."""

    REQUESTED = "requested"
    RUNNING = "running"
    STOPPING = "stopping"
    """Somebody cancelled it; its maker has not seen that yet."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = frozenset({RequestState.REQUESTED, RequestState.RUNNING, RequestState.STOPPING})
"""While a measure is in one of these it is waited for."""


class Stopped(Refused):
    """A measure was broken off because somebody asked for that; nothing of it is kept."""


class Watch(Protocol):
    """Looks on while a measure is made."""

    def seen(self, rows: int, of: int) -> None:
        """Be told about how many rows were read, and of how many; estimates, both."""

    def stopping(self) -> bool:
        """Tell whether to break off."""
