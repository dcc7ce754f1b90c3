"""A sender in a process of its own that is killed at a chosen point.

Run as: dying_sender.py DATABASE_URL VAULT OUTBOX ORGANISATION SECONDS POINT NUMBER. POINT is
`step` (the n-th time the errand turns to its mailer between its own writes), `sync` (the n-th
time something is brought to the disk), `byte` (so many bytes into a chunk) or `never`.
"""

import os
import resource
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from breachdesk.access import commands as access
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS, Transactions
from breachdesk.delivery import errands
from breachdesk.delivery.terms import Outcome, Parcel
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.vault import Vault


class Later:
    """A clock that stands where it was set."""

    def __init__(self, seconds: int) -> None:
        self._at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._at


class Countdown:
    """Kills this very process, as kill -9 would, when it is counted down."""

    def __init__(self, number: int) -> None:
        self._left = number

    def tick(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingMailer(FileMailer):
    """Posts as the file mailer does, and may die before, in the middle or after it."""

    def __init__(self, outbox: Path, steps: Countdown, most_bytes: int | None) -> None:
        super().__init__(outbox)
        self._steps, self._most_bytes = steps, most_bytes

    @property
    def patience(self) -> timedelta:  # type: ignore[override]  # asked for before each write
        self._steps.tick()
        return timedelta(seconds=10)

    def post(self, parcel: Parcel) -> Outcome:
        self._steps.tick()
        if self._most_bytes is not None:
            path = self.mbox(parcel.slip)
            size = path.stat().st_size if path.exists() else 0
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the kernel ends us inside a write
            limit = size + self._most_bytes
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        outcome = super().post(parcel)
        self._steps.tick()
        return outcome


def main() -> None:
    url, vault, outbox, organisation, seconds, point, number = sys.argv[1:]
    syncs = Countdown(int(number) if point == "sync" else 0)
    sync = os.fsync

    def fsync(handle: int) -> None:
        syncs.tick()
        sync(handle)

    os.fsync = fsync  # type: ignore[assignment]  # the point of this program
    assert access  # its tables are referred to by ours
    actor = Actor(UUID(int=1), "Sender", UUID(organisation), frozenset(COMMANDS))
    transactions = Transactions(
        open_engine(url), Later(int(seconds)), Vault(Path(vault), bytes(range(32)))
    )
    mailer = DyingMailer(
        Path(outbox),
        Countdown(int(number) if point == "step" else 0),
        int(number) if point == "byte" else None,
    )
    errands.sweep(transactions, mailer, actor)
    errands.send_waiting(transactions, mailer, actor)


main()
