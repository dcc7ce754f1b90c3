"""What a chunk holds moves to a table of its own, and back, and can still be opened."""

from collections.abc import Callable
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import queries
from breachdesk.delivery.models import Campaign
from breachdesk.kernel.database import migrate
from breachdesk.settings import shipped
from fakes import readers

MIGRATIONS = shipped("migrations")


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


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

        with engine.execution_options(immediate=True).begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0027")
        with engine.connect() as connection:
            back = connection.execute(text("SELECT id, payload FROM chunks")).all()
        assert sorted(map(tuple, back)) == sorted(map(tuple, kept))

        migrate(engine, MIGRATIONS)
        with transactions.reading(actor.organisation_id) as session:
            after = queries.addresses_of(session, transactions.vault, campaign)
        assert sorted(after) == sorted(before)
