"""Senders are killed at every point of their work; nobody is missed and nobody told twice."""

import email
import email.policy
import mailbox
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from breachdesk.adapters.file_mailer import JOURNALS
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import queries
from breachdesk.incidents.models import Incident
from fakes import readers

PROGRAM = Path(__file__).with_name("dying_sender.py")
LEASE_SECONDS = 10
POINTS = [
    *(("step", n) for n in range(1, 6)),
    *(("sync", n) for n in range(1, 10)),
    *(("byte", n) for n in (0, 1, 700, 50_000)),
]


@pytest.mark.parametrize("seed", [1, 2])
def test_informs_everyone_once_however_often_the_sender_dies(
    database_url: str,
    engine: Engine,
    transactions: Transactions,
    actor: Actor,
    incident: Incident,
    freeze: Callable[..., UUID],
    tmp_path: Path,
    seed: int,
) -> None:
    people = readers(400)
    freeze(people)
    engine.dispose()
    points = random.Random(seed).sample(POINTS, 9)  # noqa: S311  (a seed, to repeat a failure)

    at_last = [("never", 0)] * 2  # what was just taken from a dead sender rests a little
    for run, (point, number) in enumerate([*points, *at_last], start=1):
        done = subprocess.run(  # noqa: S603  (our own program)
            [
                sys.executable, PROGRAM, database_url, tmp_path / "vault", tmp_path / "outbox",
                str(actor.organisation_id), str(run * LEASE_SECONDS), point, str(number),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )  # fmt: skip
        died = -done.returncode if done.returncode < 0 else 0
        assert died in {0, signal.SIGKILL, signal.SIGXFSZ}, done.stderr
        assert died or done.returncode == 0, done.stderr

    with transactions.reading(actor.organisation_id) as session:
        told = queries.report(session, incident.id)
        [campaign] = told.campaigns
        verdict = trail.verify(session, transactions.vault, actor.organisation_id)
    assert (told.people, told.accepted, told.messages) == (400, 400, 400)
    assert (told.chunks, told.whole) == ({"accepted": 4}, True)
    assert campaign["state"] == "finished"
    assert verdict.whole
    written = Counter(addressees(tmp_path / "outbox" / "people" / f"{campaign['name']}.mbox"))
    assert written == Counter(str(each.address) for each in people)
    assert_vouched_for(tmp_path / "outbox", str(campaign["name"]))


def addressees(path: Path) -> list[str]:
    """Return whom the messages of an mbox are to, as a mail program reads them."""
    box = mailbox.mbox(path, create=False)
    try:
        return [
            str(email.message_from_bytes(box.get_bytes(key), policy=email.policy.default)["To"])
            for key in box.keys()  # noqa: SIM118  (a mailbox iterates over messages)
        ]
    finally:
        box.close()


def assert_vouched_for(outbox: Path, campaign: str) -> None:
    """Check that the mbox ends where its journal says."""
    journal = (outbox / JOURNALS / "people" / campaign).read_text().splitlines()
    ends = [int(line.split()[3]) for line in journal if line.startswith("posted")]
    assert (outbox / "people" / f"{campaign}.mbox").stat().st_size == ends[-1]
