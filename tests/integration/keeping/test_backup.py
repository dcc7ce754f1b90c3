"""A backup holds all of the desk, opens whole or not at all, and restores into either kind."""

import errno
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import errands as sending
from breachdesk.delivery.models import Attempt, Campaign, Chunk
from breachdesk.delivery.terms import ChunkState, Decision
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.keeping.errands import restoring
from breachdesk.keeping.errands.backing_up import BackedUp, back_up
from breachdesk.keeping.errands.ledger import NAME, remember
from breachdesk.keeping.errands.restoring import NotEmpty, restore
from breachdesk.keeping.errands.staging import Place
from breachdesk.kernel import archive, rows
from breachdesk.kernel.archive import BackupKey, WrongKey, document
from breachdesk.kernel.errors import Forbidden, Refused, Unusable
from breachdesk.kernel.locks import Held, exclusive
from breachdesk.kernel.masters import WrongMaster
from breachdesk.kernel.vault import Purged, Vault
from conftest import NOW, ORGANISATION
from dying import deaths
from fakes import NotedMailer

KEY = BackupKey(bytes(range(32)), passphrase=False)
PHRASE = BackupKey(b"correct horse battery staple", passphrase=True)
CANARY = b"anna.canary@example.org"
WAITING = (ChunkState.READY, ChunkState.CLAIMED, ChunkState.POSTING, ChunkState.BLOCKED)


def silent(_name: str, _number: int) -> None:
    """Hear how far it is, and say nothing."""


@pytest.fixture
def made(
    transactions: Transactions, actor: Actor, sealed_list: bytes, send_it: Any, tmp_path: Path
) -> BackedUp:
    """Back up a desk with a sealed list and a campaign that is being sent."""
    del sealed_list
    send_it(ChunkState.ACCEPTED, *WAITING)
    (tmp_path / "backups").mkdir()
    return back_up(transactions, actor, tmp_path / "backups" / "desk.bak", KEY, silent)


