"""The one door: permitted, atomic, recorded, chained; tampering shows."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from breachdesk.access import commands as access
from breachdesk.access import queries as access_queries
from breachdesk.access.models import Organisation
from breachdesk.audit import queries
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor, Verdict
from breachdesk.audit.transaction import Transaction, Transactions, Unrecorded, command
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.errors import Forbidden
from breachdesk.kernel.tables import EVERY_ORGANISATION, NoOrganisation
from breachdesk.kernel.vault import Vault
from conftest import NOW, ORGANISATION, someone

DRAFT = IncidentDraft(title="Lost laptop", aware_at=NOW)


def verdict(transactions: Transactions, vault: Vault) -> Verdict:
    with transactions.reading(ORGANISATION) as session:
        return queries.verify(session, vault, ORGANISATION)


class TestOpen:
    def test_keeps_nothing_of_a_command_that_fails(
        self, transactions: Transactions, actor: Actor, vault: Vault
    ) -> None:
        with pytest.raises(ZeroDivisionError), transactions.open(actor) as tx:
            incidents.log(tx, DRAFT)
            raise ZeroDivisionError

        with transactions.reading(ORGANISATION) as session:
            assert session.scalars(select(Incident)).all() == []
        assert verdict(transactions, vault) == Verdict(entries=1)

    def test_refuses_a_command_that_left_no_trail(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        @command("incidents.log")
        def forget(tx: Transaction) -> None:
            tx.session.add(Organisation(id=tx.new_id(), name="Ghost", founded_at=tx.now))

        with pytest.raises(Unrecorded), transactions.open(actor) as tx:
            forget(tx)

        command("incidents.log")(incidents.log.__wrapped__)  # type: ignore[attr-defined]  # put back
        with transactions.reading(ORGANISATION) as session:
            assert session.scalars(select(Organisation.name)).all() == ["Leadjet"]

    def test_records_a_refusal(self, transactions: Transactions, vault: Vault) -> None:
        nobody = Actor(ORGANISATION, "Nosy", ORGANISATION, frozenset())
        with pytest.raises(Forbidden, match="Nosy may not"), transactions.open(nobody) as tx:
            incidents.log(tx, DRAFT)

        with transactions.reading(ORGANISATION) as session:
            last = session.scalars(
                select(AuditEntry).order_by(AuditEntry.sequence.desc())
            ).first()
        assert last is not None
        assert (last.action, last.actor) == ("refused", "Nosy")
        assert verdict(transactions, vault).whole

    def test_lets_many_write_at_once_without_breaking_the_chain(
        self, transactions: Transactions, actor: Actor, vault: Vault
    ) -> None:
        def rename(number: int) -> None:
            with transactions.open(actor) as tx:
                organisation = tx.session.get_one(Organisation, ORGANISATION)
                access.rename(tx, organisation, f"Leadjet {number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(rename, range(24)))

        assert verdict(transactions, vault) == Verdict(entries=25)


class TestOrganisations:
    def test_never_see_each_other(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        other = Actor(
            actor.member_id, "Outsider", ORGANISATION.__class__(int=77), actor.permits
        )
        with transactions.open(other) as tx:
            access.found(tx, "Elsewhere")
            assert tx.session.scalars(select(Incident)).all() == []
            assert tx.session.get(Incident, incident.id) is None

    def test_are_seen_by_their_own_when_organisations_take_turns(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        with transactions.open(actor) as tx:
            incidents.log(tx, DRAFT)

        seen = []
        for house in (ORGANISATION, UUID(int=7), ORGANISATION, UUID(int=8)):
            with transactions.reading(house) as session:
                seen.append(len(session.scalars(select(Incident)).all()))
        assert seen == [1, 0, 1, 0]

    def test_refuse_a_session_that_speaks_for_nobody(self, transactions: Transactions) -> None:
        with transactions.reading(ORGANISATION) as session:
            session.info.clear()
            with pytest.raises(NoOrganisation):
                session.scalars(select(Incident)).all()

    def test_refuse_a_row_of_another(self, transactions: Transactions, actor: Actor) -> None:
        with pytest.raises(NoOrganisation), transactions.open(actor) as tx:
            row = incidents.log(tx, DRAFT)
            row_of_another = AuditEntry(organisation_id=row.id)
            tx.session.add(row_of_another)
            tx.session.flush()


class TestVerify:
    @pytest.mark.parametrize(
        ("statement", "gap"),
        [
            ("UPDATE audit_entries SET actor = 'Mallory' WHERE sequence = 2", "2 was altered"),
            ("DELETE FROM audit_entries WHERE sequence = 2", "entry 2 is missing"),
            ("DELETE FROM audit_entries WHERE sequence = 3", "the vault has sealed entry 3"),
            ("DELETE FROM audit_entries", "the vault has sealed entry 3"),
        ],
    )
    def test_names_the_first_gap(
        self,
        transactions: Transactions,
        actor: Actor,
        vault: Vault,
        engine: Engine,
        statement: str,
        gap: str,
    ) -> None:
        for _ in range(2):
            with transactions.open(actor) as tx:
                incidents.log(tx, DRAFT)
        assert verdict(transactions, vault) == Verdict(entries=3)

        with engine.begin() as connection:
            connection.execute(text(statement))

        assert gap in (verdict(transactions, vault).gap or "")

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    @pytest.mark.parametrize("instant", ["infinity", "0044-03-15 BC"])
    @pytest.mark.usefixtures("incident")
    def test_names_an_instant_that_no_clock_shows_and_leaves_the_session_whole(
        self, vault: Vault, transactions: Transactions, engine: Engine, instant: str
    ) -> None:
        with engine.begin() as connection:
            connection.execute(
                text(f"UPDATE audit_entries SET at = '{instant}' WHERE sequence = 2")  # noqa: S608  (a case of the test)
            )

        with transactions.reading(EVERY_ORGANISATION) as session:
            [house] = access_queries.organisations(session)
            found = queries.verify(session, vault, house.id)
            assert (house.name, found.gap) == (
                "Leadjet",
                "entry 2 cannot be read: it was altered",
            )

    @pytest.mark.usefixtures("incident")
    def test_counts_what_nobody_sealed_and_misses_a_trail_that_is_gone(
        self, vault: Vault, transactions: Transactions, engine: Engine
    ) -> None:
        head = next((vault.folder / "heads").glob("*.sealed"))
        kept = head.read_bytes()
        with transactions.open(someone("Awa Responder")) as tx:
            incidents.log(tx, DRAFT)
        assert verdict(transactions, vault) == Verdict(entries=3)

        head.write_bytes(kept)  # as after a fall between the commit and the seal, or a forgery
        assert verdict(transactions, vault) == Verdict(entries=3, unsealed=1)
        head.unlink()
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_entries"))
        assert "the trail is empty" in (verdict(transactions, vault).gap or "")

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(
        "change", ["details = 'x'", "at = at || 'x'", "actor_id = 'nobody'", "actor = x'ff00'"]
    )
    @pytest.mark.usefixtures("incident")
    def test_names_an_entry_that_cannot_even_be_read(
        self, vault: Vault, transactions: Transactions, engine: Engine, change: str
    ) -> None:
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE audit_entries SET {change} WHERE sequence = 2"))  # noqa: S608  (a case of the test)

        assert verdict(transactions, vault) == Verdict(
            entries=2, gap="entry 2 cannot be read: it was altered"
        )
