"""Puts a desk back as a backup holds it: all or nothing, and nothing goes on by itself."""

import shutil
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnClause, Connection, Engine, inspect, select, table
from sqlalchemy import column as named

from breachdesk.access import queries as access
from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.commands.restoring import hold_restored
from breachdesk.keeping import commands
from breachdesk.keeping.errands.backing_up import END, FORMAT, MANIFEST, Told
from breachdesk.keeping.errands.ledger import recall
from breachdesk.keeping.errands.staging import ACT, Place, destroyed_in, stage
from breachdesk.keeping.terms import Restored
from breachdesk.kernel import archive, ids, rows
from breachdesk.kernel.archive import BackupKey
from breachdesk.kernel.database import knows, upgrade
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.locks import exclusive
from breachdesk.kernel.sealing import sync_folder
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.kernel.vault import Vault

PERMITS = frozenset({"keeping.restore", "delivery.hold_restored"})


class NotEmpty(Refused):
    """Something stands where the backup is to be restored."""


def restore(
    place: Place,
    path: Path,
    key: BackupKey,
    told: Told,
    *,
    replace: str | None = None,
    former_master: bytes | None = None,
) -> Restored:
    """Restore the backup at `path`; campaigns are on hold after it. Raises Refused.

    The whole file is read and authenticated before anything is touched. `replace` names what
    stands and shall go. `former_master` is the master key of the backup's time, where it was
    rotated since. What was purged since the backup was made stays purged.
    """
    with ExitStack() as held:
        for name in ("serve.lock", "leader.lock", "setup.lock"):
            lock = place.home / "secrets" / name
            said = f"{place.home} is in use by another process; stop it first"
            held.enter_context(exclusive(lock, wait=False, held=said))
        finish(place)
        manifest, digest = _checked(place, path, key, told)
        _refuse_what_stands(place, replace)
        destroyed = recall(path.parent) | destroyed_in(place)
        act = ids.new_id(place.clock.now())
        try:
            staged, files, left_out = stage(
                place, path, key, manifest, destroyed, former_master, act
            )
            counts, doubtful = _fill(place, path, key, staged, manifest, digest, act)
        except BaseException:
            shutil.rmtree(place.staged, ignore_errors=True)
            raise
        _swap(place)
    gap = _gap(place)
    return Restored(
        made_at=datetime.fromisoformat(manifest["made_at"]),
        digest=digest,
        rows=counts,
        files=files,
        left_out=left_out,
        doubtful=doubtful,
        whole=gap is None,
        gap=gap,
    )


def finish(place: Place) -> None:
    """Finish or forget a restore that was cut short. Nobody else may be at it.

    The database names the act once it was done: then the new vault takes its place; else it
    was never restored, and the new vault goes.
    """
    if not place.staged.exists():
        shutil.rmtree(place.former, ignore_errors=True)
        return
    noted = place.staged / ACT
    act = noted.read_text("ascii") if noted.exists() else ""
    if act and UUID(act) in _acts(place.engine):
        _swap(place)
    else:
        shutil.rmtree(place.staged)


def _acts(engine: Engine) -> set[UUID]:
    """Return the restores that the database knows of."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("restores"):
            return set()
        act: ColumnClause[Any] = named("act_id")
        found = connection.scalars(select(table("restores", act).c.act_id))
        return {UUID(str(each)) for each in found}


def _checked(
    place: Place, path: Path, key: BackupKey, told: Told
) -> tuple[dict[str, Any], str]:
    """Read the whole backup; return its manifest and the digest of the file."""
    manifest, last, number = None, b"", 0
    for number, record in enumerate(archive.read(path, key), start=1):
        if record.kind == MANIFEST:
            manifest = record.document()
        last = record.kind
        if number % 100 == 0:
            told("checked", number)
    if manifest is None or last != END or manifest["format"] != FORMAT:
        raise Unusable(f"{path} is not a whole backup, or of a later format")
    if not knows(place.migrations, manifest["schema"]):
        raise Refused(
            f"{path} was made with version {manifest['schema']} of the schema, which this "
            "program does not know: restore it with a later version of the program"
        )
    return manifest, archive.digest_of(path)


def _refuse_what_stands(place: Place, replace: str | None) -> None:
    with place.engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        if names and rows.REVISIONS not in names:
            raise NotEmpty("the database holds tables of another program; name an empty one")
        houses = table("organisations", named("name"), named("founded_at"))
        first = select(houses.c.name).order_by(houses.c.founded_at).limit(1)
        found: Any = connection.scalar(first) if "organisations" in names else None
    has_keys = any((place.vault / "keys").glob("[!.]*"))
    if found is None and not has_keys:
        return
    name = found or place.home.name
    if replace != name:
        raise NotEmpty(
            f'{place.home} is not empty: it holds "{name}"; to replace all of it by the '
            f'backup, say --replace "{name}"'
        )


def _fill(
    place: Place,
    path: Path,
    key: BackupKey,
    vault: Vault,
    manifest: dict[str, Any],
    digest: str,
    act: UUID,
) -> tuple[dict[str, int], dict[str, int]]:
    """Fill the database, bring it to the version of this program and hold it: in one act."""
    made_at = datetime.fromisoformat(manifest["made_at"])
    with place.engine.execution_options(immediate=True).begin() as connection:
        rows.drop_all(connection)
        upgrade(connection, place.migrations, manifest["schema"])
        counts = rows.load(connection, archive.read(path, key))
        upgrade(connection, place.migrations)
        doubtful = _hold(place, connection, vault, digest, made_at, act)
    return counts, doubtful


def _hold(
    place: Place,
    connection: Connection,
    vault: Vault,
    digest: str,
    made_at: datetime,
    act: UUID,
) -> dict[str, int]:
    transactions = Transactions(connection, place.clock, vault)
    doubtful: dict[str, int] = {}
    with transactions.reading(EVERY_ORGANISATION) as session:
        houses = [each.id for each in access.organisations(session)]
    why = f"restored from the backup of {made_at.isoformat()}"
    for house in houses:
        with transactions.open(Actor(act, "installation", house, PERMITS)) as tx:
            noted = commands.restore(tx, act, digest, made_at)
            for name, number in hold_restored(tx, noted, why, evidence=place.evidence).items():
                doubtful[name] = doubtful.get(name, 0) + number
    return doubtful


def _swap(place: Place) -> None:
    """Put the new vault in the place of the old one, which goes. May be run again."""
    if place.staged.exists():
        if place.vault.exists() and not place.former.exists():
            place.vault.replace(place.former)
        place.staged.replace(place.vault)
    (place.vault / ACT).unlink(missing_ok=True)
    sync_folder(place.vault.parent)
    shutil.rmtree(place.former, ignore_errors=True)


def _gap(place: Place) -> str | None:
    """Read every trail of the restored desk; return the first gap, if any."""
    vault = Vault(place.vault, place.masters)
    transactions = Transactions(place.engine, place.clock, vault)
    with transactions.reading(EVERY_ORGANISATION) as session:
        for house in access.organisations(session):
            verdict = audit.verify(session, vault, house.id)
            if verdict.gap is not None:
                return f"{house.name}: {verdict.gap}"
    return None
