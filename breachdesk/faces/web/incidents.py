"""The board, an incident with all that follows from it, and the form that logs one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as later
from sqlalchemy.orm import Session

from breachdesk.audit import queries as audit
from breachdesk.datamap import queries as datamaps
from breachdesk.delivery import queries as campaigns
from breachdesk.faces.reading import read
from breachdesk.faces.web import board as boards
from breachdesk.faces.web import (
    delivery,
    filings,
    journey,
    live,
    notices,
    obligations,
    risk,
    runbooks,
    said,
    scoping,
)
from breachdesk.faces.web.facts import labels
from breachdesk.faces.web.moments import midnight, prefilled, with_zone
from breachdesk.faces.web.visit import member, reading, sent, transaction
from breachdesk.incidents import commands, queries
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import IncidentDraft, Phase
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.kernel.times import zone
from breachdesk.notices import queries as all_notices
from breachdesk.risk.terms import Category
from breachdesk.runbooks import queries as all_tasks

pages = Blueprint("incidents", __name__)
FORM = (
    "title", "aware_at", "aware_day_only", "started_at", "touched", "summary", "zone", "drill",
)  # fmt: skip
LATEST = 50
PANELS = (
    ("facts", later("Facts"), "incidents/facts.html", None),
    ("scope", later("Who is affected"), "scoping/panel.html", scoping.panel),
    ("risk", later("Risk"), "risk/panel.html", risk.panel),
    ("deadlines", later("Obligations"), "obligations/panel.html", obligations.panel),
    ("tasks", later("Tasks"), "runbooks/panel.html", runbooks.panel),
)
"""What the page of an incident shows at once: anchor, name, template, what it reads."""
LATER = ("notices", "delivery", "filings", "timeline", "measures", "corrections", "trail")
"""What it asks for after that, by the names of its parts."""


@pages.get("/")
def board() -> ResponseReturnValue:
    """Show every incident, the open ones first, each with what is due next."""
    return boards.show()


@pages.get("/incidents/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """Show where an incident stands, what is next, and what is known."""
    session = reading()
    incident = queries.by_reference(session, reference)
    return render_template(
        "incidents/show.html",
        incident=incident,
        journey=journey.of(session, incident),
        panels=PANELS,
        parts={each: PARTS[each][0] for each in LATER},
        labels=labels(),
        **_read(session, incident, *(panel for *_rest, panel in PANELS)),
    )


@pages.get("/incidents/<reference>/part/<name>")
def part(reference: str, name: str) -> ResponseReturnValue:
    """Show one part of an incident: alone for the page's script, else as a page."""
    session = reading()
    incident = queries.by_reference(session, reference)
    if name not in PARTS:
        raise Unknown(f"there is no part {name!r}")
    called, template, panel = PARTS[name]
    shown = _read(session, incident, panel)
    for seen in (each for each in shown if each.endswith("_seen")):
        if (same := live.unchanged(shown[seen])) is not None:
            return same
    return render_template(
        template if "HX-Request" in request.headers else "incidents/part.html",
        incident=incident,
        name=called,
        template=template,
        labels=labels(),
        **shown,
    )


@pages.get("/incidents/<reference>/next")
def next_deadline(reference: str) -> ResponseReturnValue:
    """Show the next deadline alone, for the head of a page that stands open."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".show", reference=reference), 303)
    incident = queries.by_reference(reading(), reference)
    _due, seen = journey.next_deadline(incident)
    return live.unchanged(seen) or render_template("incidents/next.html", incident=incident)


@pages.get("/incidents/<reference>/sheet")
def sheet(reference: str) -> ResponseReturnValue:
    """Show everything on one page, to be printed for when screens are gone."""
    session = reading()
    incident = queries.by_reference(session, reference)
    return render_template(
        "incidents/sheet.html",
        incident=incident,
        journey=journey.of(session, incident),
        templates=[template for _name, template, _panel in PARTS.values()],
        labels=labels(),
        **_read(session, incident, *(panel for *_rest, panel in PARTS.values())),
    )


def _read(
    session: Session,
    incident: Incident,
    *panels: Callable[[Session, Incident], dict[str, Any]] | None,
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for panel in panels:
        if panel is not None:
            shown |= panel(session, incident)
    return shown


def _journal(session: Session, incident: Incident) -> dict[str, Any]:
    """Return what happened and what was done, in somebody's words."""
    measures = queries.measures_of(session, incident.id)
    return {
        "before": [each for each in measures if each.phase == Phase.BEFORE.value],
        "after": [each for each in measures if each.phase == Phase.AFTER.value],
        "timeline": queries.timeline_of(session, incident.id),
        "evidence": queries.evidence_of(session, incident.id),
        "this_minute": prefilled(),
    }


