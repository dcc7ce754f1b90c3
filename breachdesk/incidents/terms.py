"""Words of an incident: four instants, facts, corrections, measures."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import utc, zone

V = TypeVar("V")

TITLE_LENGTH = 200
KEPT_LENGTH = 200_000
KEPT_FIELD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,159}")
"""How long a text being written may be, and how the field it belongs to is named."""
VIEW_NAME_LENGTH = 60
VIEWS = 20
"""How many views of the board a member saves."""


class Stage(Enum):
    """Whether the incident is still being handled."""

    OPEN = "open"
    CLOSED = "closed"


class Phase(Enum):
    """Whether a measure stood before the breach or answers it (Art. 33(3)(d) GDPR)."""

    BEFORE = "before"
    AFTER = "after"


INSTANTS = ("started_at", "ended_at", "detected_at", "aware_at", "qualified_at")
"""When it began, ended, was seen; when we became aware; when it was judged a breach."""

AWARE = "aware_at"
CORRECTABLE = ("title", "summary", "zone", *INSTANTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDraft:
    """What is told at first. Clocks run from `aware_at` (Art. 33(1) GDPR, EDPB 9/2022 §31).

    `aware_day_only`: nobody knows the hour, and `aware_at` is 00:00 of that day in `zone`.
    `facts` are in the vocabulary of the risk station, which judges them; here they are kept.
    """

    title: str
    aware_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detected_at: datetime | None = None
    qualified_at: datetime | None = None
    zone: str = "Europe/Paris"
    summary: str = ""
    drill: bool = False
    aware_day_only: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an empty or endless title, naive instants and unknown zones."""
        if not self.title.strip():
            raise Unusable(Problem("is empty; say in a few words what happened", field="title"))
        if len(self.title) > TITLE_LENGTH:
            raise Unusable(
                f"the title has {len(self.title)} characters; {TITLE_LENGTH} at most"
            )
        _told("zone", zone, self.zone)
        for name in INSTANTS:
            if getattr(self, name) is not None:
                _told(name, utc, getattr(self, name))


def _told(name: str, read: Callable[[V], object], value: V) -> None:
    """Read a value to see whether it can be; name its field if it cannot."""
    try:
        read(value)
    except Unusable as error:
        raise Unusable([replace(each, field=name) for each in error.problems]) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureDraft:
    """A measure that stood before the breach, or was taken or planned after it.

    `text` is quoted in notices and filings as it stands, hence one text per language.
    """

    phase: Phase
    text: Mapping[str, str]
    done_at: datetime | None = None
    planned_for: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a measure that says nothing, or is both done and planned."""
        if not any(text.strip() for text in self.text.values()):
            raise Unusable("the measure says nothing")
        if self.done_at is not None and self.planned_for is not None:
            raise Unusable("a measure is done or planned, not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A text that a member is writing: nobody was told it yet.

    `base` is what stood there when they began, so that another's change can be joined.
    """

    field: str
    text: str
    base: str = ""

    def __post_init__(self) -> None:
        """Refuse a field that cannot be one, and a text without end."""
        if not KEPT_FIELD.fullmatch(self.field):
            raise Unusable(Problem("is no name of a field", field="field"))
        for name, text in (("text", self.text), ("base", self.base)):
            if len(text) > KEPT_LENGTH:
                raise Unusable(
                    Problem(f"has {len(text)} characters; {KEPT_LENGTH} at most", field=name)
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the board. `stage` and `drill` are empty for both kinds."""

    q: str = ""
    stage: str = ""
    drill: str = ""
    year: str = ""

    def plain(self) -> dict[str, str]:
        """Return what was asked, without what was left open."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}
