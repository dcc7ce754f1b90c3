"""Where personal data of affected people rests: sealed under a key per incident.

The vault is a folder of files, apart from the database on purpose: to destroy an incident's
key file makes every sealed list and payload of it unreadable, in every copy and backup of
the database as well. The proof (counts, digests, HMACs) stays readable. What was destroyed is
remembered by the incident's id, so that no copy of the key can be put back unseen.
"""

import hashlib
import hmac
import os
import shutil
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from breachdesk.kernel.errors import Refused
from breachdesk.kernel.lending import sealed_for
from breachdesk.kernel.masters import GivenKey, MasterKeys
from breachdesk.kernel.sealing import (
    FRAME_BYTES,
    KEY_BYTES,
    Tampered,
    blocks,
    digested,
    framed,
    new_key,
    private,
    seal,
    unframed,
    unseal,
    write_whole,
)
from breachdesk.kernel.wrapping import Wrapping

__all__ = ["FRAME_BYTES", "KEY_BYTES", "Purged", "Tampered", "Vault", "read_master"]

PARTS = ("keys", "lists", "heads", "destroyed")


class Purged(Refused):
    """The key of this incident was destroyed; what it sealed cannot be read any more."""


class Vault:
    """Seals and opens what belongs to an incident, and keeps the sealed head of the trail."""

    def __init__(self, folder: Path, master: MasterKeys | bytes) -> None:
        """Keep keys and lists under `folder`; `master` wraps every key.

        Raises WrongMaster where the vault is wrapped by another master key.
        """
        self.folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in PARTS:
            (folder / part).mkdir(exist_ok=True, mode=0o700)
        source = GivenKey(master) if isinstance(master, bytes) else master
        self._wrapping = Wrapping(folder, source)

    # -- keys ---------------------------------------------------------------------------

    def make_key(self, incident: UUID) -> None:
        """Make the key of an incident; a second call changes nothing. Raises Purged."""
        if self._tombstone(incident).exists():
            raise _purged(incident)
        path = self._key_file(incident)
        if not path.exists():
            self._wrapping.wrap(path, new_key(), incident.bytes, replace=False)

    def destroy_key(self, incident: UUID) -> None:
        """Destroy an incident's key, and its lists: nothing it sealed can be read again."""
        write_whole(self._tombstone(incident), b"")
        path = self._key_file(incident)
        if path.exists():
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.write(b"\0" * size)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        shutil.rmtree(self.folder / "lists" / str(incident), ignore_errors=True)

    def has_key(self, incident: UUID) -> bool:
        """Tell whether the key of an incident is still there."""
        return self._key_file(incident).exists()

    def keys(self) -> list[UUID]:
        """Return for what there is a key."""
        return sorted(UUID(path.stem) for path in (self.folder / "keys").glob("[!.]*.key"))

    def destroyed(self) -> frozenset[UUID]:
        """Return the incidents whose keys were destroyed."""
        return frozenset(UUID(path.name) for path in (self.folder / "destroyed").glob("[!.]*"))

    def address_key(self, incident: UUID, text: str) -> str:
        """Return an HMAC-SHA-256 of `text` under the incident's key, in hex.

        Equal texts of one incident give equal marks; without the key nobody can test a guess.
        """
        key = hmac.digest(self._key(incident), b"address-key", hashlib.sha256)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def lend(self, incident: UUID, public: bytes, *, about: str) -> bytes:
        """Return the incident's key for one process: sealed to the pair it made in memory."""
        return sealed_for(public, self._key(incident), about)

    # -- small payloads, kept in the database -------------------------------------------

    def seal(self, incident: UUID, clear: bytes, *, label: str) -> bytes:
        """Return `clear` sealed under the incident's key and bound to `label`."""
        return seal(AESGCM(self._key(incident)), clear, label.encode())

    def open(self, incident: UUID, sealed: bytes, *, label: str) -> bytes:
        """Return what `seal` was given. Raises Purged or Tampered."""
        return unseal(AESGCM(self._key(incident)), sealed, label.encode())

    # -- whole lists, kept as files ------------------------------------------------------

    def has_list(self, incident: UUID, name: str) -> bool:
        """Tell whether a list of that name is kept."""
        return self._list_file(incident, name).exists()

    def list_names(self, incident: UUID) -> list[str]:
        """Return the names of the lists that are kept for an incident."""
        folder = self.folder / "lists" / str(incident)
        return sorted(path.stem for path in folder.glob("*.sealed"))

    def store_list(
        self, incident: UUID, name: str, clear: Path, *, holder: str | None = None
    ) -> str:
        """Seal the file `clear` as list `name`; return the SHA-256 of its clear bytes.

        That of a `holder` is sealed under a key of its own, which opens no other list.
        """
        cipher, digest = self._cipher(incident, holder), hashlib.sha256()
        target = self._list_file(incident, name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_suffix(f".{os.getpid()}.{threading.get_ident()}.partial")
        with clear.open("rb") as source, private(partial) as sink:
            for frame in framed(digested(blocks(source), digest), cipher, name):
                sink.write(frame)
            sink.flush()
            os.fsync(sink.fileno())
        partial.replace(target)
        return f"sha256:{digest.hexdigest()}"

    def fetch_list(
        self, incident: UUID, name: str, target: Path, *, holder: str | None = None
    ) -> None:
        """Write list `name` in clear to `target`, readable by the owner alone.

        The caller removes `target` as soon as it was read. Raises Purged or Tampered.
        """
        cipher = self._cipher(incident, holder)
        with self._list_file(incident, name).open("rb") as source, private(target) as sink:
            for clear in unframed(source, cipher, name):
                sink.write(clear)

    def list_key(self, incident: UUID, holder: str) -> bytes:
        """Return the key of a holder's lists, from which no other key follows."""
        key = hmac.digest(self._key(incident), b"list-key", hashlib.sha256)
        return hmac.digest(key, holder.encode(), hashlib.sha256)

    # -- the head of the trail -----------------------------------------------------------

    def keep_head(self, chain: str, sequence: int, digest: str) -> None:
        """Seal the trail's head, never an earlier one than is kept, so that a cut shows."""
        with self._lock:
            kept = self.head(chain)
            if kept is None or kept[0] < sequence:
                clear = f"{sequence} {digest}".encode()
                self._wrapping.wrap(self._head_file(chain), clear, chain.encode())

    def head(self, chain: str) -> tuple[int, str] | None:
        """Return sequence and digest of the last head kept, if any. Raises Tampered."""
        path = self._head_file(chain)
        if not path.exists():
            return None
        sequence, digest = self._wrapping.unwrap(path, chain.encode()).split()
        return int(sequence), digest.decode()

    def chains(self) -> list[str]:
        """Return every trail of which a head was sealed."""
        return sorted(path.stem for path in (self.folder / "heads").glob("[!.]*.sealed"))

    # -- the master key ------------------------------------------------------------------

    @property
    def master_mark(self) -> str:
        """Return the mark of the master key in force."""
        return self._wrapping.mark

    def rotate(self) -> int:
        """Wrap every key and head under the next master key; return how many were wrapped."""
        return self._wrapping.rotate()

    def holding(self) -> AbstractContextManager[None]:
        """Let nobody rotate the master key while the context lasts."""
        return self._wrapping.holding()

    # ------------------------------------------------------------------------------------

    def _key(self, incident: UUID) -> bytes:
        path = self._key_file(incident)
        if not path.exists() or self._tombstone(incident).exists():
            raise _purged(incident)
        return self._wrapping.unwrap(path, incident.bytes)

    def _cipher(self, incident: UUID, holder: str | None) -> AESGCM:
        return AESGCM(
            self._key(incident) if holder is None else self.list_key(incident, holder)
        )

    def _key_file(self, incident: UUID) -> Path:
        return self.folder / "keys" / f"{incident}.key"

    def _list_file(self, incident: UUID, name: str) -> Path:
        return self.folder / "lists" / str(incident) / f"{name}.sealed"

    def _head_file(self, chain: str) -> Path:
        return self.folder / "heads" / f"{chain}.sealed"

    def _tombstone(self, incident: UUID) -> Path:
        return self.folder / "destroyed" / str(incident)


def read_master(path: Path) -> bytes:
    """Read the master key of an installation from `path`, making one at first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, new_key(), replace=False)
    return path.read_bytes()


def _purged(incident: UUID) -> Purged:
    return Purged(f"the data of incident {incident} was purged: its key is gone")
