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

    `head` is the sequence and digest sealed in the vault: the chain must contain it. Without
    one only the entries of the first instant are believed: a seal follows its transaction.
    """
    previous, last, began = GENESIS, 0, None
    for entry, said_previous, said_digest in chain:
        began = began or entry.at
        fault = _fault(entry, last + 1, said_previous == previous)
        if fault is None and digest(entry, previous) != said_digest:
            fault = f"entry {entry.sequence} was altered: its digest does not match"
        if fault is None and head is None and entry.at != began:
            fault = f"entry {entry.sequence} stands, and the vault has no sealed head any more"
        sealed = head[1] if head is not None and head[0] == entry.sequence else said_digest
        if fault is None and said_digest != sealed:
            fault = f"entry {entry.sequence} is not the one sealed in the vault"
        if fault is not None:
            return fault
        previous, last = said_digest, entry.sequence
    if head is not None and last < head[0]:
        return f"the trail ends at entry {last}; the vault has sealed entry {head[0]}"
    return None


def _fault(entry: Entry, expected: int, follows: bool) -> str | None:
    if entry.sequence != expected:
        return f"entry {expected} is missing: found {entry.sequence} in its place"
    return None if follows else f"entry {entry.sequence} does not follow the entry before it"
