"""The record of every breach: one line each, as an inspector reads it, and its years."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from breachdesk.access import errands
from breachdesk.faces.web.cells import cell
from breachdesk.faces.web.charts import Chart as Figure
from breachdesk.faces.web.charts import bars, columns
from breachdesk.faces.web.filings import form_of
from breachdesk.faces.web.language import chosen
from breachdesk.faces.web.visit import desk, member, now, reading
from breachdesk.faces.web.visit import number as whole
from breachdesk.filings.terms import Form
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.register import queries, rules
from breachdesk.register.terms import COLUMNS, Place, Sought, Status

pages = Blueprint("register", __name__, url_prefix="/register")

FORM = "cnil-2023"
PAGE = 20
SHORT = (
    "aware_at",
    "people_count",
    "risk_conclusion",
    "sa_decision",
    "subjects_decision",
)
MONTHS = 36
ANSWERS = {"yes": True, "no": False}
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@pages.app_template_filter()
def register_cell(value: object, column: str) -> str | Markup:
    """Write a cell of the register."""
    return cell(value, column, form_of(FORM))


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show the register in short, the latest number first."""
    form = form_of(FORM)
    found = queries.page(
        reading(),
        desk().law,
        form,
        now(),
        _sought(form),
        before=_place("before"),
        after=_place("after"),
        size=PAGE,
    )
    return render_template(
        "register/show.html",
        page=found,
        columns=[each for each in COLUMNS if each.code in SHORT],
        causes=_causes(form),
        asked=_asked(),
        told=_told(),
    )


@pages.get("/years")
def years() -> ResponseReturnValue:
    """Show the figures of each year that is asked for, drawn and as tables."""
    form = form_of(FORM)
    counted = rules.Years()
    rows = queries.lines(reading(), desk().law, form, now(), _sought(form))
    months = rules.by_month(counted.passing(rows))[-MONTHS:]
    return render_template(
        "register/years.html",
        years=[
            (figures, rules.charts(figures, _words(), _causes(form)))
            for figures in counted.figures()
        ],
        drawn=lambda chart: bars([(bar.name, [bar.count]) for bar in chart.bars]),
        months=_months(months),
        told=_told(),
    )


def _months(found: Sequence[tuple[str, int, int]]) -> Figure:
    """Return the share of filings in time, month by month."""
    return columns([(month, [round(100 * ok / owed)]) for month, owed, ok in found], most=100)


@pages.get("/<reference>")
def line(reference: str) -> ResponseReturnValue:
    """Show the whole line of one incident."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    return render_template(
        "register/line.html",
        incident=incident,
        row=queries.line(session, desk().law, form_of(FORM), incident, now()),
        columns=COLUMNS,
        frozen=queries.frozen_line(session, incident.id),
    )


@pages.get("/register.<any(csv, xlsx, json):layout>")
def export(layout: str) -> ResponseReturnValue:
    """Hand out the lines that are asked for as a file, drills left out."""
    errands.spend(desk().transactions, "export", account=str(member().home.member_id))
    form = form_of(FORM)
    rows = queries.lines(reading(), desk().law, form, now(), _sought(form))
    with ExitStack() as until_sent:
        made = until_sent.enter_context(tempfile.TemporaryFile())
        if layout == "xlsx":
            reader = queries.reader(reading(), desk().law, form)
            desk().writers.xlsx.write(made, rules.sheets(rows, reader))
        else:
            excel = layout == "csv"
            pieces = rules.csv_of(rows, excel=excel) if excel else rules.json_of(rows)
            made.writelines(each.encode() for each in pieces)
        made.seek(0)
        until_sent.pop_all()  # whoever sends it closes it
    return send_file(
        made, KINDS[layout], as_attachment=True, download_name=f"register.{layout}"
    )


def _sought(form: Form) -> Sought:
    """Return which lines are asked for. Raises Unusable naming the field."""
    asked = _asked()
    year, cause, status = asked.get("year", ""), asked.get("cause"), asked.get("status")
    if year and not (year.isascii() and year.isdecimal() and len(year) <= len("2026")):
        raise Unusable(Problem("is not a year", field="year"))
    if cause and cause not in _causes(form):
        raise Unusable(Problem("is no cause", field="cause"))
    return Sought(
        year=int(year) if year else None,
        status=Status(status) if status in {each.value for each in Status} else None,
        cause=cause or None,
        notified=ANSWERS.get(asked.get("notified", "")),
        late=ANSWERS.get(asked.get("late", "")),
        text=asked.get("text", ""),
    )


def _asked() -> dict[str, str]:
    """Return the filters of the address; what is not told is empty."""
    names = ("year", "status", "cause", "notified", "late", "text")
    return {name: request.args.get(name, "").strip() for name in names}


def _told() -> dict[str, str]:
    """Return the filters that say something, to go on to another page."""
    return {name: text for name, text in _asked().items() if text}


def _place(name: str) -> Place | None:
    """Return the place that a page begins at; None where the address names none."""
    year, dash, number = request.args.get(name, "").partition("-")
    if not (dash and year and number):
        return None
    return Place(whole(year, name), whole(number, name))


def _causes(form: Form) -> dict[str, str]:
    french = chosen() == "fr"
    return {each.code: each.label if french else each.en for each in form.lists["causes"]}


def _words() -> dict[str, Any]:
    """Return the words of the charts in the reader's language."""
    return {
        "causes": _("Causes of breaches"),
        "delays": _("Time to detection, from the beginning to the first sign"),
        "punctuality": _("Notifications to the authority within the period"),
        "people": _("People affected and people told"),
        "bar": _("Category"),
        "count": _("Number"),
        "unknown": _("not known"),
        "hour": _("1 hour at most"),
        "day": _("24 hours at most"),
        "three_days": _("72 hours at most"),
        "week": _("7 days at most"),
        "month": _("30 days at most"),
        "longer": _("more than 30 days"),
        "on_time": _("in time"),
        "late": _("out of time"),
        "waiting": _("waiting"),
        "not_owed": _("no hour set"),
        "affected": _("affected"),
        "told": _("told"),
        "not_told": _("not told so far"),
        "median": _("Median, in hours"),
        "share": _("Share in time, per cent"),
    }
