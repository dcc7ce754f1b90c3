"""Local times of a form: they come without a zone, and get the one that stands beside them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from breachdesk.faces.web.visit import desk, member
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import zone


def prefilled(at: datetime | None = None) -> str:
    """Return an instant, else this minute, as a date field wants it in the member's zone."""
    shown = at or desk().transactions.clock.now()
    return shown.astimezone(zone(member().zone)).strftime("%Y-%m-%dT%H:%M")


def with_zone(text: str, place: ZoneInfo, name: str) -> datetime | str:
    """Read a local time; of an hour that comes twice the earlier one counts.

    The earlier one gives the earlier deadline. Raises Unusable for an hour that clocks skip.
    What cannot be read is left for the reader of the draft to refuse.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    if local.tzinfo is not None:
        return local
    at = local.replace(tzinfo=place)
    back = datetime.fromtimestamp(at.timestamp(), place).replace(tzinfo=None)
    if back != local:
        raise Unusable(Problem("clocks skip this hour", field=name))
    return at


def told_at(text: str, name: str) -> datetime:
    """Read a local time of the member. Raises Unusable for what is none."""
    at = with_zone(text, zone(member().zone), name)
    if isinstance(at, str):
        raise Unusable(Problem("input should be a valid datetime", field=name))
    return at
