"""`breachdesk reminder`: what was told before it is late, and deadlines in a calendar."""

from typing import Any
from zoneinfo import ZoneInfo

import click

from breachdesk.access import queries as access
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.reminders import commands, queries

TITLES = "Also tell the calendar, and whoever keeps it, what incidents are called."


@click.group()
def reminder() -> None:
    """What was told before it is late; deadlines in a calendar."""


@reminder.command("list")
@click.argument("reference")
@json_option
@pass_terminal
def list_(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """List every reminder of REFERENCE, the earliest first."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        names = {each.id: each.name for each in access.members(session)}
        found: list[dict[str, Any]] = [
            {
                "duty": row.duty,
                "due": row.due,
                "step": row.step,
                "member": names.get(row.member_id, str(row.member_id)),
                "escalated": row.escalated,
                "stage": row.stage,
                "given_at": row.given_at,
                "acknowledged_at": row.acknowledged_at,
                "acknowledged_by": row.acknowledged_by,
            }
            for row in queries.of_incidents(session, [incident.id])
        ]
        zone = ZoneInfo(incident.zone)
    answer(
        found,
        as_json=as_json,
        text=lambda: "\n".join(_line(each, zone) for each in found) or "None was given yet.",
    )


@reminder.command("acknowledge")
@click.argument("reference")
@click.argument("duty")
@json_option
@pass_terminal
def acknowledge(terminal: Terminal, reference: str, duty: str, *, as_json: bool) -> None:
    """Say that you have seen the reminders of DUTY of REFERENCE."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        count = len(commands.acknowledge(tx, incident, terminal.law, duty))
    answer(
        {"reference": reference, "duty": duty, "acknowledged": count},
        as_json=as_json,
        text=f"{reference}, {duty}: {count} acknowledged.",
    )


@reminder.command("feed")
@click.option("--titles", is_flag=True, help=TITLES)
@click.option("--revoke", is_flag=True, help="Close your address; calendars find nothing then.")
@json_option
@pass_terminal
def feed(terminal: Terminal, *, titles: bool, revoke: bool, as_json: bool) -> None:
    """Open a secret address with your deadlines for a calendar, shown once.

    Whoever knows it reads the deadlines. An address that you had before stops working.
    """
    if revoke and titles:
        raise click.UsageError("--revoke closes the address; --titles is for a new one")
    with terminal.transaction() as tx:
        if revoke:
            commands.revoke_feed(tx)
            path = None
        else:
            path = f"/calendar/{commands.open_feed(tx, titles=titles)}.ics"
    answer(
        {"path": path, "titles": titles},
        as_json=as_json,
        text="Closed." if path is None else f"Shown once, on the address of the desk: {path}",
    )


def _line(each: dict[str, Any], zone: ZoneInfo) -> str:
    at = each["given_at"]
    when = "" if at is None else f"{at.astimezone(zone):%a %d %b %Y %H:%M %z}"
    seen = f"seen by {each['acknowledged_by']}" if each["acknowledged_by"] else ""
    words = (f"{each['stage']:10}", f"{when:26}", f"{each['duty']:24}", f"{each['step']:16}")
    return "  ".join((*words, each["member"], seen)).rstrip()
