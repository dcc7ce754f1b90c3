"""At which instants a clock reminds, and who is told at each."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from breachdesk.kernel.times import HOUR
from breachdesk.law import rules as law_rules
from breachdesk.obligations.terms import Obligation
from breachdesk.reminders.terms import Person, Plan, Rung

LONGEST_BREAK = 30
"""So many days off in a row there are nowhere; a calendar that says so is not believed."""


def rungs(plan: Plan, obligation: Obligation) -> tuple[Rung, ...]:
    """Return when `obligation` reminds, the earliest first: after its start, before its due.

    None where the law sets no hour. Of steps that fall on one instant the later of the plan
    counts.
    """
    start, due = obligation.starts_at, obligation.due
    if start is None or due is None:
        return ()
    at: dict[datetime, Rung] = {}
    for step in plan.steps:
        when = due - step.before if step.before else _office_hour(plan, due, obligation)
        if when is not None and start < when < due:
            at[when] = Rung(step, when)
    return tuple(at[when] for when in sorted(at))


def reached(climb: Sequence[Rung], now: datetime) -> Rung | None:
    """Return the latest rung that has come; None before the first."""
    return next((rung for rung in reversed(climb) if rung.at <= now), None)


def last_office_hour(
    due: datetime, zone: ZoneInfo, plan: Plan, is_working: law_rules.WorkingDay
) -> datetime | None:
    """Return where the last office hour before `due` begins, if `due` is on a day off."""
    day = due.astimezone(zone).date()
    if is_working(day):
        return None
    for back in range(1, LONGEST_BREAK):
        earlier = day - timedelta(days=back)
        if is_working(earlier):
            return _closing(earlier, plan, zone) - HOUR
    return None


def addressees(roles: Iterable[str], people: Iterable[Person]) -> tuple[Person, ...]:
    """Return who of `people` has one of `roles`."""
    asked = frozenset(roles)
    return tuple(person for person in people if asked & set(person.roles))


def _office_hour(plan: Plan, due: datetime, obligation: Obligation) -> datetime | None:
    """Return the last office hour before a deadline on a day off, where the breach happened."""
    zone = ZoneInfo(obligation.zone)
    year = due.astimezone(zone).year - 1  # a break may reach back over New Year
    known = law_rules.calendar(zone.key, year) or law_rules.week_days
    return last_office_hour(due, zone, plan, known)


def _closing(day: date, plan: Plan, zone: ZoneInfo) -> datetime:
    # an office that closes in a skipped or repeated hour is not known
    return law_rules.strict(datetime.combine(day, plan.closes, zone), 0)
