"""Words of the notices: what is told, to whom, in which words, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID

PEOPLE = "gdpr.34.people"
CUSTOMERS = "gdpr.33.controller"
FIRST = "first"
APPROVERS = 2

Texts = Mapping[str, str]
"""A text by language: `{"fr": ..., "en": ...}`."""


class Stage(Enum):
    """How far a notice has come."""

    DRAFT = "draft"
    APPROVED = "approved"
    FROZEN = "frozen"
    """Handed to delivery: it is what people were told."""
    VOID = "void"
    """Replaced by a later version before anybody was told."""


class Part(Enum):
    """Where a text stands in the message: it decides how a person's own value is written."""

    SUBJECT = "subject"
    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of templates answers: its notice.toml."""

    obligation: str
    version: str
    role: str
    """Whose people it is for: those of stores held as "controller" or as "processor"."""
    by_categories: bool
    """Whether each set of categories has a text of its own."""
    tags: tuple[str, ...]
    """The values that are each recipient's own."""
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What may happen and what to do, by category; lines are in order of urgency."""

    may: Mapping[str, Texts]
    do: Mapping[str, Texts]
    categories: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    labels: Mapping[str, Texts]
    """What each category is called where the data map does not say it in a language."""
    cites: tuple[str, ...]
    """The sites of public help that the advice names."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How one language says dates, times, what happened, and what must never be said."""

    formats: str
    """The CLDR locale that writes its dates and numbers, such as en_GB."""
    time: str
    instant: str
    between: str
    since: str
    unknown: str
    not_established: str
    zone: str
    zone_vowel: str
    done: str
    planned: str
    nature: Texts
    """By cause, and by lost property where the cause is not known."""
    touched: Texts
    """What was done to the data, by ring."""
    never_ask: tuple[str, ...]
    never_say: Mapping[str, tuple[str, ...]]
    """By the check that forbids them: phrases, in lower case."""


@dataclass(frozen=True, slots=True)
class Library:
    """All that one obligation is written from, besides the facts."""

    manifest: Manifest
    advice: Advice
    speech: Mapping[str, Speech]


@dataclass(frozen=True, slots=True)
class Words:
    """What a person typed for this notice in one language. Text, never a template."""

    what_happened: str = ""
    not_touched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Office:
    """The supervisory authority, as the law pack has it."""

    name: str
    address: str
    phone: str
    web: str


@dataclass(frozen=True, slots=True)
class Step:
    """A measure after the breach: done at an instant, planned for one, or undated."""

    text: Texts
    done_at: datetime | None
    planned_for: datetime | None


@dataclass(frozen=True, slots=True)
class Readers:
    """A group of affected people who read the same text."""

    locale: str | None
    role: str
    categories: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Story:
    """Every fact a notice is written from. Its digest shows whether the facts have moved."""

    reference: str
    zone: str
    started_at: datetime | None
    ended_at: datetime | None
    found_at: datetime
    aware_at: datetime
    cause: str
    breach_types: tuple[str, ...]
    ring: str
    scope_digest: str
    measures: tuple[Step, ...]
    words: Mapping[str, Words]
    authority_told: bool
    complaint_filed: bool
    organisation: str
    domains: tuple[str, ...]
    dpo: Contact
    authority: Office
    labels: Mapping[str, Texts]
    languages: tuple[str, ...]
    """In which it is written, the organisation's own first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one category of data is called, and what may follow from its loss."""

    label: str
    consequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What one variant says, in the reader's language: all that a template sees."""

    obligation: str
    language: str
    role: str
    categories: tuple[str, ...]
    organisation: str
    reference: str
    zone: str
    nature: tuple[str, ...]
    when: str
    found: str
    aware: str
    touched: str
    data: tuple[str, ...]
    not_touched: tuple[str, ...]
    consequences: tuple[str, ...]
    advice: tuple[str, ...]
    measures: tuple[str, ...]
    measures_known: int
    """How many measures there are; in this language some may have no words yet."""
    words_left: bool
    """Whether something was typed in another language and not yet in this one."""
    never_ask: tuple[str, ...]
    dpo: Contact
    authority: Office
    authority_told: bool
    complaint_filed: bool
    domains: tuple[str, ...]
    cites: tuple[str, ...]
    tags: tuple[str, ...]
    glossary: Mapping[str, Entry]
    """By category, where each recipient's own data go into tags; else empty."""
    speech: Speech

    @property
    def domain(self) -> str:
        """Return the address to type oneself; empty if the organisation named none."""
        return self.domains[0] if self.domains else ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer whose data we hold as a processor, with its own facts and numbers only."""

    name: str
    people: int
    categories: tuple[str, ...]
    first_touch: datetime | None
    last_touch: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A subject, a plain text and an HTML text that say the same."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One text for all who read the same: language, role and set of categories."""

    key: str
    locale: str
    role: str
    categories: tuple[str, ...]
    people: int
    letter: Letter
    frame: Message
    """With fixed tags where each recipient's own values go."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants drafted. Words and languages left out are the last draft's."""

    incident_id: UUID
    obligation: str = PEOPLE
    ring: str = "proven"
    words: Mapping[str, Words] = field(default_factory=dict)
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice as it was rendered, to be kept."""

    obligation: str
    story: Story
    template_version: str
    scope_version: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a notice lacks or must not say. `sentence` says what to add or change."""

    code: str
    article: str
    sentence: Texts
    language: str | None = None
    variant: str | None = None
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """What a check of a notice found, against its own text and against the present facts."""

    missing: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    changed: tuple[str, ...]
    """Names of the facts that have moved since it was drafted: it is stale if there are any."""
    approvers: tuple[UUID, ...]
