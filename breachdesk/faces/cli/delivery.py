"""`breachdesk delivery`: freeze who is told, send, and account for everyone."""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from sqlalchemy.orm import Session

from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery import reading as delivery_reading
from breachdesk.delivery.terms import CampaignState, Decision, Reader
from breachdesk.faces.cli import delivery_control, delivery_proof
from breachdesk.faces.cli.delivery_told import report, tell, warn_of_doubt
from breachdesk.faces.cli.handing import offer_list, preview
from breachdesk.faces.cli.letters import letters
from breachdesk.faces.cli.terminal import Terminal, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import CUSTOMERS, FIRST, KINDS, PEOPLE
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.terms import Person, Ring

RUNNING = (CampaignState.FROZEN, CampaignState.APPROVED, CampaignState.SENDING)
PAUSABLE = (CampaignState.FROZEN, CampaignState.SENDING)
STOPPABLE = (*RUNNING, CampaignState.PAUSED)

campaign_option = click.option("--campaign", help="Only the campaign of this name.")
why_option = click.option("--why", default="", help="The reason, for the record.")


@click.group("delivery")
def delivery() -> None:
    """Freeze, send and account for a campaign."""


for _command in (report, letters, *delivery_control.COMMANDS, *delivery_proof.COMMANDS):
    delivery.add_command(_command)
delivery.add_command(offer_list)
delivery.add_command(preview)


@delivery.command("freeze")
@click.argument("reference")
@click.option("--obligation", default=PEOPLE, show_default=True, help="Which notice.")
@click.option("--kind", type=click.Choice(KINDS), default=FIRST, show_default=True)
@click.option("--separate", is_flag=True, help="A message each, also in a shared mailbox.")
@click.option(
    "--by-zone",
    is_flag=True,
    help="Keep readers apart whose clocks differ, so that quiet hours are theirs.",
)
@click.option(
    "--second-address",
    is_flag=True,
    help="For those whom the first address did not reach: to their second.",
)
@click.option(
    "--contacts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV of person_key and second_address, besides those of the directories.",
)
@json_option
@pass_terminal
def freeze(  # noqa: PLR0913  (each is an option of the command)
    terminal: Terminal,
    reference: str,
    *,
    obligation: str,
    kind: str,
    separate: bool,
    by_zone: bool,
    second_address: bool,
    contacts: Path | None,
    as_json: bool,
) -> None:
    """Fix who of REFERENCE is sent which approved text. Nothing is sent yet."""
    second = delivery_reading.read_second(contacts) if contacts else {}
    if second and not second_address:
        raise Refused("--contacts goes with --second-address")
    with _progress("Freezing") as advance, terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        notice = notices.latest(tx.session, incident.id, obligation, kind)
        if notice is None:
            raise Refused(f"no notice is drafted for {obligation}; draft one first")
        scope = scopes.version(tx.session, incident.id, notice.scope_version)
        readers: Iterable[Person | Reader] = (
            commands.customers_to_tell(tx, incident, notice, scope)
            if obligation == CUSTOMERS
            else scoping.list_people(
                tx, incident, scope, Ring(notice.ring), terminal.desk.population, mixed=True
            )
        )
        campaign = commands.freeze(
            tx,
            incident,
            notice,
            (each for each in readers if advance(1)),
            terminal.desk.law,
            separate=separate,
            second=second if second_address else None,
            by_zone=by_zone,
        )
    tell(terminal, reference, as_json=as_json, campaign=campaign.name)


