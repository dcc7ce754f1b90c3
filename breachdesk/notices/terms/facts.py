"""What notices are written from: the order, the facts, and who reads the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

PEOPLE = "gdpr.34.people"
CUSTOMERS = "gdpr.33.controller"
PUBLIC = "gdpr.34.public"

FIRST = "first"
LATE = "late"
"""The first notice in the words for people who were found after the others were told."""
FOLLOW_UP = "follow_up"
"""What we know more, to those who were told; the next ones are `follow_up_2` and so on."""
KINDS = (FIRST, LATE, FOLLOW_UP)

ACCOUNT = "account"
NO_ACCOUNT = "no_account"
MINORS = "minors"
"""Read by the parents or guardians of a child, and by the child."""

Texts = Mapping[str, str]
"""A text by language: `{"fr": ..., "en": ...}`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person typed for this notice in one language. Text, never a template."""

    what_happened: str = ""
    not_touched: tuple[str, ...] = ()
    news: str = ""
    """What is new in a follow-up; paragraphs are parted by an empty line."""


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
    audience: str = ACCOUNT


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
    kind: str = FIRST


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer whose data we hold as a processor, with its own facts and numbers only."""

    name: str
    people: int
    categories: tuple[str, ...]
    first_touch: datetime | None
    last_touch: datetime | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a customer is alerted. `key` is how the directories name the customer."""

    key: str
    name: str
    email: str = field(repr=False)
    locale: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants drafted. Words and languages left out are the last draft's."""

    incident_id: UUID
    obligation: str = PEOPLE
    ring: str = "proven"
    words: Mapping[str, Words] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    kind: str = FIRST
