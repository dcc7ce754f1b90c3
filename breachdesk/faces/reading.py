"""What was sent -> a station's terms, every error kept by its field."""

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from breachdesk.kernel.errors import Problem, Unusable

T = TypeVar("T")


def read(kind: type[T], sent: Mapping[str, Any], *, file: str | None = None) -> T:
    """Fill the dataclass `kind` from a form, JSON or TOML alike.

    Raises Unusable with one problem for each field that is missing, unknown or unreadable.
    """
    problems = [
        Problem(f"is not known here{nearest(name, _names(kind))}", file=file, field=name)
        for name in sent
        if name not in _names(kind)
    ]
    try:
        value = TypeAdapter(kind).validate_python(dict(sent))
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


def _names(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def _sentence(kind: str, message: str) -> str:
    return {"missing": "is missing", "missing_argument": "is missing"}.get(
        kind, message[:1].lower() + message[1:]
    )
