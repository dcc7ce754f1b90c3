"""The wall of clocks: every open obligation of every incident; and the same as a calendar."""

from collections.abc import Iterable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from breachdesk.access import queries as access
from breachdesk.faces.web import live
from breachdesk.faces.web.visit import (
    desk,
    member,
    now,
    page_asked,
    reading,
    sent,
    transaction,
)
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.obligations.terms import Obligation
from breachdesk.reminders import commands, queries
from breachdesk.reminders.reading import read_plan
from breachdesk.reminders.rules import calendar as calendars
from breachdesk.reminders.terms import WEBHOOK, Clock

pages = Blueprint("clocks", __name__)
PAGE = 40


@pages.get("/clocks/")
def wall() -> ResponseReturnValue:
    """Show what is still owed, the soonest due first, and which reminders nobody has seen."""
    return _wall()


@pages.post("/clocks/<reference>/<duty>/acknowledge")
def acknowledge(reference: str, duty: str) -> ResponseReturnValue:
    """Say that the reminders of a duty were seen."""
    back = sent(("back",)).get("back")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.acknowledge(tx, incident, desk().law, duty)
    return redirect(url_for("incidents.board" if back == "board" else ".wall"), 303)


@pages.app_template_global("unseen_of")
def unseen_of(rows: Iterable[tuple[Incident, Obligation | None]]) -> list[tuple[Clock, int]]:
    """Return what is due next of `rows` and was reminded of unseen, with how often."""
    shown = [
        Clock(each.id, each.reference, each.title, each.drill, due)
        for each, due in rows
        if due is not None
    ]
    found = queries.unacknowledged(reading(), shown) if shown else {}
    keyed = [(clock, (clock.incident_id, clock.obligation.duty)) for clock in shown]
    return [(clock, len(found[key])) for clock, key in keyed if key in found]


@pages.post("/clocks/feed")
def open_feed() -> ResponseReturnValue:
    """Open the member's calendar address, and show it once."""
    titles = "titles" in sent(("titles",))
    with transaction() as tx:
        token = commands.open_feed(tx, titles=titles)
    return _wall(url_for(".calendar", token=token, _external=True))


@pages.post("/clocks/feed/revoke")
def revoke_feed() -> ResponseReturnValue:
    """Close the member's calendar address."""
    sent(())
    with transaction() as tx:
        commands.revoke_feed(tx)
    return redirect(url_for(".wall"), 303)


@pages.get("/calendar/<token>.ics")
def calendar(token: str) -> ResponseReturnValue:
    """Give a calendar program the deadlines; whoever has no live address learns nothing."""
    transactions = desk().transactions
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = queries.feed_behind(everywhere, token)
        eyes = None if found is None else queries.reader_of(everywhere, found[0], now())
    if found is None or eyes is None:
        return Response("There is nothing here.\n", 404, mimetype="text/plain")
    feed, reader = found
    with transactions.reading(eyes) as session:
        running = queries.clocks(session, desk().law)
    plan = read_plan(desk().templates)
    content = calendars.feed(running, reader, plan, now(), titles=feed.titles)
    return Response(content, content_type=calendars.MEDIA_TYPE)


def _wall(address: str | None = None) -> ResponseReturnValue:
    session, page = reading(), page_asked()
    running = queries.clocks(session, desk().law)
    shown = running[(page - 1) * PAGE : page * PAGE]
    unseen = queries.unacknowledged(session, shown)
    seen = live.mark(
        len(running),
        [(each.reference, each.title, _standing(each.obligation)) for each in shown],
        [[row.id for row in rows] for rows in unseen.values()],
    )
    part = "HX-Request" in request.headers
    if part and (same := live.unchanged(seen)) is not None:
        return same
    return render_template(
        "clocks/list.html" if part else "clocks/wall.html",
        clocks=shown,
        unseen=unseen,
        names={
            **{each.id: each.name for each in access.members(session)},
            WEBHOOK: _("the desk elsewhere"),
        },
        has_feed=not part and bool(queries.live_feeds(session, member().actor.member_id)),
        address=address,
        count=len(running),
        seen=seen,
        page=page,
        size=PAGE,
    )


def _standing(each: Obligation) -> tuple[object, ...]:
    """Return what of an obligation the wall shows, besides its name."""
    return each.duty, each.due, each.state_at(now()), each.asks_for_reasons(now())
