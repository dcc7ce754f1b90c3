"""The migrations make the tables the models describe, and go both ways with data inside."""

import ast
from datetime import timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, inspect, select, text

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.terms import Asserted, MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents.models import Incident
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import knows, latest, migrate, revision_of
from breachdesk.kernel.tables import Table
from breachdesk.settings import shipped
from conftest import every_module

MIGRATIONS = shipped("migrations")


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def go(engine: Engine, config: Config, revision: str) -> None:
    with engine.execution_options(immediate=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


class TestMigrations:
    def test_have_one_head_and_count_up(self, config: Config) -> None:
        script = ScriptDirectory.from_config(config)
        revisions = [each.revision for each in script.walk_revisions()]

        assert len(script.get_heads()) == 1
        assert revisions == [f"{n:04d}" for n in range(len(revisions), 0, -1)]
        assert latest(MIGRATIONS) == revisions[0]
        assert all(knows(MIGRATIONS, each) for each in revisions)
        assert not knows(MIGRATIONS, "9999")

    def test_are_told_by_the_database_as_the_library_tells_it(
        self, engine: Engine, config: Config
    ) -> None:
        def told() -> tuple[str | None, str | None]:
            with engine.connect() as connection:
                library = MigrationContext.configure(connection).get_current_revision()
                return revision_of(connection), library

        assert told() == (latest(MIGRATIONS), latest(MIGRATIONS))
        go(engine, config, "base")
        assert told() == (None, None)
        migrate(engine, MIGRATIONS)
        assert told() == (latest(MIGRATIONS), latest(MIGRATIONS))

    def test_import_nothing_of_the_application(self) -> None:
        imported = {
            name
            for path in (MIGRATIONS / "versions").glob("*.py")
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }

        assert not [name for name in imported if name.startswith("breachdesk")]

    def test_make_what_the_models_describe(self, engine: Engine) -> None:
        every_module("models")
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            differences = compare_metadata(context, Table.metadata)

        assert differences == []

    @pytest.mark.usefixtures("incident")
    def test_go_down_and_up_again_with_data_inside(
        self, engine: Engine, config: Config, transactions: Transactions
    ) -> None:
        with transactions.reading("every organisation") as session:
            assert session.scalar(select(func.count(Incident.id))) == 1

        go(engine, config, "base")
        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}

        migrate(engine, MIGRATIONS)
        assert set(Table.metadata.tables) <= set(inspect(engine).get_table_names())

    def test_do_nothing_when_there_is_nothing_to_do(
        self, engine: Engine, config: Config
    ) -> None:
        migrate(engine, MIGRATIONS)

        with engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        assert present == ScriptDirectory.from_config(config).get_current_head()


class TestFirstPasswords:
    def test_of_long_ago_hold_a_week_more_for_whoever_never_chose_their_own(
        self, engine: Engine, config: Config, transactions: Transactions, actor: Actor
    ) -> None:
        people = {
            name: MemberDraft(email=f"{name}@example.org", name=name, roles=("auditor",))
            for name in ("invited", "chose", "reset")
        }
        with transactions.open(actor) as tx:
            known = {name: access.invite(tx, draft)[0] for name, draft in people.items()}
            told = Asserted(
                issuer="https://id.example",
                subject="1",
                email="a@example.org",
                email_verified=True,
                name="A",
                groups=(),
            )
            known["admitted"] = access.admit(tx, told, ("auditor",))
        with transactions.open(actor) as tx:
            for name in ("chose", "reset"):
                member = members.by_id(tx.session, known[name].id)
                access.set_password(tx, member, "kelp ratchet Ophelia 41")
        with transactions.open(actor) as tx:
            access.reset_password(tx, members.by_id(tx.session, known["reset"].id))
        go(engine, config, "0030")
        with engine.begin() as connection:
            connection.execute(text("UPDATE members SET first_password_until = NULL"))

        migrate(engine, MIGRATIONS)

        with transactions.reading(actor) as session:
            until = {
                name: members.by_id(session, each.id).first_password_until
                for name, each in known.items()
            }
        assert until["chose"] is until["admitted"] is None
        for name in ("invited", "reset"):
            left = until[name]
            assert left is not None
            assert timedelta(days=6) < left - SystemClock().now() <= timedelta(days=7)
