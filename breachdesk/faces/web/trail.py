"""The trail of anything: who did what, when, the latest first."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from breachdesk.audit import queries
from breachdesk.faces.web.visit import reading
from breachdesk.faces.web.words import WORDS

pages = Blueprint("trail", __name__, url_prefix="/trail")
PAGE = 100
FAR = (1 << 31) - 1
"""Beyond every entry, as far as a column of whole numbers goes."""


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show the whole trail of the organisation, a page at a time."""
    return _page(None)


@pages.get("/<uuid:subject>")
def of(subject: UUID) -> ResponseReturnValue:
    """Show everything that was done to one thing."""
    return _page(subject)


def _page(subject: UUID | None) -> str:
    before = min(max(request.args.get("before", FAR, int), 1), FAR)
    action = request.args.get("action", "")[:60]
    found = queries.page(
        reading(), before=before, limit=PAGE + 1, subject=subject, action=action
    )
    return render_template(
        "trail/show.html",
        entries=found[:PAGE],
        more=len(found) > PAGE,
        subject=subject,
        action=action,
        actions=[(code, str(words)) for code, words in sorted(WORDS["command"].items())],
    )
