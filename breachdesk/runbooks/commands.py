"""What can be done with a runbook: start it, tick a task, skip one for a reason."""

from collections.abc import Sequence

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import Stage as IncidentStage
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.states import advance
from breachdesk.runbooks import queries, rules
from breachdesk.runbooks.models import Task
from breachdesk.runbooks.terms import Runbook, Stage


class NotOpen(Refused):
    """The incident is closed: nothing more is to be done."""


@command("runbooks.start")
def start(tx: Transaction, incident: Incident, runbook: Runbook) -> Sequence[Task]:
    """Make a task of each step that has none yet; return all tasks of the runbook.

    Started again, after a step was added to the file, it adds that step and touches no other.
    """
    if incident.stage != IncidentStage.OPEN.value:
        raise NotOpen(f"{incident.reference} is closed; reopen it first")
    present = {
        each.step
        for each in queries.tasks_of(tx.session, incident.id)
        if each.runbook == runbook.id
    }
    added = [
        Task(
            id=tx.new_id(),
            incident_id=incident.id,
            runbook=runbook.id,
            step=step.id,
            position=position,
            phase=step.phase.value,
            owner=step.owner.value,
            within_seconds=int(step.within.total_seconds()),
            title=dict(step.title),
            detail=dict(step.detail),
            stage=Stage.OPEN.value,
            note="",
        )
        for position, step in enumerate(runbook.steps, 1)
        if step.id not in present
    ]
    tx.session.add_all(added)
    tx.session.flush()  # the answer below is read back with what was just added
    tx.record(incident, runbook=runbook.id, added=[each.step for each in added])
    return [
        each for each in queries.tasks_of(tx.session, incident.id) if each.runbook == runbook.id
    ]


@command("runbooks.tick")
def tick(tx: Transaction, task: Task, note: str = "") -> Task:
    """Tick a task, with what was found or done. A skipped one may still be done."""
    return _close(tx, task, Stage.DONE, note)


@command("runbooks.skip")
def skip(tx: Transaction, task: Task, reason: str) -> Task:
    """Leave a task out. Raises Unusable without a reason."""
    if not reason.strip():
        raise Unusable("a task is skipped for a reason; say which")
    return _close(tx, task, Stage.SKIPPED, reason)


def _close(tx: Transaction, task: Task, to: Stage, note: str) -> Task:
    task.stage = advance(rules.STAGES, Stage(task.stage), to).value
    task.note = note.strip()
    task.closed_at = tx.now
    task.closed_by = tx.actor.name
    tx.record(
        task, incident=task.incident_id, runbook=task.runbook, step=task.step, note=task.note
    )
    return task
