"""How a route's `match` is written, and what fits it."""

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from breachdesk.kernel.errors import Unusable

READ_BEFORE = 1024
"""So many patterns are not read twice: each is compared with every other."""


class PieceKind(Enum):
    """What a piece of a pattern stands for."""

    FIXED = "fixed"
    NAMED = "named"
    SEGMENT_PART = "*"
    ANYTHING = "**"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a pattern: `text` is the fixed text, or the capture's name."""

    kind: PieceKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A route's `match`, read.

    `{name}` is one segment, captured; `*` anything but "/"; `**` anything.
    """

    text: str
    pieces: tuple[Piece, ...] = field(compare=False)

    @classmethod
    @lru_cache(maxsize=READ_BEFORE)
    def read(cls, text: str) -> "Pattern":
        """Read a pattern. Raises Unusable, saying what is wrong with it."""
        if not text.startswith(("/", "*")):
            raise Unusable(f'the pattern {text!r} does not begin with "/"')
        if "?" in text or "#" in text:
            raise Unusable(f'the pattern {text!r} goes past the path: end it before "?" or "#"')
        pieces = tuple(_piece(part) for part in _PARTS.findall(text))
        for piece in pieces:
            if piece.kind is PieceKind.FIXED and ("{" in piece.text or "}" in piece.text):
                raise Unusable(
                    f"the pattern {text!r} has a brace of its own; "
                    "a capture is written {name}: letters, digits and _"
                )
        _check_captures(text, pieces)
        return cls(text, pieces)

    @property
    def captures(self) -> tuple[str, ...]:
        """Return the names of the captures, in order."""
        return tuple(piece.text for piece in self.pieces if piece.kind is PieceKind.NAMED)

    @property
    def regex(self) -> str:
        """Return a regular expression of the whole path, the same for re and for RE2."""
        return "".join(_as_regex(piece) for piece in self.pieces)

    def covers(self, other: "Pattern") -> bool:
        """Say whether every path that fits `other` surely fits this pattern too."""
        return _may_cover(self.pieces, other.pieces) and _covers(_steps(self), _steps(other))


_PARTS = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}|\*\*|\*|[^*{]+|\{")
_ONE = "one character but /"
_RUN = "any run without /"
_ANY = "any run"
_REGEX = {
    PieceKind.NAMED: "([^/]+)",
    PieceKind.SEGMENT_PART: "[^/]*",
    PieceKind.ANYTHING: "(?s:.*)",
}
_STEPS = {
    PieceKind.NAMED: (_ONE, _RUN),
    PieceKind.SEGMENT_PART: (_RUN,),
    PieceKind.ANYTHING: (_ANY,),
}


def _piece(part: str) -> Piece:
    if part == "**":
        return Piece(PieceKind.ANYTHING)
    if part == "*":
        return Piece(PieceKind.SEGMENT_PART)
    if part.startswith("{") and part.endswith("}"):
        return Piece(PieceKind.NAMED, part[1:-1])
    return Piece(PieceKind.FIXED, part)


def _check_captures(text: str, pieces: tuple[Piece, ...]) -> None:
    names = [piece.text for piece in pieces if piece.kind is PieceKind.NAMED]
    if len(names) != len(set(names)):
        raise Unusable(f"the pattern {text!r} captures the same name twice")
    for piece, following in pairwise(pieces):
        if piece.kind is not PieceKind.FIXED and following.kind is not PieceKind.FIXED:
            raise Unusable(
                f"the pattern {text!r} can be read in two ways: "
                "put fixed text between one placeholder and the next"
            )


def _as_regex(piece: Piece) -> str:
    return re.escape(piece.text) if piece.kind is PieceKind.FIXED else _REGEX[piece.kind]


def _steps(pattern: Pattern) -> tuple[str, ...]:
    """Return the pattern as single characters and placeholders."""
    steps: list[str] = []
    for piece in pattern.pieces:
        fixed = piece.kind is PieceKind.FIXED
        steps.extend(piece.text if fixed else _STEPS[piece.kind])
    return tuple(steps)


def _may_cover(broad: tuple[Piece, ...], narrow: tuple[Piece, ...]) -> bool:
    """Say whether the fixed ends of `broad` are ends of `narrow`: most pairs differ there."""
    first, last = narrow[0], narrow[-1]
    return (
        broad[0].kind is not PieceKind.FIXED
        or (first.kind is PieceKind.FIXED and first.text.startswith(broad[0].text))
    ) and (
        broad[-1].kind is not PieceKind.FIXED
        or (last.kind is PieceKind.FIXED and last.text.endswith(broad[-1].text))
    )


def _covers(broad: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    """Match `narrow` as if it were a path, its placeholders being letters of their own."""
    end = len(narrow)
    fits = [False] * end + [True]  # what the rest of `broad` fits, by where `narrow` goes on
    for step in reversed(broad):
        row = [False] * (end + 1)
        for of in range(end, -1, -1):
            more = of < end
            inside = more and narrow[of] not in {"/", _ANY}
            if step == _ANY:
                row[of] = fits[of] or (more and row[of + 1])
            elif step == _RUN:
                row[of] = fits[of] or (inside and row[of + 1])
            elif step == _ONE:
                row[of] = inside and narrow[of] != _RUN and fits[of + 1]
            else:
                row[of] = more and narrow[of] == step and fits[of + 1]
        fits = row
    return fits[0]
