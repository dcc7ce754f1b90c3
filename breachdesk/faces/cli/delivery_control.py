"""`breachdesk delivery`: pace, what is looked at before, what is called back."""

import time
from typing import Any

import click
from sqlalchemy.orm import Session

from breachdesk.delivery import commands, errands, queries, rules
from breachdesk.delivery.terms import (
    BOUNCE_RATE,
    COMPLAINT_RATE,
    CampaignState,
    Check,
    Pace,
    Verdict,
    pace_of,
)
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import FIRST, KINDS, PEOPLE

campaign_option = click.option("--campaign", help="The campaign of this name; else the latest.")
kind_options = (
    click.option("--obligation", default=PEOPLE, show_default=True, help="Which notice."),
    click.option("--kind", type=click.Choice(KINDS), default=FIRST, show_default=True),
)


def of_notice(function: Any) -> Any:
    """Add the options that choose a notice."""
    for option in kind_options:
        function = option(function)
    return function


def chosen(session: Session, reference: str, name: str | None) -> Any:
    """Return the campaign of that name, else the latest. Raises Refused."""
    incident = incidents.by_reference(session, reference)
    found = [
        each for each in queries.campaigns_of(session, incident.id) if name in {None, each.name}
    ]
    if not found:
        raise Refused(f"{reference} has no campaign {name or 'yet'}")
    return found[-1]


def notice_of(session: Session, reference: str, obligation: str, kind: str) -> Any:
    """Return the latest notice. Raises Refused."""
    incident = incidents.by_reference(session, reference)
    notice = notices.latest(session, incident.id, obligation, kind)
    if notice is None:
        raise Refused(f"no notice is drafted for {obligation}; draft one first")
    return notice


@click.command("pace")
@click.argument("reference")
@click.option("--hourly", type=int, help="At most so many messages an hour.")
@click.option("--ramp", type=float, default=1.0, help="The cap grows by so much each hour.")
@click.option("--waves", help="Shares in per cent before the rest, such as 1,10; or none.")
@click.option("--quiet", help="Hours in which nothing leaves, such as 21:00-08:00; or none.")
@click.option(
    "--zone",
    help="The zone of these hours, else the organisation's; by the reader's own clock where"
    " the list was frozen with --by-zone.",
)
@click.option("--bounces", type=float, default=BOUNCE_RATE * 100, help="Halt above, per cent.")
@click.option(
    "--complaints", type=float, default=COMPLAINT_RATE * 100, help="Halt above, per cent."
)
@campaign_option
@json_option
@pass_terminal
def pace(terminal: Terminal, /, reference: str, *, as_json: bool, **given: Any) -> None:
    """Say how fast, in which waves and at which hours a campaign of REFERENCE goes.

    What is not given about waves and quiet hours stays as it is.
    """
    with terminal.transaction() as tx:
        campaign = chosen(tx.session, reference, given["campaign"])
        before = pace_of(campaign.pace)
        commands.set_pace(
            tx,
            campaign,
            Pace(
                hourly=given["hourly"],
                ramp=given["ramp"],
                waves=before.waves if given["waves"] is None else rules.shares(given["waves"]),
                quiet=before.quiet
                if given["quiet"] is None
                else rules.quiet_hours(given["quiet"], given["zone"] or terminal.zone),
                bounce_rate=given["bounces"] / 100,
                complaint_rate=given["complaints"] / 100,
            ),
        )
        name = campaign.name
    _tell_going(terminal, reference, name, as_json=as_json)


@click.command("forecast")
@click.argument("reference")
@campaign_option
@json_option
@pass_terminal
def forecast(
    terminal: Terminal, reference: str, *, campaign: str | None, as_json: bool
) -> None:
    """Tell how a campaign of REFERENCE goes and when its last message will have left."""
    _tell_going(terminal, reference, campaign, as_json=as_json)


@click.command("preflight")
@click.argument("reference")
@click.option("--selector", "selectors", multiple=True, help="Name of the DKIM key.")
@campaign_option
@json_option
@pass_terminal
def preflight(
    terminal: Terminal,
    reference: str,
    *,
    selectors: tuple[str, ...],
    campaign: str | None,
    as_json: bool,
) -> None:
    """Look at what speaks against sending: SPF, DKIM, DMARC, duplicates, dead domains, quota.

    Exit 1 where something must be mended first.
    """
    desk = terminal.desk
    with terminal.reading() as session:
        campaign_id = chosen(session, reference, campaign).id
    found = errands.look_ahead(
        desk.transactions,
        terminal.actor,
        campaign_id,
        desk.names,
        desk.witness,
        selectors or errands.SELECTORS,
    )
    document = [
        {"name": c.name, "verdict": c.verdict.value, "said": c.said, "count": c.count}
        for c in found
    ]
    answer(document, as_json=as_json, text=lambda: _as_text(found))
    bad = [each.name for each in found if each.verdict is Verdict.BAD]
    if bad:
        raise Refused(f"mend first: {', '.join(bad)}")


