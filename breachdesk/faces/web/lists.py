"""A customer fetches the list of its own people, with the code of its alert and a told word.

Nobody signs in. Whatever is wrong, the answer is the same.
"""

import csv
import io
from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from breachdesk.access import errands as access
from breachdesk.delivery import errands
from breachdesk.delivery.commands import NothingToFetch
from breachdesk.faces.web.visit import address, desk
from breachdesk.kernel.cells import safe
from breachdesk.scoping.terms import Person

pages = Blueprint("lists", __name__, url_prefix="/lists")

LONGEST = 80
COLUMNS = ("person_key", "email", "categories", "first_touch", "last_touch")


@pages.get("/")
def ask() -> ResponseReturnValue:
    """Ask for the code in the alert and for the word that was told."""
    return render_template("genuine/list.html", refused=False)


@pages.post("/")
def fetch() -> ResponseReturnValue:
    """Hand the list over as a CSV file, or say that these two words open none."""
    code = request.form.get("code", "")[:LONGEST]
    told = request.form.get("word", "")[:LONGEST]
    here = desk()
    access.spend(here.transactions, "code_page", account=told.strip(), address=address())
    file = io.StringIO()
    try:
        errands.fetch_list(
            here.transactions,
            here.population,
            code,
            told,
            lambda people: _write(file, people),
        )
    except NothingToFetch:
        return render_template("genuine/list.html", refused=True)
    return Response(
        file.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="people.csv"'},
    )


def _write(file: io.StringIO, people: Iterator[Person]) -> None:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for each in people:
        touches = (at.isoformat() if at else "" for at in (each.first_touch, each.last_touch))
        row = (each.person_key, each.email or "", "|".join(each.categories), *touches)
        writer.writerow(map(safe, row))
