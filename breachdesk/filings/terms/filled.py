"""A form filled in: its fields, what changed since, the whole draft."""

from dataclasses import dataclass
from datetime import datetime

from breachdesk.filings.terms.drafts import Kind, Value


@dataclass(frozen=True, slots=True)
class Field:
    """One field filled in, or missing, with where its value comes from.

    `text` is what is typed into the form, in its language. `applies` is false where a
    condition rules the field out. `proposed` marks a value derived by a rule, for a person to
    confirm.
    """

    section: int
    code: str
    label: str
    value: Value | None
    text: str
    required: bool
    source: str
    missing: bool
    gloss: str = ""
    ask: str = ""
    applies: bool = True
    proposed: bool = False
    notes: tuple[str, ...] = ()
    edpb: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A field that reads otherwise than in the filing before."""

    section: int
    code: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A filing, ready to be copied as far as it is complete."""

    reference: str
    authority: str
    form: str
    kind: Kind
    number: int
    digest: str
    drafted_at: datetime
    fields: tuple[Field, ...]
    changes: tuple[Change, ...] = ()

    @property
    def missing(self) -> tuple[Field, ...]:
        """Return what still has to be asked for, in the form's order."""
        return tuple(each for each in self.fields if each.missing)
