"""What the law asks: packs of duties, each value dated, sourced and with its status."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from breachdesk.kernel.errors import Unknown
from breachdesk.law.terms.facts import CORE_FACTS, Condition, Fact, Role


class Status(Enum):
    """Whether a value binds: only IN_FORCE does; the rest shows where its pack is asked for."""

    IN_FORCE = "in_force"
    VOLUNTARY = "voluntary"
    PROPOSED = "proposed"
    REPEALED = "repealed"


class Nature(Enum):
    """What stands behind a value: the law, a contract, or only what an authority hopes for."""

    DUTY = "duty"
    CONTRACT = "contract"
    EXPECTATION = "expectation"


class Kind(Enum):
    """How a period is counted; QUALITATIVE has no number («without undue delay»)."""

    ELAPSED_HOURS = "elapsed_hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    CALENDAR_MONTHS = "calendar_months"
    QUALITATIVE = "qualitative"


class Roll(Enum):
    """What happens when a period ends on a day off; never with hours (Reg. 1182/71 3(4))."""

    NONE = "none"
    EU1182_3_4 = "eu1182_3_4"


@dataclass(frozen=True, slots=True)
class Period:
    """How long: a number of hours, days or months, or the fact that holds the number."""

    kind: Kind
    amount: int | None = None
    amount_fact: str | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """From when: an instant told, or the fulfilment of another duty (the first or the last)."""

    instant: str | None = None
    after: str | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """An outer edge in elapsed hours; it lapses where the trigger itself came after it."""

    instant: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One value of the law: who owes what to whom, by when, since when, and by which text.

    A duty whose law changed has several values under one `code`, without gap or overlap.
    `valid_from` and `valid_to` are both included. `eu_counting` says whether Reg. 1182/71
    governs the period. `target_hours` is our own aim where the law gives no number.
    `relieved_by_34_3`: a signed ground of Art. 34(3)(a) or (b) GDPR excuses from it.
    """

    code: str
    pack: str
    article: str
    source: str
    label: Mapping[str, str]
    addressee: str
    addressee_label: Mapping[str, str]
    role: Role
    nature: Nature
    status: Status
    valid_from: date
    valid_to: date | None
    trigger: Trigger
    conditions: tuple[Condition, ...]
    period: Period
    roll: Roll = Roll.NONE
    cap: Cap | None = None
    eu_counting: bool = False
    late_needs_reasons: bool = False
    relieved_by_34_3: bool = False
    target_hours: int | None = None
    note: Mapping[str, str] | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether this is the value for `day`."""
        return _holds(self.valid_from, self.valid_to, day)


@dataclass(frozen=True, slots=True)
class RequiredContent:
    """Something that a notification must at least contain (Art. 33(3), 34(2) GDPR)."""

    code: str
    duties: tuple[str, ...]
    article: str
    source: str
    valid_from: date
    valid_to: date | None
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that is told, and how to reach it. `portal` is where it takes notifications."""

    id: str
    name: str
    source: str
    valid_from: date
    address: tuple[str, ...] = ()
    phone: str | None = None
    email: str | None = None
    web: str | None = None
    portal: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """One file of the law: a regime, with its facts, authorities, duties and contents."""

    id: str
    title: Mapping[str, str]
    checked_on: date
    facts: tuple[Fact, ...] = ()
    authorities: tuple[Authority, ...] = ()
    duties: tuple[Duty, ...] = ()
    contents: tuple[RequiredContent, ...] = ()


@dataclass(frozen=True, slots=True)
class Law:
    """Every pack, and the digest that names this version of the law in the trail."""

    packs: tuple[Pack, ...]
    version: str

    def pack(self, pack_id: str) -> Pack:
        """Return the pack called `pack_id`. Raises Unknown, naming those there are."""
        packs = {pack.id: pack for pack in self.packs}
        if pack_id not in packs:
            known = ", ".join(packs)
            raise Unknown(f"there is no law pack {pack_id!r}; these are: {known}")
        return packs[pack_id]

    def duties(self, day: date, packs: Iterable[str] | None = None) -> tuple[Duty, ...]:
        """Return the values of `shown` that hold on `day`."""
        return tuple(duty for duty in self.shown(packs) if duty.holds_on(day))

    def shown(self, packs: Iterable[str] | None = None) -> tuple[Duty, ...]:
        """Return the values that create deadlines, whatever day they hold on.

        Without `packs` only those in force. A pack asked for by id also shows what is voluntary
        or proposed in it, never what is repealed. Raises Unknown for a pack that is not there.
        """
        asked = self.packs if packs is None else tuple(map(self.pack, dict.fromkeys(packs)))
        besides = () if packs is None else (Status.VOLUNTARY, Status.PROPOSED)
        shown = {Status.IN_FORCE, *besides}
        every = (duty for pack in asked for duty in pack.duties)
        return tuple(duty for duty in every if duty.status in shown)

    def values_of(self, code: str) -> tuple[Duty, ...]:
        """Return every value of the duty `code`, the earliest first. Raises Unknown if none."""
        every = [duty for pack in self.packs for duty in pack.duties]
        found = [duty for duty in every if duty.code == code]
        if not found:
            known = ", ".join(sorted({duty.code for duty in every}))
            raise Unknown(f"there is no duty {code!r}; these are: {known}")
        return tuple(sorted(found, key=lambda duty: duty.valid_from))

    def contents(self, code: str, day: date) -> tuple[RequiredContent, ...]:
        """Return what a notification that answers the duty `code` must contain on `day`."""
        return tuple(
            content
            for pack in self.packs
            for content in pack.contents
            if code in content.duties and _holds(content.valid_from, content.valid_to, day)
        )

    def authority(self, authority_id: str) -> Authority:
        """Return the authority called `authority_id`. Raises Unknown, naming those known."""
        bodies = {each.id: each for pack in self.packs for each in pack.authorities}
        if authority_id not in bodies:
            known = ", ".join(bodies)
            raise Unknown(f"there is no authority {authority_id!r}; these are: {known}")
        return bodies[authority_id]

    def facts(self) -> dict[str, Fact]:
        """Return every fact that the law asks for, by its name."""
        declared = (fact for pack in self.packs for fact in pack.facts)
        return {fact.name: fact for fact in (*CORE_FACTS, *declared)}


def _holds(since: date, until: date | None, day: date) -> bool:
    return since <= day and (until is None or day <= until)
