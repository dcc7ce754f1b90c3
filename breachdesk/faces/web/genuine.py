"""Is this message from us? A page for whoever holds a code; nobody signs in, nothing personal.

Whatever is typed costs the same: the code is counted first, then every published campaign is
tried, both answers are written, and the one given is as long as the longest there can be.
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
"""Every answer is filled up to a multiple of so many bytes: none tells how long a text is."""
FRAME = b"<!--%s-->"


@pages.get("/")
def ask() -> ResponseReturnValue:
    """Ask for the code that stands in the message."""
    return make_response(_page(asked=False, found=None))


@pages.post("/")
def check() -> ResponseReturnValue:
    """Show who sent the message and what everybody was told, or that there is no such code."""
    code = request.form.get("code", "")[:LONGEST_CODE]
    here = desk().transactions
    access.spend(here, "code_page", account=code.strip().upper(), address=address())
    with here.reading(EVERY_ORGANISATION) as session:
        found = queries.genuine(session, here.vault, code)
        longest = queries.longest_publication(session)
    no, yes = _page(asked=True, found=None), _page(asked=True, found=found or longest)
    model = _page(asked=True, found=longest)
    return _filled(no if found is None else yes, max(map(len, (no, yes, model))))


def _filled(page: bytes, longest: int) -> Response:
    """Return the page with as many bytes as the longest answer, and some."""
    missing = longest + -longest % LENGTH - len(page)
    filler = (
        b" " * missing if missing < len(FRAME) else FRAME % (b"." * (missing - len(FRAME) + 2))
    )
    return make_response(page + filler)


def _page(*, asked: bool, found: Publication | None) -> bytes:
    return render_template(
        "genuine/check.html", asked=asked, found=found, language_now=chosen()
    ).encode()
