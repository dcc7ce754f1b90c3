"""The board: every incident, found, filtered, saved as a view, a page at a time."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from breachdesk.datamap import queries as datamaps
from breachdesk.faces.web import obligations
from breachdesk.faces.web.visit import member, reading, sent, transaction
from breachdesk.incidents import commands, queries
from breachdesk.incidents.queries import Place
from breachdesk.incidents.terms import Asked
from breachdesk.obligations.terms import Obligation

pages = Blueprint("board", __name__)
ASKED = tuple(each.name for each in fields(Asked))
PAGE = 50


@pages.get("/views/<name>")
def view(name: str) -> ResponseReturnValue:
    """Open a saved view."""
    saved = queries.views_of(reading(), member().actor.member_id)
    asked = next((each.asked for each in saved if each.name == name), {})
    return redirect(url_for("incidents.board", **asked), 303)


@pages.post("/views")
def save() -> ResponseReturnValue:
    """Save what is asked of the board under a name."""
    told = sent((*ASKED, "name"))
    name = told.pop("name", "")
    with transaction() as tx:
        saved = commands.save_view(tx, name, Asked(**told))
    return redirect(url_for("incidents.board", **saved.asked), 303)


@pages.post("/views/<name>/drop")
def drop(name: str) -> ResponseReturnValue:
    """Drop a saved view."""
    sent(())
    with transaction() as tx:
        commands.drop_view(tx, name)
    return redirect(url_for("incidents.board"), 303)


def show() -> str:
    """Show the incidents asked for, the open ones first, each with what is due next.

    A request of the page's own script gets the list alone.
    """
    session, asked = (
        reading(),
        Asked(**{name: request.args.get(name, "")[:200] for name in ASKED}),
    )
    after = Place.read(request.args.get("after", ""))
    found = queries.board(session, asked, limit=PAGE + 1, after=after)
    shown, more = found[:PAGE], len(found) > PAGE
    due = obligations.next_of(session, shown)
    rows = [(each, due.get(each.id)) for each in shown]
    views: Sequence[Any] = ()
    part = request.headers.get("HX-Target") == "found"
    if not part:
        views = queries.views_of(session, member().actor.member_id)
    return render_template(
        "incidents/found.html" if part else "incidents/board.html",
        rows=sorted(rows, key=lambda row: (row[0].closed_at is not None, _hour(row[1]))),
        count=queries.count(session, asked),
        asked=asked,
        views=views,
        years=() if part else queries.years(session),
        first=after is None,
        later=Place.of(shown[-1]) if more else None,
        has_map=True if rows or part else datamaps.current_version(session) is not None,
    )


def _hour(due_next: Obligation | None) -> datetime:
    """Return when the next obligation is due; what has no hour comes last."""
    return due_next.due if due_next and due_next.due else datetime.max.replace(tzinfo=UTC)
