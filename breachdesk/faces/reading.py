"""What was sent -> a station's terms, every error kept by its field."""

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import EXAMPLE, instant, utc

T = TypeVar("T")
_SOME_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands in for one that cannot be read, so that the other fields are read all the same."""


def read(kind: type[T], sent: Mapping[str, Any], *, file: str | None = None) -> T:
    """Fill the dataclass `kind` from a form, JSON or TOML alike.

    Raises Unusable with one problem for each field that is missing, unknown or unreadable.
    """
    problems = [
        Problem(f"is not known here{nearest(name, _names(kind))}", file=file, field=name)
        for name in sent
        if name not in _names(kind)
    ]
    told = dict(sent)
    for name in _instants(kind).intersection(sent):
        try:
            told[name] = _instant(sent[name])
        except Unusable as error:
            problems += [dataclasses.replace(p, file=file, field=name) for p in error.problems]
            told[name] = _SOME_INSTANT
    try:
        value = TypeAdapter(kind).validate_python(told)
    except ValidationError as error:
        problems += [
            Problem(
                _sentence(found["type"], found["msg"]),
                file=file,
                field=".".join(str(part) for part in found["loc"]) or None,
            )
            for found in error.errors()
            if found["type"] != "unexpected_keyword_argument"
        ]
    except Unusable as error:  # a rule of the terms themselves
        problems += [dataclasses.replace(each, file=file) for each in error.problems]
    if problems:
        raise Unusable(problems)
    return value


@contextmanager
def of_file(file: Path) -> Iterator[None]:
    """Name `file` in every problem that is found while the block runs."""
    try:
        yield
    except Unusable as error:
        problems = [
            each if each.file else dataclasses.replace(each, file=str(file))
            for each in error.problems
        ]
        raise type(error)(problems) from None


def nearest(name: str, known: Mapping[str, Any] | set[str]) -> str:
    """Return `; did you mean …?` if something known is spelt nearly like `name`."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _instants(kind: type[Any]) -> set[str]:
    hints = get_type_hints(kind)
    return {name for name, hint in hints.items() if datetime in {hint, *get_args(hint)}}


def _instant(sent: Any) -> datetime | None:
    """Return the instant that was sent: text with an offset, or what TOML has read as one."""
    if sent is None or isinstance(sent, datetime):
        return None if sent is None else utc(sent)
    if isinstance(sent, str):
        return instant(sent)
    raise Unusable(f"{sent} is not an instant; write it like {EXAMPLE}")


def _names(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def _sentence(kind: str, message: str) -> str:
    return {"missing": "is missing", "missing_argument": "is missing"}.get(
        kind, message[:1].lower() + message[1:]
    )
