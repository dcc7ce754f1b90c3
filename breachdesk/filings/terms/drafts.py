"""What a draft is written from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

Value = str | int | bool | list[str] | dict[str, int]
"""What a field holds: a text, a number, yes or no, codes, or people by country."""

TELL_UNKNOWN = "unknown"
"""The answer that says: nobody knows this yet."""
TELL_NONE = "none"
"""The answer that says: there is none of this."""
RINGS = ("proven", "reachable", "population")
"""The answers to `people.count` that take the number from the measured scope."""


class Kind(Enum):
    """Which filing of the series this is (Art. 33(4) GDPR)."""

    INITIAL = "initial"
    COMPLEMENTARY = "complementary"
    COMPLETE = "complete"
    WITHDRAWAL = "withdrawal"


FOLLOWING = frozenset({Kind.COMPLEMENTARY, Kind.WITHDRAWAL})
"""The kinds that name an earlier filing."""


class Source(Enum):
    """Where a field's value comes from."""

    FACT = "fact"
    SCOPE = "scope"
    DELIVERY = "delivery"
    MEASURE = "measure"
    RISK = "risk"
    DATAMAP = "datamap"
    NOTICE = "notice"
    OBLIGATION = "obligation"
    FILING = "filing"
    TYPED = "typed"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person typed into a field; it stands before everything derived.

    Where `value` is None the person confirmed the derived text whose digest is `confirms`: it
    counts as confirmed for as long as it reads the same.
    """

    value: Value | None
    by: str
    at: datetime
    confirms: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A text that could not be joined with the one that stands; kept until somebody decides."""

    number: int
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copied:
    """A tick of the filing day, with the digest of the text that was copied."""

    code: str
    digest: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Party:
    """The legal representative or the contact person. A text not given is empty."""

    name: str = ""
    role: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """The controller, as the data map declares it.

    `contact` is the data protection officer where `has_officer`, else whoever is named.
    """

    name: str
    siren: str
    sector: str
    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str
    representative: Party
    contact: Party
    vat_number: str | None = None
    headcount: int | None = None
    has_officer: bool = True


@dataclass(frozen=True, slots=True)
class Chronology:
    """The instants of an incident and the zone they are written in."""

    zone: str = "Europe/Paris"
    aware_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detected_at: datetime | None = None
    qualified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What the measured scope says, in numbers. Codes are those of the form's lists."""

    rings: Mapping[str, int]
    records: int
    by_country: Mapping[str, Mapping[str, int]]
    category_codes: tuple[str, ...]
    population_codes: tuple[str, ...]
    categories: tuple[str, ...] = ()
    category_labels: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    processors: tuple[str, ...] = ()
    as_processor: int = 0
    unread_rows: int = 0
    unknown_people: int = 0
    version: int = 1

    @property
    def exact(self) -> bool:
        """Tell whether every row was read and every key belonged to somebody."""
        return self.unread_rows == 0 and self.unknown_people == 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A measure: its text, and when it was done or is planned for.

    `foreign` is true where nobody told it in the language of the form.
    """

    text: str
    done_at: datetime | None = None
    planned_for: datetime | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """The risk as a person signed it off. Codes are those of the risk station."""

    level: str
    severity: str | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """How far the communication to people has come, in counts."""

    people: int = 0
    informed: int = 0
    waiting: int = 0
    not_informed: Mapping[str, int] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty towards somebody else: its addressee's code and name, and its article.

    `certain` is false where it arises only because nobody has told the facts yet.
    """

    addressee: str
    label: str
    article: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Own:
    """What concerns one customer for whom we process: its people by ring, and its data.

    `categories` are the ids of its proven data, `by_category` what each of its data is called
    and how many of its people by ring. `others` are the keys of the other customers: known
    here so that none of them is named.
    """

    key: str
    people: Mapping[str, int]
    categories: tuple[str, ...] = ()
    by_category: tuple[tuple[str, Mapping[str, int]], ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """Everything a draft is written from. What nobody knows is empty or None."""

    reference: str
    kind: Kind
    drafted_at: datetime
    title: str = ""
    summary: str = ""
    chronology: Chronology = field(default_factory=Chronology)
    facts: Mapping[str, Any] = field(default_factory=dict)
    company: Company | None = None
    counted: Counted | None = None
    told_categories: tuple[str, ...] = ()
    measures_before: tuple[Taken, ...] = ()
    measures_after: tuple[Taken, ...] = ()
    judged: Judged | None = None
    told: Told | None = None
    notice_content: str = ""
    notice_ready: bool = False
    people_duty: str | None = None
    waiver_ground: str | None = None
    waiver_reason: str = ""
    owed: tuple[Owed, ...] = ()
    due_at: datetime | None = None
    first_filed_at: datetime | None = None
    delay_reasons: str = ""
    previous_reference: str | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    happened: tuple[Happened, ...] = ()
    evidence: tuple[tuple[str, int, str], ...] = ()
    filed: tuple[tuple[str, str, datetime], ...] = ()
    customer: Own | None = None
