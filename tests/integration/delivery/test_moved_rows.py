"""The ledger's tables are made anew, and back, and lose nothing of what they hold."""

from collections.abc import Callable
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import IntegrityError

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, queries
from breachdesk.delivery.models import Campaign, Delivery
from breachdesk.delivery.terms import Channel
from breachdesk.incidents.models import Incident
from breachdesk.kernel import ids
from breachdesk.kernel.database import migrate
from breachdesk.settings import shipped
from conftest import NOW
from fakes import readers

MIGRATIONS = shipped("migrations")


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def go_back(engine: Engine, config: Config, revision: str) -> None:
    with engine.execution_options(immediate=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


class TestPayloads:
    def test_move_out_of_their_chunks_and_back(
        self,
        engine: Engine,
        config: Config,
        transactions: Transactions,
        actor: Actor,
        freeze: Callable[..., UUID],
    ) -> None:
        campaign_id = freeze(readers(1200))
        with transactions.reading(actor.organisation_id) as session:
            campaign = session.get_one(Campaign, campaign_id)
            before = queries.addresses_of(session, transactions.vault, campaign)
        with engine.connect() as connection:
            kept = connection.execute(text("SELECT id, sealed FROM chunk_payloads")).all()
        assert len(before) == 1200
        assert all(each.sealed for each in kept)

        go_back(engine, config, "0027")
        with engine.connect() as connection:
            back = connection.execute(text("SELECT id, payload FROM chunks")).all()
        assert sorted(map(tuple, back)) == sorted(map(tuple, kept))

        migrate(engine, MIGRATIONS)
        with transactions.reading(actor.organisation_id) as session:
            after = queries.addresses_of(session, transactions.vault, campaign)
        assert sorted(after) == sorted(before)


class TestDeliveries:
    def test_keep_who_was_told_otherwise(
        self,
        engine: Engine,
        config: Config,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        freeze: Callable[..., UUID],
    ) -> None:
        freeze(readers(3))
        with transactions.open(actor) as tx:
            commands.tell_otherwise(tx, incident, ["usr_000001"], Channel.PHONE, NOW, "call 7")

        go_back(engine, config, "0029")
        migrate(engine, MIGRATIONS)

        with transactions.open(actor) as tx:
            proof = commands.prove(tx, incident, "usr_000001")
        assert [each["evidence"] for each in proof.letters[0].otherwise] == ["call 7"]

    def test_are_of_the_incident_and_the_organisation_of_their_campaign(
        self, transactions: Transactions, actor: Actor, freeze: Callable[..., UUID]
    ) -> None:
        freeze(readers(1))

        for column in (Delivery.incident_id, Delivery.organisation_id):
            with (
                pytest.raises(IntegrityError),
                transactions.reading(actor.organisation_id) as session,
            ):
                session.execute(update(Delivery).values({column: ids.new_id(NOW)}))
