"""What an assessment says, and what a person signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from breachdesk.risk.terms.vocabulary import Role


class Level(StrEnum):
    """How likely a harm to people is, as articles 33 and 34 of the GDPR ask it."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return 0 for unlikely, 1 for risk, 2 for high."""
        return tuple(Level).index(self)


class Scale(StrEnum):
    """The four steps of the CNIL, used for severity and, apart, for likelihood."""

    NEGLIGIBLE = "negligible"
    LIMITED = "limited"
    SIGNIFICANT = "significant"
    MAXIMAL = "maximal"

    @property
    def rank(self) -> int:
        """Return 0 for negligible up to 3 for maximal."""
        return tuple(Scale).index(self)


@dataclass(frozen=True, slots=True)
class Enisa:
    """A second opinion after ENISA's working document of 2013; it decides nothing."""

    score: float
    band: str
    data: int
    identification: float
    circumstances: float
    flags: tuple[str, ...]
    explanation: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the facts amount to, before anything of article 34(3).

    `unknown` are the fields worth asking for; `contradictions` the pairs of facts that cannot
    both be true, of which the worse was counted.
    """

    level: Level
    notify_authority: bool
    notify_people: bool
    duty: str | None
    rule: str
    reason: Mapping[str, str]
    enisa: Enisa
    severity: Scale
    likelihood: Scale
    unknown: tuple[str, ...]
    contradictions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Another answer to one question, and the level that it would give.

    `value` is a word, a flag or a number of the vocabulary; where the field holds several
    words, `present` says whether that word is then among them.
    """

    field: str
    value: object
    level: Level
    present: bool = True


class Ground(StrEnum):
    """Why people need not be told one by one, though the risk is high (GDPR art. 34(3))."""

    UNINTELLIGIBLE = "a"
    RISK_REMOVED = "b"
    DISPROPORTIONATE = "c"


@dataclass(frozen=True, slots=True)
class Relief:
    """A ground of article 34(3) with the reason a person wrote for it."""

    ground: Ground
    reason: str

    @property
    def public_communication(self) -> bool:
        """Tell whether a public communication is owed instead: (c) only changes the channel."""
        return self.ground is Ground.DISPROPORTIONATE


@dataclass(frozen=True, slots=True)
class SignOff:
    """What a person signs: of which data set, in which words, and where they depart from us."""

    data_set: str = ""
    level: Level | None = None
    reason: str = ""
    relief: Relief | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """The worst over the data sets of an incident, in the eyes of the law."""

    level: Level
    notify_authority: bool
    notify_people: bool
    public_communication: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a signed assessment still fits the facts, and which fields changed since."""

    stale: bool
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the interview: what is asked, why in a sentence, and where it stands.

    `kind` is word, words, flag, count or hours; `answers` are the words with their labels.
    """

    field: str
    group: str
    kind: str
    ask: Mapping[str, str]
    why: Mapping[str, str]
    source: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Questions that belong together, with the title they are asked under."""

    id: str
    label: Mapping[str, str]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A signed data set whose facts have changed since: which fields, and what they say now."""

    role: Role
    level: Level
    changed: tuple[str, ...]
