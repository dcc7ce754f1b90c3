"""What is to be done, and what was."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.runbooks.models import Task


def tasks_of(session: Session, incident_id: UUID) -> Sequence[Task]:
    """Return the tasks of an incident in the order of their runbooks."""
    return session.scalars(
        select(Task)
        .where(Task.incident_id == incident_id)
        .order_by(Task.runbook, Task.position, Task.id)
    ).all()


def task(session: Session, incident_id: UUID, step: str, runbook: str | None = None) -> Task:
    """Return the task of `step`. Raises Unknown if there is none, Unusable if there are two."""
    found = [
        each
        for each in tasks_of(session, incident_id)
        if each.step == step and runbook in {None, each.runbook}
    ]
    if not found:
        raise Unknown(f"there is no task {step!r} here")
    if len(found) > 1:
        names = ", ".join(each.runbook for each in found)
        raise Unusable(f"{step!r} is a task of several runbooks; say which: {names}")
    return found[0]
