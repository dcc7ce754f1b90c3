"""The board, an incident with all that follows from it, and the form that logs one."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from sqlalchemy.orm import Session

from breachdesk.audit import queries as audit
from breachdesk.delivery import queries as campaigns
from breachdesk.faces.reading import read
from breachdesk.faces.web import (
    delivery,
    filings,
    notices,
    obligations,
    risk,
    runbooks,
    said,
    scoping,
)
from breachdesk.faces.web.language import ZONES
from breachdesk.faces.web.moments import prefilled, told_at, with_zone
from breachdesk.faces.web.visit import member, page_asked, reading, sent, transaction
from breachdesk.incidents import commands, queries
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import INSTANTS, IncidentDraft, Phase
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.kernel.times import zone
from breachdesk.notices import queries as all_notices
from breachdesk.obligations.terms import Obligation
from breachdesk.runbooks import queries as all_tasks

pages = Blueprint("incidents", __name__)
FORM = ("title", "aware_at", "started_at", "summary", "zone", "drill")
CORRECTION = ("title", "summary", *INSTANTS, "reason")
PAGE = 50
PANELS = (
    ("main", "deadlines", later("Deadlines"), "obligations/panel.html"),
    ("main", "scope", later("Who is affected"), "scoping/panel.html"),
    ("main", "risk", later("Risk"), "risk/panel.html"),
    ("main", "notices", later("Notices"), "notices/panel.html"),
    ("main", "delivery", later("Delivery"), "delivery/panel.html"),
    ("main", "filings", later("Filing"), "filings/panel.html"),
    ("side", "facts", later("Facts"), "incidents/facts.html"),
    ("side", "tasks", later("Tasks"), "runbooks/panel.html"),
    ("side", "measures", later("Measures"), "incidents/measures.html"),
    ("side", "timeline", later("Timeline"), "incidents/timeline.html"),
    ("whole", "corrections", later("Corrections"), "incidents/corrections.html"),
    ("whole", "trail", later("Trail"), "incidents/trail.html"),
)
"""Where on the page of an incident each panel stands: column, anchor, name, template."""
STATIONS = (
    obligations.panel,
    scoping.panel,
    risk.panel,
    notices.panel,
    delivery.panel,
    filings.panel,
    runbooks.panel,
)
"""Whatever follows from an incident, station by station."""


@pages.get("/")
def board() -> ResponseReturnValue:
    """Show every incident, the open ones first, each with what is due next."""
    session, page = reading(), page_asked()
    shown = queries.board(session, limit=PAGE, offset=(page - 1) * PAGE)
    due = obligations.next_of(session, shown)
    rows = [(each, due.get(each.id)) for each in shown]
    return render_template(
        "incidents/board.html",
        rows=sorted(rows, key=lambda row: (row[0].closed_at is not None, _hour(row[1]))),
        count=queries.count(session),
        page=page,
        size=PAGE,
    )


@pages.get("/incidents/<reference>")
def show(reference: str) -> ResponseReturnValue:
    """Show what is known of an incident and what follows from it."""
    session = reading()
    incident = queries.by_reference(session, reference)
    shown: dict[str, Any] = {}
    for panel in (_told_of, *STATIONS):
        shown |= panel(session, incident)
    trail = audit.trail_of(session, _subjects(session, incident), limit=PAGE)
    return render_template(
        "incidents/show.html",
        incident=incident,
        labels=labels(),
        panels=PANELS,
        trail=trail,
        **shown,
    )


def _told_of(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the facts of an incident besides its own row, and its trail."""
    measures = queries.measures_of(session, incident.id)
    return {
        "before": [each for each in measures if each.phase == Phase.BEFORE.value],
        "after": [each for each in measures if each.phase == Phase.AFTER.value],
        "corrections": queries.corrections_of(session, incident.id),
        "timeline": queries.timeline_of(session, incident.id),
        "evidence": queries.evidence_of(session, incident.id),
        "this_minute": prefilled(),
    }


def _subjects(session: Session, incident: Incident) -> list[UUID]:
    """Return everything of an incident that the trail speaks of."""
    return [
        incident.id,
        *(each.id for each in all_notices.versions(session, incident.id)),
        *(each.id for each in all_tasks.tasks_of(session, incident.id)),
        *(each.id for each in campaigns.campaigns_of(session, incident.id)),
    ]


