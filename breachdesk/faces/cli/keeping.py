"""`breachdesk purge`, `hold` and `kept`: what goes when, what stops it, and its going."""

from datetime import datetime

import click

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.keeping import commands, queries
from breachdesk.keeping.errands import purging
from breachdesk.keeping.terms import Kept


@click.command("kept")
@json_option
@pass_terminal
def kept(terminal: Terminal, *, as_json: bool) -> None:
    """List what is kept until when, and why; what goes first first."""
    desk = terminal.desk
    with terminal.reading() as session:
        found = queries.everything(session, desk.transactions.vault, desk.retention)
    answer([each.as_json() for each in found], as_json=as_json, text=lambda: _lines(found))


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="List what would go, and why; change nothing.")
@json_option
@pass_terminal
def purge(terminal: Terminal, *, dry_run: bool, as_json: bool) -> None:
    """Let go what is over its time: destroy keys; leave counts, digests and proof.

    The same is done once a day by `run` and `work`.
    """
    desk, actor = terminal.desk, terminal.actor
    if dry_run:
        found = purging.due(desk.transactions, actor, desk.retention)
        document = {"dry_run": True, "would_go": [each.as_json() for each in found]}
        answer(document, as_json=as_json, text=lambda: _lines(found) or "Nothing would go.")
        return
    gone = purging.purge(
        desk.transactions, actor, desk.retention, desk.home / "outbox", by_hand=True
    )
    document = {
        "dry_run": False,
        "gone": [
            {"reference": each.reference, "what": each.what, "remains": each.remains}
            for each in gone
        ],
    }
    lines = [f"{each.reference}  {each.what}  is gone" for each in gone]
    answer(document, as_json=as_json, text="\n".join(lines) or "Nothing had to go.")


@click.command("hold")
@click.argument("reference")
@click.option("--reason", required=True, help="Why all of the incident is kept, or not.")
@click.option("--lift", is_flag=True, help="Lift the hold that stands.")
@json_option
@pass_terminal
def hold(terminal: Terminal, reference: str, *, reason: str, lift: bool, as_json: bool) -> None:
    """Keep all of incident REFERENCE whatever its age, or lift that hold."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        do = commands.lift if lift else commands.hold
        done = do(tx, incident, reason)
        document = {
            "reference": reference,
            "standing": done.lifted_at is None,
            "reason": done.reason,
            "set_at": done.set_at,
            "set_by": done.set_by,
            "lifted_for": done.lifted_for,
        }
    said = "is no longer held" if lift else "is held: nothing of it will be purged"
    answer(document, as_json=as_json, text=f"{reference} {said}.")


def _lines(found: tuple[Kept, ...]) -> str:
    return "\n".join(
        f"{each.reference}  {each.what.value:8}  {_day(each.until):10}  {each.why}"
        + (f"; held: {each.hold.reason}" if each.hold else "")
        for each in found
    )


def _day(at: datetime | None) -> str:
    return "-" if at is None else at.date().isoformat()
