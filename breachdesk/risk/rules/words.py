"""The closed vocabulary as data, for a person or a program that writes facts."""

from dataclasses import fields
from enum import Enum
from typing import Any

from breachdesk.risk.rules.data import ANSWERS, QUESTIONS
from breachdesk.risk.terms import COUNTS, WORST, Chapter, Facts, Question


def vocabulary() -> dict[str, dict[str, Any]]:
    """Return each field with its kind, the words it may hold and its default, in order."""
    defaults = {field.name: getattr(Facts(), field.name) for field in fields(Facts)}
    return {name: _field(name, worst, defaults[name]) for name, worst in WORST.items()}


def _field(name: str, worst: object, default: Any) -> dict[str, Any]:
    if isinstance(worst, Enum):
        return {"kind": "word", "words": _words(type(worst)), "default": default.value}
    if isinstance(worst, frozenset):
        words = _words(type(next(iter(worst))))
        return {
            "kind": "words",
            "words": words,
            "default": [str(each) for each in sorted(default)],
        }
    if isinstance(worst, bool):
        return {"kind": "flag", "words": [], "default": default}
    return {"kind": "count" if name in COUNTS else "hours", "words": [], "default": default}


def _words(kind: type[Enum]) -> list[str]:
    return [str(member.value) for member in kind]


def interview() -> tuple[Chapter, ...]:
    """Return every question of the vocabulary in the order they are asked, by chapter."""
    known = vocabulary()
    return tuple(
        Chapter(
            id=group["id"],
            label={"fr": group["fr"], "en": group["en"]},
            questions=tuple(
                Question(
                    field=row["field"],
                    group=row["group"],
                    kind=known[row["field"]]["kind"],
                    ask=row["ask"],
                    why=row["why"],
                    source=row["source"],
                    answers=ANSWERS.get(labels_of(row["field"]), {}),
                )
                for row in QUESTIONS["questions"]
                if row["group"] == group["id"]
            ),
        )
        for group in QUESTIONS["groups"]
    )


def labels_of(field: str) -> str:
    """Return the field whose answers are called the same: the categories serve twice."""
    return "data_categories" if field == "context_reveals" else field
