"""Why an obligation is due when it is due, said in French and in English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from breachdesk.law import rules as law_rules
from breachdesk.law.terms import RISK, Duty, Fact, Kind, Nature, Roll, Status
from breachdesk.obligations.rules.sentences import DAYS, MONTHS, SENTENCES, UNITS
from breachdesk.obligations.terms import Count

LANGUAGES = ("fr", "en")
SPACE = "\u00a0"  # French typography does not part a number from its unit
HALF_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Explanation(Mapping[str, str]):
    """The explanation of one obligation by language, written when somebody reads it."""

    duty: Duty
    count: Count
    zone: ZoneInfo
    vocabulary: Mapping[str, Fact]
    assumed: tuple[str, ...]
    aim: datetime | None
    day_only: bool = False

    def __getitem__(self, language: str) -> str:
        """Return the explanation in a language."""
        if language not in LANGUAGES:
            raise KeyError(language)
        telling = _Telling(self.duty, self.count, self.zone, self.vocabulary, language)
        said = " ".join(telling.sentences(self.assumed, self.aim))
        return f"{said} {SENTENCES['day_only'][language]}" if self.day_only else said

    def __iter__(self) -> Iterator[str]:
        """Yield the languages."""
        return iter(LANGUAGES)

    def __len__(self) -> int:
        """Return how many languages there are."""
        return len(LANGUAGES)


@dataclass(frozen=True, slots=True)
class StartEvent(Mapping[str, str]):
    """The event from which a duty counts, by language: an instant, or another duty done."""

    duty: Duty
    vocabulary: Mapping[str, Fact]

    def __getitem__(self, language: str) -> str:
        """Return what the event is called in a language."""
        if language not in LANGUAGES:
            raise KeyError(language)
        after = self.duty.trigger.after
        if after is not None:
            return SENTENCES["fulfilment_of"][language].format(duty=after)
        return self.vocabulary[self.duty.trigger.instant or ""].label[language]

    def __iter__(self) -> Iterator[str]:
        """Yield the languages."""
        return iter(LANGUAGES)

    def __len__(self) -> int:
        """Return how many languages there are."""
        return len(LANGUAGES)


def said(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Return `at` as people say it in `language`, with its offset."""
    local = at.astimezone(zone)
    day, month = DAYS[language][local.weekday()], MONTHS[language][local.month - 1]
    second = f":{local.second:02d}" if local.second else ""
    offset = local.strftime("%z")
    offset = f"{offset[:3]}:{offset[3:5]}"
    if language == "en":
        return f"{day} {local.day} {month} {local.year} at {local:%H:%M}{second} ({offset})"
    number = "1er" if local.day == 1 else str(local.day)
    hour = f"{local.hour}{SPACE}h{SPACE}{local.minute:02d}"
    if second:
        hour += f"{SPACE}min{SPACE}{local.second:02d}{SPACE}s"
    return f"{day} {number} {month} {local.year} à {hour} ({offset})"


