"""Deadlines as a calendar of RFC 5545, byte for byte.

Instants are in UTC, so that no time zone need be described; whoever reads it sees their own.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from breachdesk.kernel.errors import Unusable
from breachdesk.obligations.rules.words import said
from breachdesk.reminders.rules.timing import rungs
from breachdesk.reminders.terms import Clock, Person, Plan

MEDIA_TYPE = "text/calendar; charset=utf-8"
FOLD_AT = 75  # octets, without the line end (§3.1)
REFRESH = timedelta(minutes=15)
NAME = {"fr": "Échéances BreachDesk", "en": "BreachDesk deadlines"}
ACT = {"fr": "Où agir\u00a0: {path} sur le poste.", "en": "Where to act: {path} on the desk."}
DRILL = {"fr": "[Exercice] ", "en": "[Drill] "}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_END = re.compile("\r\n|\r|\n|\u2028|\u2029")
# a calendar must hold a component (§3.4), and one without deadlines has no event
EMPTY = (
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def feed(
    clocks: Iterable[Clock], reader: Person, plan: Plan, now: datetime, *, titles: bool
) -> bytes:
    """Return every clock with an hour as an event with its alarms, in the reader's language.

    Incidents are told by their reference; by their title only with `titles`.
    """
    language = reader.language
    events = [
        line
        for clock in clocks
        if clock.obligation.due is not None
        for line in _event(clock, clock.obligation.due, language, plan, now, titles=titles)
    ]
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//BreachDesk//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(NAME[language])}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{duration(REFRESH)}",
        *(events or EMPTY),
        "END:VCALENDAR",
    )
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """Return `text` as a TEXT value (§3.3.11): marks and line ends spelt, controls left out."""
    for character in "\\;,":
        text = text.replace(character, "\\" + character)
    return _CONTROLS.sub("", _LINE_END.sub(r"\\n", text))


def folded(line: str) -> bytes:
    """Return one content line, folded so that no letter is parted, with its line end (§3.1).

    Raises Unusable for a line end within.
    """
    if "\r" in line or "\n" in line:
        raise Unusable("a line of a calendar cannot hold a line end")
    pieces, piece = [], b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > FOLD_AT:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join((*pieces, piece, b""))


def stamp(at: datetime) -> str:
    """Return an instant in UTC (§3.3.5, form 2); parts of a second are left out."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def duration(span: timedelta) -> str:
    """Return a span (§3.3.6); parts of a second are left out."""
    seconds = int(abs(span).total_seconds())
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = [f"{hour}H", f"{minute}M", f"{second}S"]
    # between two units that are written every unit is (§3.3.6: no hours and seconds alone)
    while clock and clock[-1].startswith("0"):
        clock.pop()
    while clock and clock[0].startswith("0"):
        clock.pop(0)
    day = f"{days}D" if days or not clock else ""
    sign = "-" if span < timedelta() else ""
    return f"{sign}P{day}{'T' if clock else ''}{''.join(clock)}"


def _event(
    clock: Clock, due: datetime, language: str, plan: Plan, now: datetime, *, titles: bool
) -> Iterator[str]:
    duty = clock.obligation
    drill = DRILL[language] if clock.drill else ""
    name = f"{clock.reference}, {clock.title}" if titles else clock.reference
    summary = f"{drill}{duty.label[language]} ({name})"
    where = ACT[language].format(path=f"/incidents/{clock.reference}")
    until = f"{said(due, ZoneInfo(duty.zone), language)}, {duty.zone}"
    yield "BEGIN:VEVENT"
    yield f"UID:{clock.incident_id}.{duty.duty}@breachdesk"
    yield f"DTSTAMP:{stamp(now)}"
    yield f"DTSTART:{stamp(due)}"
    yield f"SUMMARY:{escaped(summary)}"
    about = (duty.article, duty.addressee_label[language], until, where)
    yield f"DESCRIPTION:{escaped(chr(10).join(about))}"
    yield "TRANSP:TRANSPARENT"
    for rung in rungs(plan, duty):
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{escaped(summary)}"
        yield f"TRIGGER:{duration(rung.at - due)}"
        yield "END:VALARM"
    yield "END:VEVENT"
