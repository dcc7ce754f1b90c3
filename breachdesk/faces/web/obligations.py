"""What the law asks after an incident, by when, and why."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babel.dates import format_date
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.orm import Session

from breachdesk.faces.web import live
from breachdesk.faces.web.moments import prefilled, told_at
from breachdesk.faces.web.visit import desk, now, reading, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents import rules
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import INSTANTS
from breachdesk.kernel.errors import Unknown
from breachdesk.obligations import commands, queries
from breachdesk.obligations.terms import Obligation

pages = Blueprint("obligations", __name__, url_prefix="/incidents/<reference>/obligations")


@pages.app_template_filter("day")
def day(on: date) -> str:
    """Write a day in the reader's language."""
    return format_date(on, "long", locale=get_locale())


@pages.get("/<duty>")
def show(reference: str, duty: str) -> ResponseReturnValue:
    """Show one obligation: why, by when in every reading, and what was decided about it.

    A part of another page gets the explanation alone.
    """
    session = reading()
    incident = incidents.by_reference(session, reference)
    found = [each for each in queries.of(session, desk().law, incident) if each.duty == duty]
    if not found:
        raise Unknown(f"there is no obligation {duty!r} here")
    return render_template(
        "obligations/alone.html"
        if "HX-Request" in request.headers
        else "obligations/show.html",
        incident=incident,
        obligation=found[0],
        state=found[0].state_at(now()).value,
        this_minute=prefilled(),
        law_version=desk().law.version,
        odd=odd(incident),
    )


@pages.post("/<duty>/<any(fulfil, waive, reopen, explain_delay):act>")
def decide(reference: str, duty: str, act: str) -> ResponseReturnValue:
    """Write down that it was done, is not to be done or is after all, or why it is late."""
    told = sent(("text", "at"))
    text = told.get("text", "")
    at = told_at(told.get("at", ""), "at") if act == "fulfil" else now()
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        if act == "fulfil":
            commands.fulfil(tx, incident, duty, at, text, desk().law)
        elif act == "waive":
            commands.waive(tx, incident, desk().law, duty, text)
        elif act == "reopen":
            commands.reopen(tx, incident, desk().law, duty, text)
        else:
            commands.explain_delay(tx, incident, desk().law, duty, text)
    return redirect(url_for("incidents.show", reference=reference) + "#deadlines", 303)


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the obligations of an incident: with an hour, without one, and dealt with."""
    owed = queries.of(session, desk().law, incident)
    return {
        "obligations": owed,
        "obligations_seen": live.mark([(each, each.state_at(now())) for each in owed]),
        "running": [each for each in owed if each.due is not None and each.waits],
        "undated": [each for each in owed if each.due is None and each.waits],
        "done": [each for each in owed if not each.waits],
        "presumed_away": queries.presumed_away(session, desk().law, incident),
        "odd": odd(incident),
        "law_version": desk().law.version,
    }


def odd(incident: Incident) -> tuple[str, ...]:
    """Return what is odd about an incident's awareness: a warning, never a refusal."""
    told = {name: getattr(incident, name) for name in INSTANTS}
    return (
        *rules.oddities(told, now=now()),
        *(["day_only"] if incident.aware_day_only else []),
    )


def next_of(session: Session, shown: Sequence[Incident]) -> dict[UUID, Obligation | None]:
    """Return what is due next for each open incident, in a fixed number of questions."""
    running = [each for each in shown if each.closed_at is None]
    owed = queries.of_many(session, desk().law, running)
    return {each.id: next_due(owed[each.id], now()) for each in running}


def next_due(owed: Sequence[Obligation], at: datetime) -> Obligation | None:
    """Return the obligation to look at first: not done, with an hour, the soonest first."""
    waiting = [each for each in owed if each.due is not None and each.waits]
    return min(waiting, key=lambda each: each.due or at, default=None)
