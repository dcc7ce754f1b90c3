"""One engine for SQLite and PostgreSQL, and the schema as the migrations make it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from breachdesk.kernel.errors import Unusable

LOCK_SECONDS = 30


def open_engine(url: str) -> Engine:
    """Return an engine for `url`. Raises Unusable for anything but SQLite or PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Unusable(f"{url!r} is not a database address") from None
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": LOCK_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10
        )
    raise Unusable(f"{parsed.get_backend_name()} is not supported; use sqlite or postgresql")


def migrate(engine: Engine, migrations: Path, *, revision: str = "head") -> None:
    """Bring the schema up to `revision`; does nothing when it is there already."""
    with engine.connect() as connection:
        present = revision_of(connection)
    if present != (latest(migrations) if revision == "head" else revision):
        with engine.execution_options(immediate=True).begin() as connection:
            upgrade(connection, migrations, revision)


def upgrade(connection: Connection, migrations: Path, revision: str = "head") -> None:
    """Bring the schema up to `revision` inside the connection's transaction."""
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """Return the version of the schema; None where there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def latest(migrations: Path) -> str:
    """Return the version that the migrations lead to."""
    return ScriptDirectory.from_config(_config(migrations)).get_current_head() or ""


def knows(migrations: Path, revision: str) -> bool:
    """Tell whether the migrations pass through `revision`."""
    script = ScriptDirectory.from_config(_config(migrations))
    return revision in {each.revision for each in script.walk_revisions()}


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Hand transactions to SQLAlchemy, and make writes survive a power cut."""
    connection.isolation_level = None  # the driver begins too late by itself
    cursor = connection.cursor()
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where a write is meant, so that no two writers race."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
