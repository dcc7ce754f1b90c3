"""The only reader of the wall clock."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the instant it is."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)
