"""Local times of a form: they come without a zone, and get the one that stands beside them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

from breachdesk.faces.web.visit import READING, desk, member
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import readings, zone

CHOICES = ("earlier", "later")
"""How a form names which of two instants a local time means."""


def prefilled(at: datetime | None = None) -> str:
    """Return an instant, else this minute, as a date field wants it in the member's zone."""
    shown = at or desk().transactions.clock.now()
    return shown.astimezone(zone(member().zone)).strftime("%Y-%m-%dT%H:%M")


class WhichHour(Exception):
    """A local time can be read in two ways: clocks went back or forward. It is asked."""

    def __init__(self, name: str, ways: tuple[datetime, ...]) -> None:
        """Name the field, and the instants that it can mean."""
        super().__init__(name)
        self.name = name
        self.ways = ways


def with_zone(text: str, place: ZoneInfo, name: str) -> datetime | str:
    """Read a local time of the field `name`.

    Raises WhichHour where the hour comes twice or never and nobody has said yet which is
    meant. What cannot be read is left for the reader of the draft to refuse.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    if local.tzinfo is not None:
        return local
    ways = readings(local, place)
    if len(ways) == 1:
        return ways[0]
    chosen = request.form.get(name + READING, "")
    if chosen not in CHOICES:
        raise WhichHour(name, ways)
    return ways[CHOICES.index(chosen)]


def midnight(text: str) -> str:
    """Return the first minute of the day that a date field holds, whatever its hour."""
    return f"{text[:10]}T00:00"


def told_at(text: str, name: str) -> datetime:
    """Read a local time of the member. Raises Unusable for what is none."""
    at = with_zone(text, zone(member().zone), name)
    if isinstance(at, str):
        raise Unusable(Problem("input should be a valid datetime", field=name))
    return at
