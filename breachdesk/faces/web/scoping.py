"""Who is affected, ring by ring and by category."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.incidents.queries import Incident
from breachdesk.scoping import queries
from breachdesk.scoping.terms import Ring


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the latest measured scope with the labels of its categories."""
    scope = queries.latest(session, incident.id)
    version = None if scope is None else datamap.current_version(session)
    declared = () if version is None else datamap.parsed(version).categories
    return {
        "scope": scope,
        "scope_rings": [] if scope is None else _counted(scope.counts["by_category"]),
        "categories": {each.id: dict(each.label) for each in declared},
    }


def _counted(by_category: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return the rings that are counted by category."""
    return [
        ring.value
        for ring in Ring
        if any(ring.value in counts for counts in by_category.values())
    ]
