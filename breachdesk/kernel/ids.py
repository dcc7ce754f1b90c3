"""Ids that sort by time, and within one instant by order of making: UUIDv7 (RFC 9562 §6.2)."""

import os
import secrets
import struct
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_LOW = (1 << 62) - 1
_COUNTER_BITS, _RANDOM_BITS = 42, 32
_TAILS = struct.Struct("64I")
"""So many random tails are drawn at once, where a single one would be asked for each time."""


def new_id(at: datetime) -> UUID:
    """Return one UUIDv7 for the millisecond of `at`."""
    return next(series(at))


def series(at: datetime) -> Iterator[UUID]:
    """Yield UUIDv7s for the millisecond of `at`, each greater than the one before.

    A counter of 42 bits starts at random in its lower half; 32 further bits are random.
    """
    head = int(at.timestamp() * 1000) << 80 | _VERSION
    counter = secrets.randbits(_COUNTER_BITS - 1)
    while True:
        for random in _TAILS.unpack(os.urandom(_TAILS.size)):
            tail = counter << _RANDOM_BITS | random
            high, low = tail >> 62, tail & _LOW
            yield UUID(int=head | high << 64 | _VARIANT | low)
            counter += 1
