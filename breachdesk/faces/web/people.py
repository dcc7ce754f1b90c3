"""The affected people, one by one: masked until somebody says why they look."""

from itertools import islice

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from breachdesk.faces.web.visit import (
    LAST_PAGE,
    Row,
    desk,
    number,
    number_asked,
    reading,
    sent,
    transaction,
)
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.scoping import commands, queries
from breachdesk.scoping.terms import Person, Ring, Scope

pages = Blueprint("people", __name__, url_prefix="/incidents/<reference>/people")
PAGE = 100


@pages.get("/")
def ask(reference: str) -> ResponseReturnValue:
    """Show how many they are, and ask why anybody looks."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    version = number_asked("version")
    scope = (
        queries.version(session, incident.id, version)
        if version
        else queries.latest(session, incident.id)
    )
    if scope is None:
        raise Unknown("there is no measure of this incident yet")
    return _page(incident, scope, Ring.PROVEN, 1, None)


@pages.post("/")
def reveal(reference: str) -> ResponseReturnValue:
    """Show one page of a ring, for the reason that is given; it is noted on the trail."""
    told = sent(("version", "ring", "reason", "page"))
    try:
        ring = Ring(told.get("ring", ""))
    except ValueError:
        raise Unusable(Problem("is not known here", field="ring")) from None
    version = number(told.get("version", ""), "version")
    page = number(told.get("page", "1"), "page")
    page = min(max(page, 1), LAST_PAGE)
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        scope = queries.version(tx.session, incident.id, version)
        listed = commands.list_people(
            tx, incident, scope, ring, desk().population, reason=told.get("reason", "")
        )
    people = list(islice(listed, (page - 1) * PAGE, page * PAGE))
    return _page(incident, scope, ring, page, people, told["reason"])


def _page(
    incident: Row,
    scope: Scope,
    ring: Ring,
    page: int,
    people: list[Person] | None,
    reason: str = "",
) -> str:
    return render_template(
        "scoping/people.html",
        incident=incident,
        scope=scope,
        ring=ring,
        rings=list(Ring),
        people=people,
        reason=reason,
        page=page,
        size=PAGE,
        count=scope.counts["rings"][ring.value],
    )