def _corrections(session: Session, incident: Incident) -> dict[str, Any]:
    return {"corrections": queries.corrections_of(session, incident.id)}


def _trail(session: Session, incident: Incident) -> dict[str, Any]:
    return {"trail": audit.trail_of(session, _subjects(session, incident), limit=LATEST)}


def _subjects(session: Session, incident: Incident) -> list[UUID]:
    """Return everything of an incident that the trail speaks of."""
    return [
        incident.id,
        *(each.id for each in all_notices.versions(session, incident.id)),
        *(each.id for each in all_tasks.tasks_of(session, incident.id)),
        *(each.id for each in campaigns.campaigns_of(session, incident.id)),
    ]


PARTS: dict[str, tuple[Any, str, Callable[[Session, Incident], dict[str, Any]] | None]] = {
    **{anchor: (name, template, panel) for anchor, name, template, panel in PANELS},
    "notices": (later("Notices"), "notices/panel.html", notices.panel),
    "delivery": (later("Delivery"), "delivery/panel.html", delivery.panel),
    "filings": (later("Filing"), "filings/panel.html", filings.panel),
    "timeline": (later("Timeline"), "incidents/timeline.html", _journal),
    "measures": (later("Measures"), "incidents/measures.html", _journal),
    "corrections": (later("Corrections"), "incidents/corrections.html", _corrections),
    "trail": (later("Trail"), "incidents/trail.html", _trail),
}
"""Every part, alone or on a page of its own: name, template, what it reads."""


@pages.get("/log")
def ask() -> ResponseReturnValue:
    """Ask what happened, in six fields; `?drill=on` asks it of a drill."""
    drill = "on" if request.args.get("drill") else ""
    typed = dict.fromkeys(FORM, "") | {"aware_at": prefilled(), "drill": drill}
    return _log_page(typed, {})


@pages.post("/log")
def log() -> ResponseReturnValue:
    """Log a breach from the form."""
    try:
        draft = read(IncidentDraft, _told())
        with transaction() as tx:
            incident = commands.log(tx, draft)
    except Unusable as error:
        typed = {name: request.form.get(name, "") for name in FORM}
        return _log_page(typed, said.by_field(error.problems)), 422
    return redirect(url_for(".show", reference=incident.reference), 303)


def _log_page(typed: dict[str, str], problems: dict[str, tuple[str, str | None]]) -> str:
    """Show the form, with what the data map holds as something to choose from."""
    version = datamaps.current_version(reading())
    held = None if version is None else datamaps.parsed(version)
    return render_template(
        "incidents/log.html",
        typed=typed,
        problems=problems,
        held=held,
        chosen=request.form.getlist("touched"),
    )


def _told() -> dict[str, Any]:
    """Return what the form says; its times are local, so they get the zone beside them."""
    told = sent(FORM)
    told.pop("touched", None)
    place = zone(told.setdefault("zone", member().zone))
    if "aware_day_only" in told:
        told["aware_at"] = midnight(told.get("aware_at", ""))
    problems: list[Problem] = []
    for name in ("aware_at", "started_at"):
        if name in told:
            try:
                told[name] = with_zone(told[name], place, name)
            except Unusable as error:
                problems += error.problems
    if problems:
        raise Unusable(problems)
    touched = _categories(request.form.getlist("touched"))
    return {**told, "facts": {"data_categories": touched}} if touched else told


def _categories(stores: list[str]) -> list[str]:
    """Return the kinds of data that lie in these stores of the data map, as risk knows them."""
    version = datamaps.current_version(reading())
    if version is None:
        return []
    known = {each.value for each in Category}
    held = datamaps.parsed(version)
    found = {each for store in held.stores if store.id in stores for each in store.categories}
    return sorted(found & known)
