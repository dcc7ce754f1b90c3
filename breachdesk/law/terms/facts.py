"""The facts on which a duty hangs, and what each looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

AWARE = "aware_at"
DETECTED = "detected_at"
ROLE = "role"
RISK = "risk"


class Role(Enum):
    """In which role the duty binds us (Art. 4(7), 4(8) GDPR); ANY where it is no matter."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    ANY = "any"


class FactKind(Enum):
    """What a fact that the law asks for looks like."""

    YES_NO = "yes_no"
    NUMBER = "number"
    CHOICE = "choice"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that decides whether a duty arises, or from when its period runs.

    `otherwise` names the instant that is taken where this one was not told; without it the
    event has not happened yet. `read_from` says how the facts of the risk assessment answer,
    `country` that the number of people of that country answers. `presumed` is what an incident
    takes until somebody tells: what few organisations are (a bank, a host of health data).
    """

    name: str
    kind: FactKind
    label: Mapping[str, str]
    choices: tuple[str, ...] = ()
    otherwise: str | None = None
    read_from: tuple["Clue", ...] = ()
    country: str | None = None
    presumed: bool | int | None = None


@dataclass(frozen=True, slots=True)
class Clue:
    """Where the risk fact `fact` is one of `values`, the law's fact is `means`."""

    fact: str
    values: tuple[str | bool, ...]
    means: bool


OUR_ROLES = (Role.CONTROLLER.value, Role.PROCESSOR.value)
RISKS = ("unlikely", "risk", "high")
"""How likely a harm to people is, from the least to the worst (Art. 33, 34 GDPR)."""
CORE_FACTS = (
    Fact(ROLE, FactKind.CHOICE, {"fr": "notre rôle", "en": "our role"}, OUR_ROLES),
    Fact(RISK, FactKind.CHOICE, {"fr": "niveau de risque", "en": "level of risk"}, RISKS),
    Fact(AWARE, FactKind.INSTANT, {"fr": "prise de connaissance", "en": "awareness"}),
    Fact(DETECTED, FactKind.INSTANT, {"fr": "détection", "en": "detection"}, (), AWARE),
)
"""Facts that the other stations know; every other fact is declared by a pack."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact on which a duty hangs: it is one of `values`, or a number within bounds."""

    fact: str
    values: tuple[str | bool, ...] = ()
    at_least: int | None = None
    below: int | None = None

    def holds(self, value: object) -> bool:
        """Tell whether `value` fulfils the condition."""
        if not self.bounded:
            return value in self.values
        if not isinstance(value, int) or value < (self.at_least or 0):
            return False
        return self.below is None or value < self.below

    @property
    def bounded(self) -> bool:
        """Tell whether it asks for a number."""
        return self.at_least is not None or self.below is not None