@delivery.command("send")
@click.argument("reference")
@json_option
@pass_terminal
def send(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """Send what is frozen for REFERENCE. Run again after a fault, it goes on, never twice."""
    desk = terminal.desk
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        states = {each.state for each in queries.campaigns_of(session, incident.id)}
    if not states:
        raise Refused(f"nothing is frozen for {reference}; run: breachdesk delivery freeze")
    if CampaignState.FROZEN.value in states:
        with terminal.transaction() as tx:
            for campaign in queries.campaigns_of(tx.session, incident.id):
                if campaign.state == CampaignState.FROZEN.value:
                    commands.start(tx, campaign, desk.law)
    with terminal.reading() as session:
        done, total = queries.progress(session, incident.id)
    with _progress("Sending", done, total) as advance:
        errands.send_all(
            desk.transactions,
            desk.mailer,
            terminal.actor,
            incident.id,
            wait=time.sleep,
            posted=advance,
        )
    with terminal.reading() as session:
        for campaign in queries.campaigns_of(session, incident.id):
            if campaign.state == CampaignState.PAUSED.value:
                why = f": {campaign.why}" if campaign.why else ""
                raise Refused(
                    f"{campaign.name} is paused{why}; go on with: "
                    f"breachdesk delivery resume {reference}, then send again"
                )
    warn_of_doubt(tell(terminal, reference, as_json=as_json), reference)


@delivery.command("pause")
@click.argument("reference")
@campaign_option
@why_option
@json_option
@pass_terminal
def pause(
    terminal: Terminal, reference: str, *, campaign: str | None, why: str, as_json: bool
) -> None:
    """Hold back what of REFERENCE is not on its way at this moment, or not started yet."""
    with terminal.transaction() as tx:
        for each in _chosen(tx.session, reference, campaign, *PAUSABLE):
            commands.pause(tx, each, why)
    tell(terminal, reference, as_json=as_json)


@delivery.command("resume")
@click.argument("reference")
@campaign_option
@json_option
@pass_terminal
def resume(terminal: Terminal, reference: str, *, campaign: str | None, as_json: bool) -> None:
    """Go on with what was paused; `send` then sends it."""
    with terminal.transaction() as tx:
        for each in _chosen(tx.session, reference, campaign, CampaignState.PAUSED):
            commands.resume(tx, each)
    tell(terminal, reference, as_json=as_json)


@delivery.command("cancel")
@click.argument("reference")
@campaign_option
@why_option
@json_option
@pass_terminal
def cancel(
    terminal: Terminal, reference: str, *, campaign: str | None, why: str, as_json: bool
) -> None:
    """Send no more of REFERENCE, for good, and tell who was informed."""
    with terminal.transaction() as tx:
        for each in _chosen(tx.session, reference, campaign, *STOPPABLE):
            commands.cancel(tx, each, why)
    tell(terminal, reference, as_json=as_json)


@delivery.command("settle")
@click.argument("reference")
@click.argument("decision", type=click.Choice([each.value for each in Decision]))
@click.option("--reason", required=True, help="Why; it is evidence.")
@campaign_option
@json_option
@pass_terminal
def settle(
    terminal: Terminal,
    reference: str,
    decision: str,
    *,
    reason: str,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Decide on messages of REFERENCE that stay in doubt."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        doubtful = [
            each
            for each in queries.in_doubt(tx.session, incident.id)
            if campaign in {None, each.name}
        ]
        if not doubtful:
            raise Refused(f"no message of {reference} is in doubt")
        for each in doubtful:
            commands.decide(tx, each, Decision(decision), reason)
    tell(terminal, reference, as_json=as_json)


_former = copy.copy(settle)
_former.hidden = True
delivery.add_command(_former, "decide")


def _chosen(
    session: Session, reference: str, name: str | None, *states: CampaignState
) -> list[Any]:
    """Return the campaigns of an incident in one of `states`. Raises Refused for none."""
    incident = incidents.by_reference(session, reference)
    wanted = [state.value for state in states]
    found = [
        each
        for each in queries.campaigns_of(session, incident.id)
        if each.state in wanted and name in {None, each.name}
    ]
    if not found:
        raise Refused(f"{reference} has no campaign that is {' or '.join(wanted)}")
    return found


@contextmanager
def _progress(
    what: str, done: int = 0, total: int | None = None
) -> Iterator[Callable[[int], bool]]:
    """Show how far we are on standard error; yield what is told of each step."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total, completed=done)

        def advance(people: int) -> bool:
            progress.advance(task, people)
            return True

        yield advance
