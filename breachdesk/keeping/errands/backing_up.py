"""Writes all of the desk into one sealed file, while the desk is at work."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from breachdesk.access import queries as access
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.keeping import commands, queries
from breachdesk.keeping.errands.ledger import remember
from breachdesk.kernel import archive, rows
from breachdesk.kernel.archive import BackupKey, Record, Written, document
from breachdesk.kernel.database import revision_of
from breachdesk.kernel.errors import Forbidden, Unusable
from breachdesk.kernel.sealing import FRAME_BYTES
from breachdesk.kernel.vault import Vault

FORMAT = 1
MANIFEST, FILE, DATA, END = b"M", b"F", b"D", b"E"
NOT_COPIED = ("heads", "master.mark")
"""They are told by the manifest: as they stood before the rows were read."""

SIGN_INS = ("web_sessions", "challenges")
"""Whoever was signed in signs in again: a sign-in that was ended since does not come back."""

Told = Callable[[str, int], object]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was written."""

    path: Path
    written: Written
    rows: dict[str, int]
    files: int


def back_up(
    transactions: Transactions, actor: Actor, path: Path, key: BackupKey, told: Told
) -> BackedUp:
    """Write a backup to `path`, read it back, and note it on the trail.

    The rows are one snapshot. The heads of the trail are read before it, the files of the vault
    after it: whatever a row refers to is there. `told` hears how far it is.
    """
    path = path.absolute()
    if not path.parent.is_dir():
        raise Unusable(f"{path.parent} is not a folder")
    with transactions.open(actor):
        if not actor.may(queries.BACKED_UP):
            raise Forbidden(f"{actor.name} may not run {queries.BACKED_UP}")
    engine = engine_of(transactions)
    counted: dict[str, int] = {}

    def count(name: str, number: int) -> None:
        counted[name] = number
        told(name, number)

    with transactions.vault.holding():
        heads = _heads(transactions.vault)
        written = archive.write(path, key, _records(transactions, engine, heads, count))
    files = counted.pop("vault", 0)
    remember(path.parent, transactions.vault.destroyed())
    with transactions.open(actor) as tx:
        house = access.organisation_of(tx.session, actor.organisation_id)
        commands.note_backup(
            tx, house, digest=written.digest, size=written.bytes, folder=str(path.parent)
        )
    return BackedUp(path, written, counted, files)


def engine_of(transactions: Transactions) -> Engine:
    """Return the engine behind a door to the database."""
    with transactions.reading("nobody") as session:
        bind = session.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine


def _records(
    transactions: Transactions, engine: Engine, heads: dict[str, Any], told: Told
) -> Iterator[Record]:
    with engine.connect() as opened:
        connection = _snapshot(opened)
        manifest = {
            "format": FORMAT,
            "made_at": transactions.clock.now().isoformat(),
            "schema": revision_of(connection),
            "database": engine.dialect.name,
            "master": transactions.vault.master_mark,
            "heads": heads,
        }
        yield document(MANIFEST, manifest)
        yield from rows.dump(connection, told, SIGN_INS)
        yield from _files(transactions.vault, told)
    yield Record(END, b"")


def _snapshot(connection: Connection) -> Connection:
    """Let a connection see the database as it is at this moment, whoever writes meanwhile."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    connection.begin()
    return connection


def _heads(vault: Vault) -> dict[str, Any]:
    return {chain: vault.head(chain) for chain in vault.chains()}


def _files(vault: Vault, told: Told) -> Iterator[Record]:
    number = 0
    for path in sorted(vault.folder.rglob("*")):
        name = path.relative_to(vault.folder)
        if path.name.startswith(".") or path.suffix == ".partial":
            continue
        if name.parts[0] in NOT_COPIED or not path.is_file():
            continue
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue  # it was purged meanwhile
        with source:
            yield document(FILE, {"name": name.as_posix()})
            while block := source.read(FRAME_BYTES):
                yield Record(DATA, block)
        number += 1
        told("vault", number)
