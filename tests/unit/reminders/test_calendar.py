"""The calendar is what RFC 5545 says, read back by a strict reader of its own."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.kernel.errors import Unusable
from breachdesk.law.reading import read_packs
from breachdesk.obligations import rules as obligations
from breachdesk.obligations.terms import BreachFacts
from breachdesk.reminders.reading import read_plan
from breachdesk.reminders.rules import calendar
from breachdesk.reminders.terms import Clock, Person

PLAN = read_plan(Path(__file__).parents[3] / "templates")
NOW = datetime(2026, 11, 17, 12, 30, 15, 999, tzinfo=UTC)
HOUR = timedelta(hours=1)
READER = Person(UUID(int=7), "dora@leadjet.example", "Dora", "fr", "Europe/Paris", ("dpo",))
NAME = re.compile(r"[A-Z0-9-]+")
SPAN = re.compile(
    r"(-?)P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)(?<=[DWHMS])"
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@dataclass
class Component:
    """A component as it was read: its properties in order, and what lies in it."""

    name: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    inner: list["Component"] = field(default_factory=list)

    def one(self, name: str) -> str:
        [value] = [value for each, _, value in self.properties if each == name]
        return value


def read(content: bytes) -> Component:
    """Read one calendar. Fails at whatever RFC 5545 does not allow."""
    assert content.endswith(b"\r\n")
    physical = content.removesuffix(b"\r\n").split(b"\r\n")
    lines: list[str] = []
    for octets in physical:
        assert len(octets) <= 75
        assert octets
        line = octets.decode()  # a letter is never parted
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line)
        if line[0] in " \t":
            lines[-1] += line[1:]
        else:
            lines.append(line)
    outside = Component("")
    open_ones = [outside]
    for line in lines:
        head, colon, value = line.partition(":")
        name, _, parameters = head.partition(";")
        assert colon
        assert NAME.fullmatch(name)
        if name == "BEGIN":
            open_ones.append(Component(value))
            open_ones[-2].inner.append(open_ones[-1])
        elif name == "END":
            assert open_ones.pop().name == value
        else:
            open_ones[-1].properties.append((name, parameters, value))
    [found] = outside.inner
    assert open_ones == [outside]
    assert found.name == "VCALENDAR"
    assert found.inner
    return found


def text(value: str) -> str:
    """Read a TEXT value. Fails at a mark that is not spelt."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", value)
    pieces = re.findall(r"\\[\\;,nN]|[^\\]", value)
    assert "".join(pieces) == value
    return "".join({"\\n": "\n", "\\N": "\n"}.get(piece, piece[-1]) for piece in pieces)


def span(value: str) -> timedelta:
    found = SPAN.fullmatch(value)
    assert found is not None, value
    sign, weeks, days, hours, minutes, seconds = found.groups()
    assert not (hours and seconds and not minutes), value
    whole = timedelta(
        weeks=int(weeks or 0), days=int(days or 0), hours=int(hours or 0),
        minutes=int(minutes or 0), seconds=int(seconds or 0),
    )  # fmt: skip
    return -whole if sign else whole


def clocks(title: str = "Stolen token") -> list[Clock]:
    aware = datetime(2026, 11, 17, 9, 7, 5, tzinfo=UTC)
    facts = BreachFacts(aware_at=aware, zone=ZoneInfo("Europe/Paris"))
    return [
        Clock(UUID(int=1), "BD-2026-0001", title, False, each)
        for each in obligations.arising(facts, read_packs(None))
    ]


def feed(found: list[Clock], *, titles: bool = False, reader: Person = READER) -> Component:
    return read(calendar.feed(found, reader, PLAN, NOW, titles=titles))


class TestFeed:
    def test_holds_an_event_for_each_clock_with_an_hour(self) -> None:
        every = clocks()
        found = feed(every)

        dated = [each for each in every if each.obligation.due is not None]
        assert 0 < len(dated) < len(every)
        assert [each.one("DTSTART") for each in found.inner] == [
            f"{each.obligation.due:%Y%m%dT%H%M%SZ}" for each in dated
        ]
        assert found.one("VERSION") == "2.0"
        assert found.one("PRODID")
        for event in found.inner:
            assert event.name == "VEVENT"
            assert event.one("DTSTAMP") == "20261117T123015Z"
            assert "BD-2026-0001" in text(event.one("SUMMARY"))
        ids = [event.one("UID") for event in found.inner]
        assert len(set(ids)) == len(ids)

    def test_names_an_event_alike_from_day_to_day(self) -> None:
        corrected = [
            replace(each, obligation=replace(each.obligation, due=NOW)) for each in clocks()
        ]

        ids = {event.one("UID") for event in feed(corrected).inner}
        assert {event.one("UID") for event in feed(clocks()).inner} <= ids

    def test_alarms_at_the_steps_of_the_plan(self) -> None:
        [authority] = [c for c in clocks() if c.obligation.duty == "gdpr.33.authority"]
        [event] = feed([authority]).inner

        assert {alarm.name for alarm in event.inner} == {"VALARM"}
        assert {alarm.one("ACTION") for alarm in event.inner} == {"DISPLAY"}
        assert all(alarm.one("DESCRIPTION") for alarm in event.inner)
        assert [span(alarm.one("TRIGGER")) / HOUR for alarm in event.inner] == [
            -48, -24, -12, -6, -2,
        ]  # fmt: skip

    def test_tells_a_title_only_where_it_was_asked_for(self) -> None:
        whole = [
            calendar.feed(clocks("Paie; Durand"), READER, PLAN, NOW, titles=t)
            for t in (False, True)
        ]

        assert b"Durand" not in whole[0]
        assert b"Durand" in whole[1].replace(b"\r\n ", b"")
        assert b"leadjet.example" not in whole[0]

    def test_speaks_the_language_of_its_reader(self) -> None:
        french = [text(event.one("SUMMARY")) for event in feed(clocks()).inner]
        english = [
            text(event.one("SUMMARY"))
            for event in feed(clocks(), reader=replace(READER, language="en")).inner
        ]

        assert any("Notifier la violation" in each for each in french)
        assert any("Notify the breach" in each for each in english)
        drill = feed([replace(each, drill=True) for each in clocks()])
        assert all(text(e.one("SUMMARY")).startswith("[Exercice] ") for e in drill.inner)

    def test_is_a_calendar_even_where_nothing_is_owed(self) -> None:
        [zone] = feed([]).inner

        assert zone.name == "VTIMEZONE"

    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(texts)
    def test_gives_back_whatever_a_title_holds(self, title: str) -> None:
        found = feed(clocks(title), titles=True)

        shown = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", lines(title))
        for event in found.inner:
            assert text(event.one("SUMMARY")).endswith(f"(BD-2026-0001, {shown})")


class TestValues:
    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(texts)
    def test_a_text_is_read_as_it_was_written(self, typed: str) -> None:
        shown = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", lines(typed))

        assert text(calendar.escaped(typed)) == shown

    @settings(deadline=None)  # a calendar is loaded at its first use
    @given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
    def test_a_span_is_read_as_it_was_written(self, written: timedelta) -> None:
        whole = timedelta(seconds=int(abs(written).total_seconds()))

        assert span(calendar.duration(written)) == (-whole if written < timedelta() else whole)

    def test_a_line_end_within_a_line_is_refused(self) -> None:
        with pytest.raises(Unusable):
            calendar.folded("SUMMARY:a\r\nATTENDEE:b")


def lines(typed: str) -> str:
    """Return a text with its line ends as a calendar knows them."""
    return re.sub("\r\n|\r|\n|\u2028|\u2029", "\n", typed)
