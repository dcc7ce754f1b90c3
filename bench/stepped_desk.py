"""The desk's own program, on a clock that is so many seconds off as a file says.

    python bench/stepped_desk.py FILE run

What reads the wall clock reads this one: the desk, its scheduler and its server. Time that only
passes is the machine's.
"""

import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import apscheduler.executors.base
import apscheduler.job
import apscheduler.schedulers.base
import apscheduler.triggers.interval

import breachdesk.kernel.clock
from breachdesk.__main__ import main

OFF = Path(sys.argv.pop(1))
MACHINES, SECONDS = datetime, time.time
READERS = (
    breachdesk.kernel.clock, apscheduler.schedulers.base, apscheduler.executors.base,
    apscheduler.job, apscheduler.triggers.interval,
)  # fmt: skip


class AnyInstant(type):
    """Makes every instant one of the stepped clock's."""

    def __instancecheck__(cls, instance: object) -> bool:
        """Tell whether it is an instant at all."""
        return isinstance(instance, MACHINES)


class Stepped(datetime, metaclass=AnyInstant):
    """An instant of a clock that was stepped."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # any instant
        """Return what that clock shows."""
        return MACHINES.now(UTC).astimezone(tz) + timedelta(seconds=off())


def off() -> float:
    """Return by how many seconds the clock is off."""
    return float(OFF.read_text() or 0)


for each in READERS:
    if hasattr(each, "datetime"):
        vars(each)["datetime"] = Stepped
time.time = lambda: SECONDS() + off()
main()
