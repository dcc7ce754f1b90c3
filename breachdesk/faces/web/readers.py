"""Who may see an incident: everyone at the desk, or named members alone."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from breachdesk.access import commands, queries
from breachdesk.access.queries import readers
from breachdesk.faces.web.visit import member, reading, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable

pages = Blueprint("readers", __name__, url_prefix="/incidents/<reference>/readers")


@pages.get("/")
def show(reference: str) -> ResponseReturnValue:
    """Show who may see the incident."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    named = {each.member_id for each in readers.readers_of(session, incident.id)}
    return render_template(
        "access/readers.html",
        incident=incident,
        named=named,
        everyone=[
            (each, readers.sees_all(each), each.id in named)
            for each in queries.members(session)
        ],
        may=member().actor.may("access.restrict"),
    )


@pages.post("/")
def restrict(reference: str) -> ResponseReturnValue:
    """Keep the incident for the members who are ticked."""
    sent(("member",))
    try:
        ticked = {UUID(each) for each in request.form.getlist("member")}
    except ValueError:
        raise Unusable(Problem("is not known here", field="member")) from None
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        here = [each for each in queries.members(tx.session) if each.id in ticked]
        commands.restrict(tx, incident, here)
    return redirect(url_for(".show", reference=reference), 303)


@pages.post("/open")
def unrestrict(reference: str) -> ResponseReturnValue:
    """Show the incident to everyone at the desk again."""
    sent(())
    with transaction() as tx:
        commands.unrestrict(tx, incidents.by_reference(tx.session, reference))
    return redirect(url_for(".show", reference=reference), 303)
