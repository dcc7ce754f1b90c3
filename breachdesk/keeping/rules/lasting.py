"""What is kept until when, and why: a pure function of the facts and the periods set."""

from datetime import datetime

from breachdesk.keeping.terms import Held, Kept, Retention, What
from breachdesk.kernel.times import later

SHORT = "P3Y"
"""Under this the register may be gone before the authority asks."""


def kept(facts: Held, retention: Retention) -> tuple[Kept, ...]:
    """Return what is kept of an incident, the lists of people first."""
    found = [_incident(facts, retention)]
    if facts.has_key:
        found.insert(0, _people(facts, retention))
    return tuple(found)


def too_short(retention: Retention, now: datetime) -> bool:
    """Tell whether the register is kept for less than three years."""
    return later(now, retention.register) < later(now, SHORT)


def _people(facts: Held, retention: Retention) -> Kept:
    since = facts.last_notice_at or facts.closed_at
    if facts.under_way:
        return _line(facts, What.PEOPLE, None, None, "notices are on their way")
    if since is None:
        return _line(facts, What.PEOPLE, None, None, "open, and no notice was sent")
    after = "the last notice" if facts.last_notice_at else "closing, no notice was sent"
    until = later(since, retention.people)
    return _line(facts, What.PEOPLE, since, until, f"{retention.people} after {after}")


def _incident(facts: Held, retention: Retention) -> Kept:
    if facts.closed_at is None:
        return _line(facts, What.INCIDENT, None, None, "open")
    until = later(facts.closed_at, retention.register)
    why = f"{retention.register} after closing"
    return _line(facts, What.INCIDENT, facts.closed_at, until, why)


def _line(
    facts: Held, what: What, since: datetime | None, until: datetime | None, why: str
) -> Kept:
    return Kept(
        incident_id=facts.incident_id,
        reference=facts.reference,
        title=facts.title,
        what=what,
        since=since,
        until=until,
        why=why,
        hold=facts.hold,
    )
