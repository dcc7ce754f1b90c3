"""`breachdesk organisation`: the houses whose breaches are handled here."""

import click

from breachdesk.access import commands, queries
from breachdesk.access.terms import MemberDraft
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.kernel.tables import EVERY_ORGANISATION


@click.group("organisation")
def organisation() -> None:
    """Found and name organisations."""


@organisation.command("list")
@json_option
@pass_terminal
def list_(terminal: Terminal, *, as_json: bool) -> None:
    """List the organisations of this home."""
    with terminal.desk.transactions.reading(EVERY_ORGANISATION) as session:
        names = [each.name for each in queries.organisations(session)]
    answer(names, as_json=as_json, text="\n".join(names))


@organisation.command("rename")
@click.argument("name")
@json_option
@pass_terminal
def rename(terminal: Terminal, name: str, *, as_json: bool) -> None:
    """Call the organisation by another NAME."""
    with terminal.transaction() as tx:
        commands.rename(tx, queries.organisation_of(tx.session, tx.organisation_id), name)
    answer({"name": name}, as_json=as_json, text=name)


@organisation.command("found")
@click.argument("name")
@click.option("--owner", required=True, help="E-mail address of its first administrator.")
@json_option
@pass_terminal
def found(terminal: Terminal, name: str, *, owner: str, as_json: bool) -> None:
    """Found another organisation, NAME, kept apart from the others."""
    draft = MemberDraft(email=owner, name=owner, roles=("administrator",))
    password = terminal.found(terminal.desk, name, draft)
    answer(
        {"name": name, "owner": owner, "password": password},
        as_json=as_json,
        text=f"{owner} signs in with this password, shown once: {password}",
    )


@organisation.command("second-factor")
@click.argument("asked", type=click.Choice(["required", "optional"]))
@json_option
@pass_terminal
def second_factor(terminal: Terminal, asked: str, *, as_json: bool) -> None:
    """Say whether every member needs a second factor, from their next sign-in on."""
    with terminal.transaction() as tx:
        house = queries.organisation_of(tx.session, tx.organisation_id)
        commands.ask_second_factor(tx, house, asked=asked == "required")
    answer({"second_factor": asked}, as_json=as_json, text=f"the second factor is {asked}")
