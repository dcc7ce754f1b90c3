"""How far the notices have reached people; what stops them; what can be shown of one person."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from babel.dates import format_datetime, get_timezone
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from breachdesk.delivery import commands, queries, rules
from breachdesk.delivery.terms import Pace, Standing, pace_of
from breachdesk.faces.web import charts, controlling, handing, reaching
from breachdesk.faces.web.language import chosen
from breachdesk.faces.web.refusing import Wrong, show_again
from breachdesk.faces.web.visit import Row, member, now, reading, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Unknown, Unusable

pages = Blueprint("delivery", __name__, url_prefix="/incidents/<reference>/delivery")

STEPS = 24
"""So many columns has the picture of a campaign."""
SPANS = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 360, 1440))
PACE = ("hourly", "ramp", "waves", "quiet", "bounces", "complaints")


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the report of an incident's campaigns."""
    return {
        "report": queries.report(session, incident.id),
        "standings": [each.value for each in Standing],
    }


@pages.get("/")
def show(reference: str) -> ResponseReturnValue:
    """Show each campaign of an incident: how far it is, its pace, and what stops it."""
    return _page(reference, None)


def _page(reference: str, wrong: Wrong | None) -> str:
    """Return the page, with the form that was refused open and as it was sent."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    shown = _shown(session, incident)
    return render_template(
        "delivery/show.html",
        **shown,
        **handing.waiting(session, incident),
        **reaching.panel(session, incident, shown["report"]),
        doubtful=controlling.doubtful(session, incident),
        wrong=wrong,
    )


for each in (pages, handing.pages, controlling.pages, reaching.pages):
    show_again(each, _page, besides="controlling.try_out")


@pages.get("/progress")
def progress(reference: str) -> ResponseReturnValue:
    """Show the part of the page that moves: alone for its script, else on its page."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".show", reference=reference), 303)
    session = reading()
    incident = incidents.by_reference(session, reference)
    return render_template("delivery/progress.html", **_shown(session, incident))


@pages.post("/<uuid:campaign_id>/<any(pause, resume, cancel):what>")
def move(reference: str, campaign_id: UUID, what: str) -> ResponseReturnValue:
    """Pause a campaign, let it go on, or end it."""
    why = sent(("why",)).get("why", "")
    with transaction() as tx:
        campaign = _find(tx.session, reference, campaign_id)
        if what == "resume":
            commands.resume(tx, campaign)
        elif what == "pause":
            commands.pause(tx, campaign, why)
        else:
            commands.cancel(tx, campaign, why)
    return redirect(url_for(".show", reference=reference), 303)


@pages.post("/<uuid:campaign_id>/pace")
def set_pace(reference: str, campaign_id: UUID) -> ResponseReturnValue:
    """Say how fast, in which waves and at which hours a campaign goes."""
    told = sent(PACE)
    with transaction() as tx:
        campaign = _find(tx.session, reference, campaign_id)
        zone = incidents.by_reference(tx.session, reference).zone
        commands.set_pace(tx, campaign, _pace(told, zone))
    return redirect(url_for(".show", reference=reference), 303)


@pages.post("/<uuid:campaign_id>/<any(publish, withdraw, waive):what>")
def publish(reference: str, campaign_id: UUID, what: str) -> ResponseReturnValue:
    """Open the page on which readers check a code, close it, or say why there is none."""
    why = sent(("why",)).get("why", "")
    with transaction() as tx:
        campaign = _find(tx.session, reference, campaign_id)
        if what == "publish":
            commands.publish(tx, campaign)
        elif what == "withdraw":
            commands.withdraw(tx, campaign, why)
        else:
            commands.waive_page(tx, campaign, why)
    return redirect(url_for(".show", reference=reference), 303)


@pages.post("/proof")
def prove(reference: str) -> ResponseReturnValue:
    """Show all that the ledger holds of one person; looking is permitted to some, and noted."""
    told = sent(("person", "reason"))
    person, reason = told.get("person", "").strip(), told.get("reason", "")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        found = commands.prove(tx, incident, person, reason=reason)
    return render_template("delivery/proof.html", incident=incident, proof=found, person=person)


