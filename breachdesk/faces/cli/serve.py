"""`breachdesk serve`, `work`, `run`: the web, the clock and the senders, apart or together."""

import signal
import threading

import click

from breachdesk.delivery.queries import without_vault
from breachdesk.faces.cli.terminal import Terminal, pass_terminal


@click.command("serve")
@pass_terminal
def serve(terminal: Terminal) -> None:
    """Serve the desk."""
    _serve(terminal, jobs=False)


@click.command("run")
@pass_terminal
def run(terminal: Terminal) -> None:
    """Serve the desk, with its clock and senders in the same process."""
    _serve(terminal, jobs=True)


@click.command("work")
@pass_terminal
def work(terminal: Terminal) -> None:
    """Run the clock and the senders."""
    with terminal.work(terminal.desk, terminal.actor):
        known_by = without_vault(terminal.desk.transactions.vault)
        if known_by is not None:
            click.echo(f"No vault here. Where it is, run: worker admit {known_by}", err=True)
        click.echo("Working. Stop with Ctrl-C.", err=True)
        wait_for_the_end()


def _serve(terminal: Terminal, *, jobs: bool) -> None:
    with terminal.serve(terminal.desk, terminal.actor, jobs=jobs) as address:
        click.echo(f"The desk is served at {address}. Stop with Ctrl-C.", err=True)
        wait_for_the_end()


def wait_for_the_end() -> None:
    """Wait until the process is asked to stop, by Ctrl-C or a signal."""
    asked = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: asked.set())
    while not asked.wait(timeout=1):
        pass
