"""`breachdesk obligation`: what is owed for an incident, and what people decided about it."""

from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.times import instant
from breachdesk.law.reading.facts import read_facts
from breachdesk.law.terms import Law
from breachdesk.obligations import commands, queries
from breachdesk.obligations.terms import Obligation

REASON = click.option("--reason", required=True, help="Why, as the register will show it.")


@click.group()
def obligation() -> None:
    """What is owed for an incident, and by when."""


@obligation.command("list")
@click.argument("reference")
@click.option("--all", "every", is_flag=True, help="Also what presumptions leave out.")
@json_option
@pass_terminal
def list_(terminal: Terminal, reference: str, *, every: bool, as_json: bool) -> None:
    """List what is owed for REFERENCE, the soonest due first."""
    now = terminal.desk.transactions.clock.now()
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        owed = queries.of(session, terminal.law, incident)
        if every:
            owed += queries.presumed_away(session, terminal.law, incident)
    answer(
        [
            {
                **document(each),
                "state": each.state_at(now).value,
                "asks_for_reasons": each.asks_for_reasons(now),
            }
            for each in owed
        ],
        as_json=as_json,
        text=lambda: "\n".join(f"{each.state_at(now).value:6}  {line(each)}" for each in owed),
    )


@obligation.command("explain")
@click.argument("reference")
@click.argument("duty")
@json_option
@pass_terminal
def explain(terminal: Terminal, reference: str, duty: str, *, as_json: bool) -> None:
    """Explain DUTY of REFERENCE: from when, until when, by which reading, on which facts."""
    with terminal.reading() as session:
        found = _one(session, terminal.law, reference, duty)
    answer(
        document(found),
        as_json=as_json,
        text=f"{line(found)}\n{found.explanation['fr']}\n{found.explanation['en']}",
    )


@obligation.command("fulfil")
@click.argument("reference")
@click.argument("duty")
@click.option("--at", "at", required=True, help="When it was done, with offset.")
@click.option("--evidence", required=True, help="What proves it: a receipt, a reference.")
@json_option
@pass_terminal
def fulfil(
    terminal: Terminal, reference: str, duty: str, *, at: str, evidence: str, as_json: bool
) -> None:
    """Write down that DUTY of REFERENCE was done, and what proves it."""
    done_at = instant(at)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.fulfil(tx, incident, duty, done_at, evidence, terminal.law)
    _tell_state(terminal, reference, duty, as_json=as_json)


@obligation.command("waive")
@click.argument("reference")
@click.argument("duty")
@REASON
@json_option
@pass_terminal
def waive(terminal: Terminal, reference: str, duty: str, *, reason: str, as_json: bool) -> None:
    """Decide that DUTY of REFERENCE is not to be done here."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.waive(tx, incident, terminal.law, duty, reason)
    _tell_state(terminal, reference, duty, as_json=as_json)


@obligation.command("reopen")
@click.argument("reference")
@click.argument("duty")
@REASON
@json_option
@pass_terminal
def reopen(
    terminal: Terminal, reference: str, duty: str, *, reason: str, as_json: bool
) -> None:
    """Take back the waiver of DUTY of REFERENCE."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.reopen(tx, incident, terminal.law, duty, reason)
    _tell_state(terminal, reference, duty, as_json=as_json)


@obligation.command("explain-delay")
@click.argument("reference")
@click.argument("duty")
@REASON
@json_option
@pass_terminal
def explain_delay(
    terminal: Terminal, reference: str, duty: str, *, reason: str, as_json: bool
) -> None:
    """Write the reasons for a delay of DUTY of REFERENCE."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.explain_delay(tx, incident, terminal.law, duty, reason)
    _tell_state(terminal, reference, duty, as_json=as_json)


@obligation.command("tell")
@click.argument("reference", required=False)
@click.option("--fact", "told", multiple=True, required=True, metavar="NAME=VALUE")
@json_option
@pass_terminal
def tell(
    terminal: Terminal, reference: str | None, *, told: tuple[str, ...], as_json: bool
) -> None:
    """Tell facts that the law asks for: of REFERENCE, or of the organisation as it stands."""
    facts = read_facts(terminal.law, told)
    with terminal.transaction() as tx:
        incident = None if reference is None else incidents.by_reference(tx.session, reference)
        rows = commands.tell(tx, incident, terminal.law, facts)
        kept = {row.name: row.value["values"] for row in rows}
    answer(
        {"reference": reference, "facts": kept},
        as_json=as_json,
        text=f"{reference or 'The organisation'}: {', '.join(kept)} told.",
    )


def clocks(session: Session, law: Law, incident: Any) -> list[dict[str, Any]]:
    """Return the clocks of an incident, the soonest first, as a program reads them."""
    return [document(each) for each in queries.of(session, law, incident)]


def document(each: Obligation) -> dict[str, Any]:
    """Return one obligation as a program reads it, with what was decided about it."""
    return {
        **each.as_json(),
        "state": each.state.value,
        "fulfilled": [
            {"at": done.at, "evidence": done.evidence} for done in each.decided.fulfilments
        ],
        "waived_for": each.decided.waived_for,
        "delay_reason": each.decided.delay_reason,
    }


def line(each: Obligation) -> str:
    """Return one obligation on one line for a person."""
    if each.due is None:
        until = "without undue delay" if each.starts_at else "not running yet"
    else:
        until = f"{each.due.astimezone(ZoneInfo(each.zone)):%a %d %b %Y %H:%M %z}"
    return f"{until:28}  {each.duty:28}  {each.label['en']}"


def _one(session: Session, law: Law, reference: str, duty: str) -> Obligation:
    incident = incidents.by_reference(session, reference)
    law.values_of(duty)
    owed = queries.of(session, law, incident)
    for each in owed + queries.presumed_away(session, law, incident):
        if each.duty == duty:
            return each
    raise Unusable(f"{duty} does not arise from {reference}")


def _tell_state(terminal: Terminal, reference: str, duty: str, *, as_json: bool) -> None:
    now = terminal.desk.transactions.clock.now()
    with terminal.reading() as session:
        found = _one(session, terminal.law, reference, duty)
    state = found.state_at(now).value
    answer({**document(found), "state": state}, as_json=as_json, text=f"{duty}: {state}")
