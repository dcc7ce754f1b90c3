"""Which word of the world counts, whether the world is silent, and where to go on."""

from collections.abc import Collection
from datetime import datetime, timedelta

from breachdesk.delivery.terms import Channel, EventKind, Reason, Standing

REPORTING = frozenset({"sendgrid"})
"""The ways of sending whose carrier reports on each message."""
FINAL = frozenset(EventKind) - {EventKind.PROCESSED, EventKind.DEFERRED}
"""What is written on a person's row; the rest only shows that a message is on its way."""
FAILED = frozenset({EventKind.DROPPED, EventKind.BLOCKED, EventKind.BOUNCED})
SILENCE = timedelta(minutes=30)
"""So long after the carrier let go of a message at least one word should have come."""
MOMENTS = timedelta(minutes=1)
"""By so much the carrier's clock may go before ours."""
RECONCILE = timedelta(hours=1)
"""After so long without a word the carrier's logs are asked."""
LAST_CALL = timedelta(minutes=10)
"""A carrier that holds messages can be told to discard them until so long before it lets go."""
MOST_RECALLS = 8
"""So many requests can stand cancelled at a carrier at once: SendGrid's pages say ten."""
OLDEST_STAMP = timedelta(days=3)
NEWEST_STAMP = timedelta(minutes=10)
"""The stamp of a delivery of reports lies in between: a carrier repeats for a day, and
defers for three; a repeat of an older one does no harm, and is refused all the same."""
_STRENGTH = {kind: n for n, kind in enumerate(EventKind)}
_SAID = {
    EventKind.PROCESSED: Standing.ACCEPTED,
    EventKind.DEFERRED: Standing.ACCEPTED,
    EventKind.DELIVERED: Standing.DELIVERED,
    EventKind.COMPLAINED: Standing.DELIVERED,
    EventKind.DROPPED: Standing.DROPPED,
    EventKind.BLOCKED: Standing.BOUNCED,
    EventKind.BOUNCED: Standing.BOUNCED,
}
_NOT_ELSEWHERE = frozenset(
    {Reason.EXCLUDED, Reason.CUSTOMER_INFORMS, Reason.WAITING, Reason.CANCELLED, Reason.BLOCKED}
)
"""For these something else is to be done first, or nothing."""


def stronger(kept: EventKind | None, told: EventKind) -> EventKind:
    """Return which of two words counts. The same for any order, and for repeats."""
    if kept is None:
        return told
    return max(kept, told, key=_STRENGTH.__getitem__)


def weaker_than(kind: EventKind) -> tuple[EventKind, ...]:
    """Return the words that `kind` takes the place of."""
    return tuple(each for each in EventKind if _STRENGTH[each] < _STRENGTH[kind])


def said_by(event: EventKind) -> Standing:
    """Return what a word of the world proves of a person."""
    return _SAID[event]


def is_timely(stamp: datetime, now: datetime) -> bool:
    """Tell whether a delivery of reports bears a stamp of these days."""
    return now - OLDEST_STAMP <= stamp <= now + NEWEST_STAMP


def silent_since(left_at: datetime | None, now: datetime) -> datetime | None:
    """Return since when the world should have spoken of what left then; None if not yet.

    A carrier that reviews an account takes every message and drops it days later: each
    request is answered with 202, and nobody is reached.
    """
    if left_at is None or now - left_at < SILENCE:
        return None
    return left_at


def wants_logs(left_at: datetime | None, heard_at: datetime | None, now: datetime) -> bool:
    """Tell whether the carrier's logs should be asked: the world has been silent for long."""
    if left_at is None:
        return False
    return now - max(left_at, heard_at or left_at) >= RECONCILE


def goes_elsewhere(standing: Standing, reason: Reason | None) -> bool:
    """Tell whether a person must be told by another way than this letter's e-mail."""
    if standing is Standing.NOT_INFORMED:
        return reason not in _NOT_ELSEWHERE
    return standing in {Standing.BOUNCED, Standing.DROPPED}


def next_channel(tried: Collection[Channel], held: Collection[Channel]) -> Channel:
    """Return by what way to go on: the first that was not tried and for which data are held.

    Where none is left, by a public communication (Art. 34(3)(c) GDPR).
    """
    for channel in Channel:
        if channel in held and channel not in tried:
            return channel
    return Channel.PUBLIC
