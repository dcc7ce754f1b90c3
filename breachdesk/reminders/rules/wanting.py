"""Which reminders are to be given now, and what may follow what."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from breachdesk.delivery.terms import Result
from breachdesk.reminders.rules.timing import addressees, reached, rungs
from breachdesk.reminders.terms import (
    AGAIN,
    WEBHOOK,
    Call,
    Clock,
    Kept,
    Person,
    Plan,
    Stage,
    Step,
)

STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.CLAIMED: frozenset({Stage.GIVEN, Stage.WAITING, Stage.REFUSED, Stage.DOUBTFUL}),
    Stage.WAITING: frozenset({Stage.CLAIMED, Stage.SUPERSEDED}),
    Stage.GIVEN: frozenset(),
    Stage.REFUSED: frozenset(),
    Stage.SUPERSEDED: frozenset({Stage.CLAIMED}),
    Stage.DOUBTFUL: frozenset(),
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
    code = rung.step.code
    heard = {
        (each.key.member_id, each.key.step): each
        for each in ever
        if each.key.due == due and each.key.step in {code, code + AGAIN}
    }
    corrected = any(each.key.due != due and each.given_at is not None for each in ever)
    unanswered = _unanswered(rung.step, tuple(heard.values()), now)
    for person, escalated in _audience(rung.step, people, unanswered=unanswered):
        first = heard.get((person.id, code))
        again = heard.get((person.id, code + AGAIN))
        if again is None and _may_go(first, now):
            yield Call(clock, due, rung.step, person, escalated, corrected)
        elif first and unanswered and _in_doubt(first) and _may_go(again, now):
            yield Call(clock, due, rung.step, person, escalated, corrected, again=True)


def _audience(
    step: Step, people: Sequence[Person], *, unanswered: bool
) -> Iterator[tuple[Person, bool]]:
    """Yield whom a step speaks to, and whether because nobody acknowledged in time."""
    members = [person for person in people if person.id != WEBHOOK]
    first = addressees(step.roles, members)
    others = addressees(step.escalate_to, members)
    if not first:  # somebody must hear it
        first = others or tuple(members)
    if step.webhook:
        yield from ((person, False) for person in people if person.id == WEBHOOK)
    yield from ((person, False) for person in first)
    if unanswered:
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


def _may_go(each: Kept | None, now: datetime) -> bool:
    """Tell whether a reminder was not given yet, and does not wait for a later hour."""
    if each is None:
        return True
    waits = each.stage in {Stage.WAITING, Stage.SUPERSEDED}
    return waits and (each.not_before is None or each.not_before <= now)


def _in_doubt(each: Kept) -> bool:
    return each.stage in {Stage.CLAIMED, Stage.DOUBTFUL}
