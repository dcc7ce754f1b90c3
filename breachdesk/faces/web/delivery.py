"""How far the notices have reached people, in counts."""

from typing import Any

from sqlalchemy.orm import Session

from breachdesk.delivery import queries
from breachdesk.delivery.terms import Standing
from breachdesk.incidents.queries import Incident


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the report of an incident's campaigns."""
    return {
        "report": queries.report(session, incident.id),
        "standings": [each.value for each in Standing],
    }
