"""The reference code of a message: by it a reader can ask whether the message is ours.

A code holds the number of its message, sealed so that nobody can read or guess one: the
number is hidden under a tag of itself (a synthetic initial vector). So no list of codes is
kept anywhere, and whoever holds the campaign's key can tell a code that was given.
"""

import hmac
from collections.abc import Sequence

LETTERS = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty-one, a prime; without 0, I, L, O and U, which are misread."""
LENGTH = 10
NUMBER_BITS, TAG_BITS = 24, 25
MOST_MESSAGES = (1 << NUMBER_BITS) - 1


def reference_code(secret: bytes, campaign: str, number: int) -> str:
    """Return the code of a message: 49 bits nobody can guess, and a check character."""
    tag = _tag(secret, campaign, number)
    value = (tag << NUMBER_BITS) | (number ^ _mask(secret, campaign, tag))
    letters, total = "", 0
    for n in range(1, LENGTH + 1):
        value, place = divmod(value, len(LETTERS))
        letters += LETTERS[place]
        total += n * place
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}{LETTERS[total % len(LETTERS)]}"


def message_of(secret: bytes, campaign: str, code: str) -> int | None:
    """Return the number of the message that bears `code` in this campaign; None for none.

    Does the same work whatever the code is.
    """
    letters = spelt(code)
    value = 0
    for letter in reversed((letters or LETTERS)[:LENGTH]):
        value = value * len(LETTERS) + LETTERS.index(letter)
    tag, hidden = value >> NUMBER_BITS, value & MOST_MESSAGES
    number = hidden ^ _mask(secret, campaign, tag)
    is_ours = hmac.compare_digest(
        _tag(secret, campaign, number).to_bytes(8, "big"), tag.to_bytes(8, "big")
    )
    return number if is_ours and letters is not None else None


def spelt(code: str) -> str | None:
    """Return the letters of a code as it was typed; None if it cannot be one."""
    letters = "".join(each for each in code.upper() if each.isalnum())
    if len(letters) != LENGTH + 1 or any(each not in LETTERS for each in letters):
        return None
    return letters if check_character(letters[:LENGTH]) == letters[LENGTH] else None


def check_character(letters: Sequence[str]) -> str:
    """Return the character that shows one wrong letter, or two that changed places.

    Weights 1 to 10 modulo a prime: each change alters the sum.
    """
    return LETTERS[sum(n * LETTERS.index(each) for n, each in enumerate(letters, 1)) % 31]


def _tag(secret: bytes, campaign: str, number: int) -> int:
    return _bits(
        hmac.digest(secret, f"code\0{campaign}\0{number}".encode(), "sha256"), TAG_BITS
    )


def _mask(secret: bytes, campaign: str, tag: int) -> int:
    seed = hmac.digest(secret, f"mask\0{campaign}\0{tag}".encode(), "sha256")
    return _bits(seed, NUMBER_BITS)


def _bits(seed: bytes, bits: int) -> int:
    return int.from_bytes(seed[:4], "big") >> (32 - bits)
