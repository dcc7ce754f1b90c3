"""How one language says a filing: numbers, days, hours, lists, and its sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Speech:
    """One language. `said` holds its sentences by name, `nouns` one and many of a thing.

    `singular` are the counts that take the noun for one; French has zero among them.
    """

    locale: str
    colon: str
    semicolon: str
    both: str
    quotes: tuple[str, str]
    thousands: str
    day_pattern: str
    moment_pattern: str
    singular: frozenset[int]
    nouns: Mapping[str, tuple[str, str]]
    said: Mapping[str, str]

    @property
    def language(self) -> str:
        """Return the language's code, as a document names it."""
        return self.locale.partition("_")[0]

    def say(self, name: str, /, **parts: object) -> str:
        """Return the sentence of that name, with its parts put in."""
        return self.said[name].format(**parts)

    def text(self, texts: Mapping[str, object]) -> str:
        """Return a text in this language, else in whatever there is: better than silence."""
        return str(texts.get(self.language) or next(iter(texts.values()), ""))

    def number(self, count: int) -> str:
        """Return a number with its thousands apart, for a sentence."""
        return f"{count:,}".replace(",", self.thousands)

    def counted(self, count: int, noun: str) -> str:
        """Return a number and its noun."""
        one, many = self.nouns[noun]
        return f"{self.number(count)}{NBSP}{one if count in self.singular else many}"

    def listed(self, words: Iterable[str]) -> str:
        """Return words as a sentence lists them."""
        *first, last = [*words] or [""]
        return f"{', '.join(first)}{self.both}{last}" if first else last

    def quoted(self, text: str) -> str:
        """Return a text between quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"

    def day(self, on: date) -> str:
        """Return a day as forms of this language want it."""
        return str(format_date(on, self.day_pattern, locale=self.locale))

    def moment(self, at: datetime, zone: str) -> str:
        """Return an instant on the clock of `zone`, to the minute."""
        local = at.astimezone(ZoneInfo(zone))
        return self.moment_pattern.format(day=self.day(local.date()), hour=f"{local:%H:%M}")

    def clock(self, zone: str) -> str:
        """Return what a zone's clock is called."""
        return self.said.get(f"clock {zone}") or self.say("clock", zone=zone)

    def country(self, code: str) -> str:
        """Return the name of a country by its ISO 3166-1 code; the code if it has none."""
        return str(Locale.parse(self.locale).territories.get(code.upper(), code))
