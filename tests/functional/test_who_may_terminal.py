"""Every command of the terminal, for every role: generated from the tree of commands.

What a command asks stands in tests/cases/who_may_terminal.toml, what a role may in roles.toml.
The database is looked at before and after: a refusal changes nothing but the trail.
"""

import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, make_url

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.reading import read_roles
from breachdesk.access.terms import MemberDraft
from breachdesk.app import find_actor
from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands as sending
from breachdesk.delivery import queries as delivery
from breachdesk.desk import Desk
from breachdesk.faces.cli.commands import cli
from breachdesk.faces.cli.terminal import Terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Forbidden
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as drafted
from breachdesk.runbooks import queries as runbooks
from breachdesk.scoping import queries as scopes
from breachdesk.settings import read, shipped
from conftest import ORGANISATION, FixedClock, all_commands, someone
from every_address import all_rows
from web_face import desk_of, whole_breach

CASES = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "who_may_terminal.toml").read_text("utf-8")
)
ASKS: dict[str, dict[str, str | list[str]]] = CASES["asks"]
UNTOUCHED = frozenset(CASES["home"]["commands"]) | frozenset(CASES["pure"]["commands"])
ROLES = read_roles()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: who may what does not depend on the kind."""
    return sqlite_url


@pytest.fixture
def actor() -> Actor:
    return replace(someone("Awa Responder"), sees_every_incident=True)


@pytest.fixture
def desk(transactions: Transactions, clock: FixedClock, tmp_path: Path) -> Desk:
    clock.pass_time(timedelta(hours=3))  # the sample's breach was qualified by then
    return desk_of(transactions, tmp_path)


@dataclass
class Seats:
    """A breach with approved notices, somebody of every role, and words for every command."""

    desk: Desk
    engine: Engine
    filled: dict[str, str]
    before: str = ""

    def run(self, command: str, role: str) -> Result:
        """Run a command as somebody of that role alone."""
        told = read({"BREACHDESK_HOME": str(self.desk.home)})
        terminal = Terminal(
            home=self.desk.home,
            read_law=lambda: self.desk.law,
            open_desk=lambda: self.desk,
            find_actor=lambda desk: find_actor(
                desk, replace(told, actor=f"{role}@example.org", organisation="Leadjet")
            ),
            zone_there=lambda: None,
            backup_key=self.desk.home / "backup.key",
            **dict.fromkeys(
                ("serve", "work", "found", "elsewhere", "place", "patient", "shown"), never
            ),  # type: ignore[arg-type]  # what holds a home is not run here
        )
        words = [each.format(**self.filled) for each in ASKS[command]["words"]]
        return CliRunner().invoke(cli, [*command.split(), *words], obj=terminal)

    def refusals(self) -> int:
        """Return how many refusals the trail notes."""
        with self.desk.transactions.reading(ORGANISATION) as session:
            return len(audit.all_of(session, "refused"))

    def keep(self) -> None:
        """Remember the database, to be brought back."""
        with sqlite3.connect(self.file()) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.file(), self.file().with_suffix(".kept"))
        self.before = all_rows(self.engine)

    def bring_back(self) -> None:
        """Bring the database back as it was kept, whoever still reads it."""
        with (
            closing(sqlite3.connect(self.file().with_suffix(".kept"))) as kept,
            closing(sqlite3.connect(self.file())) as live,
        ):
            kept.backup(live)

    def file(self) -> Path:
        return Path(make_url(self.engine.url).database or "")


def never(*_: object, **__: object) -> None:
    raise AssertionError("this command holds the home; it is not run here")


@pytest.fixture
def seats(desk: Desk, engine: Engine, actor: Actor, tmp_path: Path) -> Seats:
    reference = whole_breach(desk, actor)
    _people(desk, actor)
    for name in ("dpo", "approver"):
        with desk.transactions.reading(actor) as session:
            who = members.actor(members.member(session, f"{name}@example.org"))
        with desk.transactions.open(replace(who, sees_every_incident=True)) as tx:
            incident = incidents.by_reference(tx.session, reference)
            notice = drafted.latest(tx.session, incident.id)
            assert notice is not None
            notices.approve(tx, notice, desk.law)
    folder = tmp_path / "made"
    folder.mkdir()
    files = {
        "facts": ("facts.toml", "malicious = true\n"),
        "customers": ("customers.csv", "customer,email\nacme,a@acme.example\n"),
        "postal": ("postal.csv", "person,name,line1,postcode,city\nusr_1,A,1 rue B,75001,P\n"),
        "told": ("told.txt", "usr_000001\n"),
        "key": ("backup.key", "k" * 32),
        "contacts": ("contacts.csv", "person_key,phone\nusr_000001,+33 1 23 45 67 89\n"),
        "text": ("page.txt", "A page.\n"),
    }  # fmt: skip
    for name, content in files.values():
        (folder / name).write_text(content, "utf-8")
    with desk.transactions.reading(actor) as session:
        incident_id = incidents.by_reference(session, reference).id
        step = runbooks.tasks_of(session, incident_id)[0].step
        measured = scopes.latest(session, incident_id)
    assert measured is not None
    filled = {
        "reference": reference, "folder": str(folder), "step": step, "person": "usr_000001",
        "sample": str(shipped("samples") / "leadjet"),
        **{name: str(folder / file) for name, (file, _) in files.items()},
    }  # fmt: skip
    made = Seats(desk, engine, filled)
    for command in ("delivery freeze", "delivery publish"):
        done = made.run(command, "communication")
        assert done.exit_code == 0, done.output
    with desk.transactions.open(actor) as tx:
        for campaign in delivery.campaigns_of(tx.session, incident_id):
            sending.start(tx, campaign)
    made.keep()
    return made


def _people(desk: Desk, actor: Actor) -> None:
    """Let in somebody of every role, and people of another organisation."""
    elsewhere = replace(actor, organisation_id=UUID(int=actor.organisation_id.int + 1))
    with desk.transactions.open(elsewhere) as tx:
        access.found(tx, "Elsewhere")
        for name in ("guest", "seated"):
            draft = MemberDraft(email=f"{name}@elsewhere.example", name=name, roles=("dpo",))
            access.invite(tx, draft)
    with desk.transactions.reading(elsewhere) as session:
        seated = members.member(session, "seated@elsewhere.example")
    with desk.transactions.open(actor) as tx:
        for role in ROLES:
            draft = MemberDraft(email=f"{role}@example.org", name=role, roles=(role,))
            access.invite(tx, draft)
        draft = MemberDraft(email="linked@example.org", name="Linked", roles=("legal",))
        linked, _ = access.invite(tx, draft)
        tx.session.flush()  # the identity refers to them
        access.link(tx, linked, "https://login.example", "s-0")
        access.give_seat(tx, seated, ("auditor",))


def tree() -> Iterator[str]:
    """Yield the name of every command of the terminal."""

    def below(group: click.Group, path: tuple[str, ...]) -> Iterator[str]:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            if isinstance(found, click.Group):
                yield from below(found, (*path, name))
            elif found is not None:
                yield " ".join((*path, name))

    context = click.Context(cli)
    return below(cli, ())


def asked(command: str) -> frozenset[str]:
    """Return every command of a station that this one runs; none where reading is enough."""
    return frozenset(str(ASKS[command]["runs"]).split()) - {"read"}


class TestTable:
    def test_has_a_line_for_every_command_and_no_other(self) -> None:
        assert set(ASKS) | UNTOUCHED == set(tree())
        assert not set(ASKS) & UNTOUCHED

    def test_names_commands_that_exist(self) -> None:
        assert frozenset().union(*map(asked, ASKS)) <= all_commands()


class TestEveryRole:
    def test_may_what_its_commands_say_and_nothing_else(self, seats: Seats) -> None:
        wrong: list[str] = []
        for command, asks in ASKS.items():
            needed, idle = asked(command), str(asks.get("idle", "\0"))
            may = [name for name, role in ROLES.items() if needed <= role.commands]
            for role in sorted(set(ROLES) - set(may)):
                wrong += refused(seats, command, role, idle)
            if all_rows(seats.engine) != seats.before:
                wrong.append(f"{command} changed something and was refused")
            for role in may:
                wrong += permitted(seats, command, role)
                if needed:
                    seats.bring_back()
                elif all_rows(seats.engine) != seats.before:
                    wrong.append(f"{role}: {command} only reads, and changed something")

        assert not wrong, "\n".join(wrong)


def refused(seats: Seats, command: str, role: str, idle: str) -> Iterator[str]:
    """Yield what is wrong where a role must be refused, and the refusal be on the trail."""
    noted, result = seats.refusals(), seats.run(command, role)
    said = " ".join(f"{result.exception!r} {result.output[-200:]}".split())
    if idle in said:
        return
    if not isinstance(result.exception, Forbidden):
        yield f"{role}: {command} is not refused: {said}"
    elif seats.refusals() == noted:
        yield f"{role}: {command} left no refusal on the trail"


def permitted(seats: Seats, command: str, role: str) -> Iterator[str]:
    """Yield what is wrong where a role may run a command: it is never refused for that."""
    result = seats.run(command, role)
    if isinstance(result.exception, Forbidden):
        yield f"{role}: {command} is refused: {result.exception}"
