"""Two people changed one text: join what both wrote, or say that a person must."""

import re

from merge3 import Merge3

_PIECE = re.compile(r"[^\n]*?[.!?…](?=[ \u00a0\u202f\n]|$)[ \u00a0\u202f]*\n*|[^\n]+\n*|\n+")
"""A sentence with what follows it, else the rest of a line."""
SEAM = ""


def merged(base: str, first: str, second: str) -> str | None:
    """Return `base` with the changes of both; None where both changed the same sentence.

    A sentence is the smallest part that is joined: half of one and half of another could say
    what neither wrote. Nothing that only one of them wrote is ever left out. Ends of lines
    are those of Unix, whichever way a browser sent them.
    """
    base, first, second = (text.replace("\r\n", "\n") for text in (base, first, second))
    if first in (second, base):
        return second
    if second == base:
        return first
    both = Merge3(_seamed(base), _seamed(first), _seamed(second))
    parts = [*both.merge_groups()]
    if any(part[0] == "conflict" for part in parts):
        return None
    return "".join("".join(part[1]) for part in parts)


def _seamed(text: str) -> list[str]:
    """Return the pieces, a seam behind each: two neighbours that changed stay two changes."""
    return [each for piece in pieces(text) for each in (piece, SEAM)]


def pieces(text: str) -> list[str]:
    """Return the sentences and lines of a text; joined they are the text."""
    return _PIECE.findall(text)
