"""Words for the post: where a letter goes, and what stands on it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Postal:
    """Where a letter goes, line by line, the name first."""

    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaperLetter:
    """One letter: to whom, in which language, and the approved text with the reader's code."""

    person: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)
    language: str
    subject: str
    text: str = field(repr=False)
    code: str = field(repr=False)
    digest: str
    """Of the approved text, before the code went in."""


@dataclass(frozen=True, slots=True)
class Print:
    """What one print holds; `without_address` people of it must be told in another way yet."""

    letters: tuple[PaperLetter, ...] = field(repr=False)
    without_address: int
    sender: tuple[str, ...]
    reference: str
