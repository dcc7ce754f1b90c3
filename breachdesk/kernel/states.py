"""The one state machine: a table of stages, moved by `advance` alone."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from breachdesk.kernel.errors import Refused

S = TypeVar("S", bound=Enum)


class NotFromHere(Refused):
    """The stage asked for cannot follow the present one."""


def advance(table: Mapping[S, frozenset[S]], now: S, to: S) -> S:
    """Return `to` if the table lets it follow `now`. Raises NotFromHere if not."""
    if to not in table[now]:
        allowed = ", ".join(sorted(str(stage.value) for stage in table[now])) or "nothing"
        raise NotFromHere(f"{now.value} can become {allowed}, not {to.value}")
    return to
