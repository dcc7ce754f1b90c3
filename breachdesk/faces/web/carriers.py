"""What carriers report to us, on raw bytes, signed. Nobody signs in here."""

from flask import Blueprint, Response, abort, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from breachdesk.delivery import errands
from breachdesk.faces.web.visit import desk
from breachdesk.kernel.errors import Forbidden, Unusable

pages = Blueprint("carriers", __name__, url_prefix="/carriers")


@pages.record_once
def _take_no_forms(state: BlueprintSetupState) -> None:
    """A carrier has no form of ours: its signature is what is checked."""
    state.app.extensions["csrf"].exempt(pages)


@pages.post("/sendgrid/events")
def sendgrid() -> ResponseReturnValue:
    """Write down what SendGrid reports. Answers 204 only once it is kept.

    Whatever is not answered so is repeated for a day, and a repeat changes nothing.
    """
    ear = desk().ear
    if ear is None:
        abort(404)
    body = request.get_data(cache=False, parse_form_data=False)
    try:
        words = ear.hear(body, dict(request.headers))
    except Forbidden as refusal:
        return Response(f"{refusal}\n", 403, mimetype="text/plain")
    except Unusable as fault:
        return Response(f"{fault}\n", 400, mimetype="text/plain")
    errands.hear(desk().transactions, "SendGrid", words)
    return Response(status=204)