def content(engine: Engine, *, without: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Return every row of a database, as a backup writes them."""
    found: dict[str, list[Any]] = {}
    with engine.connect() as connection:
        for record in rows.dump(connection, silent):
            if record.kind == rows.TABLE:
                name = record.document()["name"]
                found[name] = []
            else:
                found[name] += record.document()
    return {name: each for name, each in found.items() if name not in without}


class TestBackUp:
    @pytest.mark.parametrize("elsewhere", ["sqlite", "postgresql"], indirect=True)
    def test_restores_every_row_and_file_into_either_kind(
        self,
        engine: Engine,
        vault: Vault,
        incident: Incident,
        made: BackedUp,
        sealed_list: bytes,
        elsewhere: Place,
        tmp_path: Path,
    ) -> None:
        changed = ("audit_entries", "campaigns", "chunks", "attempts", "restores")
        before = content(engine, without=changed)

        done = restore(elsewhere, made.path, KEY, silent)

        assert content(elsewhere.engine, without=changed) == before
        assert done.whole
        assert dict(done.rows) == made.rows
        there = Vault(elsewhere.vault, elsewhere.masters)
        there.fetch_list(incident.id, "scope-1", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == sealed_list
        assert there.address_key(incident.id, "x") == vault.address_key(incident.id, "x")

    def test_holds_one_moment_while_others_write(
        self,
        transactions: Transactions,
        actor: Actor,
        made: BackedUp,
        elsewhere: Place,
        tmp_path: Path,
    ) -> None:
        """Every write in between leaves two rows, its own and its trail's, or none."""

        def write(name: str, _number: int) -> None:
            with transactions.open(actor) as tx:
                incidents.log(tx, IncidentDraft(title=f"During {name}", aware_at=NOW))

        during = back_up(transactions, actor, tmp_path / "during.bak", KEY, write)

        assert during.rows["incidents"] == made.rows["incidents"]
        assert restore(elsewhere, during.path, KEY, silent).whole

    def test_says_nothing_in_clear(self, made: BackedUp, place: Place) -> None:
        sealed = made.path.read_bytes()

        assert CANARY not in sealed
        assert b"Stolen API token" not in sealed
        assert place.masters.read()[0] not in sealed
        assert made.path.stat().st_mode & 0o777 == 0o600

    def test_opens_by_passphrase(
        self, transactions: Transactions, actor: Actor, elsewhere: Place, tmp_path: Path
    ) -> None:
        made = back_up(transactions, actor, tmp_path / "phrase.bak", PHRASE, silent)

        with pytest.raises(WrongKey, match="sealed with a passphrase"):
            restore(elsewhere, made.path, KEY, silent)
        with pytest.raises(WrongKey, match="another one, or the file was altered"):
            wrong = BackupKey(b"wrong horse battery staple", passphrase=True)
            restore(elsewhere, made.path, wrong, silent)
        assert restore(elsewhere, made.path, PHRASE, silent).whole

    def test_is_refused_to_who_may_not(
        self, transactions: Transactions, actor: Actor, tmp_path: Path
    ) -> None:
        with pytest.raises(Forbidden):
            back_up(
                transactions, replace(actor, permits=frozenset()), tmp_path / "x", KEY, silent
            )

        assert not (tmp_path / "x").exists()


class TestFullDisk:
    def test_leaves_the_earlier_backup_whole_when_the_disk_is_full(
        self, made: BackedUp, transactions: Transactions, actor: Actor
    ) -> None:
        before = made.path.read_bytes()

        def full(name: str, _number: int) -> None:
            if name == "vault":
                raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(Refused, match="cannot be written: No space left on device"):
            back_up(transactions, actor, made.path, KEY, full)

        assert made.path.read_bytes() == before
        assert sorted(each.name for each in made.path.parent.iterdir()) == ["desk.bak", NAME]


class TestRestore:
    def test_puts_every_campaign_on_hold_and_doubts_what_may_have_left(
        self, made: BackedUp, elsewhere: Place, actor: Actor
    ) -> None:
        done = restore(elsewhere, made.path, KEY, silent)

        assert dict(done.doubtful) == {
            "campaigns_on_hold": 1, "chunks_doubtful": 4, "people_doubtful": 4,
        }  # fmt: skip
        there = door(elsewhere)
        with there.reading(ORGANISATION) as session:
            [campaign] = session.scalars(select(Campaign))
            states = session.scalars(select(Chunk.state).order_by(Chunk.id)).all()
        assert campaign.state == "paused"
        assert campaign.why.startswith("restored from the backup of ")
        assert states == ["accepted", "doubt", "doubt", "doubt", "doubt"]

        with there.open(actor) as tx:
            held = tx.session.get_one(Campaign, campaign.id)
            delivery.decide(tx, held, Decision.INFORMED, "the carrier's log says so")
        with there.reading(ORGANISATION) as session:
            assert set(session.scalars(select(Chunk.state))) == {"accepted"}

    def test_lets_the_mailers_own_record_resolve_the_doubt(
        self, made: BackedUp, elsewhere: Place, actor: Actor
    ) -> None:
        restore(replace(elsewhere, evidence=True), made.path, KEY, silent)
        there, mailer = door(elsewhere), NotedMailer()
        with there.reading(ORGANISATION) as session:
            unknown = session.scalars(
                select(Chunk).where(Chunk.state == "unknown").order_by(Chunk.id)
            ).all()
            assert len(unknown) == 4
            assert len(session.scalars(select(Attempt)).all()) >= 3
        mailer.chunks[unknown[0].id] = []

        sending.sweep(there, mailer, actor)

        with there.reading(ORGANISATION) as session:
            states = session.scalars(select(Chunk.state).order_by(Chunk.id)).all()
        assert sorted(states[1:]) == ["accepted", "ready", "ready", "ready"]

    def test_refuses_what_stands_unless_it_is_named(
        self, made: BackedUp, place: Place, engine: Engine
    ) -> None:
        for name in (None, "Somebody"):
            with pytest.raises(NotEmpty, match='it holds "Leadjet"'):
                restore(place, made.path, KEY, silent, replace=name)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_entries WHERE sequence > 2"))

        assert restore(place, made.path, KEY, silent, replace="Leadjet").whole

    def test_never_brings_back_what_was_purged_since(
        self, made: BackedUp, place: Place, vault: Vault, incident: Incident
    ) -> None:
        vault.destroy_key(incident.id)

        done = restore(place, made.path, KEY, silent, replace="Leadjet")

        there = Vault(place.vault, place.masters)
        assert done.left_out == 1
        assert there.destroyed() == {incident.id}
        with pytest.raises(Purged):
            there.address_key(incident.id, "x")
        assert not [path for path in place.vault.rglob("*.sealed") if "lists" in path.parts]

    def test_obeys_the_ledger_that_lies_beside_the_backup(
        self, made: BackedUp, elsewhere: Place, incident: Incident
    ) -> None:
        remember(made.path.parent, [incident.id])

        assert restore(elsewhere, made.path, KEY, silent).left_out == 1
        with pytest.raises(Purged):
            Vault(elsewhere.vault, elsewhere.masters).address_key(incident.id, "x")

    def test_asks_for_the_master_key_of_its_time(
        self, made: BackedUp, place: Place, vault: Vault, elsewhere: Place, incident: Incident
    ) -> None:
        former, mark = place.masters.read()[0], vault.address_key(incident.id, "x")
        (elsewhere.home / "secrets" / "master.key").unlink()
        with pytest.raises(WrongMaster, match="must lie in its place before"):
            restore(elsewhere, made.path, KEY, silent)
        vault.rotate()
        shutil.copy(place.home / "secrets" / "master.key", elsewhere.home / "secrets")
        with pytest.raises(WrongMaster, match="--former-master"):
            restore(elsewhere, made.path, KEY, silent)

        done = restore(elsewhere, made.path, KEY, silent, former_master=former)

        assert done.whole
        there = Vault(elsewhere.vault, elsewhere.masters)
        assert there.address_key(incident.id, "x") == mark
        assert there.master_mark == vault.master_mark

    def test_refuses_another_program_a_later_schema_and_half_a_backup(
        self, made: BackedUp, elsewhere: Place, tmp_path: Path
    ) -> None:
        records = list(archive.read(made.path, KEY))
        manifest = {**records[0].document(), "schema": "9999"}
        path = tmp_path / "other.bak"
        for first, rest, says in (
            (document(b"M", manifest), records[1:], "a later version of the program"),
            (records[0], records[1:-1], "not a whole backup"),
        ):
            archive.write(path, KEY, [first, *rest])
            with pytest.raises((Refused, Unusable), match=says):
                restore(elsewhere, path, KEY, silent)
        with elsewhere.engine.begin() as connection:
            connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
        with pytest.raises(NotEmpty, match="another program"):
            restore(elsewhere, made.path, KEY, silent)

    def test_waits_for_nobody_who_serves(self, made: BackedUp, elsewhere: Place) -> None:
        served = exclusive(elsewhere.home / "secrets" / "serve.lock", wait=False)
        with served, pytest.raises(Held, match="stop it first"):
            restore(elsewhere, made.path, KEY, silent)


class TestFinish:
    @pytest.fixture(params=["sqlite"])
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_leaves_the_old_or_the_new_desk_wherever_it_dies(
        self, made: BackedUp, elsewhere: Place, incident: Incident
    ) -> None:
        renames = frozenset({"os.rename"})
        for _ in deaths(
            lambda: restore(elsewhere, made.path, KEY, silent, replace="Leadjet"), renames
        ):
            restoring.finish(elsewhere)
            assert not elsewhere.staged.exists()
            assert not elsewhere.former.exists()
            with elsewhere.engine.connect() as connection:
                filled = bool(rows.tables(connection))
            elsewhere.engine.dispose()
            if filled:
                assert restoring._gap(elsewhere) is None  # noqa: SLF001  (what restore asks)
                Vault(elsewhere.vault, elsewhere.masters).address_key(incident.id, "x")
                elsewhere.engine.dispose()


def door(place: Place) -> Transactions:
    """Return the door to a restored desk."""
    return Transactions(place.engine, place.clock, Vault(place.vault, place.masters))
