"""What the law asks after an incident, by when, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from breachdesk.faces.web.context import Row, desk, now
from breachdesk.obligations import queries
from breachdesk.obligations.terms import Obligation, State

STANDS = (State.LATE, State.OPEN, State.MET, State.WAIVED)


def panel(session: Session, incident: Row) -> dict[str, Any]:
    """Return the obligations of an incident, what is late or open first."""
    owed = queries.of(session, desk().law, incident)
    return {
        "obligations": sorted(owed, key=lambda each: STANDS.index(each.state_at(now()))),
        "next_due": next_due(owed, now()),
        "presumed_away": queries.presumed_away(session, desk().law, incident),
    }


def next_of(session: Session, incident: Row) -> Obligation | None:
    """Return what is due next for an incident on the board; None for a closed one."""
    if incident.closed_at is not None:
        return None
    return next_due(queries.of(session, desk().law, incident), now())


def next_due(owed: Sequence[Obligation], at: datetime) -> Obligation | None:
    """Return the obligation to look at first: not done, with an hour, the soonest or latest."""
    undone = (
        each
        for each in owed
        if each.due is not None
        and each.fulfilled_at is None
        and each.state_at(at) in {State.OPEN, State.LATE}
    )
    return min(undone, key=lambda each: each.due or at, default=None)
