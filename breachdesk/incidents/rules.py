"""What must hold between the instants of a breach, and by which words it is found."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta

from breachdesk.incidents.terms import AWARE, INSTANTS, Stage
from breachdesk.kernel.errors import Problem, Unusable

STAGES = {
    Stage.OPEN: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset({Stage.OPEN}),
}


LONG_AGO = timedelta(days=365)


def check_instants(told: Mapping[str, datetime | None], *, now: datetime) -> None:
    """Refuse instants that cannot be: in the future, or out of order. Raises Unusable.

    Awareness is not refused for what is odd about it, see `oddities`: breaches are found years
    later, clocks are wrong, and the clock of the law must run all the same.
    """
    problems = [
        Problem(f"{at.isoformat()} is in the future", field=name)
        for name in INSTANTS
        if name != AWARE and (at := told.get(name)) is not None and at > now
    ]
    for earlier, later in (("started_at", "ended_at"),):
        first, second = told.get(earlier), told.get(later)
        if first is not None and second is not None and first > second:
            problems.append(
                Problem(
                    f"{first.isoformat()} is after {later} {second.isoformat()}", field=earlier
                )
            )
    if problems:
        raise Unusable(problems)


def oddities(told: Mapping[str, datetime | None], *, now: datetime) -> tuple[str, ...]:
    """Return what is odd about the awareness: a warning to look again, never a refusal.

    Codes: `future`, `years_old`, `before_start`, `before_detection`, `after_qualification`.
    """
    aware = told.get(AWARE)
    if aware is None:
        return ()
    found = {
        "future": aware > now,
        "years_old": now - aware > LONG_AGO,
        "before_start": _after(told.get("started_at"), aware),
        "before_detection": _after(told.get("detected_at"), aware),
        "after_qualification": _after(aware, told.get("qualified_at")),
    }
    return tuple(code for code, holds in found.items() if holds)


ODD = {
    "future": "awareness lies in the future",
    "years_old": "awareness lies more than a year back",
    "before_start": "awareness lies before the start",
    "before_detection": "awareness lies before the detection",
    "after_qualification": "awareness lies after the qualification",
}
"""The oddities in words, for a terminal."""


def _after(first: datetime | None, second: datetime | None) -> bool:
    return first is not None and second is not None and first > second


def reference(year: int, number: int) -> str:
    """Return the reference people use for the `number`-th incident of `year`."""
    return f"BD-{year}-{number:04d}"


def folded(text: str) -> str:
    """Return a text as it is searched: small letters without accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def sought(reference: str, title: str, summary: str) -> str:
    """Return the words by which an incident is found."""
    return folded(f"{reference} {title} {summary}")
