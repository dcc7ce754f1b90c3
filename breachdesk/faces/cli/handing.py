"""What `breachdesk delivery` shows of one reader, and what it hands to one customer."""

import secrets

import click

from breachdesk.delivery import commands, queries, rules
from breachdesk.faces.cli.terminal import ASKED, Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import CUSTOMERS, FIRST, PEOPLE

BYTES = 20


@click.command("offer-list")
@click.argument("reference")
@click.argument("customer")
@json_option
@pass_terminal
def offer_list(terminal: Terminal, reference: str, customer: str, *, as_json: bool) -> None:
    """Let CUSTOMER fetch, for a fortnight, the list of its own people in REFERENCE.

    The word that is printed is shown once. Tell it by telephone to somebody you know there:
    together with the code in their alert it opens the page /lists/ of this desk.
    """
    told = rules.spoken(secrets.token_bytes(BYTES))
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        notice = notices.latest(tx.session, incident.id, CUSTOMERS)
        if notice is None:
            raise Refused("no alert to customers is drafted; draft one first")
        offer = commands.offer_list(tx, incident, notice, customer, told)
    answer(
        {"customer": customer, "word": told, "until": offer.until, "page": "/lists/"},
        as_json=as_json,
        text=f"{told}  (shown once; until {offer.until:%Y-%m-%d})",
    )


@click.command("preview")
@click.argument("reference")
@click.argument("person")
@click.option("--obligation", default=PEOPLE, show_default=True, help="Which notice.")
@click.option("--kind", default=FIRST, show_default=True, help="Which of them.")
@click.option("--reason", default=ASKED, help="For what you look; it is noted on the trail.")
@pass_terminal
def preview(
    terminal: Terminal, reference: str, person: str, *, obligation: str, kind: str, reason: str
) -> None:
    """Show the very message that PERSON, by the key of the directory, gets in REFERENCE."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        letter = queries.letter(obligation, kind)
        message = commands.preview(tx, incident, person, letter, reason=reason, counted=False)
    click.echo(message.decode(), nl=False)
