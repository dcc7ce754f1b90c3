"""`breachdesk doctor` and `breachdesk settings`: how is the installation, and how is it set."""

import click

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.keeping.errands.examining import examine
from breachdesk.keeping.terms import Finding, State
from breachdesk.kernel.errors import Refused


class Unwell(Refused):
    """Something of the installation fails."""


@click.command("doctor")
@json_option
@pass_terminal
def doctor(terminal: Terminal, *, as_json: bool) -> None:
    """Examine the installation: every finding says what to do. Exit 1 if something fails.

    Looks at the home, the address, the database, keys, clocks, trail, backups, the
    scheduler, the carrier of notices and what the DNS says of the sender. Changes nothing.
    """
    found = examine(terminal.patient())
    failing = [each for each in found if each.state is State.FAILING]
    document = {
        "well": not failing,
        "findings": [
            {"name": e.name, "state": e.state.value, "seen": e.seen, "do": e.do} for e in found
        ],
    }
    answer(document, as_json=as_json, text=lambda: "\n".join(map(_line, found)))
    if failing:
        raise Unwell(f"{failing[0].name}: {failing[0].seen}; {failing[0].do}")


@click.command("settings")
@json_option
@pass_terminal
def settings(terminal: Terminal, *, as_json: bool) -> None:
    """Show the settings in force. Secrets are named and not shown."""
    told = terminal.shown()
    lines = [f"{name:20} {value}" for name, value in told.items()]
    answer(told, as_json=as_json, text="\n".join(lines))


def _line(finding: Finding) -> str:
    line = f"{finding.state.value:8} {finding.name}: {finding.seen}"
    return f"{line}\n         -> {finding.do}" if finding.do else line
