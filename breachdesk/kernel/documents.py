"""Texts of others as documents: TOML and JSON, nested as deep as people write and no deeper.

The readers of both call themselves for every level: ten kilobytes of brackets are enough to
make them fall. So are those who look through what was read.
"""

import json
import tomllib
from collections.abc import Iterable
from typing import Any

DEEPEST = 32
"""So many tables and lists may lie in each other; no file of ours has ten."""


def toml(text: str) -> dict[str, Any]:
    """Return what TOML says. Raises TOMLDecodeError, also where it is nested too deep."""
    try:
        found = tomllib.loads(text)
    except RecursionError:
        found = None
    if found is None or _too_deep(found):
        raise tomllib.TOMLDecodeError(f"Tables and lists nested more than {DEEPEST} deep")
    return found


def from_json(text: str | bytes, **how: Any) -> Any:
    """Return what JSON says. Raises JSONDecodeError, also where it is nested too deep.

    `how` is handed to `json.loads`.
    """
    try:
        found = json.loads(text, **how)
        deep = _too_deep(found)
    except RecursionError:
        deep = True
    if deep:
        raise json.JSONDecodeError(f"nested more than {DEEPEST} deep", "", 0)
    return found


def _too_deep(document: Any) -> bool:
    """Tell whether a document is deeper than it may be, level by level."""
    level: list[Any] = [document]
    for _ in range(DEEPEST + 1):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
