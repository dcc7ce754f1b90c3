"""Asks which hour is meant where clocks went back or forward: nothing is guessed."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from breachdesk.faces.web.moments import CHOICES, WhichHour
from breachdesk.faces.web.visit import READING

pages = Blueprint("hours", __name__)


@pages.app_errorhandler(WhichHour)
def ask(found: WhichHour) -> ResponseReturnValue:
    """Hand the form back with one question more, so that nothing is typed twice."""
    told = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in {"csrf_token", found.name + READING}
    ]
    first, last = (way.replace(tzinfo=None) for way in found.ways)
    return render_template(
        "moments/which.html",
        told=told,
        field=found.name,
        name=found.name + READING,
        ways=list(zip(CHOICES, found.ways, strict=True)),
        twice=first == last,
        address=request.full_path.rstrip("?"),
    ), 422
