"""`breachdesk worker`: machines that send without a vault, and who let them."""

import click

from breachdesk.delivery import commands, queries
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal


@click.group("worker")
def worker() -> None:
    """List, admit and dismiss machines that send without a vault."""


@worker.command("list")
@json_option
@pass_terminal
def list_workers(terminal: Terminal, *, as_json: bool) -> None:
    """List the workers that wait or work, and how many keys lie ready for each."""
    with terminal.reading() as session:
        document = [
            {
                "fingerprint": each.fingerprint,
                "machine": each.machine,
                "since": each.since,
                "seen_at": each.seen_at,
                "admitted_at": each.admitted_at,
                "admitted_by": each.admitted_by,
                "keys": len(queries.handed_to(session, each)),
            }
            for each in queries.workers(session)
        ]
    lines = (
        f"{each['fingerprint']}  {each['machine']}  seen {each['seen_at']:%Y-%m-%d %H:%M} UTC  "
        + (f"admitted, {each['keys']} keys" if each["admitted_at"] else "waits to be admitted")
        for each in document
    )
    answer(document, as_json=as_json, text="\n".join(lines) or "No worker without a vault.")


@worker.command("admit")
@click.argument("fingerprint")
@pass_terminal
def admit(terminal: Terminal, fingerprint: str) -> None:
    """Let the worker that printed FINGERPRINT have the keys of what is being sent."""
    with terminal.transaction() as tx:
        machine = commands.admit_worker(tx, fingerprint).machine
    click.echo(f"{machine} is admitted.")


@worker.command("dismiss")
@click.argument("fingerprint")
@pass_terminal
def dismiss(terminal: Terminal, fingerprint: str) -> None:
    """Withdraw every key from the worker known by FINGERPRINT, for good."""
    with terminal.transaction() as tx:
        machine = commands.dismiss_worker(tx, fingerprint).machine
    click.echo(f"{machine} is dismissed.")
