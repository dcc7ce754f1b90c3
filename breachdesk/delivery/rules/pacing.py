"""How fast, in which waves, at which hours; when to stop, and when it will be over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from breachdesk.delivery.rules.zones import quiet_for
from breachdesk.delivery.terms import EventKind, Forecast, Pace
from breachdesk.kernel.errors import Problem, Unusable

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


def wave_sizes(messages: Sequence[int], waves: tuple[float, ...]) -> list[tuple[int, ...]]:
    """Return for each text how many of its messages belong to each wave.

    `messages` are how many each text has. Every wave has the same share of every text, to one
    message, and at least one message in all as long as there are any.
    """
    total = sum(messages)
    left, found = list(messages), [[0] * len(waves) for _ in messages]
    for number in reversed(range(len(waves))):
        share = int(total * waves[number - 1]) if number else 0
        kept = min(max(number, share), sum(left))
        earlier = _shared(left, kept)
        for text, (now, before) in enumerate(zip(left, earlier, strict=True)):
            found[text][number] = now - before
        left = earlier
    return [tuple(each) for each in found]


def _shared(parts: Sequence[int], kept: int) -> list[int]:
    """Return parts that sum up to `kept`, each in proportion, rounded down or up."""
    total, before, shares = sum(parts), 0, []
    for part in parts:
        after = before + part
        shares.append(after * kept // total - before * kept // total if total else 0)
        before = after
    return shares


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
    pace: Pace,
    *,
    left: int,
    measured: float | None,
    started_at: datetime | None,
    now: datetime,
    zones: Collection[str | None] = (None,),
) -> Forecast:
    """Return when `left` messages will be handed over.

    `measured` is messages an hour as they go now, where no cap rules. Quiet hours count, by
    those clocks of the readers that make it last longest.
    """
    hourly = hourly_now(pace, started_at or now, now)
    rate = hourly if hourly is not None else (int(measured) if measured else None)
    if left <= 0:
        return Forecast(0, rate, now)
    if not rate:
        return Forecast(left, rate, None)
    ends = [_end(pace, left, rate, started_at or now, now, each) for each in zones]
    known = [each for each in ends if each is not None]
    return Forecast(left, rate, max(known) if len(known) == len(ends) else None)


def _end(
    pace: Pace, left: float, rate: int, started_at: datetime, now: datetime, zones: str | None
) -> datetime | None:
    at = now
    while at - now < _LONGEST:
        over = quiet_for(pace.quiet, zones, at)
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
