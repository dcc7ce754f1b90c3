"""One engine for SQLite and PostgreSQL, and the schema as the migrations make it."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from breachdesk.kernel.errors import Unavailable, Unusable

LOCK_SECONDS = 30
CONNECT_SECONDS = 10
SAMPLED = 400
"""So many rows of an index tell enough of it."""
RENEWED = 3600
"""A connection to SQLite is opened anew after so many seconds: another process took samples."""
CHECKPOINT_PAGES = 8192
"""After so many pages of 4 KiB what was kept is brought from the log into the database's file;
SQLite's own thousand would bring the same pages there again and again."""
VERSIONS = "alembic_version"
"""The table that holds the version of the schema."""
GONE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY}
)
"""What SQLite says of its file and disk, as against what it says of a statement."""


def open_engine(url: str) -> Engine:
    """Return an engine for `url`. Raises Unusable for anything but SQLite or PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Unusable(f"{url!r} is not a database address") from None
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            hide_parameters=True,  # what was written is in no log
            pool_recycle=RENEWED,
            connect_args={"timeout": LOCK_SECONDS},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", _say_unavailable)
        return engine
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=10,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
        event.listen(engine, "handle_error", _say_unavailable)
        return engine
    raise Unusable(f"{parsed.get_backend_name()} is not supported; use sqlite or postgresql")


def sample(engine: Engine) -> None:
    """Let SQLite look at some rows of each index, so that it knows which one leads to few.

    Not knowing, it reads a whole organisation where a few incidents are asked for. A tenth of a
    second for twenty thousand incidents. PostgreSQL does so by itself.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.execution_options(immediate=True).begin() as connection:
        connection.exec_driver_sql(f"PRAGMA analysis_limit={SAMPLED}")
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()  # a connection learns it when it is opened


def _say_unavailable(context: ExceptionContext) -> None:
    """Tell apart that the database is gone, or its disk full, from any fault of ours.

    A connection that is only tried before its use is left to the pool, which opens another.
    """
    fault = context.original_exception
    if context.is_pre_ping or not isinstance(
        context.sqlalchemy_exception, OperationalError | InterfaceError
    ):
        return
    _must_be_there(fault)


def _must_be_there(fault: BaseException | None) -> None:
    """Raise Unavailable where what the driver says means that the database is gone, or full."""
    code = getattr(fault, "sqlite_errorcode", None)
    if code is None:  # PostgreSQL: class 53 is a lack of room or of connections, 57P an order
        state = getattr(fault, "sqlstate", None)
        gone = state is None or state.startswith(("08", "53", "57P"))
    else:
        gone = code & 0xFF in GONE
    if gone:
        why = "its disk is full" if _is_full(fault, code) else "it does not answer"
        raise Unavailable(f"the database cannot be used now: {why}; try again later") from None


def _is_full(fault: BaseException | None, code: int | None) -> bool:
    return (code or 0) & 0xFF == sqlite3.SQLITE_FULL or getattr(
        fault, "sqlstate", None
    ) == "53100"


def copy_in(
    connection: Connection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Add rows to a table of PostgreSQL by its COPY; `columns` are names with their types.

    Raises Unavailable as any statement does; a row that breaks a rule of the table is raised by
    the driver's own name.
    """
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(list(columns.values()))
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.OperationalError as fault:
        _must_be_there(fault)
        raise


def migrate(engine: Engine, migrations: Path, *, revision: str = "head") -> None:
    """Bring the schema up to `revision`; does nothing when it is there already."""
    with engine.connect() as connection:
        present = revision_of(connection)
    if present != (latest(migrations) if revision == "head" else revision):
        with engine.execution_options(immediate=True).begin() as connection:
            upgrade(connection, migrations, revision)


def upgrade(connection: Connection, migrations: Path, revision: str = "head") -> None:
    """Bring the schema up to `revision` inside the connection's transaction."""
    from alembic import command  # noqa: PLC0415  (heavy: loaded where there is something to do)
    from alembic.config import Config  # noqa: PLC0415  (heavy, as above)

    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """Return the version of the schema; None where there is none."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))  # noqa: S608  (a name of ours)
    return None if found is None else str(found)


def latest(migrations: Path) -> str:
    """Return the version that the migrations lead to: they are numbered in their order."""
    return max(_numbers(migrations), default="")


def knows(migrations: Path, revision: str) -> bool:
    """Tell whether the migrations pass through `revision`."""
    return revision in _numbers(migrations)


def _numbers(migrations: Path) -> set[str]:
    versions = (migrations / "versions").glob("[0-9]*_*.py")
    return {each.stem.partition("_")[0] for each in versions}


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Hand transactions to SQLAlchemy, and make writes survive a power cut."""
    connection.isolation_level = None  # the driver begins too late by itself
    cursor = connection.cursor()
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LOCK_SECONDS * 1000}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where a write is meant, so that no two writers race."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
