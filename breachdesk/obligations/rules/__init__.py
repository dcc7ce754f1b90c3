"""Which duties a breach gives rise to, and by when. Facts and law in, obligations out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.law import rules as law_rules
from breachdesk.law.terms import AWARE, RISK, ROLE, Duty, Fact, Kind, Law, Role, Roll
from breachdesk.obligations.rules.words import explain
from breachdesk.obligations.terms import (
    BreachFacts,
    Count,
    Decided,
    Obligation,
    Readings,
    State,
    Told,
)

NEVER = datetime.max.replace(tzinfo=UTC)
YEARS = range(1900, 9000)


def breach_facts(
    aware_at: datetime, zone: ZoneInfo, told: Mapping[str, tuple[Told, ...]]
) -> BreachFacts:
    """Return the facts of a breach from what was told by name.

    Only the role may be told several times: one breach often has both. Raises Unusable else.
    """
    told = {name: values for name, values in told.items() if values}
    for name, values in told.items():
        if name != ROLE and len(set(values)) > 1:
            raise Unusable(Problem("is told twice, and differently", field=name))
    risk = told.get(RISK, (None,))[0]
    return BreachFacts(
        aware_at=aware_at,
        zone=zone,
        roles=frozenset(Role(role) for role in told.get(ROLE, ())),
        risk=None if risk is None else str(risk),
        told={name: values[0] for name, values in told.items() if name not in {ROLE, RISK}},
    )


def arising(
    facts: BreachFacts, law: Law, packs: Iterable[str] | None = None
) -> tuple[Obligation, ...]:
    """Return the obligations that `facts` give rise to, the soonest due first.

    The law is that of the day of awareness, in the zone of the breach. Raises Unusable for an
    awareness no calendar can count from, Unknown for a pack that is not there.
    """
    told = (value for value in facts.told.values() if isinstance(value, datetime))
    for at in (facts.aware_at, *told):
        if at.year not in YEARS:
            raise Unusable(f"{at.isoformat()} is no instant to count from")
    vocabulary = law.facts()
    day = facts.aware_at.astimezone(facts.zone).date()
    found = (
        _obligation(duty, facts, vocabulary, assumed)
        for duty in law.duties(day, packs)
        if (assumed := _assumed(duty, facts)) is not None
    )
    return tuple(sorted(found, key=lambda each: (each.due or NEVER, each.duty)))


def deadline(duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> datetime | None:
    """Return the last instant for `duty`; None where there is none or it does not run yet."""
    return counted(duty, facts, vocabulary).readings.strict


def counted(duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> Count:
    """Count the period of `duty`: from when it runs, and how it reads in each way."""
    starts_at, amount = _start(duty, facts, vocabulary), _amount(duty, facts)
    if duty.cap is not None and amount is not None:
        starts_at, amount = _capped(duty, facts, vocabulary, starts_at, amount)
    if starts_at is None or amount is None:
        return Count(starts_at)
    if duty.period.kind is Kind.ELAPSED_HOURS:
        return _counted_in_hours(starts_at, amount, facts)
    return _counted_in_days(duty, starts_at, amount, facts)


def state(due: datetime | None, decided: Decided) -> State:
    """Return where an obligation stands by what was decided, whatever the hour is now."""
    done = min((fulfilment.at for fulfilment in decided.fulfilments), default=None)
    if done is not None:
        return State.LATE if due is not None and done > due else State.MET
    return State.WAIVED if decided.waived_for is not None else State.OPEN


def _assumed(duty: Duty, facts: BreachFacts) -> tuple[str, ...] | None:
    """Return the facts taken so that `duty` arises; None if it does not arise."""
    assumed = []
    if duty.role is not Role.ANY and not facts.roles:
        assumed.append(ROLE)
    elif duty.role is not Role.ANY and duty.role not in facts.roles:
        return None
    for condition in duty.conditions:
        value = facts.risk if condition.fact == RISK else facts.told.get(condition.fact)
        if value is None:
            assumed.append(condition.fact)
        elif not condition.holds(value):
            return None
    return tuple(assumed)


def _obligation(
    duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact], assumed: tuple[str, ...]
) -> Obligation:
    count = counted(duty, facts, vocabulary)
    decided = facts.decided.get(duty.code, Decided())
    if duty.relieved_by_34_3 and facts.relief is not None and decided.waived_for is None:
        decided = replace(decided, waived_for=facts.relief)
    aim = None
    if duty.target_hours is not None and count.starts_at is not None:
        aim = law_rules.strict(count.starts_at, duty.target_hours)
    due = count.readings.strict
    return Obligation(
        duty=duty.code,
        pack=duty.pack,
        article=duty.article,
        source=duty.source,
        label=duty.label,
        addressee=duty.addressee,
        addressee_label=duty.addressee_label,
        role=duty.role,
        nature=duty.nature,
        status=duty.status,
        starts_at=count.starts_at,
        due=due,
        aim=aim,
        readings=count.readings,
        explanation=explain(duty, count, facts.zone, vocabulary, assumed, aim),
        state=state(due, decided),
        late_needs_reasons=duty.late_needs_reasons,
        zone=facts.zone.key,
        assumed=assumed,
        decided=decided,
    )


def _start(duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact]) -> datetime | None:
    """Return when the period begins to run; None if that has not happened yet."""
    if duty.trigger.after is not None:
        decided = facts.decided.get(duty.trigger.after, Decided())
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


def _counted_in_hours(starts_at: datetime, hours: int, facts: BreachFacts) -> Count:
    is_working = _calendar(starts_at, facts.zone)
    strict = law_rules.strict(starts_at, hours)
    rounded = law_rules.hour_rounded(starts_at, hours)
    if is_working is None:
        return Count(starts_at, hours, Readings(strict, rounded), has_calendar=False)
    return Count(
        starts_at,
        hours,
        Readings(
            strict,
            rounded,
            law_rules.working_days_touched(starts_at, hours, facts.zone, is_working),
            law_rules.working_days_full(starts_at, hours, facts.zone, is_working),
        ),
    )


def _calendar(starts_at: datetime, zone: ZoneInfo) -> law_rules.WorkingDay | None:
    return law_rules.calendar(zone.key, starts_at.astimezone(zone).year)


def _counted_in_days(duty: Duty, starts_at: datetime, amount: int, facts: BreachFacts) -> Count:
    """Count to the end of the last day; a roll-over is an argument, never the target."""
    known = _calendar(starts_at, facts.zone)
    is_working = known or law_rules.week_days
    if duty.period.kind is Kind.CALENDAR_DAYS:
        last = law_rules.days_later(starts_at, amount, facts.zone)
    elif duty.period.kind is Kind.CALENDAR_MONTHS:
        last = law_rules.months_later(starts_at, amount, facts.zone)
    else:
        last = law_rules.working_days_later(starts_at, amount, facts.zone, is_working)
    rolled = None
    if duty.roll is Roll.EU1182_3_4 and known is not None:
        rolled = law_rules.day_end(law_rules.rolled(last, known), facts.zone)
    strict = law_rules.day_end(last, facts.zone)
    return Count(
        starts_at,
        None,
        Readings(strict, None, rolled, rolled),
        has_calendar=known is not None,
    )
