"""`breachdesk incident keep-to`, `open-to-all` and `readers`: who may see an incident."""

import click

from breachdesk.access import commands, queries
from breachdesk.access.queries import readers as access
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents


@click.command("keep-to")
@click.argument("reference")
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL...")
@json_option
@pass_terminal
def keep_to(
    terminal: Terminal, reference: str, emails: tuple[str, ...], *, as_json: bool
) -> None:
    """Keep REFERENCE for these members, and for the roles that see every incident.

    Whoever was named before and is not named now sees it no more.
    """
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.restrict(tx, incident, [queries.member(tx.session, each) for each in emails])
    _show(terminal, reference, as_json=as_json)


@click.command("open-to-all")
@click.argument("reference")
@json_option
@pass_terminal
def open_to_all(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """Show REFERENCE to every member again."""
    with terminal.transaction() as tx:
        commands.unrestrict(tx, incidents.by_reference(tx.session, reference))
    _show(terminal, reference, as_json=as_json)


@click.command("readers")
@click.argument("reference")
@json_option
@pass_terminal
def readers(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """List who may see REFERENCE."""
    _show(terminal, reference, as_json=as_json)


def _show(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        named = {each.member_id for each in access.readers_of(session, incident.id)}
        found = [
            {"email": each.email, "name": each.name, "named": each.id in named}
            for each in queries.members(session)
            if not named or each.id in named or access.sees_all(each)
        ]
    said = f"{reference} is kept for" if named else f"{reference} is seen by every member:"
    lines = [said, *(f"  {each['email']}  {each['name']}" for each in found)]
    document = {"reference": reference, "kept": bool(named), "readers": found}
    answer(document, as_json=as_json, text="\n".join(lines))
