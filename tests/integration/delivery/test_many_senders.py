"""Several senders and sweepers at once hand each chunk over once, on both databases."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import errands
from breachdesk.delivery.terms import Reader, Report
from fakes import LANGUAGES, SETS

SENDERS = 4


def test_share_the_chunks_and_double_none(
    transactions: Transactions,
    actor: Actor,
    freeze: Callable[..., UUID],
    report: Callable[[], Report],
    tmp_path: Path,
) -> None:
    # one mailbox in each of many chunks: apart, so that there is much to race for
    people = [
        Reader(f"usr_{n}", f"person{n % 2}@example.org", LANGUAGES[0], "controller", SETS[0])
        for n in range(60)
    ]
    freeze(people, separate=True)

    def work(number: int) -> int:
        mailer = FileMailer(tmp_path / "outbox")
        if number == 0:
            errands.sweep(transactions, mailer, actor)
        return errands.send_waiting(transactions, mailer, actor)

    with ThreadPoolExecutor(SENDERS) as pool:
        informed = list(pool.map(work, range(SENDERS)))

    told = report()
    assert sum(informed) == told.accepted == told.messages == 60
    assert told.chunks == {"accepted": 30}
    assert told.campaigns[0]["state"] == "finished"
    [mbox] = (tmp_path / "outbox" / "people").iterdir()
    numbers = Counter(
        line for line in mbox.read_text().splitlines() if line.startswith("Message-ID:")
    )
    assert Counter(numbers.values()) == {1: 60}
    with transactions.reading(actor.organisation_id) as session:
        assert trail.verify(session, transactions.vault, actor.organisation_id).whole
