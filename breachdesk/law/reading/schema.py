"""What a pack may say, key by key; a key that is not here is an error."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    Tag,
)

from breachdesk.law.terms import FactKind, Kind, Nature, Role, Roll, Status


def _only_a_day(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("must be a day, written like 2026-11-22 without quotes")  # noqa: TRY004  (pydantic reports ValueError alone)
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


VALUES, BOUNDS = "[values]", "[bounds]"
"""Where pydantic is in a condition; stands in no file."""

Day = Annotated[date, BeforeValidator(_only_a_day)]
Said = Annotated[str, AfterValidator(_not_blank)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
PackId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(\.[a-z0-9_]+){2,}$")]
Count = Annotated[int, Field(strict=True, gt=0, le=100_000)]


class Entry(BaseModel):
    """The base of all: nothing is guessed, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Entry):
    """A text in both languages of the desk."""

    fr: Said
    en: Said


class PackHead(Entry):
    """[pack]: what the file is about, and the day someone last compared it with its sources."""

    id: PackId
    title: Words
    checked_on: Day


class ClueEntry(Entry):
    """How a fact of the risk assessment answers a fact of the law."""

    fact: Name
    values: Annotated[list[bool | str], Field(min_length=1)]
    means: bool


class FactEntry(Entry):
    """[[facts]]: a fact that the duties of this pack ask for."""

    name: Name
    kind: FactKind
    label: Words
    choices: list[Said] = []
    otherwise: Name | None = None
    read_from: list[ClueEntry] = []
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    presumed: StrictBool | StrictInt | None = None


class AuthorityEntry(Entry):
    """[[authorities]]: a body that is told, and how to reach it."""

    id: PackId
    name: Said
    source: Said
    valid_from: Day
    address: list[Said] = []
    phone: Said | None = None
    email: Said | None = None
    web: Said | None = None
    portal: Said | None = None


class Bounds(Entry):
    """A condition on a number: from `at_least` on, and less than `below`."""

    at_least: Count | None = None
    below: Count | None = None


def _shape(told: object) -> str:
    return BOUNDS if isinstance(told, dict) else VALUES


Wanted = Annotated[
    Annotated[list[bool | str], Tag(VALUES)] | Annotated[Bounds, Tag(BOUNDS)],
    Discriminator(_shape),
]


class PeriodEntry(Entry):
    """How long; the amount, or the fact that holds it, unless the law gives none."""

    kind: Kind
    amount: Count | None = None
    amount_fact: Name | None = None


class CapEntry(Entry):
    """An outer edge in elapsed hours from another instant."""

    trigger: Name
    hours: Count


class DutyEntry(Entry):
    """[[duties]]: one value of the law."""

    code: Code
    label: Words
    article: Said
    source: Said
    valid_from: Day
    valid_to: Day | None = None
    status: Status
    nature: Nature = Nature.DUTY
    addressee: Name
    addressee_label: Words
    role: Role
    trigger: Name | None = None
    after: Code | None = None
    after_which: Literal["first", "last"] = "first"
    condition: dict[Name, Wanted]
    period: PeriodEntry
    roll: Roll
    cap: CapEntry | None = None
    eu_counting: bool = False
    late_needs_reasons: bool = False
    relieved_by_34_3: bool = False
    target_hours: Count | None = None
    note: Words | None = None


class ContentEntry(Entry):
    """[[contents]]: something that a notification must at least contain."""

    code: Name
    duties: Annotated[list[Code], Field(min_length=1)]
    article: Said
    source: Said
    valid_from: Day
    valid_to: Day | None = None
    label: Words


class PackFile(Entry):
    """One file of the law."""

    schema_version: Literal[1] = Field(alias="schema")
    pack: PackHead
    facts: list[FactEntry] = []
    authorities: list[AuthorityEntry] = []
    duties: list[DutyEntry] = []
    contents: list[ContentEntry] = []
