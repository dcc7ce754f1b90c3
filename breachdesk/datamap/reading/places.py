"""On which line of a TOML text each key stands: `tomllib` does not say.

The text is known to be valid TOML when it comes here, so that a light reading is enough: table
headers and keys at the start of a line, outside strings and brackets.
"""

import re

Place = tuple[str | int, ...]

_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_ARRAY_HEADER = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Place, int]:
    """Return the line, from 1, of every table and key, by its path."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for line, start in _statements(text):
        if header := _ARRAY_HEADER.match(text, start):
            name = _resolve(_names(header[1]), counts)
            counts[name] = counts.get(name, -1) + 1
            found.setdefault(name, line)
            table = (*name, counts[name])
            found[table] = line
        elif header := _HEADER.match(text, start):
            table = _resolve(_names(header[1]), counts)
            found[table] = line
        elif key := _KEY.match(text, start):
            names = _names(key[1])
            for depth in range(1, len(names) + 1):
                found.setdefault((*table, *names[:depth]), line)
    return found


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Return the line of `place`, else of the nearest thing round it that has one."""
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return None


def dotted(place: Place) -> str:
    """Write a place as people read it: `stores[2].retention.keep`."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _statements(text: str) -> list[tuple[int, int]]:
    """Return line and offset of every line that does not continue a string or bracket."""
    starts, depth, line, at = [(1, 0)], 0, 1, 0
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
        elif first in "]}":
            depth -= 1
        line += token[0].count("\n")
        at = token.end()
        if token[0] == "\n" and depth == 0:
            starts.append((line, at))
    return starts


def _names(dotted_key: str) -> Place:
    return tuple(
        name[1:-1] if name[0] in "\"'" else name for name in re.findall(_NAME, dotted_key)
    )


def _resolve(names: Place, counts: dict[Place, int]) -> Place:
    """Put the index of the latest element behind each name that is an array of tables."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    return (*place, *names[-1:])
