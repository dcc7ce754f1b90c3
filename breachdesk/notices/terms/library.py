"""What notices are written with: templates, advice, and how each language speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from breachdesk.notices.terms.facts import Texts


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of templates answers: its notice.toml."""

    obligation: str
    version: str
    role: str
    """Whose people it is for: those of stores held as "controller" or as "processor"."""
    by_categories: bool
    """Whether each set of categories has a text of its own."""
    whole: bool
    """Whether one text in each language tells of all the data together, for the public."""
    tags: tuple[str, ...]
    """The values that are each recipient's own."""
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instead:
    """What is told where data were only altered or lost: nobody can misuse what nobody read."""

    may: tuple[str, ...]
    do: tuple[str, ...]
    keep: tuple[str, ...]
    """The lines of the reader's data that hold all the same."""


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
    audiences: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=dict
    )
    """What may happen and what to do besides, by who reads."""
    kinds: Mapping[str, Instead] = field(default_factory=dict)
    """What is told in their place of a breach that let nobody see data, by its kind."""


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
    opening: Texts = field(default_factory=dict)
    """Why we write, by kind of notice; {organisation} stands for ours."""
    because: Texts = field(default_factory=dict)
    """What a reader of an audience must be told besides."""


@dataclass(frozen=True, slots=True)
class Library:
    """All that one obligation is written from, besides the facts."""

    manifest: Manifest
    advice: Advice
    speech: Mapping[str, Speech]
