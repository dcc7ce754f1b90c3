"""Ids that sort by time: UUID version 7 (RFC 9562)."""

import secrets
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(at: datetime) -> UUID:
    """Return a UUIDv7 for the millisecond of `at`, random in its other 74 bits."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80
        | _VERSION
        | secrets.randbits(12) << 64
        | _VARIANT
        | secrets.randbits(62)
    )
