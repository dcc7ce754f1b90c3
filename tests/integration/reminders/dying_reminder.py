"""A scheduler in a process of its own that is killed at a chosen point.

Run as: dying_reminder.py DATABASE_URL VAULT OUTBOX ORGANISATION HOURS SECONDS POINT NUMBER.
POINT is `claimed` or `posted` (the n-th time the mailer is about to post, or has posted and
nobody has written it down), `sync` (the n-th time something is brought to the disk) or `never`.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from breachdesk.access import commands as access
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS, Transactions
from breachdesk.delivery.terms import Outcome, Parcel
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.law.reading import read_packs
from breachdesk.reminders import errands
from breachdesk.reminders.reading import read_plan

TEMPLATES = Path(__file__).parents[3] / "templates"
DIED = 9


class Later:
    """A clock that stands where it was set."""

    def __init__(self, since: timedelta) -> None:
        self._at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + since

    def now(self) -> datetime:
        return self._at


class Countdown:
    """Ends this very process without a word when it is counted down."""

    def __init__(self, number: int) -> None:
        self._left = number

    def tick(self) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(DIED)


class DyingMailer(FileMailer):
    """Posts as the file mailer does, and may die right before or right after it."""

    def __init__(self, outbox: Path, before: Countdown, after: Countdown) -> None:
        super().__init__(outbox)
        self._before, self._after = before, after

    def post(self, parcel: Parcel) -> Outcome:
        self._before.tick()
        outcome = super().post(parcel)
        self._after.tick()
        return outcome


def main() -> None:
    url, vault, outbox, organisation, hours, seconds, point, number = sys.argv[1:]
    counts = {each: Countdown(0) for each in ("claimed", "posted", "sync")}
    if point in counts:
        counts[point] = Countdown(int(number))
    sync = os.fsync

    def fsync(handle: int) -> None:
        counts["sync"].tick()
        sync(handle)

    os.fsync = fsync  # type: ignore[assignment]  # the point of this program
    assert access  # its tables are referred to by ours
    actor = Actor(UUID(int=1), "Scheduler", UUID(organisation), frozenset(COMMANDS))
    since = timedelta(hours=int(hours), seconds=int(seconds))
    transactions = Transactions(
        open_engine(url), Later(since), Vault(Path(vault), bytes(range(32)))
    )
    mailer = DyingMailer(Path(outbox), counts["claimed"], counts["posted"])
    plan, renderer = read_plan(TEMPLATES), JinjaRenderer(TEMPLATES)
    errands.give(
        transactions, errands.Carriers(mailer), renderer, actor, read_packs(None), plan
    )


main()
