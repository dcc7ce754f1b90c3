"""What is said: the letter, its messages and variants, and what a check finds in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from breachdesk.notices.terms.facts import ACCOUNT, FIRST, Contact, Office, Story, Texts
from breachdesk.notices.terms.library import Speech

APPROVERS = 2


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
    kind: str = FIRST
    audience: str = ACCOUNT
    opening: tuple[str, ...] = ()
    news: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """Return the address to type oneself; empty if the organisation named none."""
        return self.domains[0] if self.domains else ""


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