class _Telling:
    """One explanation in one language."""

    def __init__(
        self,
        duty: Duty,
        count: Count,
        zone: ZoneInfo,
        vocabulary: Mapping[str, Fact],
        language: str,
    ) -> None:
        self.duty = duty
        self.count = count
        self.zone = zone
        self.vocabulary = vocabulary
        self.language = language
        self.argued = count.readings.argued()

    def sentences(self, assumed: tuple[str, ...], aim: datetime | None) -> Iterator[str]:
        """Yield the sentences in the order they are read."""
        yield from self._standing()
        yield self._main()
        yield from self._clock_change()
        yield from self._other_readings()
        if aim is not None:
            yield self._say("aim", aim=self._at(aim))
        if self.duty.late_needs_reasons:
            yield self._say("late_needs_reasons")
        if self.duty.note is not None:
            yield self.duty.note[self.language]
        if RISK in assumed:
            yield self._say("no_risk_yet")
        others = [name for name in assumed if name != RISK]
        if others:
            yield self._say("assumed", facts=", ".join(self._label(name) for name in others))

    def _standing(self) -> Iterator[str]:
        """Yield what stands behind the value, where it is not simply the law in force."""
        if self.duty.nature is Nature.EXPECTATION:
            yield self._say("expectation")
        if self.duty.nature is Nature.CONTRACT:
            yield self._say("contract")
        if self.duty.status in {Status.VOLUNTARY, Status.PROPOSED}:
            yield self._say(self.duty.status.value)

    def _main(self) -> str:
        starts_at, period = self.count.starts_at, self.duty.period
        if period.kind is Kind.QUALITATIVE:
            if starts_at is None:
                return self._say("qualitative_waiting", trigger=self._trigger())
            return self._say("qualitative", trigger=self._trigger(), start=self._at(starts_at))
        if starts_at is None:
            return self._say("waiting", period=self._period(), trigger=self._trigger())
        due = self.count.readings.strict
        if due is None:
            return self._say("no_amount", fact=self._label(period.amount_fact or ""))
        key = "hours" if period.kind is Kind.ELAPSED_HOURS else "days"
        return self._say(
            key,
            period=self._period(),
            trigger=self._trigger(),
            start=self._at(starts_at),
            due=self._at(due if key == "hours" else due - HALF_DAY),
            last=self._day(due - HALF_DAY),
        )

    def _clock_change(self) -> Iterator[str]:
        starts_at, due = self.count.starts_at, self.count.readings.strict
        if self.count.hours is None or starts_at is None or due is None:
            return
        change = law_rules.clock_change(starts_at, due, self.zone)
        if change is not None:
            day, seconds = change
            key = "clocks_forward" if seconds > 0 else "clocks_back"
            yield self._say(key, day=self._day(law_rules.day_start(day, self.zone)))

    def _other_readings(self) -> Iterator[str]:
        rounded = self.argued.hour_rounded
        if self.count.readings.strict is not None and rounded is None:
            yield from self._rolled()
        if rounded is None:
            return
        yield self._say("hour_rounded", rounded=self._at(rounded))
        touched, full = self.argued.working_days_touched, self.argued.working_days_full
        if touched is None or full is None:
            yield self._say("no_calendar", zone=self.zone.key)
        elif full > rounded:
            yield self._say("working_days", touched=self._at(touched), full=self._at(full))
        yield self._say("not_a_target" if self.duty.eu_counting else "not_governed")

    def _rolled(self) -> Iterator[str]:
        """Yield what days off do to a period in days, working days or months."""
        rolled = self.argued.working_days_full
        in_working_days = self.duty.period.kind is Kind.WORKING_DAYS
        if not self.argued.has_calendar and (
            in_working_days or self.duty.roll is not Roll.NONE
        ):
            yield self._say("no_calendar", zone=self.zone.key)
        elif rolled is not None and rolled != self.count.readings.strict:
            yield self._say("rolled", day=self._day(rolled - HALF_DAY))

    def _period(self) -> str:
        """Return how long, in words: the hours that count, or what the law says."""
        amount = self.count.hours or self.duty.period.amount
        unit = UNITS[self.language][self.duty.period.kind.value]
        if amount is None:
            return unit[2]
        return f"{amount} {unit[0] if amount == 1 else unit[1]}"

    def _trigger(self) -> str:
        trigger, cap = self.duty.trigger, self.duty.cap
        if cap is not None and self.count.hours == cap.hours:
            return self._named(cap.instant)
        if trigger.after is not None:
            return self._say("fulfilment_of", duty=trigger.after)
        return self._named(trigger.instant or "")

    def _named(self, name: str) -> str:
        """Return what an instant is called, with its code only while it is still to be told."""
        fact = self.vocabulary.get(name)
        if fact is None or self.count.starts_at is None:
            return self._label(name)
        return fact.label[self.language]

    def _label(self, name: str) -> str:
        """Return what a fact is called, with the code by which it is told."""
        fact = self.vocabulary.get(name)
        return name if fact is None else f"{fact.label[self.language]} ({name})"

    def _at(self, at: datetime) -> str:
        return said(at, self.zone, self.language)

    def _day(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        month = MONTHS[self.language][local.month - 1]
        number = "1er" if self.language == "fr" and local.day == 1 else str(local.day)
        return f"{DAYS[self.language][local.weekday()]} {number} {month} {local.year}"

    def _say(self, key: str, **values: str) -> str:
        return SENTENCES[key][self.language].format(**values)
