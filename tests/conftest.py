"""What every test can ask for: both databases, a clock that stands, someone who acts."""

import importlib
import pkgutil
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, make_url, text

import breachdesk
from breachdesk.access import commands as access
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS, Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from postgresql import server

# whatever the machine is doing meanwhile, no example fails for being slow
settings.register_profile(
    "desk", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("desk")

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ORGANISATION = UUID("00000000-0000-7000-8000-000000000001")


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_time(self, by: timedelta) -> None:
        self.at += by


def every_module(name: str) -> None:
    """Import the module `name` of every station that has one."""
    for station in pkgutil.iter_modules(breachdesk.__path__):
        if station.ispkg:
            package = importlib.import_module(f"breachdesk.{station.name}")
            if any(module.name == name for module in pkgutil.iter_modules(package.__path__)):
                importlib.import_module(f"breachdesk.{station.name}.{name}")


def all_commands() -> frozenset[str]:
    """Import every station's commands and return their names."""
    every_module("commands")
    return frozenset(COMMANDS)


def someone(name: str, number: int = 1) -> Actor:
    """Return an actor who may do everything."""
    return Actor(
        member_id=UUID(int=0x7000_8000_0000_0000_0000 + number),
        name=name,
        organisation_id=ORGANISATION,
        permits=all_commands(),
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def actor() -> Actor:
    return someone("Awa Responder")


@pytest.fixture
def second_actor() -> Actor:
    return someone("Bela Approver", 2)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine, shipped("migrations"))
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Make a migrated PostgreSQL database, to be copied, and return its name."""
    name = "template_migrated"
    _admin(postgresql_server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    engine = open_engine(_named(postgresql_server, name))
    migrate(engine, shipped("migrations"))
    engine.dispose()
    return name


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """Return the address of a fresh migrated SQLite database, for what asks for one kind."""
    path = tmp_path / "breachdesk.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of a fresh migrated database: each test runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    admin = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"test_{abs(hash(str(tmp_path)))}"
    _admin(admin, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(admin, name)
    _admin(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", bytes(range(32)))


@pytest.fixture
def transactions(engine: Engine, clock: FixedClock, vault: Vault, actor: Actor) -> Transactions:
    """Return the door to a database in which the actor's organisation was founded."""
    opened = Transactions(engine, clock, vault)
    with opened.open(actor) as tx:
        access.found(tx, "Leadjet")
    return opened


@pytest.fixture
def incident(transactions: Transactions, actor: Actor) -> Incident:
    """Return a logged incident: a stolen token, aware the evening before."""
    draft = IncidentDraft(
        title="Stolen API token",
        aware_at=NOW - timedelta(hours=12),
        started_at=NOW - timedelta(hours=59),
        ended_at=NOW - timedelta(hours=27),
        detected_at=NOW - timedelta(hours=13),
        facts={"cause": "stolen_credentials", "malicious": True},
    )
    with transactions.open(actor) as tx:
        return incidents.log(tx, draft)


def _admin(url: str, *statements: str) -> None:
    admin = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
