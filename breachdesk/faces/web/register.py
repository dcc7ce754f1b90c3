"""The record of every breach: one line each, as an inspector reads it."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from breachdesk.faces.web.cells import cell
from breachdesk.faces.web.filings import form_of
from breachdesk.faces.web.visit import desk, now, page_asked, reading
from breachdesk.incidents import queries as incidents
from breachdesk.register import queries, rules
from breachdesk.register.terms import COLUMNS

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


@pages.app_template_filter()
def register_cell(value: object, column: str) -> str | Markup:
    """Write a cell of the register."""
    return cell(value, column, form_of(FORM))


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show the register in short, the latest incident first."""
    session, page = reading(), page_asked()
    found = incidents.board(session, limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "register/show.html",
        rows=[
            queries.line(session, desk().law, form_of(FORM), each, now())
            for each in found
            if not each.drill
        ],
        columns=[each for each in COLUMNS if each.code in SHORT],
        count=incidents.count(session),
        page=page,
        size=PAGE,
    )


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


@pages.get("/register.csv")
def export() -> ResponseReturnValue:
    """Hand out the whole register as a table that a spreadsheet opens, drills left out."""
    rows = queries.lines(reading(), desk().law, form_of(FORM), now())
    return Response(
        rules.as_csv(rows, excel=True).encode(),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=register.csv"},
    )
