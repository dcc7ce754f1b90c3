"""An authority's form as data: sections, fields, choices, conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar, Literal


class Vocabulary(Enum):
    """Which codes of the data map the lists of a form are made of."""

    CNIL = "cnil"
    EDPB = "edpb"


class FieldKind(Enum):
    """What may be typed into a field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    YES_NO = "yes_no"
    INSTANT = "instant"
    DATE = "date"
    CHOICE = "choice"
    MULTI = "multi"
    SIREN = "siren"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"
    COUNTRIES = "countries"
    LIST = "list"


_CLOSED = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Words:
    """One text in the two languages of the desk."""

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field applies or a choice may stand: an answer is one of these or a fact holds."""

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    field: str | None = None
    any_of: tuple[str | bool, ...] = ()
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list: the code is ours, the label the authority's.

    Where `when` does not hold, the form does not take the choice.
    `proposed_by` lists sets of facts; where one set holds, the choice is proposed. A label that
    was never seen on the authority's screen says so with `shown = false`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    code: str
    label: str
    en: str
    edpb: tuple[str, ...] = ()
    shown: bool = True
    when: tuple[Condition, ...] = ()
    proposed_by: tuple[Mapping[str, tuple[str | bool, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the form, as the authority asks it."""

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    code: str
    label: str
    en: str
    kind: FieldKind
    ask: str
    required: bool = False
    when: tuple[Condition, ...] = ()
    list: str | None = None
    unknown: str | None = None
    none: str | None = None
    addressees: tuple[str, ...] = ()
    edpb: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the form."""

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    number: int
    label: str
    en: str
    fields: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """An authority's form, in one version. `limit` is in characters of a long text.

    `channel` says how the authority takes it, for the reader of a draft. `meets` and
    `completes` are the duties that a first filing and a complement fulfil. A form without
    `series` is handed over once; `customer` is the one that a report to a customer is for.
    `language` is the one its addressee reads: the draft, its frame and its labels are in it.
    `zone` is the addressee's clock, where that is not the incident's. A form is `handed`
    where its document itself goes to the addressee: once whole it shows nothing of our work.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    schema: int
    id: str
    authority: str
    version: str
    title: Words
    source: str
    channel: Words
    address: str
    limit: int
    member_states: tuple[str, ...]
    asks: Mapping[str, Words]
    sections: tuple[Section, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    vocabulary: Vocabulary = Vocabulary.CNIL
    language: Literal["fr", "en"] = "fr"
    zone: str | None = None
    meets: str | None = None
    completes: str | None = None
    series: bool = True
    handed: bool = False
    customer: str | None = None

    def towards(self, customer: str) -> "Form":
        """Return the form for one customer: its answers and drafts are apart from others'."""
        return replace(self, authority=f"{self.authority}:{customer}", customer=customer)

    def choices(self, question: Question) -> tuple[Choice, ...]:
        """Return what may be chosen for `question`, in the authority's order."""
        return self.lists.get(question.list or "", ())
