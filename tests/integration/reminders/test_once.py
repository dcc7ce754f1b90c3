"""However many schedulers run, and whenever one dies: each reminder once, none missed."""

import email
import email.message
import email.policy
import mailbox
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from breachdesk.access import commands as access
from breachdesk.access.terms import MemberDraft
from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Mailer
from breachdesk.incidents.models import Incident
from breachdesk.reminders.models import Reminder
from breachdesk.reminders.terms import Stage
from conftest import FixedClock

PROGRAM = Path(__file__).with_name("dying_reminder.py")
HOUR = timedelta(hours=1)
OFFICERS = 4
RACERS = 3
LEASE_SECONDS = 10
DIED = 9
Rows = Callable[[], list[Reminder]]


@pytest.fixture
def officers(transactions: Transactions, actor: Actor) -> list[str]:
    """Let so many officers in; return their addresses."""
    drafts = [
        MemberDraft(email=f"dpo{n}@leadjet.example", name=f"D{n}", roles=("dpo",))
        for n in range(OFFICERS)
    ]
    with transactions.open(actor) as tx:
        for draft in drafts:
            access.invite(tx, draft)
    return [draft.email for draft in drafts]


class TestSchedulers:
    def test_that_race_give_each_reminder_once(
        self,
        give: Callable[[Mailer], int],
        rows: Rows,
        officers: list[str],
        clock: FixedClock,
        tmp_path: Path,
    ) -> None:
        start = threading.Barrier(RACERS)
        given: list[int] = []

        def race() -> None:
            mailer = FileMailer(tmp_path / "outbox")
            start.wait()
            given.append(give(mailer))

        for step in (24, 24):  # 24 and 48 hours after awareness
            clock.pass_time(step * HOUR)
            racers = [threading.Thread(target=race) for _ in range(RACERS)]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()

        assert sum(given) == 2 * OFFICERS
        assert {row.stage for row in rows()} == {Stage.GIVEN.value}
        assert {row.attempts for row in rows()} == {1}
        assert written(tmp_path / "outbox") == Counter(dict.fromkeys(officers, 2))


class TestKilledScheduler:
    def test_doubles_none_and_misses_none(
        self,
        database_url: str,
        engine: Engine,
        transactions: Transactions,
        actor: Actor,
        rows: Rows,
        officers: list[str],
        breach: Incident,
        tmp_path: Path,
    ) -> None:
        assert breach
        engine.dispose()
        runs = [("claimed", 1), ("posted", 1), ("posted", 2), ("sync", 2), ("sync", 1)]
        endings = [
            self.run(database_url, tmp_path, actor, (24, n * LEASE_SECONDS), point)
            for n, point in enumerate([*runs, ("never", 0), ("never", 0)], start=1)
        ]

        assert endings == [DIED] * len(runs) + [0, 0]
        assert {row.stage for row in rows()} == {Stage.GIVEN.value}
        assert written(tmp_path / "outbox") == Counter(officers)
        with transactions.reading(actor.organisation_id) as session:
            assert trail.verify(session, transactions.vault, actor.organisation_id).whole

    def test_leaves_a_message_that_is_named_by_its_reminder(
        self,
        database_url: str,
        engine: Engine,
        actor: Actor,
        rows: Rows,
        officers: list[str],
        breach: Incident,
        tmp_path: Path,
    ) -> None:
        assert officers
        engine.dispose()
        for n, point in enumerate((("posted", 1), ("never", 0)), start=1):
            self.run(database_url, tmp_path, actor, (24, n * LEASE_SECONDS), point)

        [box] = (tmp_path / "outbox" / "staff").iterdir()
        assert box.stem == f"{breach.reference}-reminders-{breach.id.hex[-8:]}"
        found = {str(message["Message-ID"]).partition("@")[0] for message in messages(box)}
        assert found == {f"<{box.stem}.{row.id.int}" for row in rows()}

    def run(
        self,
        database_url: str,
        home: Path,
        actor: Actor,
        since: tuple[int, int],
        point: tuple[str, int],
    ) -> int:
        """Run a scheduler so long after awareness, and return how it ended."""
        done = subprocess.run(  # noqa: S603  (our own program)
            [
                sys.executable, PROGRAM, database_url, home / "vault", home / "outbox",
                str(actor.organisation_id), *map(str, since), *map(str, point),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )  # fmt: skip
        assert done.returncode in {0, DIED}, done.stderr
        return done.returncode


def written(outbox: Path) -> Counter[str]:
    """Count the messages to each address, as a mail program reads them."""
    return Counter(
        str(message["To"]) for box in (outbox / "staff").iterdir() for message in messages(box)
    )


def messages(path: Path) -> list[email.message.EmailMessage]:
    box = mailbox.mbox(path, create=False)
    try:
        return [
            email.message_from_bytes(box.get_bytes(key), policy=email.policy.default)
            for key in box.keys()  # noqa: SIM118  (a mailbox iterates over messages)
        ]
    finally:
        box.close()
