"""The page of who is affected: the rings, the hours, the versions, one person, a measure."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from babel.dates import format_datetime
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamaps
from breachdesk.faces.told import told_by
from breachdesk.faces.web import charts, said
from breachdesk.faces.web.language import zone
from breachdesk.faces.web.visit import (
    Row,
    desk,
    number,
    number_asked,
    reading,
    sent,
    transaction,
)
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import commands, errands, queries
from breachdesk.scoping.reading.reasons import reason
from breachdesk.scoping.terms import OPEN, RequestState, Ring, Scope

pages = Blueprint("scope", __name__, url_prefix="/incidents/<reference>/scope")
pages.add_app_template_filter(said.note, "noted")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_COLUMNS = 72
"""More hours than these are drawn as days."""
MOST_CUSTOMERS = 100
REQUESTS = 5


@pages.get("/")
def show(reference: str) -> ResponseReturnValue:
    """Show the latest version, or the one that is asked for."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    return _page(session, incident)


def _page(session: Session, incident: Row, **more: Any) -> str:
    wanted = number_asked("version")
    latest = queries.latest(session, incident.id)
    scope = queries.version(session, incident.id, wanted) if wanted else latest
    given = {"found": None, "comparison": None, "compared": (None, None), "ring": Ring.PROVEN}
    return render_template(
        "scoping/show.html",
        incident=incident,
        scope=scope,
        latest=latest,
        versions=queries.versions(session, incident.id),
        rings=[each.value for each in Ring],
        **_measured(session, scope),
        **_progress(session, incident),
        **(given | more),
    )


def _measured(session: Session, scope: Scope | None) -> dict[str, Any]:
    """Return the map of categories and rings, the hours, and the customers of a version."""
    labels = _labels(session)
    if scope is None:
        return {"by_category": [], "hours": None, "customers": [], "others": 0, "labels": {}}
    people: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_rings(), 0))
    for group in scope.groups:
        for category in group.categories:
            people[category][group.ring.value] += group.people
    customers = sorted(
        queries.customers_of(session, scope.id).items(),
        key=lambda each: (-each[1]["proven"], -each[1]["reachable"], each[0]),
    )
    return {
        "by_category": sorted(people.items(), key=lambda each: (-each[1]["proven"], each[0])),
        "hours": _hours(queries.hours_of(session, scope.id)),
        "customers": customers[:MOST_CUSTOMERS],
        "others": max(len(customers) - MOST_CUSTOMERS, 0),
        "labels": labels,
    }


def _rings() -> list[str]:
    return [each.value for each in Ring]


def _labels(session: Session) -> dict[str, dict[str, str]]:
    version = datamaps.current_version(session)
    declared = () if version is None else datamaps.parsed(version).categories
    return {each.id: dict(each.label) for each in declared}


def _hours(counted: list[tuple[str, int, int]]) -> dict[str, Any] | None:
    """Return the chart of the intruder's rows by hour, or by day where there are many."""
    if not counted:
        return None
    rows = {
        datetime.fromisoformat(hour).astimezone(zone()): (hits, every - hits)
        for hour, every, hits in counted
    }
    first, last = min(rows), max(rows)
    by_day = (last - first) / HOUR >= MOST_COLUMNS
    step = DAY if by_day else HOUR
    at = first.replace(hour=0) if by_day else first
    columns: list[tuple[str, tuple[int, int]]] = []
    while at <= last:
        inside = [each for when, each in rows.items() if at <= when < at + step]
        label = format_datetime(at, "d MMM" if by_day else "d MMM HH:mm", locale=get_locale())
        columns.append((label, (sum(h for h, _ in inside), sum(m for _, m in inside))))
        at += step
    busiest = max(columns, key=lambda each: sum(each[1]))
    return {
        "chart": charts.columns(columns, (_("touched somebody’s data"), _("touched nobody’s"))),
        "first": first,
        "last": last,
        "rows": sum(every for _, every, _ in counted),
        "busiest": busiest[0],
        "by_day": by_day,
    }


def _progress(session: Session, incident: Row) -> dict[str, Any]:
    """Return the measures that were asked for, and how far the one under way is."""
    asked = queries.requests_of(session, incident.id, REQUESTS)
    running = next((each for each in asked if RequestState(each.state) in OPEN), None)
    pace = errands.seen_of(desk().home, running.id) if running else None
    return {"requests": asked, "running": running, "pace": pace}


@pages.get("/progress")
def progress(reference: str) -> ResponseReturnValue:
    """Show how far the measure is: alone for the page's script, else on its page."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".show", reference=reference) + "#measures", 303)
    session = reading()
    incident = incidents.by_reference(session, reference)
    return render_template(
        "scoping/progress.html", incident=incident, **_progress(session, incident)
    )


@pages.post("/requests/<uuid:identity>/cancel")
def cancel(reference: str, identity: UUID) -> ResponseReturnValue:
    """Cancel a measure."""
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        found = queries.request(tx.session, identity)
        if found.incident_id != incident.id:
            raise Unusable(Problem("is not a measure of this incident"))
        commands.cancel(tx, identity)
    return redirect(url_for(".show", reference=reference) + "#measures", 303)


@pages.post("/person")
def look_up(reference: str) -> ResponseReturnValue:
    """Say why one person is affected. It leaves a trail, as every look at a person does."""
    told = sent(("person", "version", "reason"))
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        chosen = _version(tx.session, incident, told.get("version"))
        found = commands.look_up(
            tx,
            incident,
            chosen,
            told.get("person", ""),
            desk().population,
            reason=told.get("reason", ""),
        )
    shown: dict[str, Any] = {"key": told.get("person", ""), "version": chosen.version}
    if found is not None:
        ring, person = found
        shown |= {"ring": ring, "person": person, "reasons": list(map(reason, person.why))}
    return _page(reading(), incidents.by_reference(reading(), reference), found=shown)


@pages.post("/compare")
def compare(reference: str) -> ResponseReturnValue:
    """Say who came in, who went out, and how many of them were told."""
    told = sent(("earlier", "later", "ring"))
    ring = Ring(told.get("ring")) if told.get("ring") in _rings() else Ring.PROVEN
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        earlier = _version(tx.session, incident, told.get("earlier"))
        later = _version(tx.session, incident, told.get("later"))
        found = commands.compare(
            tx,
            incident,
            (earlier, later),
            ring,
            desk().population,
            told=told_by(tx, incident.id),
        )
    return _page(
        reading(),
        incidents.by_reference(reading(), reference),
        comparison=asdict(found),
        compared=(earlier.version, later.version),
        ring=ring,
    )


def _version(session: Session, incident: Row, asked: str | None) -> Scope:
    told = asked or ""
    return queries.version(session, incident.id, number(told, "version") if told else 0)


def evidence() -> errands.Evidence:
    """Return where evidence lies."""
    return errands.Evidence(desk().home, desk().evidence)


def shelf_of(session: Session, incident: Row) -> Any:
    """Return the files that a question may name, none of them unsealed."""
    brought = queries.files_of(session, incident.id)
    return errands.shelf(brought, evidence(), Path("evidence"))
