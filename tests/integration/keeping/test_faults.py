"""The desk keeps its word through kill -9, a full disk, a lost database, a stepped clock."""

import os
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import make_url

from breachdesk.access.commands import limits
from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.faces.jobs.runner import Steady
from breachdesk.faces.web.context import create_app
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.database import open_engine
from breachdesk.kernel.errors import Unavailable
from breachdesk.kernel.vault import Vault
from conftest import NOW, ORGANISATION, FixedClock
from killed_writers import MASTER, faults, killed
from loopback_proxy import wire
from web_face import desk_of

RUNS = 3
DRAFT = IncidentDraft(title="Lost laptop", aware_at=NOW - timedelta(days=1))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", MASTER)


class TestKilled:
    def test_loses_nothing_it_said_and_writes_nothing_by_half(
        self, transactions: Transactions, vault: Vault, database_url: str
    ) -> None:
        said: set[UUID] = set()
        for seed in range(RUNS):
            said |= set(killed(database_url, vault.folder, ORGANISATION, seed))

        assert len(said) >= RUNS
        assert faults(transactions, vault, said) == []


class TestFullDisk:
    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    def test_refuses_what_it_cannot_keep_and_keeps_what_it_said(
        self, transactions: Transactions, actor: Actor, vault: Vault, database_url: str
    ) -> None:
        size = Path(make_url(database_url).database or "").stat().st_size
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _fill(database_url, vault.folder, actor, size, writing)
        os.close(writing)
        with os.fdopen(reading) as told:
            said = told.read().split()
        _, status = os.waitpid(child, 0)

        assert os.WEXITSTATUS(status) == 0
        assert said
        with transactions.reading(ORGANISATION) as session:
            verdict = audit.verify(session, vault, ORGANISATION)
            kept = {str(each.subject_id) for each in audit.all_of(session, "incidents.log")}
        assert verdict.whole
        assert set(said) <= kept
        with transactions.open(actor) as tx:  # there is room again
            incidents.log(tx, DRAFT)


def _fill(url: str, vault: Path, actor: Actor, size: int, told: int) -> None:
    """Write in a process whose files may hardly grow, until the desk says that it cannot."""
    code = 1
    try:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        room = size + (1 << 18)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        doors = Transactions(open_engine(url), FixedClock(), Vault(vault, MASTER))
        while True:
            with doors.open(actor) as tx:
                logged = incidents.log(tx, DRAFT)
                incidents.add_to_timeline(tx, logged, NOW, "x" * 20000)
            os.write(told, f"{logged.id}\n".encode())
    except Unavailable:
        code = 0
    finally:
        os._exit(code)


class TestLostDatabase:
    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_says_so_and_works_again_once_it_is_back(
        self, transactions: Transactions, actor: Actor, vault: Vault, database_url: str,
        clock: FixedClock, tmp_path: Path,
    ) -> None:  # fmt: skip
        del transactions  # it has founded the organisation
        url = make_url(database_url)
        with wire(url.port or 0) as line:
            engine = open_engine(url.set(port=line.port).render_as_string(hide_password=False))
            doors = Transactions(engine, clock, vault)
            browser = create_app(desk_of(doors, tmp_path), b"x" * 32).test_client()
            browser.set_cookie("breachdesk", "somebody")
            assert browser.get("/").status_code == 303

            line.cut()
            answer = browser.get("/")
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
            assert "does not answer" in answer.text or "ne répond pas" in answer.text
            with pytest.raises(Unavailable), doors.open(actor) as tx:
                incidents.log(tx, DRAFT)

            line.mend()
            assert browser.get("/").status_code == 303
            with doors.open(actor) as tx:
                incidents.log(tx, DRAFT)
            engine.dispose()


class TestManySignIns:
    def test_count_and_give_back_at_once_without_a_fault(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        def sign_in(number: int) -> None:
            with transactions.open(actor) as tx:
                limits.used_up(tx, "sign_in", account="a", address=f"198.51.100.{number}")
            with transactions.open(actor) as tx:
                limits.give_back(tx, "sign_in", "a")

        with ThreadPoolExecutor(8) as pool:
            done = [pool.submit(sign_in, number) for number in range(64)]

        assert [each.exception() for each in done] == [None] * 64


class TestVerifying:
    def test_takes_no_entry_written_meanwhile_for_a_cut(
        self, transactions: Transactions, actor: Actor, vault: Vault
    ) -> None:
        with transactions.reading(ORGANISATION) as session:
            assert audit.last(session, ORGANISATION) is not None  # it has seen what there was
            with transactions.open(actor) as tx:
                incidents.log(tx, DRAFT)
            verdict = audit.verify(session, vault, ORGANISATION)

        assert (verdict.gap, verdict.entries) == (None, 2)


class TestSteppedClock:
    @pytest.mark.parametrize("hours", [-1, 1])
    def test_keeps_the_chain_whole(
        self, transactions: Transactions, actor: Actor, vault: Vault, clock: FixedClock,
        hours: int,
    ) -> None:  # fmt: skip
        for _ in range(2):
            with transactions.open(actor) as tx:
                incidents.log(tx, DRAFT)
            clock.pass_time(timedelta(hours=hours))

        with transactions.reading(ORGANISATION) as session:
            verdict = audit.verify(session, vault, ORGANISATION)
        assert (verdict.whole, verdict.entries) == (True, 3)

    def test_lets_no_job_wait_until_it_has_caught_up(self) -> None:
        every, store = timedelta(seconds=30), Steady()
        scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
        scheduler.start(paused=True)
        for name, at in (("moved away", NOW + timedelta(hours=1)), ("soon", NOW + every)):
            scheduler.add_job(
                print, "interval", seconds=every.seconds, next_run_time=at, id=name
            )

        due = [each.id for each in store.get_due_jobs(NOW)]
        scheduler.shutdown()

        assert due == ["moved away"]
