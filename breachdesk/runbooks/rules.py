"""Which runbook fits, when a task is due, and what may become of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from breachdesk.runbooks.terms import Runbook, Stage

STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.OPEN: frozenset({Stage.DONE, Stage.SKIPPED}),
    Stage.SKIPPED: frozenset({Stage.DONE}),
    Stage.DONE: frozenset(),
}


def matching(runbooks: Iterable[Runbook], facts: Mapping[str, Any]) -> Runbook | None:
    """Return the runbook for the cause that `facts` tell; None if none is for it."""
    cause = facts.get("cause")
    return next((runbook for runbook in runbooks if cause in runbook.causes), None)


def due_at(aware_at: datetime, within_seconds: int) -> datetime:
    """Return the instant a task is due, counted from awareness."""
    return aware_at + timedelta(seconds=within_seconds)


def is_late(stage: str, due: datetime, *, now: datetime) -> bool:
    """Tell whether a task still waits after it was due."""
    return Stage(stage) is Stage.OPEN and now > due
