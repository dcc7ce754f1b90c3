"""Words of an obligation: the facts it follows from, its instants, its state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from breachdesk.law.rules import clock_change
from breachdesk.law.terms import Nature, Role, Status

Told = bool | int | str | datetime


class State(Enum):
    """Where an obligation stands. LATE: fulfilled after its due instant, or not yet by then.

    STALE: still to be met, and what a person decided or signed about it rested on facts that
    have changed since.
    """

    OPEN = "open"
    MET = "met"
    LATE = "late"
    WAIVED = "waived"
    STALE = "stale"


class Act(Enum):
    """What a person writes down about an obligation."""

    FULFIL = "fulfil"
    WAIVE = "waive"
    REOPEN = "reopen"
    EXPLAIN_DELAY = "explain_delay"


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """When the duty was done, and what proves it."""

    at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What people have written down about one duty.

    `basis` is what the waiver rested on; None where that was not kept.
    """

    fulfilments: tuple[Fulfilment, ...] = ()
    waived_for: str | None = None
    delay_reason: str | None = None
    basis: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachFacts:
    """All that obligations follow from, besides the law.

    `roles` empty, `risk` None and a name not in `told` mean that nobody has said yet: the
    duty is then taken to arise. `relief` is the signed ground of Art. 34(3)(a) or (b) GDPR that
    excuses from telling people, in words. `decided` is by duty code. `risk_stale` names the
    facts that changed since the risk was signed: `risk` is then the worse of the signed level
    and of what the facts now say. `day_only`: nobody knows the hour of awareness, and 00:00
    of that day was taken.
    """

    aware_at: datetime
    zone: ZoneInfo
    roles: frozenset[Role] = frozenset()
    risk: str | None = None
    told: Mapping[str, Told] = field(default_factory=dict)
    relief: str | None = None
    decided: Mapping[str, Decided] = field(default_factory=dict)
    risk_stale: tuple[str, ...] = ()
    day_only: bool = False


@dataclass(frozen=True, slots=True)
class Argued:
    """What one can argue that a period is: never a target.

    The working-day readings are None where no calendar is at hand or the period has no hours.
    """

    hour_rounded: datetime | None = None
    working_days_touched: datetime | None = None
    working_days_full: datetime | None = None
    has_calendar: bool = True


@dataclass(frozen=True, slots=True)
class Readings:
    """Four ways to count one period; only the strict one is a target.

    The others are computed when somebody looks: a board of clocks asks for the strict one.
    """

    strict: datetime | None = None
    argued: Callable[[], Argued] = Argued

    @property
    def hour_rounded(self) -> datetime | None:
        """Return the end where the hour of the event is not counted."""
        return self.argued().hour_rounded

    @property
    def working_days_touched(self) -> datetime | None:
        """Return the end where two working days must be touched."""
        return self.argued().working_days_touched

    @property
    def working_days_full(self) -> datetime | None:
        """Return the end where two working days must lie inside."""
        return self.argued().working_days_full


@dataclass(frozen=True, slots=True)
class Count:
    """A period counted: from when, how many hours if in hours, and how it reads."""

    starts_at: datetime | None
    hours: int | None = None
    readings: Readings = Readings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A duty that arises from one breach. Computed on each read, never stored.

    Instants are UTC; `zone` is where they are shown. `assumed` names the facts that nobody
    told and that were taken so that the duty arises. `aim` is our own, not the law's.
    `valid_from` and `valid_to` are those of the value of the law that held when the period
    was triggered by `trigger`. `stale_for` names what changed since a person decided.
    """

    duty: str
    pack: str
    article: str
    source: str
    label: Mapping[str, str]
    addressee: str
    addressee_label: Mapping[str, str]
    role: Role
    nature: Nature
    status: Status
    starts_at: datetime | None
    due: datetime | None
    aim: datetime | None
    readings: Readings
    explanation: Mapping[str, str]
    state: State
    late_needs_reasons: bool
    zone: str
    valid_from: date
    valid_to: date | None = None
    trigger: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    decided: Decided = Decided()
    stale_for: tuple[str, ...] = ()

    @property
    def fulfilled_at(self) -> datetime | None:
        """Return when it was first fulfilled."""
        return min((done.at for done in self.decided.fulfilments), default=None)

    def state_at(self, now: datetime) -> State:
        """Return the state at `now`: what still waits after its due instant is late."""
        if self.waits and self.due is not None and now > self.due:
            return State.LATE
        return self.state

    @property
    def clock_change(self) -> tuple[date, int] | None:
        """Return the first day inside on which clocks change, and by how many seconds."""
        if self.starts_at is None or self.due is None:
            return None
        return clock_change(self.starts_at, self.due, ZoneInfo(self.zone))

    @property
    def waits(self) -> bool:
        """Tell whether somebody still has to act: neither done nor waived on present facts."""
        return self.state in {State.OPEN, State.STALE}

    def asks_for_reasons(self, now: datetime) -> bool:
        """Tell whether reasons for a delay are owed and not yet written (Art. 33(1) GDPR)."""
        late = self.state_at(now) is State.LATE
        return late and self.late_needs_reasons and self.decided.delay_reason is None

    def as_json(self) -> dict[str, Any]:
        """Return what the interfaces promise, instants written in `zone`."""
        zone = ZoneInfo(self.zone)

        def shown(at: datetime | None) -> str | None:
            return None if at is None else at.astimezone(zone).isoformat()

        return {
            "duty": self.duty,
            "pack": self.pack,
            "article": self.article,
            "source": self.source,
            "label": dict(self.label),
            "addressee": self.addressee,
            "addressee_label": dict(self.addressee_label),
            "role": self.role.value,
            "nature": self.nature.value,
            "status": self.status.value,
            "from": shown(self.starts_at),
            "due": shown(self.due),
            "aim": shown(self.aim),
            "readings": {
                name: shown(getattr(self.readings, name))
                for name in (
                    "strict",
                    "hour_rounded",
                    "working_days_touched",
                    "working_days_full",
                )
            },
            "rule": {
                "valid_from": self.valid_from.isoformat(),
                "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
            },
            "trigger": dict(self.trigger),
            "stale_for": list(self.stale_for),
            "explanation": self.explanation["en"],
            "explanations": dict(self.explanation),
            "assumed": list(self.assumed),
        }
