"""What to do now: tasks of the runbooks, ticked or left out for a reason."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.faces.web import live
from breachdesk.faces.web.visit import desk, now, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Unknown
from breachdesk.runbooks import commands, queries, rules
from breachdesk.runbooks import reading as files
from breachdesk.runbooks.terms import Runbook, Stage

pages = Blueprint("runbooks", __name__, url_prefix="/incidents/<reference>/tasks")


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the tasks of an incident, those that wait first, and runbooks not yet started."""
    found = queries.tasks_of(session, incident.id)
    started = sorted({each.runbook for each in found})
    known = {} if incident.closed_at is not None else _runbooks(desk().runbooks)
    fitting = rules.matching(known.values(), incident.facts)
    tasks = [(each, rules.due_at(incident.aware_at, each.within_seconds)) for each in found]
    late = [rules.is_late(task.stage, due, now=now()) for task, due in tasks]
    return {
        "tasks_seen": live.mark(
            incident.stage, [(each.id, each.stage, each.note) for each in found], late, started
        ),
        "tasks_open": [pair for pair in tasks if pair[0].stage == Stage.OPEN.value],
        "tasks_closed": [pair for pair in tasks if pair[0].stage != Stage.OPEN.value],
        "startable": [each for name, each in known.items() if name not in started],
        "fitting": None if fitting is None else fitting.id,
        "is_late": lambda task, due: rules.is_late(task.stage, due, now=now()),
    }


@pages.post("/start/<runbook>")
def start(reference: str, runbook: str) -> ResponseReturnValue:
    """Make tasks of a runbook."""
    known = _runbooks(desk().runbooks)
    if runbook not in known:
        raise Unknown(f"there is no runbook {runbook!r}")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.start(tx, incident, known[runbook])
    return _back(reference)


@pages.post("/<runbook>/<step>/tick")
def tick(reference: str, runbook: str, step: str) -> ResponseReturnValue:
    """Tick a task, with what was found or done."""
    note = sent(("note",)).get("note", "")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.tick(tx, queries.task(tx.session, incident.id, step, runbook), note)
    return _back(reference)


@pages.post("/<runbook>/<step>/skip")
def skip(reference: str, runbook: str, step: str) -> ResponseReturnValue:
    """Leave a task out, for a reason."""
    note = sent(("note",)).get("note", "")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.skip(tx, queries.task(tx.session, incident.id, step, runbook), note)
    return _back(reference)


def _back(reference: str) -> ResponseReturnValue:
    return redirect(url_for("incidents.show", reference=reference) + "#tasks", 303)


@cache
def _runbooks(folder: Path) -> dict[str, Runbook]:
    return {each.id: each for each in files.read_all(folder)}
