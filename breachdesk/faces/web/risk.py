"""How bad it is for people, by which rule, and who signed."""

from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.faces.web.visit import transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.risk import commands, queries, reading, rules

pages = Blueprint("risk", __name__, url_prefix="/incidents/<reference>/risk")


@pages.post("/sign")
def sign(reference: str) -> ResponseReturnValue:
    """Sign what the rules say of the facts as they stand, as the member who is signed in."""
    with transaction() as tx:
        commands.sign_off(tx, incidents.by_reference(tx.session, reference))
    return redirect(url_for("incidents.show", reference=reference) + "#risk", 303)


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the signed assessments and what the rules say of the facts as they are now."""
    return {
        "combined": queries.combined(session, incident.id),
        "assessments": [
            (row, queries.fit(session, row, incident))
            for row in queries.standing(session, incident.id)
        ],
        "computed": rules.assess(reading.from_mapping(incident.facts)),
    }
