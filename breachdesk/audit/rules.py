"""The chain of digests: each entry's digest covers the one before, so that a gap shows."""

import hashlib
import json
from collections.abc import Iterable

from breachdesk.audit.terms import Entry

GENESIS = "sha256:" + "0" * 64


def digest(entry: Entry, previous: str) -> str:
    """Return the SHA-256 that binds `entry` to the digest `previous`."""
    canonical = json.dumps(
        {
            "previous": previous,
            "chain": str(entry.chain),
            "sequence": entry.sequence,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "actor_id": str(entry.actor_id),
            "action": entry.action,
            "subject_type": entry.subject_type,
            "subject_id": str(entry.subject_id),
            "details": entry.details,
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def first_gap(
    chain: Iterable[tuple[Entry, str, str]], head: tuple[int, str] | None
) -> str | None:
    """Return what is wrong first in a chain of (entry, previous, digest); None if it is whole.

    `head` is the sequence and digest sealed in the vault: the chain must contain it.
    """
    previous, expected, head_seen = GENESIS, 1, head is None
    for entry, said_previous, said_digest in chain:
        if entry.sequence != expected:
            return f"entry {expected} is missing: found {entry.sequence} in its place"
        if said_previous != previous:
            return f"entry {entry.sequence} does not follow the entry before it"
        if digest(entry, previous) != said_digest:
            return f"entry {entry.sequence} was altered: its digest does not match"
        if head is not None and entry.sequence == head[0]:
            if said_digest != head[1]:
                return f"entry {entry.sequence} is not the one sealed in the vault"
            head_seen = True
        previous, expected = said_digest, expected + 1
    if not head_seen and head is not None:
        return f"the trail ends at entry {expected - 1}; the vault has sealed entry {head[0]}"
    return None
