"""`breachdesk delivery report`: who was told, and what is said after every step."""

import click

from breachdesk.delivery import queries
from breachdesk.delivery.terms import ChunkState, Report, Standing
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.notices.terms import PEOPLE


@click.command("report")
@click.argument("reference")
@click.option("--obligation", default=PEOPLE, show_default=True, help="Which notice.")
@json_option
@pass_terminal
def report(terminal: Terminal, reference: str, *, obligation: str, as_json: bool) -> None:
    """Tell who of REFERENCE was informed, each person once."""
    tell(terminal, reference, as_json=as_json, obligation=obligation)


def tell(
    terminal: Terminal,
    reference: str,
    *,
    as_json: bool,
    obligation: str = PEOPLE,
    **more: str,
) -> Report:
    """Say who was told by the notice of `obligation`, and return it."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        found = queries.report(session, incident.id, queries.letter(obligation))
    answer({**found.as_json(), **more}, as_json=as_json, text=lambda: _as_text(found))
    return found


def warn_of_doubt(found: Report, reference: str) -> None:
    """Say on standard error that some may or may not have been told, and what to do next."""
    if not found.in_doubt:
        return
    if found.chunks.get(ChunkState.DOUBT.value):
        after = f"decide with: breachdesk delivery settle {reference} DECISION --reason WHY"
    else:
        after = (
            f"run later: breachdesk delivery send {reference}; it looks for evidence and "
            "repeats nothing blindly; after a day without any, a person decides"
        )
    click.echo(
        f"warning: of {found.in_doubt} people nobody knows yet whether their message left; "
        f"{after}",
        err=True,
    )


def _as_text(report: Report) -> str:
    lines = [
        f"{report.people:>9,} people, {report.messages:,} messages posted",
        *(
            f"{getattr(report, each.value):>9,} {each.value.replace('_', ' ')}"
            for each in Standing
        ),
    ]
    lines.extend(
        f"{people:>13,} {reason.replace('_', ' ')}" for reason, people in report.reasons.items()
    )
    lines.extend(
        f"{people:>13,} {standing.replace('_', ' ')} at a second address"
        for standing, people in report.second_address.items()
    )
    for each in report.campaigns:
        why = f" ({each['why']})" if each["why"] else ""
        lines.append(f"  {each['name']} is {each['state']}{why}")
    return "\n".join(lines)
