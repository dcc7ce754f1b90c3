"""Where a key stands in a TOML file: what the parser forgets and a lawyer needs to know."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

Path = tuple[str | int, ...]

_PART = r"""(?:[\w\-]+|"[^"]*"|'[^']*')"""
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_PARTS = re.compile(_PART)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*')
_TRIPLE = ('"""', "'''")


class Places:
    """The line of each table and key of one TOML file, counted from 1."""

    def __init__(self, text: str) -> None:
        """Read `text`, which must be valid TOML."""
        self._lines: dict[Path, int] = {}
        for path, line in _places(text):
            self._lines.setdefault(path, line)

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line of `path`, else of the nearest thing around it, else 1."""
        for length in range(len(path), 0, -1):
            found = self._lines.get(tuple(path[:length]))
            if found is not None:
                return found
        return 1


def dotted(path: Sequence[str | int]) -> str:
    """Return `path` as people write it: duties[2].period.kind."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _places(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    seen: Counter[Path] = Counter()
    for number, line in _statements(text):
        if header := _TABLE.match(line):
            names = _resolve(_names(header[2]), seen)
            if header[1] == "[[":
                seen[names] += 1
                names = (*names, seen[names] - 1)
            table = names
            yield table, number
        elif key := _KEY.match(line):
            parts = _names(key[1])
            for length in range(1, len(parts) + 1):
                yield (*table, *parts[:length]), number


def _resolve(names: Path, seen: Counter[Path]) -> Path:
    """Put the number of the present entry behind each list that `names` passes through."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if seen[path]:
            path = (*path, seen[path] - 1)
    return (*path, *names[-1:])


def _names(text: str) -> Path:
    return tuple(part.strip("\"'") for part in _PARTS.findall(text))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines on which a statement begins; what goes on over lines is left out."""
    inside: str | None = None
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        begins = inside is None and depth == 0
        if begins:
            yield number, line
        rest = line
        if inside is not None:
            if inside not in rest:
                continue
            rest, inside = rest.split(inside, 1)[1], None
        inside = next((mark for mark in _TRIPLE if rest.count(mark) % 2), None)
        if inside is not None:
            continue
        if begins and _TABLE.match(line):
            continue
        bare = _STRINGS.sub("", rest)
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
