"""When a worker without a vault is to be heard of, and when it counts as gone."""

from datetime import datetime, timedelta

BEAT, RESTING_BEAT = timedelta(minutes=5), timedelta(days=1)
"""So often a worker says that it is there: while something is to be sent, and otherwise."""
SILENT, FORGOTTEN = timedelta(minutes=15), timedelta(days=3)


def speaks(seen_at: datetime, now: datetime, *, sending: bool) -> bool:
    """Tell whether a worker is to say again that it is there."""
    return now - seen_at >= (BEAT if sending else RESTING_BEAT)


def is_silent(seen_at: datetime, now: datetime) -> bool:
    """Tell whether a worker was not heard of for so long that no key lies ready for it."""
    return now - seen_at > SILENT


def is_forgotten(seen_at: datetime, now: datetime) -> bool:
    """Tell whether a worker was not heard of for so long that it must be admitted anew."""
    return now - seen_at > FORGOTTEN


def admission(worker: object) -> str:
    """Return what a worker's admission is bound to."""
    return f"worker {worker}"


def loan(worker: object, incident: object) -> str:
    """Return what a key that is handed to a worker is bound to."""
    return f"worker {worker} incident {incident}"
