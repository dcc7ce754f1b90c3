"""What the law asks after an incident, by when, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from breachdesk.faces.web.visit import desk, now
from breachdesk.incidents.queries import Incident
from breachdesk.obligations import queries
from breachdesk.obligations.terms import Obligation, State


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the obligations of an incident: with an hour, without one, and dealt with."""
    owed = queries.of(session, desk().law, incident)
    return {
        "obligations": owed,
        "running": [each for each in owed if each.due is not None and _waits(each)],
        "undated": [each for each in owed if each.due is None and _waits(each)],
        "done": [each for each in owed if not _waits(each)],
        "presumed_away": queries.presumed_away(session, desk().law, incident),
    }


def next_of(session: Session, incident: Incident) -> Obligation | None:
    """Return what is due next for an incident on the board; None for a closed one."""
    if incident.closed_at is not None:
        return None
    return next_due(queries.of(session, desk().law, incident), now())


def next_due(owed: Sequence[Obligation], at: datetime) -> Obligation | None:
    """Return the obligation to look at first: not done, with an hour, the soonest first."""
    waiting = [each for each in owed if each.due is not None and _waits(each)]
    return min(waiting, key=lambda each: each.due or at, default=None)


def _waits(obligation: Obligation) -> bool:
    """Tell whether somebody still has to act: neither done nor waived."""
    return obligation.fulfilled_at is None and obligation.state is not State.WAIVED
