"""Which reminders are to be given now, and what may follow what."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from breachdesk.delivery.terms import Result
from breachdesk.reminders.rules.timing import addressees, reached, rungs
from breachdesk.reminders.terms import Call, Clock, Kept, Person, Plan, Stage, Step

STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.CLAIMED: frozenset({Stage.GIVEN, Stage.WAITING, Stage.REFUSED}),
    Stage.WAITING: frozenset({Stage.CLAIMED, Stage.SUPERSEDED}),
    Stage.GIVEN: frozenset(),
    Stage.REFUSED: frozenset(),
    Stage.SUPERSEDED: frozenset({Stage.CLAIMED}),
}
"""A superseded reminder may be wanted again: a correction may be taken back."""

_Told = Mapping[tuple[UUID, str], Sequence[Kept]]


def wanted(
    clocks: Iterable[Clock],
    kept: Iterable[Kept],
    people: Sequence[Person],
    plan: Plan,
    now: datetime,
) -> tuple[Call, ...]:
    """Return the reminders to give at `now`, however long nobody looked.

    Of steps that passed meanwhile only the latest speaks: one late reminder, not several. It
    speaks to whoever has not heard it; later, where nobody acknowledged, to others too.
    """
    told: dict[tuple[UUID, str], list[Kept]] = defaultdict(list)
    for each in kept:
        told[each.key.incident_id, each.key.duty].append(each)
    return tuple(call for clock in clocks for call in _of_clock(clock, told, people, plan, now))


def settled(result: Result) -> Stage:
    """Return where a reminder goes after a mailer's word; unknown keeps it claimed."""
    match result:
        case Result.ACCEPTED:
            return Stage.GIVEN
        case Result.REFUSED:
            return Stage.REFUSED
        case Result.UNKNOWN:
            return Stage.CLAIMED
        case _:
            return Stage.WAITING


def _of_clock(
    clock: Clock, told: _Told, people: Sequence[Person], plan: Plan, now: datetime
) -> Iterator[Call]:
    due = clock.obligation.due
    rung = reached(rungs(plan, clock.obligation), now)
    if due is None or rung is None:
        return
    ever = told.get((clock.incident_id, clock.obligation.duty), ())
    heard = [each for each in ever if (each.key.due, each.key.step) == (due, rung.step.code)]
    corrected = any(each.key.due != due and each.given_at is not None for each in ever)
    done = {each.key.member_id for each in heard if not _waits(each)}
    pending = {each.key.member_id: each.not_before for each in heard}
    for person, escalated in _audience(rung.step, heard, people, now):
        not_before = pending.get(person.id)
        if person.id not in done and (not_before is None or not_before <= now):
            yield Call(clock, due, rung.step, person, escalated, corrected)


def _audience(
    step: Step, heard: Sequence[Kept], people: Sequence[Person], now: datetime
) -> Iterator[tuple[Person, bool]]:
    """Yield whom a step speaks to, and whether because nobody acknowledged in time."""
    first = addressees(step.roles, people)
    others = addressees(step.escalate_to, people)
    if not first:  # somebody must hear it
        first = others or tuple(people)
    yield from ((person, False) for person in first)
    if _unanswered(step, heard, now):
        yield from ((person, True) for person in others if person not in first)


def _unanswered(step: Step, heard: Sequence[Kept], now: datetime) -> bool:
    """Tell whether a step spoke long ago and nobody acknowledged, or no one can hear it.

    One that may have left is not repeated; nor may others wait for a mailer that cannot tell.
    """
    if any(each.acknowledged_at is not None for each in heard):
        return False
    if heard and all(each.stage is Stage.REFUSED for each in heard):
        return True
    spoken = [each.claimed_at if _in_doubt(each) else each.given_at for each in heard]
    since = min((at for at in spoken if at is not None), default=now)
    return now - since >= step.escalate_after


def _in_doubt(each: Kept) -> bool:
    return each.stage is Stage.CLAIMED


def _waits(each: Kept) -> bool:
    return each.stage in {Stage.WAITING, Stage.SUPERSEDED}
