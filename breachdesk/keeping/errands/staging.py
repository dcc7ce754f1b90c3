"""Puts the vault of a backup together beside the present one, without what was destroyed."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import Engine

from breachdesk.keeping.errands.backing_up import DATA, FILE
from breachdesk.kernel import archive
from breachdesk.kernel.archive import BackupKey, Record
from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.masters import GivenKey, MasterKeys, WrongMaster, mark
from breachdesk.kernel.sealing import private, sync_folder, write_whole
from breachdesk.kernel.vault import PARTS, Vault

ACT = ".restore"
"""Names the act in the new vault; the database names it too once the act was done."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a desk stands, or is to stand."""

    engine: Engine
    home: Path
    vault: Path
    migrations: Path
    masters: MasterKeys
    clock: Clock
    evidence: bool
    """Whether the mailer has a record of its own of what it was handed."""

    @property
    def staged(self) -> Path:
        """Return where the new vault is put together."""
        return self.vault.with_name(f"{self.vault.name}.restoring")

    @property
    def former(self) -> Path:
        """Return where the old vault goes until it is removed."""
        return self.vault.with_name(f"{self.vault.name}.replaced")


def destroyed_in(place: Place) -> frozenset[UUID]:
    """Return the incidents whose keys were destroyed in the vault that stands."""
    return frozenset(UUID(path.name) for path in (place.vault / "destroyed").glob("[!.]*"))


def stage(
    place: Place,
    path: Path,
    key: BackupKey,
    manifest: dict[str, Any],
    destroyed: Collection[UUID],
    former_master: bytes | None,
    act: UUID,
) -> tuple[Vault, int, int]:
    """Put the new vault together beside the old one, without what was destroyed since."""
    masters = _masters(place, manifest["master"], former_master)
    for part in PARTS:
        (place.staged / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(place.staged / "master.mark", manifest["master"].encode())
    gone = {str(each) for each in destroyed}
    files, left_out = _write_files(place.staged, archive.read(path, key), gone)
    vault = Vault(place.staged, masters)
    for incident in destroyed:
        vault.destroy_key(incident)
    for chain, (sequence, digest) in manifest["heads"].items():
        vault.keep_head(chain, sequence, digest)
    if former_master is not None and manifest["master"] == mark(former_master):
        vault.rotate()
    write_whole(place.staged / ACT, str(act).encode())
    sync_folder(place.staged)
    return vault, files, left_out


def _masters(place: Place, wanted: str, former: bytes | None) -> MasterKeys:
    """Return who opens the backup's vault, and leaves it wrapped by the key of this home."""
    if not place.masters.present():
        raise WrongMaster(
            f"the master key of this backup, {wanted}, must lie in its place before: see "
            "secrets/master.key, or BREACHDESK_MASTER_KEY"
        )
    keys = place.masters.read()
    if wanted in {mark(each) for each in keys}:
        return place.masters
    if former is not None and mark(former) == wanted:
        return GivenKey(keys[0], former)
    raise WrongMaster(
        f"this backup's vault is wrapped by the master key {wanted}; the one at hand is "
        f"{mark(keys[0])}. Give the one of its time with --former-master"
    )


def _write_files(
    folder: Path, records: Iterator[Record], destroyed: set[str]
) -> tuple[int, int]:
    """Write the files of the backup under `folder`, but those of destroyed keys.

    Return how many were written, and how many keys were left out.
    """
    number, left_out, sink = 0, 0, None
    try:
        for record in records:
            if record.kind == FILE:
                _close(sink)
                sink = None
                name = PurePosixPath(record.document()["name"])
                if name.is_absolute() or ".." in name.parts:
                    raise Unusable(f"the backup holds the file {name}, outside the vault")
                if destroyed & {name.stem, *name.parts}:
                    left_out += name.parts[0] == "keys"
                    continue
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                sink = private(target)
                number += 1
            elif record.kind == DATA and sink is not None:
                sink.write(record.content)
    finally:
        _close(sink)
    return number, left_out


def _close(sink: BinaryIO | None) -> None:
    if sink is not None:
        sink.flush()
        os.fsync(sink.fileno())
        sink.close()
