"""What is kept until when; what is healthy of an installation. Pure."""

from breachdesk.keeping.rules.health import (
    LOOPBACK,
    address,
    backup,
    certificate,
    clocks,
    dkim,
    dmarc,
    room,
    spf,
    trail,
)
from breachdesk.keeping.rules.lasting import kept, too_short

__all__ = [
    "LOOPBACK",
    "address",
    "backup",
    "certificate",
    "clocks",
    "dkim",
    "dmarc",
    "kept",
    "room",
    "spf",
    "too_short",
    "trail",
]