def _shown(session: Session, incident: Incident) -> dict[str, Any]:
    report = queries.report(session, incident.id)
    campaigns = queries.campaigns_of(session, incident.id)
    shown = [_campaign(session, each) for each in campaigns]
    moving = any(each["row"].state in {"sending", "paused"} for each in shown)
    recent = any(
        each.ended_at is not None and now() - each.ended_at < timedelta(days=1)
        for each in campaigns
    )
    return {
        "incident": incident,
        "report": report,
        "standings": [each.value for each in Standing],
        "campaigns": shown,
        "moves": moving or recent,
        "chart": _chart(session, campaigns[-1]) if campaigns else None,
        "said": _("%(handed)s handed over, %(delivered)s delivered, %(bounced)s bounced",
                  handed=report.messages, delivered=report.delivered, bounced=report.bounced),
    }  # fmt: skip


def _campaign(session: Session, row: Row) -> dict[str, Any]:
    going = queries.going(session, row, now())
    pace = pace_of(row.pace)
    published = queries.published(session, row.id)
    return {
        "row": row,
        "pace": pace,
        "waves": ",".join(f"{share * 100:g}" for share in pace.waves[:-1]),
        "quiet": f"{pace.quiet.since}-{pace.quiet.until}" if pace.quiet else "",
        "going": going,
        "ends_at": datetime.fromisoformat(going["ends_at"]) if going["ends_at"] else None,
        "silent_since": (
            datetime.fromisoformat(going["silent_since"]) if going["silent_since"] else None
        ),
        "is_open": published is not None
        and published.published_at is not None
        and published.withdrawn_at is None,
        "published": published,
    }


def _chart(session: Session, campaign: Row) -> charts.Chart:
    """Return what was handed over and what was delivered, by time."""
    handed = queries.handed_over(session, campaign.id)
    instants = [at for at, people in handed if people]
    first, last = min(instants, default=now()), now()
    span = next((each for each in SPANS if (last - first) / each <= STEPS), SPANS[-1])
    seconds = int(span.total_seconds())
    ends = queries.events_by_hour(session, campaign.id, seconds)
    start = int(first.timestamp()) // seconds
    count = min(int(last.timestamp()) // seconds - start + 1, STEPS)
    rows = {start + n: [0, 0, 0] for n in range(count)}
    for at, people in handed:
        _add(rows, int(at.timestamp()) // seconds, 0, people)
    for kind, at, people in ends:
        column = 1 if kind in {"delivered", "complained"} else 2
        _add(rows, int(at.timestamp()) // seconds, column, people)
    labels = _labels(span)
    return charts.line(
        [(labels(step * seconds), [float(n) for n in counts]) for step, counts in rows.items()],
        (_("handed over"), _("delivered"), _("not delivered")),
    )


def _add(rows: dict[int, list[int]], step: int, column: int, people: int) -> None:
    if step in rows:
        rows[step][column] += people


def _labels(span: timedelta) -> Callable[[int], str]:
    pattern = "d MMM" if span >= timedelta(days=1) else "d MMM HH:mm"

    def label(seconds: int) -> str:
        at = datetime.fromtimestamp(seconds, tz=UTC)
        return str(
            format_datetime(at, pattern, tzinfo=get_timezone(member().zone), locale=chosen())
        )

    return label


def _pace(told: dict[str, Any], zone: str) -> Pace:
    """Read a pace from its form. Raises Unusable, naming the field."""
    hourly = told.get("hourly")
    return Pace(
        hourly=None if hourly is None else int(_number(hourly, "hourly")),
        ramp=_number(told.get("ramp", "1"), "ramp"),
        waves=rules.shares(told.get("waves", "")),
        quiet=rules.quiet_hours(told.get("quiet", ""), zone),
        bounce_rate=_number(told.get("bounces", "5"), "bounces") / 100,
        complaint_rate=_number(told.get("complaints", "0.3"), "complaints") / 100,
    )


def _number(text: str, field: str) -> float:
    try:
        return float(text.replace(",", ".").replace("\u202f", "").replace(" ", ""))
    except ValueError:
        raise Unusable(Problem("is not a number", field=field)) from None


def _find(session: Session, reference: str, campaign_id: UUID) -> Row:
    """Return the campaign. Raises Unknown for one of another incident."""
    incident = incidents.by_reference(session, reference)
    campaign = queries.campaign(session, campaign_id)
    if campaign.incident_id != incident.id:
        raise Unknown(f"there is no campaign {campaign_id}")
    return campaign
