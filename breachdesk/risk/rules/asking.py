"""Which questions are worth asking: those whose answer would move the level."""

from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from typing import Any

from breachdesk.risk.rules.level import level
from breachdesk.risk.rules.settled import settle
from breachdesk.risk.terms import MANY, WORST, Facts

FACTS = tuple(
    field.name for field in fields(Facts) if field.name not in {"subgroups", "given", "unknown"}
)
OPEN = frozenset(
    {
        "data_categories", "subjects_count", "key_safe", "backup", "recovery_hours",
        "exfiltration", "recipient_kind", "recipients_count",
    }
)  # fmt: skip
"""Fields whose default is no answer. The other defaults say «no», which is one."""


def worth_asking(facts: Facts) -> tuple[str, ...]:
    """Return the fields nobody knows, and those left out whose answer would move the level.

    Facts that say nothing at all have said «no» to nothing: every deciding field is asked.
    """
    present = level(settle(facts)[0])
    left_out = set(OPEN if facts.given else FACTS) - facts.given
    deciding = {
        name
        for name in left_out
        if any(
            level(settle(replace(facts, **{name: answer}))[0]) is not present
            for answer in _answers(name)
        )
    }
    return tuple(name for name in FACTS if name in facts.unknown | deciding)


def _answers(name: str) -> Iterator[Any]:
    """Yield what could be answered: every value of a choice, the ends of the rest."""
    worst = WORST[name]
    if isinstance(worst, Enum):
        yield from type(worst)
    elif isinstance(worst, bool):
        yield from (True, False)
    elif isinstance(worst, frozenset):
        yield worst
    else:
        yield from (0, MANY)