@click.command("call-back")
@click.argument("reference")
@click.option("--why", required=True, help="The reason, for the record.")
@campaign_option
@json_option
@pass_terminal
def call_back(
    terminal: Terminal, reference: str, *, why: str, campaign: str | None, as_json: bool
) -> None:
    """Cancel a campaign of REFERENCE and have discarded what the carrier still holds."""
    desk = terminal.desk
    with terminal.transaction() as tx:
        row = chosen(tx.session, reference, campaign)
        if row.state != CampaignState.CANCELLED.value:
            commands.cancel(tx, row, why)
    people = errands.call_back(desk.transactions, desk.mailer, terminal.actor, row.id)
    answer(
        {"campaign": row.name, "called_back": people},
        as_json=as_json,
        text=f"{people:,} people of {row.name} were called back",
    )


@click.command("reconcile")
@click.argument("reference")
@json_option
@pass_terminal
def reconcile(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """Ask the carrier's logs what became of messages, now and not only after silence."""
    desk = terminal.desk
    with terminal.reading() as session:
        incidents.by_reference(session, reference)
    if desk.witness is None:
        raise Refused("this way of sending keeps no logs that could be asked")
    new = errands.reconcile(desk.transactions, desk.witness, terminal.actor, asked=True)
    answer({"new": new}, as_json=as_json, text=f"{new:,} reports were new")


@click.command("test")
@click.argument("reference")
@click.option("--to", "address", required=True, help="A member's address, or a guest's.")
@of_notice
@json_option
@pass_terminal
def test(
    terminal: Terminal,
    reference: str,
    *,
    address: str,
    obligation: str,
    kind: str,
    as_json: bool,
) -> None:
    """Send every text of a notice of REFERENCE to one guest, with made-up values."""
    desk = terminal.desk
    with terminal.reading() as session:
        notice_id = notice_of(session, reference, obligation, kind).id
    results = errands.send_test(
        desk.transactions, desk.mailer, terminal.actor, notice_id, address, desk.guests
    )
    _tell_results(results, as_json=as_json)


@click.command("rehearse")
@click.argument("reference")
@of_notice
@json_option
@pass_terminal
def rehearse(
    terminal: Terminal, reference: str, *, obligation: str, kind: str, as_json: bool
) -> None:
    """Have the carrier check every text of a notice of REFERENCE in its sandbox."""
    desk = terminal.desk
    if desk.witness is None:
        raise Refused("this way of sending has no sandbox; send a test instead")
    with terminal.reading() as session:
        notice_id = notice_of(session, reference, obligation, kind).id
    results = errands.rehearse(desk.transactions, desk.witness, terminal.actor, notice_id)
    _tell_results(results, as_json=as_json)


@click.command("watch")
@click.argument("reference")
@click.option("--every", type=float, default=5.0, show_default=True, help="Seconds.")
@click.option("--times", type=int, default=0, help="So often; else until it is over.")
@pass_terminal
def watch(terminal: Terminal, reference: str, *, every: float, times: int) -> None:
    """Show how the latest campaign of REFERENCE goes, again and again."""
    shown = 0
    while True:
        with terminal.reading() as session:
            campaign = chosen(session, reference, None)
            report = queries.report(session, campaign.incident_id, campaign.letter)
            ahead = queries.forecast(session, campaign, terminal.desk.transactions.clock.now())
            state = campaign.state
        ends = ahead.ends_at.isoformat(timespec="minutes") if ahead.ends_at else "not known"
        click.echo(
            f"{state}: {report.messages:,} handed over, {report.delivered:,} delivered, "
            f"{report.bounced:,} bounced, {ahead.left:,} left, ends {ends}"
        )
        shown += 1
        if not ahead.left or shown == times:
            return
        time.sleep(every)


def _tell_results(results: dict[str, str], *, as_json: bool) -> None:
    text = "\n".join(f"{key:<30} {result}" for key, result in results.items())
    answer(results, as_json=as_json, text=text)
    failed = [key for key, result in results.items() if result != "accepted"]
    if failed:
        raise Refused(f"{len(failed)} of {len(results)} texts were not accepted")


def _tell_going(terminal: Terminal, reference: str, name: str | None, *, as_json: bool) -> None:
    with terminal.reading() as session:
        campaign = chosen(session, reference, name)
        going = queries.going(session, campaign, terminal.desk.transactions.clock.now())
    lines = [f"{going['name']}: wave {going['wave']} of {going['waves']}"]
    lines += [f"  {name}: {value}" for name, value in going.items() if name != "name"]
    answer(going, as_json=as_json, text="\n".join(lines))


def _as_text(found: list[Check]) -> str:
    return "\n".join(f"{c.verdict.value:<10} {c.name:<11} {c.said}" for c in found)


COMMANDS = (
    pace, forecast, preflight, call_back, reconcile, test, rehearse, watch,
)  # fmt: skip
