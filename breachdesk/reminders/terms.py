"""Words of reminders: the plan, what is to be said to whom, and what was said."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import Enum
from uuid import UUID

from breachdesk.obligations.terms import Obligation


class Stage(Enum):
    """How far a reminder is. `claimed` is kept before the first byte leaves."""

    CLAIMED = "claimed"
    WAITING = "waiting"
    """Certainly not given; it will be tried again."""
    GIVEN = "given"
    REFUSED = "refused"
    """The carrier does not take it, and never will."""
    SUPERSEDED = "superseded"
    """It was never given, and what it said no longer holds."""
    DOUBTFUL = "doubtful"
    """Nobody can tell any more whether it left: never repeated, but followed up."""


WEBHOOK = UUID(int=0)
"""Whom a reminder is for that goes to a desk elsewhere, which is no member."""
AGAIN = ".again"
"""Ends the step of a reminder that follows one of which nobody can tell whether it left."""


@dataclass(frozen=True, slots=True)
class Step:
    """One moment at which to remind: so long before the deadline, to whom first, whom next.

    `before` is None for the last office hour before a deadline on a day off. Whoever has one
    of `roles` is told; where none of them acknowledges within `escalate_after`, `escalate_to`
    are told too. `webhook`: the desk elsewhere is called as well, where there is one.
    """

    code: str
    before: timedelta | None
    roles: tuple[str, ...]
    escalate_after: timedelta
    escalate_to: tuple[str, ...]
    webhook: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """When to remind, and between which hours somebody is at the office."""

    steps: tuple[Step, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the plan on one clock, and the instant it comes to."""

    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """One obligation of one open incident that somebody has still to meet."""

    incident_id: UUID
    reference: str
    title: str
    drill: bool
    obligation: Obligation


@dataclass(frozen=True, slots=True)
class Person:
    """A member who may be reminded, in a language and a zone of theirs."""

    id: UUID
    address: str = field(repr=False)
    name: str
    language: str
    zone: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a reminder the same reminder: it is given once."""

    incident_id: UUID
    duty: str
    due: datetime
    step: str
    member_id: UUID


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a reminder that has a row."""

    key: Key
    stage: Stage
    given_at: datetime | None
    acknowledged_at: datetime | None
    not_before: datetime | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A reminder to give now. `corrected`: one was given for another deadline before.

    `again`: nobody can tell whether an earlier one of this step reached its reader.
    """

    clock: Clock
    due: datetime
    step: Step
    person: Person
    escalated: bool = False
    corrected: bool = False
    again: bool = False

    @property
    def key(self) -> Key:
        """Return what it is known by."""
        return Key(
            self.clock.incident_id,
            self.clock.obligation.duty,
            self.due,
            self.step.code + (AGAIN if self.again else ""),
            self.person.id,
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """What the text of a reminder is made of, each value in the reader's language.

    `left` is how long is left, or how long ago the deadline was. No data of affected people.
    """

    language: str
    name: str
    duty: str
    code: str
    article: str
    addressee: str
    reference: str
    title: str
    drill: bool
    left: str
    late: bool
    reasons_owed: bool
    due: str
    escalated: bool
    corrected: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One reminder in words: subject, plain text, HTML."""

    subject: str
    text: str
    html: str
