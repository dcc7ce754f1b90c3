"""What must hold between the instants of a breach, and by which words it is found."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from breachdesk.incidents.terms import INSTANTS, Stage
from breachdesk.kernel.errors import Problem, Unusable

STAGES = {
    Stage.OPEN: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset({Stage.OPEN}),
}


def check_instants(told: Mapping[str, datetime | None], *, now: datetime) -> None:
    """Refuse instants that cannot be: in the future, or out of order. Raises Unusable.

    We cannot be aware before it was detected, nor can it end before it began. Awareness may
    well come before the end: a breach can be going on when it is found.
    """
    problems = [
        Problem(f"{at.isoformat()} is in the future", field=name)
        for name in INSTANTS
        if (at := told.get(name)) is not None and at > now
    ]
    for earlier, later in (
        ("started_at", "ended_at"),
        ("started_at", "aware_at"),
        ("detected_at", "aware_at"),
        ("aware_at", "qualified_at"),
    ):
        first, second = told.get(earlier), told.get(later)
        if first is not None and second is not None and first > second:
            problems.append(
                Problem(
                    f"{first.isoformat()} is after {later} {second.isoformat()}", field=earlier
                )
            )
    if problems:
        raise Unusable(problems)


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
