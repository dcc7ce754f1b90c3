"""What cannot be a password. Length, not composition, resists guessing (NIST SP 800-63B)."""

import unicodedata
from collections.abc import Iterable

from breachdesk.access.terms import FEWEST_CHARACTERS, LONGEST_PASSWORD, PASSWORD_LENGTH
from breachdesk.kernel.errors import Unusable

PRODUCT = "breachdesk"
SHORTEST_WORD = 4
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "azertyuiop", "asdfghjkl")
RUN = 5
"""How many neighbours in a row are one thing to remember, and one thing to guess."""


def check_password(password: str, *, email: str, words: Iterable[str] = ()) -> None:
    """Refuse a short password and one that is mostly known. Raises Unusable.

    `words` are what anybody knows of the member: their name, the organisation's. What is left
    of a password without them, and with each run of neighbours and each repetition counted as
    one character, must still be as long as half of the shortest password.
    """
    if len(password) < PASSWORD_LENGTH:
        raise Unusable(
            f"the password has {len(password)} characters; {PASSWORD_LENGTH} at least"
        )
    if len(password) > LONGEST_PASSWORD:
        raise Unusable(f"the password is longer than {LONGEST_PASSWORD} characters")
    plain = unicodedata.normalize("NFKC", password).casefold()
    if email.casefold() in plain:
        raise Unusable("the password must not contain the e-mail address")
    if len(set(plain)) < FEWEST_CHARACTERS:
        raise Unusable(f"the password has fewer than {FEWEST_CHARACTERS} different characters")
    left = plain
    known = [PRODUCT, email.partition("@")[0], email.partition("@")[2], *words]
    for word in sorted({part for text in known for part in text.casefold().split()}, key=len):
        if len(word) >= SHORTEST_WORD:
            left = left.replace(word, "\0")
    if _told(left) < PASSWORD_LENGTH // 2:
        raise Unusable("the password is mostly names or rows of keys that anybody knows")


def _told(text: str) -> int:
    """Return how many characters of `text` say something new."""
    told = position = 0
    while position < len(text):
        position += max(1, _run_at(text, position))
        told += 1
    return told


def _run_at(text: str, position: int) -> int:
    """Return how long the row of neighbours or equals is that begins at `position`."""
    longest = len(text[position:]) - len(text[position:].lstrip(text[position]))
    for row in ROWS:
        for line in (row, row[::-1]):
            start = line.find(text[position])
            length = 0
            while (
                start >= 0
                and position + length < len(text)
                and start + length < len(line)
                and text[position + length] == line[start + length]
            ):
                length += 1
            longest = max(longest, length if length >= RUN else 1)
    return longest
