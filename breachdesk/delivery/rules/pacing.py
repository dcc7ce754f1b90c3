"""How fast, in which waves, at which hours; when to stop, and when it will be over."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from breachdesk.delivery.terms import EventKind, Forecast, Pace, Quiet
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import zone

HOUR = timedelta(hours=1)
SHARES_OF_AN_HOUR = 6
"""A cap is spread: at most a sixth of an hour's messages leave together."""
ENOUGH_HEARD = 0.9
"""Of so many messages of a wave the end is known before the next one begins."""
HALF_HEARD, WAVE_REST = 0.5, timedelta(hours=2)
"""Or of so many, after so long: some mailboxes defer for days."""
FEWEST_BOUNCES, FEWEST_COMPLAINTS = 5, 2
"""One wrong address in a small wave is no rate."""
_STEP = timedelta(minutes=10)
_LONGEST = timedelta(days=60)


def hourly_now(pace: Pace, started_at: datetime, now: datetime) -> int | None:
    """Return how many messages may leave in this hour; None for as many as can."""
    if pace.hourly is None:
        return None
    hours = max((now - started_at) // HOUR, 0)
    return int(min(pace.hourly * pace.ramp ** min(hours, 500), 1e9))


def together(hourly: int | None, most: int) -> int:
    """Return how many messages may leave in one request."""
    return most if hourly is None else max(1, min(most, hourly // SHARES_OF_AN_HOUR))


def next_turn(
    turn: datetime | None, hourly: int | None, messages: int, now: datetime
) -> datetime | None:
    """Return when the next request may leave, once `messages` leave at `now`."""
    if hourly is None:
        return None
    start = now if turn is None else max(now, turn)
    return start + HOUR * messages / hourly


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime | None:
    """Return when the quiet hours that `now` lies in are over; None outside them."""
    if quiet is None:
        return None
    where = ZoneInfo(quiet.zone)
    local = now.astimezone(where)
    since, until = time.fromisoformat(quiet.since), time.fromisoformat(quiet.until)
    clock = local.time()
    inside = since <= clock < until if since < until else clock >= since or clock < until
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if since > until and clock >= since else 0)
    return datetime.combine(day, until, where)


def quiet_hours(text: str, zone_name: str) -> Quiet | None:
    """Read `21:00-08:00` in a zone; None for `none`. Raises Unusable."""
    if text in {"", "none"}:
        return None
    since, _, until = text.partition("-")
    try:
        begins, ends = time.fromisoformat(since.strip()), time.fromisoformat(until.strip())
    except ValueError:
        raise Unusable(Problem("are written 21:00-08:00, or none", field="quiet")) from None
    if begins == ends or begins.tzinfo or ends.tzinfo:
        raise Unusable(Problem("begin and end at two hours of the day", field="quiet"))
    zone(zone_name)
    return Quiet(f"{begins:%H:%M}", f"{ends:%H:%M}", zone_name)


def wave_of(
    before: int, messages: int, total: int, waves: tuple[float, ...]
) -> tuple[int, int]:
    """Return the wave of messages that come after `before` others, and how many of them.

    The rest belongs to later waves.
    """
    for number, share in enumerate(waves):
        end = total if number == len(waves) - 1 else max(number + 1, int(total * share))
        if before < end:
            return number, min(messages, end - before)
    return len(waves) - 1, messages


def may_go_on(messages: int, heard: int, *, reports: bool, rest: timedelta) -> bool:
    """Tell whether enough is known of a wave to begin the next one."""
    if not reports:
        return True
    share = heard / messages if messages else 1.0
    return share >= ENOUGH_HEARD or (share >= HALF_HEARD and rest >= WAVE_REST)


def why_halt(pace: Pace, heard: Mapping[EventKind, int], rejected: int) -> str | None:
    """Return why a campaign must stop by itself; None where nothing speaks against it."""
    failed = rejected + sum(heard.get(kind, 0) for kind in _FAILED)
    complained = heard.get(EventKind.COMPLAINED, 0)
    reached = heard.get(EventKind.DELIVERED, 0) + complained
    known = reached + failed
    if failed >= FEWEST_BOUNCES and failed / known > pace.bounce_rate:
        return (
            f"halted: {failed} of {known} messages whose end is known were not delivered; "
            f"the limit is {pace.bounce_rate:.1%}"
        )
    if complained >= FEWEST_COMPLAINTS and complained / reached > pace.complaint_rate:
        return (
            f"halted: {complained} of {reached} readers complained; "
            f"the limit is {pace.complaint_rate:.1%}"
        )
    return None


_FAILED = (EventKind.DROPPED, EventKind.BLOCKED, EventKind.BOUNCED)


def forecast(
    pace: Pace, *, left: int, measured: float | None, started_at: datetime | None, now: datetime
) -> Forecast:
    """Return when `left` messages will be handed over.

    `measured` is messages an hour as they go now, where no cap rules. Quiet hours count.
    """
    hourly = hourly_now(pace, started_at or now, now)
    rate = hourly if hourly is not None else (int(measured) if measured else None)
    if left <= 0:
        return Forecast(0, rate, now)
    if not rate:
        return Forecast(left, rate, None)
    return Forecast(left, rate, _end(pace, left, rate, started_at or now, now))


def _end(
    pace: Pace, left: float, rate: int, started_at: datetime, now: datetime
) -> datetime | None:
    at = now
    while at - now < _LONGEST:
        over = quiet_until(pace.quiet, at)
        if over is not None:
            at = over
            continue
        hourly = hourly_now(pace, started_at, at) or rate
        done = hourly * (_STEP / HOUR)
        if done >= left:
            return at + _STEP * (left / done)
        left, at = left - done, at + _STEP
    return None


def shares(text: str) -> tuple[float, ...]:
    """Read waves such as `1,10`, in per cent; the rest follows. Raises Unusable."""
    if text in {"", "none"}:
        return (1.0,)
    try:
        given = [float(each) / 100 for each in text.split(",")]
    except ValueError:
        raise Unusable(Problem("are per cents, such as 1,10", field="waves")) from None
    return (*(each for each in given if each != 1.0), 1.0)


def counted(rows: Iterable[tuple[str, int]]) -> dict[EventKind, int]:
    """Return counts by kind from rows of a name and a count."""
    return {EventKind(name): count for name, count in rows}
