"""`breachdesk trail`: is what was written down still what was written down?"""

import click

from breachdesk.access import queries as members
from breachdesk.audit import queries
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.tables import EVERY_ORGANISATION


class TrailBroken(Refused):
    """The trail is not whole."""


@click.group("trail")
def trail() -> None:
    """Verify the trail."""


@trail.command("verify")
@json_option
@pass_terminal
def verify(terminal: Terminal, *, as_json: bool) -> None:
    """Read every organisation's trail and recompute its digests; exit 1 at the first gap."""
    transactions = terminal.desk.transactions
    entries, gaps = 0, []
    with transactions.reading(EVERY_ORGANISATION) as session:
        for organisation in members.organisations(session):
            verdict = queries.verify(session, transactions.vault, organisation.id)
            entries += verdict.entries
            if verdict.gap is not None:
                gaps.append(f"{organisation.name}: {verdict.gap}")
        strays = queries.strays(session)
        gone = queries.unknown_chains(session, transactions.vault)
    if strays:
        gaps.append(f"{strays} entries belong to no organisation")
    if gone:
        gaps.append(f"the vault has sealed a trail whose organisation is gone: {gone[0]}")
    document = {"entries": entries, "whole": not gaps, "gaps": gaps}
    if as_json or not gaps:
        answer(document, as_json=as_json, text=f"The trail is whole: {entries} entries.")
    if gaps:
        raise TrailBroken(f"the trail is broken: {gaps[0]}")
