"""From when a duty runs and until when: the strict reading at once, the others when asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from breachdesk.law import rules as law_rules
from breachdesk.law.terms import AWARE, Duty, Fact, Kind, Roll
from breachdesk.obligations.terms import (
    Argued,
    BreachFacts,
    Count,
    Readings,
    Told,
)


def deadline(duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> datetime | None:
    """Return the last instant for `duty`; None where there is none or it does not run yet."""
    return counted(duty, facts, vocabulary).readings.strict


def counted(duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> Count:
    """Count the period of `duty`: from when it runs, and how it reads in each way."""
    starts_at, amount = started(duty, facts, vocabulary), _amount(duty, facts)
    if duty.cap is not None and amount is not None:
        starts_at, amount = _capped(duty, facts, vocabulary, starts_at, amount)
    if starts_at is None or amount is None:
        return Count(starts_at)
    if duty.period.kind is Kind.ELAPSED_HOURS:
        strict = law_rules.strict(starts_at, amount)
        argued = _InHours(starts_at, amount, facts.zone)
        return Count(starts_at, amount, Readings(strict, argued))
    return _counted_in_days(duty, starts_at, amount, facts)


def started(duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> datetime | None:
    """Return when the period begins to run; None if that has not happened yet."""
    if duty.trigger.after is not None:
        decided = facts.decided.get(duty.trigger.after)
        if decided is None:
            return None
        done = [fulfilment.at for fulfilment in decided.fulfilments]
        return (max if duty.trigger.last else min)(done, default=None)
    return _instant(duty.trigger.instant or AWARE, facts, vocabulary)


def _instant(name: str, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> datetime | None:
    """Return the instant `name`, or the one that is taken in its place."""
    if name == AWARE:
        return facts.aware_at
    told = facts.told.get(name)
    if isinstance(told, datetime):
        return told
    otherwise = vocabulary[name].otherwise
    return None if otherwise is None else _instant(otherwise, facts, vocabulary)


def _amount(duty: Duty, facts: BreachFacts) -> int | None:
    if duty.period.amount_fact is None:
        return duty.period.amount
    told: Told | None = facts.told.get(duty.period.amount_fact)
    return told if isinstance(told, int) else None


def _capped(
    duty: Duty,
    facts: BreachFacts,
    vocabulary: Mapping[str, Fact],
    starts_at: datetime | None,
    hours: int,
) -> tuple[datetime | None, int]:
    """Return from when and how many hours really count, given the outer edge of `duty`."""
    assert duty.cap is not None  # noqa: S101  (the caller has looked)
    edge_from = _instant(duty.cap.instant, facts, vocabulary)
    if edge_from is None:
        return starts_at, hours
    edge = law_rules.strict(edge_from, duty.cap.hours)
    if starts_at is None:
        return edge_from, duty.cap.hours
    if starts_at <= edge < law_rules.strict(starts_at, hours):
        return edge_from, duty.cap.hours
    return starts_at, hours


@dataclass(frozen=True, slots=True)
class _InHours:
    """What can be argued of a period in hours."""

    starts_at: datetime
    hours: int
    zone: ZoneInfo

    def __call__(self) -> Argued:
        start, hours, zone = self.starts_at, self.hours, self.zone
        is_working = _calendar(start, zone)
        rounded = law_rules.hour_rounded(start, hours)
        if is_working is None:
            return Argued(rounded, has_calendar=False)
        return Argued(
            rounded,
            law_rules.working_days_touched(start, hours, zone, is_working),
            law_rules.working_days_full(start, hours, zone, is_working),
        )


@dataclass(frozen=True, slots=True)
class _InDays:
    """What can be argued of a period in days, months or working days that ends on `last`."""

    starts_at: datetime
    last: date
    roll: Roll
    zone: ZoneInfo

    def __call__(self) -> Argued:
        known = _calendar(self.starts_at, self.zone)
        rolled = None
        if self.roll is Roll.EU1182_3_4 and known is not None:
            rolled = law_rules.day_end(law_rules.rolled(self.last, known), self.zone)
        return Argued(None, rolled, rolled, has_calendar=known is not None)


def _calendar(starts_at: datetime, zone: ZoneInfo) -> law_rules.WorkingDay | None:
    return law_rules.calendar(zone.key, starts_at.astimezone(zone).year)


def _counted_in_days(duty: Duty, starts_at: datetime, amount: int, facts: BreachFacts) -> Count:
    """Count to the end of the last day; a roll-over is an argument, never the target."""
    if duty.period.kind is Kind.CALENDAR_DAYS:
        last = law_rules.days_later(starts_at, amount, facts.zone)
    elif duty.period.kind is Kind.CALENDAR_MONTHS:
        last = law_rules.months_later(starts_at, amount, facts.zone)
    else:
        is_working = _calendar(starts_at, facts.zone) or law_rules.week_days
        last = law_rules.working_days_later(starts_at, amount, facts.zone, is_working)
    strict = law_rules.day_end(last, facts.zone)
    argued = _InDays(starts_at, last, duty.roll, facts.zone)
    return Count(starts_at, None, Readings(strict, argued))
