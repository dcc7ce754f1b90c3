"""Machines without a vault send what they are lent the keys for, and hold nothing else."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

import fake_sendgrid
from breachdesk.access import commands as access
from breachdesk.access.terms import MemberDraft
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.app import open_desk, serve
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.models import Campaign, HandedKey, Worker
from breachdesk.delivery.terms import Outcome, Parcel, Report
from breachdesk.faces.jobs.runner import Leader
from breachdesk.faces.jobs.timetable import BORROWERS
from breachdesk.incidents.models import Incident
from breachdesk.keeping.errands.backing_up import engine_of
from breachdesk.kernel.borrowing import BorrowedVault, NotLent, NoVault
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.lending import Pair, fingerprint, sealed_for
from breachdesk.kernel.sealing import Tampered
from breachdesk.kernel.tables import Table
from breachdesk.kernel.vault import Vault
from breachdesk.settings import read
from conftest import FixedClock
from fakes import NotedMailer, readers
from integration.delivery.test_jobs import desk_with

FIRST = MemberDraft(email="ines@example.org", name="Ines", roles=("administrator",))
PATIENCE = 60
Freeze = Callable[..., UUID]


class Far:
    """A worker on another machine: the same database, and no vault."""

    def __init__(self, engine: Engine, clock: FixedClock, actor: Actor) -> None:
        self.vault = BorrowedVault(clock)
        self.transactions = Transactions(engine, clock, self.vault)
        self.actor = replace(actor, permits=BORROWERS, sees_every_incident=True)
        self.fingerprint = fingerprint(self.vault.pair.public)

    def borrow(self) -> int:
        return errands.borrow(self.transactions, self.actor, self.vault, "far")

    def send(self, mailer: NotedMailer) -> int:
        return errands.send_borrowed(self.transactions, mailer, self.actor, self.vault)


@pytest.fixture
def far(engine: Engine, transactions: Transactions, clock: FixedClock, actor: Actor) -> Far:
    assert transactions.vault  # the organisation is founded before a worker comes
    return Far(engine, clock, actor)


@pytest.fixture
def admitted(far: Far, transactions: Transactions, actor: Actor, freeze: Freeze) -> Far:
    """Return a worker with the key of a campaign of forty that is being sent."""
    freeze(readers(40), separate=True)
    far.borrow()
    with transactions.open(actor) as tx:
        commands.admit_worker(tx, far.fingerprint)
    assert errands.lend(transactions, actor) == far.borrow() == 1
    return far


class Meanwhile(NotedMailer):
    """Does something else while it posts its first parcel."""

    def __init__(self, does: Callable[[], object]) -> None:
        super().__init__()
        self._does = does

    def post(self, parcel: Parcel) -> Outcome:
        if not self.messages:
            self._does()
        return super().post(parcel)


class TestSendBorrowed:
    def test_sends_all_of_what_it_was_lent_the_key_for(
        self,
        admitted: Far,
        transactions: Transactions,
        actor: Actor,
        report: Callable[[], Report],
    ) -> None:
        mailer = NotedMailer()

        assert admitted.send(mailer) == 40

        assert (len(mailer.messages), len(set(mailer.messages))) == (40, 40)
        assert report().campaigns[0]["state"] == "finished"
        errands.lend(transactions, actor)
        assert admitted.borrow() == 0
        with transactions.reading(actor.organisation_id) as session:
            kept = transactions.vault.head(str(actor.organisation_id))
            last = trail.last(session, actor.organisation_id)
            assert last is not None
            assert kept == (last.sequence, last.digest)
            assert trail.verify(session, transactions.vault, actor.organisation_id).whole

    def test_leaves_everything_to_others_until_it_is_admitted(
        self, far: Far, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        freeze(readers(4))
        far.borrow()

        assert errands.lend(transactions, actor) == far.borrow() == 0
        assert far.send(NotedMailer()) == 0

    def test_is_lent_nothing_for_an_admission_written_into_the_database(
        self, admitted: Far, engine: Engine, transactions: Transactions, actor: Actor
    ) -> None:
        forger = Far(engine, FixedClock(), actor)
        forger.borrow()
        with transactions.open(actor) as tx:
            true = queries.worker_of(tx.session, admitted.fingerprint)
            false = queries.worker_of(tx.session, forger.fingerprint)
            assert true is not None
            assert false is not None
            false.admission, false.admitted_at = true.admission, true.admitted_at

        assert errands.lend(transactions, actor) == forger.borrow() == 0

    def test_stops_after_the_parcel_under_way_when_it_is_dismissed(
        self,
        admitted: Far,
        transactions: Transactions,
        actor: Actor,
        report: Callable[[], Report],
    ) -> None:
        def dismiss() -> None:
            with transactions.open(actor) as tx:
                commands.dismiss_worker(tx, admitted.fingerprint)
            admitted.borrow()

        mailer = Meanwhile(dismiss)
        told = admitted.send(mailer)

        assert 0 < told < 40
        assert told == len(mailer.messages) == report().accepted
        assert report().chunks.get("unknown", 0) == 0
        errands.lend(transactions, actor)
        assert admitted.borrow() == 0
        with transactions.reading(actor.organisation_id) as session:
            assert session.scalars(select(HandedKey)).all() == []
        with pytest.raises(Refused), admitted.transactions.open(admitted.actor) as tx:
            commands.enlist_worker(tx, admitted.vault.pair.public, "far")

    def test_keeps_what_became_of_a_parcel_when_the_key_goes_while_it_travels(
        self, admitted: Far, actor: Actor, report: Callable[[], Report]
    ) -> None:
        mailer = Meanwhile(lambda: admitted.vault.borrow(actor.organisation_id, {}))

        told = errands.send_waiting(admitted.transactions, mailer, admitted.actor)

        assert told == len(mailer.messages) == report().accepted < 40


class TestLend:
    def test_withdraws_the_key_while_a_campaign_is_paused(
        self, admitted: Far, transactions: Transactions, actor: Actor
    ) -> None:
        with transactions.open(actor) as tx:
            commands.pause(tx, tx.session.scalars(select(Campaign)).one())
        errands.lend(transactions, actor)

        assert admitted.borrow() == 0

    def test_withdraws_the_keys_of_a_silent_worker_and_forgets_it_at_last(
        self, admitted: Far, transactions: Transactions, actor: Actor, clock: FixedClock
    ) -> None:
        clock.pass_time(timedelta(minutes=16))
        errands.lend(transactions, actor)
        with transactions.reading(actor.organisation_id) as session:
            assert session.scalars(select(HandedKey)).all() == []
        admitted.borrow()  # it was away for a while, and says that it is there
        assert errands.lend(transactions, actor) == admitted.borrow() == 1

        clock.pass_time(timedelta(days=4))
        errands.lend(transactions, actor)
        with transactions.reading(actor.organisation_id) as session:
            assert queries.workers(session) == []

    def test_forgets_with_the_addresses_whose_key_it_lent(
        self, admitted: Far, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.forget_addresses(tx, incident)
            assert tx.session.scalars(select(HandedKey)).all() == []

        errands.lend(transactions, actor)
        assert admitted.borrow() == 0
        with pytest.raises(NotLent):
            admitted.vault.open(incident.id, b"", label="")

    def test_is_dismissed_by_a_restore(
        self, admitted: Far, transactions: Transactions, actor: Actor
    ) -> None:
        with transactions.open(actor) as tx:
            noted = tx.session.scalars(select(Incident)).one()
            commands.hold_restored(tx, noted, "an older backup", evidence=True)

        assert errands.lend(transactions, actor) == admitted.borrow() == 0
        with transactions.reading(actor.organisation_id) as session:
            assert session.scalars(select(Worker)).one().admission is None

    def test_leaves_nothing_in_the_database_that_opens_what_it_handed(
        self,
        admitted: Far,
        engine: Engine,
        transactions: Transactions,
        incident: Incident,
        tmp_path: Path,
    ) -> None:
        [key] = [admitted.vault._key(incident.id)]  # noqa: SLF001  (what must not be found)
        assert key == transactions.vault._key(incident.id)  # noqa: SLF001  (as above)
        with engine.connect() as connection:
            rows = [
                value
                for table in Table.metadata.sorted_tables
                for row in connection.execute(select(table))
                for value in row
            ]
            [handed] = connection.execute(select(HandedKey.sealed)).scalars()
            [worker] = connection.execute(select(Worker.id)).scalars()
        for value in rows:
            assert key not in (value if isinstance(value, bytes) else str(value).encode())
            assert key.hex() not in str(value)
        about = f"worker {worker} incident {incident.id}"
        assert admitted.vault.pair.open(handed, about) == key
        with pytest.raises(Tampered):  # the process is gone, and another one has the database
            Pair().open(handed, about)
        with pytest.raises(Tampered):  # nor does the master key
            Vault(tmp_path / "other", bytes(range(32))).open(
                _house(tmp_path), handed, label=about
            )


def _house(tmp_path: Path) -> UUID:
    house = UUID(int=5)
    Vault(tmp_path / "other", bytes(range(32))).make_key(house)
    return house


@given(st.binary(max_size=64), st.text(max_size=20), st.text(max_size=20))
def test_what_is_lent_opens_for_its_pair_and_its_purpose_alone(
    clear: bytes, about: str, other: str
) -> None:
    pair = Pair()
    sealed = sealed_for(pair.public, clear, about)

    assert pair.open(sealed, about) == clear
    with pytest.raises(Tampered):
        Pair().open(sealed, about)
    if other != about:
        with pytest.raises(Tampered):
            pair.open(sealed, other)


class TestBorrowedVault:
    def test_opens_nothing_when_it_has_not_heard_for_a_minute(
        self, admitted: Far, incident: Incident, clock: FixedClock
    ) -> None:
        clock.pass_time(timedelta(seconds=61))

        assert not admitted.vault.has_key(incident.id)
        with pytest.raises(NotLent):
            admitted.vault.seal(incident.id, b"", label="")

    def test_refuses_what_needs_a_vault_and_shows_no_key(
        self, admitted: Far, incident: Incident, actor: Actor
    ) -> None:
        for act in (
            lambda: admitted.vault.make_key(incident.id),
            lambda: admitted.vault.list_names(incident.id),
            admitted.vault.keys,
            admitted.vault.rotate,
            lambda: admitted.vault.destroy_key(incident.id),
        ):
            with pytest.raises(NoVault):
                act()
        assert repr(admitted.vault._key(incident.id)) not in repr(admitted.vault)  # noqa: SLF001  (what must not be shown)
        assert not Leader(
            desk_with(admitted.transactions, NotedMailer(), Path("nowhere")), actor
        ).leads()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestWork:
    @pytest.fixture
    def waiting(self, transactions: Transactions, actor: Actor, freeze: Freeze) -> None:
        """Found a desk with a member, and freeze sixty people who wait to be told."""
        with transactions.open(actor) as tx:
            access.invite(tx, FIRST)
        freeze(readers(60), separate=True)

    @pytest.mark.usefixtures("waiting")
    def test_sends_with_nothing_but_the_address_of_the_database(
        self,
        database_url: str,
        transactions: Transactions,
        actor: Actor,
        report: Callable[[], Report],
        tmp_path: Path,
    ) -> None:
        home = tmp_path / "far"

        with _working(database_url, home) as process:
            _admit(process, transactions, actor)
            _until(lambda: (errands.lend(transactions, actor), report().accepted == 60)[1])

        assert report().chunks == {"accepted": report().chunks["accepted"]}
        [mbox] = (home / "outbox" / "people").glob("*.mbox")
        numbers = [
            line for line in mbox.read_text().splitlines() if line.startswith("Message-ID:")
        ]
        assert (len(numbers), len(set(numbers))) == (60, 60)
        assert not (home / "vault").exists()

    @pytest.mark.usefixtures("waiting")
    def test_hands_to_sendgrid_what_a_desk_can_call_back_when_the_answer_is_lost(
        self,
        database_url: str,
        transactions: Transactions,
        actor: Actor,
        report: Callable[[], Report],
        tmp_path: Path,
    ) -> None:
        clock = SystemClock()
        with (
            fake_sendgrid.serving(clock.now) as fake,
            closing(Transport(fake.url, fake_sendgrid.API_KEY)) as transport,
        ):
            fake.faults = ["lost"]
            mailer = SendGridMailer(transport, clock)

            def desk() -> bool:
                """Lend keys and look after what nobody knows, as the desk does."""
                errands.lend(transactions, actor)
                errands.sweep(transactions, mailer, actor)
                return report().accepted == 60

            carrier = {
                "BREACHDESK_MAILER": "sendgrid",
                "BREACHDESK_SENDGRID_HOST": fake.url,
                "SENDGRID_API_KEY": fake_sendgrid.API_KEY,
            }
            with _working(database_url, tmp_path / "far", carrier) as process:
                _admit(process, transactions, actor)
                _until(desk)

            assert fake.book() == Counter({each.address: 1 for each in readers(60)})
            assert [each.discarded for each in fake.taken].count(True) == 1
            assert len(fake.cancelled) == 1

    def test_makes_no_second_vault_and_serves_nothing_beside_a_desk_that_has_one(
        self, database_url: str, transactions: Transactions, actor: Actor, tmp_path: Path
    ) -> None:
        home = tmp_path / "far"
        settings = read({"BREACHDESK_HOME": str(home), "BREACHDESK_DATABASE_URL": database_url})
        desk = open_desk(settings)

        with pytest.raises(NoVault), serve(desk, actor, settings, jobs=True):
            pass
        assert isinstance(desk.transactions.vault, BorrowedVault)
        assert not (home / "vault").exists()
        assert transactions.vault.folder.exists()
        engine_of(desk.transactions).dispose()


@contextmanager
def _working(
    url: str, home: Path, carrier: Mapping[str, str] = MappingProxyType({})
) -> Iterator["subprocess.Popen[str]"]:
    """Run `breachdesk work` in a process of its own, in an empty home."""
    environment = {
        **{name: value for name, value in os.environ.items() if "BREACHDESK" not in name},
        "BREACHDESK_HOME": str(home),
        "BREACHDESK_DATABASE_URL": url,
        **carrier,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "breachdesk", "work"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _admit(process: "subprocess.Popen[str]", transactions: Transactions, actor: Actor) -> None:
    """Let a worker that has made itself known be lent keys, which it was not before."""
    assert process.stderr is not None
    known_by = process.stderr.readline().split()[-1]
    _until(lambda: known_by in _fingerprints(transactions, actor))
    assert errands.lend(transactions, actor) == 0
    with transactions.open(actor) as tx:
        commands.admit_worker(tx, known_by)


def _fingerprints(transactions: Transactions, actor: Actor) -> list[str]:
    with transactions.reading(actor.organisation_id) as session:
        return [each.fingerprint for each in queries.workers(session)]


def _until(happens: Callable[[], bool]) -> None:
    """Ask again and again, for a minute at most."""
    pause = threading.Event()
    for _ in range(PATIENCE * 5):
        if happens():
            return
        pause.wait(0.2)
    raise AssertionError("it did not happen within a minute")
