"""What is over its time goes, and only that; what is left proves what there was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.models import Campaign, Delivery
from breachdesk.delivery.terms import ChunkState
from breachdesk.faces.jobs import timetable
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.keeping import commands, queries
from breachdesk.keeping.commands import OnHold
from breachdesk.keeping.errands import purging
from breachdesk.keeping.errands.backing_up import back_up
from breachdesk.keeping.errands.ledger import recall
from breachdesk.keeping.models import Restore
from breachdesk.keeping.terms import Kept, Retention, What
from breachdesk.kernel.archive import BackupKey
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.vault import Purged, Vault
from conftest import NOW, ORGANISATION, FixedClock

SendIt = Callable[..., Campaign]
YEAR, DAY = timedelta(days=366), timedelta(days=1)
KEEP = Retention()
"""Five years after closing, twelve months after the last notice."""


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "home" / "outbox"


def due(transactions: Transactions, actor: Actor) -> list[tuple[str, What]]:
    return [(each.reference, each.what) for each in purging.due(transactions, actor, KEEP)]


def purge(transactions: Transactions, actor: Actor, outbox: Path) -> list[str]:
    gone = purging.purge(transactions, actor, KEEP, outbox, by_hand=True)
    return [each.what for each in gone]


def close(transactions: Transactions, actor: Actor, incident: Incident) -> None:
    with transactions.open(actor) as tx:
        incidents.close(tx, incident_queries.by_id(tx.session, incident.id))


class TestPurge:
    def test_lets_lists_of_people_go_a_year_after_the_last_notice(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        sealed_list: bytes,
        send_it: SendIt,
        clock: FixedClock,
        vault: Vault,
        outbox: Path,
    ) -> None:
        del sealed_list
        campaign = send_it(ChunkState.ACCEPTED, state="finished")
        mbox = outbox / "people" / f"{campaign.name}.mbox"
        mbox.parent.mkdir(parents=True)
        mbox.write_text("To: anna")
        clock.pass_time(timedelta(days=365) - DAY)
        assert due(transactions, actor) == []
        clock.pass_time(DAY)
        assert due(transactions, actor) == [("BD-2026-0001", What.PEOPLE)]

        assert purge(transactions, actor, outbox) == ["people"]

        with pytest.raises(Purged):
            vault.address_key(incident.id, "x")
        assert not (vault.folder / "lists" / str(incident.id)).exists()
        assert not mbox.exists()
        with transactions.reading(ORGANISATION) as session:
            [left] = queries.purges(session)
            assert left.remains["people_told"] == 1
            assert session.scalars(select(Delivery.address_mark)).all() == [None]
            assert len(session.scalars(select(Delivery.person_mark)).all()) == 1
            assert audit.verify(session, vault, ORGANISATION).whole
        assert due(transactions, actor) == []
        assert purge(transactions, actor, outbox) == []

    def test_lets_an_incident_go_five_years_after_closing_and_keeps_the_proof(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        send_it: SendIt,
        clock: FixedClock,
        engine: Engine,
        vault: Vault,
        outbox: Path,
    ) -> None:
        send_it(ChunkState.ACCEPTED, ChunkState.POSTING, state="cancelled")
        close(transactions, actor, incident)
        with transactions.reading(ORGANISATION) as session:
            [paper] = session.scalars(select(Campaign.id))  # as a filed paper has a key
        vault.make_key(paper)
        vault.make_key(ORGANISATION)
        clock.pass_time(4 * YEAR)
        assert purge(transactions, actor, outbox) == ["people"]
        assert vault.has_key(paper)
        clock.pass_time(YEAR)

        assert purge(transactions, actor, outbox) == ["incident"]

        assert not vault.has_key(paper)
        assert vault.has_key(ORGANISATION)
        with engine.connect() as connection:
            for table in ("incidents", "campaigns", "deliveries", "chunks", "attempts"):
                count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608  (a case of the test)
                assert (table, count) == (table, 0)
        with transactions.reading(ORGANISATION) as session:
            whole, people = queries.purges(session)
            assert (whole.what, people.what) == ("incident", "people")
            assert whole.remains["rows"]["deliveries"] == 2
            trail = audit.trail_of(session, [incident.id])
            assert audit.verify(session, vault, ORGANISATION).whole
        assert {"incidents.log", "incidents.close"} <= {each.action for each in trail}

    def test_waits_for_notices_on_their_way_and_for_open_incidents(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        send_it: SendIt,
        clock: FixedClock,
    ) -> None:
        send_it(ChunkState.READY, state="paused")
        clock.pass_time(9 * YEAR)
        assert due(transactions, actor) == []

        close(transactions, actor, incident)
        clock.pass_time(9 * YEAR)
        assert due(transactions, actor) == [("BD-2026-0001", What.INCIDENT)]

    def test_finishes_what_died_between_the_note_and_the_deed(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        clock: FixedClock,
        vault: Vault,
        outbox: Path,
        sealed_list: bytes,
    ) -> None:
        del sealed_list
        close(transactions, actor, incident)
        clock.pass_time(2 * YEAR)
        [people] = purging.due(transactions, actor, KEEP)
        with transactions.open(actor) as tx:
            commands.purge(tx, people)
        assert vault.has_key(incident.id)

        assert purge(transactions, actor, outbox) == []

        assert not vault.has_key(incident.id)
        assert incident.id in vault.destroyed()

    def test_is_done_by_the_daily_job_with_no_other_right(
        self, transactions: Transactions, actor: Actor, incident: Incident, clock: FixedClock,
        vault: Vault, outbox: Path,
    ) -> None:  # fmt: skip
        close(transactions, actor, incident)
        clock.pass_time(2 * YEAR)
        keeper = replace(actor, permits=timetable.KEEPERS)

        purging.purge(transactions, keeper, KEEP, outbox, by_hand=False)

        assert not vault.has_key(incident.id)
        assert "keep" in {job.name for job in timetable.TIMETABLE}

    def test_waits_for_a_person_after_a_restore(
        self, transactions: Transactions, actor: Actor, incident: Incident, clock: FixedClock,
        vault: Vault, outbox: Path,
    ) -> None:  # fmt: skip
        close(transactions, actor, incident)
        with transactions.open(actor) as tx:
            commands.restore(tx, incident.id, "sha256:0", NOW)
        clock.pass_time(2 * YEAR)

        purging.purge(transactions, actor, KEEP, outbox, by_hand=False)
        assert vault.has_key(incident.id)

        assert purge(transactions, actor, outbox) == ["people"]
        with transactions.reading(ORGANISATION) as session:
            [restored] = session.scalars(select(Restore))
        assert restored.checked_by == actor.name

    def test_tells_the_place_of_every_backup(
        self, transactions: Transactions, actor: Actor, incident: Incident, clock: FixedClock,
        outbox: Path, tmp_path: Path,
    ) -> None:  # fmt: skip
        (tmp_path / "backups").mkdir()
        key = BackupKey(bytes(32), passphrase=False)
        back_up(transactions, actor, tmp_path / "backups" / "x.bak", key, lambda *_: None)
        close(transactions, actor, incident)
        clock.pass_time(2 * YEAR)
        purge(transactions, actor, outbox)

        assert recall(tmp_path / "backups") == {incident.id}

    def test_is_refused_before_its_day(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        early = Kept(
            incident.id, incident.reference, "", What.PEOPLE, NOW, NOW + DAY, "by hand"
        )
        with pytest.raises(Refused, match="not due"), transactions.open(actor) as tx:
            commands.purge(tx, early)


class TestHold:
    def test_stops_every_purge_until_it_is_lifted(
        self, transactions: Transactions, actor: Actor, incident: Incident, clock: FixedClock,
        vault: Vault, outbox: Path,
    ) -> None:  # fmt: skip
        close(transactions, actor, incident)
        clock.pass_time(9 * YEAR)
        before = purging.due(transactions, actor, KEEP)
        assert [each.what for each in before] == [What.PEOPLE, What.INCIDENT]
        with transactions.open(actor) as tx:
            commands.hold(tx, incident, "claim 26/1234 at the court of Lyon")

        assert due(transactions, actor) == []
        assert purge(transactions, actor, outbox) == []
        with pytest.raises(OnHold), transactions.open(actor) as tx:
            commands.purge(tx, before[0])  # listed before the hold was set
        with pytest.raises(OnHold), transactions.open(actor) as tx:
            commands.hold(tx, incident, "twice")
        assert vault.has_key(incident.id)

        with transactions.open(actor) as tx:
            commands.lift(tx, incident, "settled out of court")
        assert purge(transactions, actor, outbox) == ["people", "incident"]

    @pytest.mark.parametrize("do", [commands.hold, commands.lift])
    def test_asks_for_a_reason(
        self, transactions: Transactions, actor: Actor, incident: Incident, do: object
    ) -> None:
        with pytest.raises(Unusable, match="say why"), transactions.open(actor) as tx:
            do(tx, incident, " ")  # type: ignore[operator]  # one of two commands

    def test_cannot_be_lifted_where_none_stands(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Refused, match="no legal hold"), transactions.open(actor) as tx:
            commands.lift(tx, incident, "over")


class TestErase:
    def test_reaches_every_table_that_leads_to_an_incident(self) -> None:
        from breachdesk.kernel.erasing import _referring  # noqa: PLC0415  (what it walks)

        reached = {table.name for table, _ in _referring(Incident(id=ORGANISATION))}

        assert {
            "incidents", "incident_corrections", "notices", "notice_approvals", "campaigns",
            "chunks", "attempts", "deliveries", "delivery_events", "filing_snapshots",
            "filing_receipts", "register_lines", "legal_holds", "scoping_scopes",
        } <= reached  # fmt: skip
        assert not {"audit_entries", "members", "organisations", "purges"} & reached
