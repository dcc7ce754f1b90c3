"""The reference code of a message: by it a reader can ask whether the message is ours."""

import hmac
from collections.abc import Sequence

LETTERS = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-one, a prime; without 0, I, L, O and U, which are misread."""
LENGTH = 10


def reference_code(secret: bytes, campaign: str, number: int) -> str:
    """Return the code of a message: 49 bits nobody can guess, and a check character."""
    seed = hmac.digest(secret, f"code\0{campaign}\0{number}".encode(), "sha256")
    value, letters = int.from_bytes(seed, "big"), ""
    for _ in range(LENGTH):
        value, place = divmod(value, len(LETTERS))
        letters += LETTERS[place]
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}{check_character(letters)}"


def check_character(letters: Sequence[str]) -> str:
    """Return the character that shows one wrong letter, or two that changed places.

    Weights 1 to 10 modulo a prime: each change alters the sum.
    """
    return LETTERS[sum(n * LETTERS.index(each) for n, each in enumerate(letters, 1)) % 31]
