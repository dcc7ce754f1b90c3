"""Who is affected, ring by ring and by category."""

from typing import Any

from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.faces.web.context import Row
from breachdesk.scoping import queries


def panel(session: Session, incident: Row) -> dict[str, Any]:
    """Return the latest measured scope with the labels of its categories."""
    scope = queries.latest(session, incident.id)
    version = None if scope is None else datamap.current_version(session)
    declared = () if version is None else datamap.parsed(version).categories
    return {
        "scope": scope,
        "categories": {each.id: dict(each.label) for each in declared},
    }
