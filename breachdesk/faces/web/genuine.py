"""Is this message from us? A page for whoever holds a code; nobody signs in, nothing personal.

Whatever is typed costs the same: the code is counted first, then every published campaign is
tried, and each answer has the same length to the next few thousand bytes.
"""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from breachdesk.access import errands as access
from breachdesk.delivery import queries
from breachdesk.delivery.terms import Publication
from breachdesk.faces.web.language import chosen
from breachdesk.faces.web.visit import address, desk
from breachdesk.kernel.tables import EVERY_ORGANISATION

pages = Blueprint("genuine", __name__, url_prefix="/genuine")

LONGEST_CODE = 40
LENGTH = 1 << 15
"""Every answer is filled up to a multiple of so many bytes."""
FRAME = b"<!--%s-->"


@pages.get("/")
def ask() -> ResponseReturnValue:
    """Ask for the code that stands in the message."""
    return _answer(asked=False, found=None)


@pages.post("/")
def check() -> ResponseReturnValue:
    """Show who sent the message and what everybody was told, or that there is no such code."""
    code = request.form.get("code", "")[:LONGEST_CODE]
    here = desk().transactions
    access.spend(here, "code_page", account=code.strip().upper(), address=address())
    with here.reading(EVERY_ORGANISATION) as session:
        found = queries.genuine(session, here.vault, code)
        shape = queries.last_publication(session)
    if found is None and shape is not None:
        _page(asked=True, found=shape)  # so that "no" takes as long as "yes"
    return _answer(asked=True, found=found)


def _answer(*, asked: bool, found: Publication | None) -> Response:
    """Return the page, filled up."""
    page = _page(asked=asked, found=found).encode()
    missing = -len(page) % LENGTH
    filler = (
        b" " * missing if missing < len(FRAME) else FRAME % (b"." * (missing - len(FRAME) + 2))
    )
    return make_response(page + filler)


def _page(*, asked: bool, found: Publication | None) -> str:
    return render_template(
        "genuine/check.html", asked=asked, found=found, language_now=chosen()
    )
