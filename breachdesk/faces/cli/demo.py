"""`breachdesk demo`: the journey from the log to the register on the sample organisation."""

import json
import shutil
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from breachdesk.access import queries as members
from breachdesk.faces.cli.demo_inputs import check
from breachdesk.faces.cli.demo_journey import Journey, Size
from breachdesk.faces.cli.demo_steps import STEPS
from breachdesk.faces.cli.demo_told import tell
from breachdesk.faces.cli.serve import wait_for_the_end
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.locks import exclusive
from breachdesk.kernel.tables import EVERY_ORGANISATION

MARK = "demo.json"
PARTS = (
    "breachdesk.sqlite",
    "breachdesk.sqlite-wal",
    "breachdesk.sqlite-shm",
    "vault",
    "outbox",
    "scoping",
    "documents",
    "demo",
)


class NotTheDemos(Refused):
    """The home holds a desk that the demo did not make, or that was used since."""


@click.command("demo")
@click.option("--people", default=20_000, show_default=True, help="How many people to make up.")
@click.option("--log-rows", default=200_000, show_default=True, help="How many rows of log.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other people.")
@click.option("--no-serve", is_flag=True, help="Stop when the journey is over.")
@click.option("--home", type=click.Path(path_type=Path), help="Where; else BREACHDESK_HOME.")
@json_option
@pass_terminal
def demo(
    terminal: Terminal,
    *,
    people: int,
    log_rows: int,
    seed: int,
    no_serve: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Handle a whole breach on the sample organisation, then serve the desk.

    Run again, it starts afresh; a desk that it did not make is never touched.
    """
    check(people, log_rows)
    here = terminal.elsewhere(home or terminal.home)
    console = Console(stderr=True, highlight=False)
    served = f"{here.home} is served by another process; stop it first"
    here.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with exclusive(here.home / "secrets" / "demo.lock", wait=False, held=served):
        with exclusive(here.home / "secrets" / "serve.lock", wait=False, held=served):
            clear(here, console)
            mark(here.home, finished=False)
            size = Size(people=people, log_rows=log_rows, seed=seed)
            journey = Journey(here, console, size)
            for step in STEPS:
                step(journey)
            made = {**journey.made, "steps": journey.steps}
            mark(here.home, finished=True, reference=made["incident"]["reference"])
        answer(made, as_json=as_json, text=lambda: tell(made))
        show_sign_in(made, console)
        if not no_serve:
            with here.serve(here.desk, here.actor, jobs=True) as address:
                console.print(f"The desk is served at [bold]{address}[/bold]. Ctrl-C stops it.")
                wait_for_the_end()


def show_sign_in(made: dict[str, Any], console: Console) -> None:
    """Print how to sign in, with two passwords that are kept nowhere."""
    console.print("\nSign in with one of these; the passwords are shown once and kept nowhere.")
    for each in made["sign_in"]:
        line = f"  {each['email']}   password: {each['password']}   ({each['name']})"
        console.print(line, markup=False, soft_wrap=True)


def clear(terminal: Terminal, console: Console) -> None:
    """Remove the demo's earlier desk and say so. Raises NotTheDemos for any other desk."""
    home = terminal.home
    if not any((home / part).exists() for part in PARTS):
        return
    if not (home / MARK).exists():
        raise NotTheDemos(
            f"{home} holds a desk that the demo did not make; choose another --home"
        )
    was = json.loads((home / MARK).read_text("utf-8"))
    if was["finished"]:
        others = _own_incidents(terminal, was["reference"])
        if others:
            raise NotTheDemos(
                f"{others[0]} in {home} was not logged by the demo; choose another --home"
            )
    state = "was finished" if was["finished"] else "was stopped half-way"
    console.print(f"An earlier demo in {home} {state}; starting afresh.")
    for path in (home / part for part in PARTS):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def mark(home: Path, *, finished: bool, reference: str | None = None) -> None:
    """Note that the desk of this home is the demo's, and whether the journey was finished."""
    path = home / MARK
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({"finished": finished, "reference": reference}), "utf-8")
    partial.replace(path)


def _own_incidents(terminal: Terminal, reference: str) -> list[str]:
    """Return references of incidents that the demo did not log."""
    fresh = terminal.elsewhere(terminal.home)  # not kept open: its files are about to go
    found: list[str] = []
    with fresh.desk.transactions.reading(EVERY_ORGANISATION) as session:
        organisations = [each.id for each in members.organisations(session)]
    for organisation_id in organisations:
        with fresh.desk.transactions.reading(organisation_id) as session:
            found += [each.reference for each in incidents.board(session)]
    return [each for each in found if each != reference]
