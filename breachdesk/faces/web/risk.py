"""How bad it is for people, by which rule, and who signed."""

from typing import Any

from sqlalchemy.orm import Session

from breachdesk.incidents.queries import Incident
from breachdesk.risk import queries, reading, rules


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
