"""Words of runbooks: phases, owners, steps, and the stages of a task."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum

LANGUAGES = ("fr", "en")


class Phase(StrEnum):
    """What a step is for, in the order of the work."""

    CONTAIN = "contain"
    PRESERVE = "preserve"
    MEASURE = "measure"
    DECIDE = "decide"
    TELL = "tell"
    LEARN = "learn"


HEADINGS: Mapping[str, Mapping[str, Phase]] = {
    "fr": {
        "Contenir": Phase.CONTAIN,
        "Préserver": Phase.PRESERVE,
        "Mesurer": Phase.MEASURE,
        "Décider": Phase.DECIDE,
        "Informer": Phase.TELL,
        "Apprendre": Phase.LEARN,
    },
    "en": {
        "Contain": Phase.CONTAIN,
        "Preserve": Phase.PRESERVE,
        "Measure": Phase.MEASURE,
        "Decide": Phase.DECIDE,
        "Tell": Phase.TELL,
        "Learn": Phase.LEARN,
    },
}
"""The headings under which steps stand, by language."""


class Owner(StrEnum):
    """The role that answers for a step."""

    SECURITY = "security"
    ENGINEER = "engineer"
    DPO = "dpo"
    LEGAL = "legal"
    COMMUNICATION = "communication"
    SUPPORT = "support"
    MANAGEMENT = "management"


class Stage(Enum):
    """Whether a task waits, is done, or was left out for a reason."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `within` counts from the awareness of the breach.

    `title` is one sentence in each language, `detail` the Markdown that follows it.
    """

    id: str
    phase: Phase
    owner: Owner
    within: timedelta
    title: Mapping[str, str]
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Runbook:
    """What to do about some causes of a breach. `opening` is the Markdown before the steps."""

    id: str
    title: Mapping[str, str]
    opening: Mapping[str, str]
    causes: frozenset[str]
    steps: tuple[Step, ...]
