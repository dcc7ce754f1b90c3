"""What must hold between the values of a pack, and between packs."""

from collections.abc import Iterator, Mapping

from breachdesk.law import rules
from breachdesk.law.reading.places import Path
from breachdesk.law.terms import (
    CORE_FACTS,
    Condition,
    Duty,
    Fact,
    FactKind,
    Kind,
    Law,
    Pack,
    Roll,
)

_PRESUMED = {FactKind.YES_NO: bool, FactKind.NUMBER: int}

Found = Iterator[tuple[Path, str]]


def problems(law: Law, pack: Pack, stem: str, *, whole: bool) -> Found:
    """Yield (path, problem) for one pack; names are followed only where the law is whole."""
    if pack.id != stem:
        yield ("pack", "id"), f"{pack.id!r} must be the name of its file, {stem!r}"
    yield from _clashes(law, pack)
    yield from _successions(pack)
    facts = law.facts()
    for number, fact in enumerate(pack.facts):
        yield from _fact(("facts", number), fact, facts, whole=whole)
    for number, duty in enumerate(pack.duties):
        yield from _shape(("duties", number), duty)
        if whole:
            yield from _references(("duties", number), duty, law, facts)
    codes = {duty.code for each in law.packs for duty in each.duties}
    for number, content in enumerate(pack.contents):
        for code in content.duties:
            if whole and code not in codes:
                yield ("contents", number, "duties"), f"{code!r} is no duty"


def _clashes(law: Law, pack: Pack) -> Found:
    """Yield what another pack, or the same, has already named."""
    others = [each for each in law.packs if each is not pack]
    taken = {fact.name for each in others for fact in each.facts}
    taken |= {fact.name for fact in CORE_FACTS}
    for number, fact in enumerate(pack.facts):
        if fact.name in taken:
            yield ("facts", number, "name"), f"{fact.name!r} is declared twice"
        taken.add(fact.name)
    bodies = {authority.id for each in others for authority in each.authorities}
    for number, authority in enumerate(pack.authorities):
        if authority.id in bodies:
            yield ("authorities", number, "id"), f"{authority.id!r} is described twice"
        bodies.add(authority.id)
    codes = {duty.code: each.id for each in others for duty in each.duties}
    for number, duty in enumerate(pack.duties):
        if duty.code in codes:
            yield ("duties", number, "code"), f"{duty.code!r} also stands in {codes[duty.code]}"


def _successions(pack: Pack) -> Found:
    places = {id(duty): number for number, duty in enumerate(pack.duties)}
    for code in dict.fromkeys(duty.code for duty in pack.duties):
        values = [duty for duty in pack.duties if duty.code == code]
        for value, field, problem in rules.succession_problems(values):
            yield ("duties", places[id(value)], field), problem


def _fact(place: Path, fact: Fact, facts: Mapping[str, Fact], *, whole: bool) -> Found:
    if (fact.kind is FactKind.CHOICE) != bool(fact.choices):
        yield (*place, "choices"), "a choice has choices, and nothing else has"
    if fact.otherwise is not None:
        if fact.kind is not FactKind.INSTANT:
            yield (*place, "otherwise"), "only an instant can be taken from another instant"
        elif whole and not _is(facts, fact.otherwise, FactKind.INSTANT):
            yield (*place, "otherwise"), f"{fact.otherwise!r} is no instant"
        elif whole and _circles(fact, facts):
            yield (*place, "otherwise"), f"{fact.name!r} leads back to itself"
    if fact.read_from and fact.kind is not FactKind.YES_NO:
        yield (*place, "read_from"), "only a yes or no can be read from the risk facts"
    if fact.country is not None and fact.kind is not FactKind.NUMBER:
        yield (*place, "country"), "only a number can be read from the people of a country"
    if fact.presumed is not None and type(fact.presumed) is not _PRESUMED.get(fact.kind):
        yield (*place, "presumed"), f"{fact.presumed!r} does not fit {fact.kind.value}"


def _circles(fact: Fact, facts: Mapping[str, Fact]) -> bool:
    seen = {fact.name}
    present = fact
    while present.otherwise is not None and present.otherwise in facts:
        if present.otherwise in seen:
            return True
        seen.add(present.otherwise)
        present = facts[present.otherwise]
    return False


def _shape(place: Path, duty: Duty) -> Found:
    """Yield what contradicts itself inside one value."""
    period, trigger = duty.period, duty.trigger
    given = [part for part in (period.amount, period.amount_fact) if part is not None]
    if (trigger.instant is None) == (trigger.after is None):
        yield (*place, "trigger"), "name either trigger or after"
    if period.kind is Kind.QUALITATIVE and given:
        yield (*place, "period"), "a qualitative period has no amount"
    if period.kind is not Kind.QUALITATIVE and len(given) != 1:
        yield (*place, "period"), "name either amount or amount_fact"
    in_days = {Kind.CALENDAR_DAYS, Kind.CALENDAR_MONTHS}
    if duty.roll is not Roll.NONE and period.kind not in in_days:
        yield (*place, "roll"), f"a period in {period.kind.value} is never rolled over"
    if duty.cap is not None and period.kind is not Kind.ELAPSED_HOURS:
        yield (*place, "cap"), "only a period in elapsed_hours can have a cap"


def _references(place: Path, duty: Duty, law: Law, facts: Mapping[str, Fact]) -> Found:
    """Yield the names in a value that lead nowhere."""
    codes = {each.code for pack in law.packs for each in pack.duties}
    trigger, period = duty.trigger, duty.period
    if trigger.after is not None and trigger.after not in codes - {duty.code}:
        yield (*place, "after"), f"{trigger.after!r} is no other duty"
    if trigger.instant is not None and not _is(facts, trigger.instant, FactKind.INSTANT):
        yield (*place, "trigger"), f"{trigger.instant!r} is no instant that a pack declares"
    if duty.cap is not None and not _is(facts, duty.cap.instant, FactKind.INSTANT):
        yield (*place, "cap", "trigger"), f"{duty.cap.instant!r} is no instant"
    if period.amount_fact and not _is(facts, period.amount_fact, FactKind.NUMBER):
        yield (*place, "period", "amount_fact"), f"{period.amount_fact!r} is no number"
    for condition in duty.conditions:
        problem = _wrong(condition, facts.get(condition.fact))
        if problem:
            yield (*place, "condition", condition.fact), problem


def _wrong(condition: Condition, fact: Fact | None) -> str | None:
    if fact is None:
        return f"{condition.fact!r} is no fact that a pack declares"
    if condition.bounded:
        return None if fact.kind is FactKind.NUMBER else f"{fact.name!r} is no number"
    if not condition.values:
        return "names no value and no bound"
    allowed: tuple[str | bool, ...] = fact.choices
    if fact.kind is FactKind.YES_NO:
        allowed = (True, False)
    unfit = [value for value in condition.values if value not in allowed]
    return f"{unfit[0]!r} is no value of {fact.name}" if unfit else None


def _is(facts: Mapping[str, Fact], name: str, kind: FactKind) -> bool:
    return name in facts and facts[name].kind is kind