@pages.get("/log")
def ask() -> ResponseReturnValue:
    """Ask what happened, in six fields."""
    typed = dict.fromkeys(FORM, "") | {"zone": member().zone, "aware_at": prefilled()}
    return render_template("incidents/log.html", typed=typed, problems={}, zones=ZONES)


@pages.post("/log")
def log() -> ResponseReturnValue:
    """Log a breach from the form."""
    try:
        draft = read(IncidentDraft, _told())
        with transaction() as tx:
            incident = commands.log(tx, draft)
    except Unusable as error:
        typed = {name: request.form.get(name, "") for name in FORM}
        problems = said.by_field(error.problems)
        page = render_template(
            "incidents/log.html", typed=typed, problems=problems, zones=ZONES
        )
        return page, 422
    return redirect(url_for(".show", reference=incident.reference), 303)


@pages.get("/incidents/<reference>/correct")
def ask_correction(reference: str) -> ResponseReturnValue:
    """Show the facts as they stand, to be corrected."""
    incident = queries.by_reference(reading(), reference)
    instants = {
        name: (getattr(incident, name) and prefilled(getattr(incident, name))) or ""
        for name in INSTANTS
    }
    typed = {"title": incident.title, "summary": incident.summary, "reason": "", **instants}
    return _correction_page(reference, typed, {})


@pages.post("/incidents/<reference>/correct")
def correct(reference: str) -> ResponseReturnValue:
    """Correct what changed in the form, for a reason; what was said before is kept."""
    typed = {name: request.form.get(name, "") for name in CORRECTION}
    try:
        told = sent(CORRECTION)
        with transaction() as tx:
            incident = queries.by_reference(tx.session, reference)
            commands.correct(tx, incident, _changed(incident, told), told.get("reason", ""))
    except Unusable as error:
        if isinstance(error, Unknown):
            raise
        return _correction_page(reference, typed, said.by_field(error.problems)), 422
    return redirect(url_for(".show", reference=reference) + "#corrections", 303)


@pages.post("/incidents/<reference>/timeline")
def add_to_timeline(reference: str) -> ResponseReturnValue:
    """Write down something that happened."""
    told = sent(("text", "happened_at"))
    happened_at = told_at(told.get("happened_at", ""), "happened_at")
    with transaction() as tx:
        incident = queries.by_reference(tx.session, reference)
        commands.add_to_timeline(tx, incident, happened_at, told.get("text", ""))
    return redirect(url_for(".show", reference=reference) + "#timeline", 303)


def _correction_page(
    reference: str, typed: dict[str, str], problems: dict[str, tuple[str, str | None]]
) -> str:
    return render_template(
        "incidents/correct.html",
        reference=reference,
        typed=typed,
        problems=problems,
        labels=labels(),
    )


def _changed(incident: Incident, told: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that the form tells otherwise than the incident, to the minute."""
    changed: dict[str, Any] = {
        name: told.get(name, "")
        for name in ("title", "summary")
        if told.get(name, "").strip() != getattr(incident, name).strip()
    }
    for name in INSTANTS:
        was, become = getattr(incident, name), told.get(name, "")
        if become != (prefilled(was) if was else ""):
            changed[name] = told_at(become, name) if become else None
    return changed


def labels() -> dict[str, str]:
    """Return what the facts of an incident are called."""
    return {
        "title": _("Title"),
        "summary": _("What happened"),
        "zone": _("Time zone"),
        "started_at": _("Started"),
        "ended_at": _("Ended"),
        "detected_at": _("Detected"),
        "aware_at": _("Aware"),
        "qualified_at": _("Qualified"),
    }


def _hour(due_next: Obligation | None) -> datetime:
    """Return when the next obligation is due; what has no hour comes last."""
    return due_next.due if due_next and due_next.due else datetime.max.replace(tzinfo=UTC)


def _told() -> dict[str, Any]:
    """Return what the form says; its times are local, so they get the zone beside them."""
    told = sent(FORM)
    place = zone(told.get("zone") or member().zone)
    problems: list[Problem] = []
    for name in ("aware_at", "started_at"):
        if name in told:
            try:
                told[name] = with_zone(told[name], place, name)
            except Unusable as error:
                problems += error.problems
    if problems:
        raise Unusable(problems)
    return told
