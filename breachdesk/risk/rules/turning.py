"""Which answers would change the result: each fact is tried with every other value."""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from typing import Any

from breachdesk.risk.rules.asking import FACTS
from breachdesk.risk.rules.holding import FEW_RECIPIENTS, MANY_BIRTHS, MANY_RECIPIENTS
from breachdesk.risk.rules.level import LONG_HOURS, level
from breachdesk.risk.rules.settled import settle
from breachdesk.risk.terms import COUNTS, WORST, Facts, Level, Turn

PEOPLE = (1, FEW_RECIPIENTS, FEW_RECIPIENTS + 1, MANY_RECIPIENTS, MANY_BIRTHS)
HOURS = (1.0, LONG_HOURS, LONG_HOURS + 1)
"""Numbers on both sides of every bound that a rule has."""


def turning(facts: Facts) -> tuple[Turn, ...]:
    """Return each other answer that would change the level, with the level it would give.

    One answer is changed at a time, the rest stands. Groups assessed apart stay as they are,
    so that what they already make high no single answer of the others lowers.
    """
    floor = max((_alone(each) for _, each in facts.subgroups), key=_rank, default=_LEAST)
    present = max(_alone(facts), floor, key=_rank)
    return tuple(
        turn
        for name in FACTS
        for turn in _turns(facts, name, floor)
        if turn.level is not present
    )


_LEAST = Level.UNLIKELY


def _turns(facts: Facts, name: str, floor: Level) -> Iterator[Turn]:
    for value, told, adds in _others(facts, name):
        known = replace(
            facts, **{name: value}, given=facts.given | {name}, unknown=facts.unknown - {name}
        )
        yield Turn(name, told, max(_alone(known), floor, key=_rank), adds)


def _others(facts: Facts, name: str) -> Iterator[tuple[Any, Any, bool]]:
    """Yield (the fact's other value, what is told of it, whether it is there then)."""
    present, worst = getattr(facts, name), WORST[name]
    if isinstance(worst, frozenset):  # its worst holds every word there is
        for word in sorted(worst):
            yield present ^ {word}, word, word not in present
        return
    if isinstance(worst, bool):
        others: tuple[Any, ...] = (True, False)
    elif isinstance(worst, Enum):
        others = tuple(type(worst))
    else:
        others = PEOPLE if name in COUNTS else HOURS
    yield from ((value, value, True) for value in others if value != present)


def _alone(facts: Facts) -> Level:
    return level(settle(facts)[0])


def _rank(each: Level) -> int:
    return each.rank
