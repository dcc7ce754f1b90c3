"""Ids that sort by time, and within one instant by order of making: UUIDv7 (RFC 9562 §6.2)."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_COUNTER_BITS, _RANDOM_BITS = 42, 32


def new_id(at: datetime) -> UUID:
    """Return one UUIDv7 for the millisecond of `at`."""
    return next(series(at))


def series(at: datetime) -> Iterator[UUID]:
    """Yield UUIDv7s for the millisecond of `at`, each greater than the one before.

    A counter of 42 bits starts at random in its lower half; 32 further bits are random.
    """
    milliseconds = int(at.timestamp() * 1000)
    counter = secrets.randbits(_COUNTER_BITS - 1)
    while True:
        tail = counter << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        high, low = tail >> 62, tail & ((1 << 62) - 1)
        yield UUID(int=milliseconds << 80 | _VERSION | high << 64 | _VARIANT | low)
        counter += 1
