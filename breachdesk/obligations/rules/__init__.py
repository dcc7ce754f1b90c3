"""Which duties a breach gives rise to, and by when. Facts and law in, obligations out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.law import rules as law_rules
from breachdesk.law.terms import AWARE, RISK, ROLE, Duty, Fact, Law, Role
from breachdesk.obligations.rules.counting import counted, deadline, started
from breachdesk.obligations.rules.words import Explanation, StartEvent
from breachdesk.obligations.terms import (
    BreachFacts,
    Decided,
    Obligation,
    State,
    Told,
)

__all__ = ["arising", "arising_each", "basis", "breach_facts", "counted", "deadline", "state"]

NEVER = datetime.max.replace(tzinfo=UTC)
YEARS = range(1900, 9000)
NOTHING = Decided()


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

    Of each duty the value counts that held on the day its period was triggered, in the zone of
    the breach; where that has not happened yet, on the day of awareness. Raises Unusable for
    an awareness no calendar can count from, Unknown for a pack that is not there.
    """
    return next(arising_each((facts,), law, packs))


def arising_each(
    breaches: Iterable[BreachFacts], law: Law, packs: Iterable[str] | None = None
) -> Iterator[tuple[Obligation, ...]]:
    """Yield the obligations of each of many breaches; the packs are looked through once."""
    vocabulary = law.facts()
    values = law.shown(None if packs is None else tuple(packs))
    asked = sorted({each.fact for duty in values for each in duty.conditions} - {RISK})
    events = {id(duty): StartEvent(duty, vocabulary) for duty in values}
    arising: dict[tuple[object, ...], tuple[tuple[Duty, tuple[str, ...]], ...]] = {}
    for facts in breaches:
        _check_years(facts)
        aware_on = facts.aware_at.astimezone(facts.zone).date()
        answers = (facts.roles, facts.risk, *map(facts.told.get, asked))
        if answers not in arising:  # breaches of one kind ask the conditions once
            arising[answers] = tuple(
                (duty, assumed)
                for duty in values
                if (assumed := _assumed(duty, facts)) is not None
            )
        found = [
            _obligation(duty, facts, vocabulary, assumed, events)
            for duty, assumed in arising[answers]
            if duty.holds_on(_triggered_on(duty, facts, vocabulary, aware_on))
        ]
        yield tuple(sorted(found, key=lambda each: (each.due or NEVER, each.duty)))


def state(due: datetime | None, decided: Decided, stale_for: tuple[str, ...] = ()) -> State:
    """Return where an obligation stands by what was decided, whatever the hour is now."""
    if decided.fulfilments:
        done = min(fulfilment.at for fulfilment in decided.fulfilments)
        return State.LATE if due is not None and done > due else State.MET
    if stale_for:
        return State.STALE
    return State.WAIVED if decided.waived_for is not None else State.OPEN


def basis(obligation: Obligation, facts: BreachFacts, law: Law) -> dict[str, Any]:
    """Return what a waiver of `obligation` rests on, to be compared with a later reading."""
    [value, *_] = [
        each
        for each in law.values_of(obligation.duty)
        if each.valid_from == obligation.valid_from
    ]
    return _basis(value, facts)


def _basis(duty: Duty, facts: BreachFacts) -> dict[str, Any]:
    names = {condition.fact for condition in duty.conditions if condition.fact != RISK}
    asks_risk = any(condition.fact == RISK for condition in duty.conditions)
    rests: dict[str, Any] = {
        AWARE: facts.aware_at.isoformat(),
        ROLE: sorted(role.value for role in facts.roles),
        **{name: _written(facts.told.get(name)) for name in sorted(names)},
    }
    return {**rests, RISK: facts.risk} if asks_risk else rests


def _written(value: Told | None) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _stale_for(duty: Duty, facts: BreachFacts, decided: Decided) -> tuple[str, ...]:
    """Return what changed since a person waived the duty, or signed the risk it hangs on."""
    if decided.waived_for is not None:
        if decided.basis is None:
            return ()
        now = _basis(duty, facts)
        return tuple(name for name, was in decided.basis.items() if now.get(name) != was)
    if not facts.risk_stale:
        return ()
    asks_risk = any(condition.fact == RISK for condition in duty.conditions)
    return facts.risk_stale if asks_risk else ()


def _triggered_on(
    duty: Duty, facts: BreachFacts, vocabulary: Mapping[str, Fact], aware_on: date
) -> date:
    """Return the day on which the period of `duty` began, else that of awareness."""
    if duty.trigger.instant == AWARE:
        return aware_on
    starts_at = started(duty, facts, vocabulary)
    if starts_at is None or starts_at is facts.aware_at:
        return aware_on
    return starts_at.astimezone(facts.zone).date()


def _check_years(facts: BreachFacts) -> None:
    told = (value for value in facts.told.values() if isinstance(value, datetime))
    for at in (facts.aware_at, *told):
        if at.year not in YEARS:
            raise Unusable(f"{at.isoformat()} is no instant to count from")


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
    duty: Duty,
    facts: BreachFacts,
    vocabulary: Mapping[str, Fact],
    assumed: tuple[str, ...],
    events: Mapping[int, StartEvent],
) -> Obligation:
    count = counted(duty, facts, vocabulary)
    decided = facts.decided.get(duty.code, NOTHING)
    stale_for = _stale_for(duty, facts, decided)
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
        explanation=Explanation(
            duty,
            count,
            facts.zone,
            vocabulary,
            assumed,
            aim,
            day_only=facts.day_only and count.starts_at == facts.aware_at,
        ),
        state=state(due, decided, stale_for),
        late_needs_reasons=duty.late_needs_reasons,
        zone=facts.zone.key,
        valid_from=duty.valid_from,
        valid_to=duty.valid_to,
        trigger=events[id(duty)],
        assumed=assumed,
        decided=decided,
        stale_for=stale_for,
    )
