"""Reads the keys of a TOML table one by one and keeps every problem, each with its place.

A value that cannot be used is noted and replaced by an empty one, so that reading goes on; a
sheet with problems is never handed out, so no empty stand-in escapes.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from breachdesk.datamap.reading.places import Place, dotted, line_of
from breachdesk.kernel.errors import Problem, Unusable

Check = Callable[[str], object]
"""Raises Unusable if the text is no good."""


@dataclass(slots=True)
class Sheet:
    """One file being read: its name, its lines, and what was found wrong or doubtful."""

    file: str | None
    lines: dict[Place, int]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def refuse(self, place: Place, problem: str) -> None:
        """Note something that makes the file unusable."""
        self.problems.append(self._at(place, problem))

    def warn(self, place: Place, problem: str) -> None:
        """Note something doubtful."""
        self.warnings.append(self._at(place, problem))

    def _at(self, place: Place, problem: str) -> Problem:
        return Problem(problem, self.file, line_of(place, self.lines), dotted(place) or None)


class Fields:
    """One table of a sheet. `end` refuses every key that nobody asked for."""

    def __init__(self, sheet: Sheet, place: Place, table: Mapping[str, Any]) -> None:
        """Read `table`, which stands at `place`."""
        self.sheet = sheet
        self.place = place
        self.table = table
        self.known: list[str] = []

    def refuse(self, key: str, problem: str) -> None:
        """Note what is wrong with the value of `key`."""
        self.sheet.refuse((*self.place, key), problem)

    def given(self, key: str) -> bool:
        """Say whether the file has `key`."""
        return key in self.table

    def text(self, key: str, check: Check | None = None, *, expected: str = "") -> str:
        """Return a text that must be there; `expected` says in words what it is."""
        if self._missing(key, expected or "a text"):
            return ""
        return self._text(self.table[key], (*self.place, key), check)

    def text_or(self, key: str, otherwise: str = "", check: Check | None = None) -> str:
        """Return a text that may be left out."""
        self.known.append(key)
        if key not in self.table:
            return otherwise
        return self._text(self.table[key], (*self.place, key), check)

    def texts(self, key: str, check: Check | None = None, *, expected: str) -> tuple[str, ...]:
        """Return a list of texts that must be there and hold at least one."""
        if self._missing(key, expected):
            return ()
        found = self.texts_or(key, (), check)
        if self.table[key] == []:
            self.refuse(key, f"is empty; expected {expected}")
        return found

    def texts_or(
        self, key: str, otherwise: Iterable[str] = (), check: Check | None = None
    ) -> tuple[str, ...]:
        """Return a list of texts that may be left out. What is named twice is refused."""
        self.known.append(key)
        value = self.table.get(key)
        if value is None:
            return tuple(otherwise)
        if not isinstance(value, list):
            self.refuse(key, f'is {_shown(value)}; expected a list of texts, as ["..."]')
            return ()
        texts = []
        for index, item in enumerate(value):
            place = (*self.place, key, index)
            text = self._text(item, place, check)
            if text and text in texts:
                self.sheet.refuse(place, f"{text!r} is named twice")
            texts.append(text)
        return tuple(texts)

    def count_or_none(self, key: str) -> int | None:
        """Return a whole number from 0, or None if it is left out."""
        self.known.append(key)
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.refuse(key, f"is {_shown(value)}; expected a whole number from 0")
            return None
        return value

    def flag(self, key: str, *, otherwise: bool) -> bool:
        """Return true or false; `otherwise` if it is left out."""
        self.known.append(key)
        value = self.table.get(key, otherwise)
        if not isinstance(value, bool):
            self.refuse(key, f"is {_shown(value)}; expected true or false")
            return otherwise
        return value

    def wanted(self, key: str, check: Check | None = None) -> str:
        """Return a text that may be left out, with a warning: notices or filings miss it."""
        if key not in self.table:
            self._miss(key)
        return self.text_or(key, check=check)

    def label(self, key: str, otherwise: str = "") -> Mapping[str, str]:
        """Return a text in French and in English, other languages as given.

        A language that is left out is warned of, and has what the other says or `otherwise`.
        """
        if key not in self.table:
            self._miss(key)
        inner = self.within_or_none(key) or Fields(self.sheet, (*self.place, key), {})
        given = {language: inner.text(language) for language in inner.table}
        if given and not given.keys() >= {"fr", "en"}:
            self._miss(key)
        spare = next(iter(given.values()), otherwise)
        return {"fr": spare, "en": spare} | given

    def within(self, key: str, expected: str) -> "Fields | None":
        """Return the table under `key`, which must be there."""
        return None if self._missing(key, f"a table, {expected}") else self.within_or_none(key)

    def within_or_none(self, key: str) -> "Fields | None":
        """Return the table under `key`, or None if it is left out."""
        self.known.append(key)
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(key, f"is {_shown(value)}; expected a table, {{...}}")
            return None
        return Fields(self.sheet, (*self.place, key), value)

    def each(self, key: str) -> list["Fields"]:
        """Return the tables of the list `[[key]]`; none if it is left out."""
        self.known.append(key)
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(key, f"is {_shown(value)}; expected tables, each under [[{key}]]")
            return []
        return [
            Fields(self.sheet, (*self.place, key, index), item)
            for index, item in enumerate(value)
        ]

    def end(self) -> None:
        """Refuse the keys that were not asked for, naming the nearest one that was."""
        for key in self.table:
            if key not in self.known:
                self.refuse(key, f"is not a key here; {nearest(key, self.known)}")

    def _miss(self, key: str) -> None:
        self.sheet.warn((*self.place, key), "is not given in full; notices or filings miss it")

    def _missing(self, key: str, expected: str) -> bool:
        self.known.append(key)
        if key not in self.table:
            self.refuse(key, f"is missing; expected {expected}")
        return key not in self.table

    def _text(self, value: Any, place: Place, check: Check | None) -> str:
        if not isinstance(value, str) or not value.strip():
            self.sheet.refuse(place, f"is {_shown(value)}; expected a text in quotes")
            return ""
        if check is not None:
            try:
                check(value)
            except Unusable as unusable:
                self.sheet.refuse(place, "; ".join(each.problem for each in unusable.problems))
                return ""
        return value


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which of the `known` words comes nearest to `word`, whatever its capitals."""
    words = {each.casefold(): each for each in sorted(set(known))}
    close = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.0)
    return f"the nearest is {words[close[0]]!r}" if close else "none is declared"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return "empty" if value == "" else repr(value)
