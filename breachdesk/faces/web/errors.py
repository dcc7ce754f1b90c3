"""The tree of what can go wrong, told as a page."""

from collections.abc import Sequence

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from breachdesk.access.commands import TooMany
from breachdesk.audit.transaction import Unproven
from breachdesk.faces.web import account
from breachdesk.faces.web.said import problem
from breachdesk.faces.web.visit import typed
from breachdesk.kernel.errors import (
    BreachDeskError,
    Forbidden,
    Problem,
    Refused,
    Unavailable,
    Unknown,
    Unusable,
)

OURS = 500

STATUS: tuple[tuple[type[BreachDeskError], int], ...] = (
    (Unknown, 404),
    (Unusable, 422),
    (TooMany, 429),
    (Forbidden, 403),
    (Refused, 409),
    (Unavailable, 503),
)


def explain(app: Flask) -> None:
    """Answer every error with a page of ours, in the language of the reader."""
    app.register_error_handler(BreachDeskError, say)
    app.register_error_handler(Unproven, _ask_for_proof)
    app.register_error_handler(CSRFError, _say_foreign_form)
    app.register_error_handler(HTTPException, _say_http)


def status_of(error: BreachDeskError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), OURS)


def say(error: BreachDeskError) -> ResponseReturnValue:
    """Answer an error of ours with a page that says it, and gives back what was typed."""
    if isinstance(error, Unproven):
        return _ask_for_proof(error)
    problems = error.problems if isinstance(error, Unusable) else (Problem(str(error)),)
    status = status_of(error)
    wait = {"Retry-After": str(error.seconds)} if isinstance(error, TooMany) else {}
    if isinstance(error, Unavailable):
        wait = {"Retry-After": "10"}
    told = [(_root(each), problem(each)) for each in problems]
    return _page(status, told, typed()), status, wait


def _root(found: Problem) -> str:
    """Return the field of the form that a problem is about; empty where it names none."""
    return (found.field or "").partition(".")[0]


def _ask_for_proof(error: Unproven) -> ResponseReturnValue:
    del error
    return account.proof_page(403)


def _say_foreign_form(error: CSRFError) -> ResponseReturnValue:
    del error
    return _page(
        400, [("", (_("This form is too old or not ours. Open the page again."), None))]
    ), 400


def _say_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004  (a redirect is no error)
        return error
    written = typed() if error.code == OURS else ()  # what is too large cannot be read
    return _page(error.code, [], written), error.code


def _page(
    status: int,
    problems: Sequence[tuple[str, tuple[str, str | None]]],
    written: Sequence[tuple[str, str]] = (),
) -> str:
    titles = {
        400: _("The request cannot be used"),
        403: _("You may not do this"),
        404: _("There is nothing here"),
        405: _("This cannot be done here"),
        409: _("Not as things stand"),
        413: _("The request is too large"),
        422: _("This cannot be used"),
        503: _("The desk cannot work just now"),
        429: _("Too often"),
    }
    title = titles.get(status, _("Something went wrong on our side"))
    return render_template(
        "error.html", title=title, status=status, problems=problems, typed=written
    )
