"""`breachdesk vault`: the master key that wraps all others."""

import click

from breachdesk.access import queries as access
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.keeping import commands


@click.group("vault")
def vault() -> None:
    """Look at the master key, and change it."""


@vault.command("show")
@json_option
@pass_terminal
def show(terminal: Terminal, *, as_json: bool) -> None:
    """Show by what the master key in force is known, and how many keys it wraps."""
    kept = terminal.desk.transactions.vault
    document = {
        "master": kept.master_mark,
        "keys": len(kept.keys()),
        "destroyed": len(kept.destroyed()),
    }
    text = "master {master}, {keys} keys, {destroyed} destroyed".format(**document)
    answer(document, as_json=as_json, text=text)


@vault.command("rotate")
@json_option
@pass_terminal
def rotate(terminal: Terminal, *, as_json: bool) -> None:
    """Wrap every key under a new master key. Cut short, it is finished by the next call.

    Copy the present master key first if older backups are to be restored one day; destroy it
    if none ever shall.
    """
    kept = terminal.desk.transactions.vault
    former = kept.master_mark
    with terminal.transaction() as tx:
        house = access.organisation_of(tx.session, tx.organisation_id)
        commands.rotate(tx, house, former=former)
    wrapped = kept.rotate()
    document = {"former": former, "master": kept.master_mark, "wrapped": wrapped}
    said = f"{wrapped} keys and heads are wrapped by {kept.master_mark}; before, by {former}."
    answer(document, as_json=as_json, text=f"{said}\nMake a backup now.")
