"""The migrations make the tables the models describe, and go both ways with data inside."""

import ast

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, inspect, select

from breachdesk.audit.transaction import Transactions
from breachdesk.incidents.models import Incident
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
