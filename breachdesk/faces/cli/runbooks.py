"""`breachdesk runbook`: the runbooks there are, and the tasks they become."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Unknown
from breachdesk.kernel.times import zone
from breachdesk.runbooks import commands, queries, reading, rules
from breachdesk.runbooks.terms import LANGUAGES, Runbook

MARKS = {"open": "[ ]", "done": "[x]", "skipped": "[-]"}
language_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="en", help="The language of the titles."
)


@click.group("runbook")
def runbook() -> None:
    """Turn a runbook into tasks."""


@runbook.command("list")
@language_option
@json_option
@pass_terminal
def list_(terminal: Terminal, *, lang: str, as_json: bool) -> None:
    """Read and check every runbook, and list them."""
    found = reading.read_all(terminal.desk.runbooks)
    answer(
        [
            {
                "id": each.id,
                "title": dict(each.title),
                "causes": sorted(each.causes),
                "steps": len(each.steps),
            }
            for each in found
        ],
        as_json=as_json,
        text="\n".join(f"{each.id}  {each.title[lang]}" for each in found)
        or "There is no runbook.",
    )


@runbook.command("start")
@click.argument("reference")
@click.argument("name", required=False)
@json_option
@pass_terminal
def start(terminal: Terminal, reference: str, name: str | None, *, as_json: bool) -> None:
    """Start the runbook NAME, else the one for the cause of REFERENCE, as tasks."""
    known = reading.read_all(terminal.desk.runbooks)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        chosen = _chosen(known, name, incident.facts)
        tasks = commands.start(tx, incident, chosen)
        shown = [_shown(each, incident, tx.now) for each in tasks]
    answer(
        {"reference": reference, "runbook": chosen.id, "tasks": shown},
        as_json=as_json,
        text=f"{reference}: {chosen.id} is started, {len(shown)} tasks.",
    )


@runbook.command("tasks")
@click.argument("reference")
@language_option
@json_option
@pass_terminal
def tasks(terminal: Terminal, reference: str, *, lang: str, as_json: bool) -> None:
    """List the tasks of REFERENCE, with owners and hours."""
    now = terminal.desk.transactions.clock.now()
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        shown = [_shown(each, incident, now) for each in queries.tasks_of(session, incident.id)]
    lines = [
        f"{MARKS[each['stage']]} {each['step']}  {each['owner']}  "
        f"{each['due_at'].isoformat()}{' LATE' if each['late'] else ''}  {each['title'][lang]}"
        for each in shown
    ]
    answer(shown, as_json=as_json, text="\n".join(lines) or "No runbook is started yet.")


@runbook.command("tick")
@click.argument("reference")
@click.argument("step")
@click.option("--note", default="", help="What was found or done.")
@click.option("--runbook", "name", help="Which runbook, if two have this step.")
@json_option
@pass_terminal
def tick(
    terminal: Terminal, reference: str, step: str, *, note: str, name: str | None, as_json: bool
) -> None:
    """Tick the task STEP of REFERENCE."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        task = commands.tick(tx, queries.task(tx.session, incident.id, step, name), note)
        shown = _shown(task, incident, tx.now)
    answer(shown, as_json=as_json, text=f"{reference}: {step} is done.")


@runbook.command("skip")
@click.argument("reference")
@click.argument("step")
@click.option("--reason", required=True, help="Why it is left out.")
@click.option("--runbook", "name", help="Which runbook, if two have this step.")
@json_option
@pass_terminal
def skip(
    terminal: Terminal,
    reference: str,
    step: str,
    *,
    reason: str,
    name: str | None,
    as_json: bool,
) -> None:
    """Leave out the task STEP of REFERENCE, for a reason."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        task = commands.skip(tx, queries.task(tx.session, incident.id, step, name), reason)
        shown = _shown(task, incident, tx.now)
    answer(shown, as_json=as_json, text=f"{reference}: {step} is left out.")


def _chosen(known: Iterable[Runbook], name: str | None, facts: dict[str, Any]) -> Runbook:
    by_name = {each.id: each for each in known}
    if name is None:
        found = rules.matching(by_name.values(), facts)
        if found is None:
            raise Unknown(
                f"no runbook is for the cause {facts.get('cause', 'not told')!r}; "
                f"name one of: {', '.join(by_name)}"
            )
        return found
    if name not in by_name:
        raise Unknown(f"there is no runbook {name!r}; these are: {', '.join(by_name)}")
    return by_name[name]


def _shown(task: Any, incident: Any, now: datetime) -> dict[str, Any]:
    """Return a task as JSON shows it, its hour in the zone of the incident."""
    due = rules.due_at(incident.aware_at, task.within_seconds).astimezone(zone(incident.zone))
    return {
        "runbook": task.runbook,
        "step": task.step,
        "phase": task.phase,
        "owner": task.owner,
        "title": task.title,
        "detail": task.detail,
        "due_at": due,
        "late": rules.is_late(task.stage, due, now=now),
        "stage": task.stage,
        "note": task.note,
        "closed_at": task.closed_at,
        "closed_by": task.closed_by,
    }
