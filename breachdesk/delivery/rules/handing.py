"""The word that is told to a customer by another way than its alert."""

import hashlib

from breachdesk.delivery.rules.codes import LETTERS

WORDS, WORD = 4, 5
"""Four groups of five letters: 99 bits."""


def spoken(numbers: bytes) -> str:
    """Return random bytes as groups of letters that are not misheard for each other.

    Raises ValueError for fewer than 20 bytes.
    """
    if len(numbers) < WORDS * WORD:
        raise ValueError("too few bytes")
    letters = [LETTERS[each % len(LETTERS)] for each in numbers[: WORDS * WORD]]
    groups = ["".join(letters[at : at + WORD]) for at in range(0, len(letters), WORD)]
    return "-".join(groups)


def secret_digest(told: str) -> str:
    """Return the digest of a word; spaces, hyphens and case do not count."""
    letters = "".join(each for each in told.upper() if each.isalnum())
    return f"sha256:{hashlib.sha256(letters.encode()).hexdigest()}"
