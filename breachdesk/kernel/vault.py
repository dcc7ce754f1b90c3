"""Where personal data of affected people rests: sealed under a key per incident.

The vault is a folder of files, apart from the database on purpose: to destroy an incident's
key file makes every sealed list and payload of it unreadable, in every copy and backup of
the database as well. The proof (counts, digests, HMACs) stays readable.

Ciphers are AES-256-GCM of the `cryptography` library. A sealed stream is a row of frames,
each under a fresh nonce with its number and an end mark authenticated, so that frames cannot
be swapped, dropped or cut off unseen.
"""

import hashlib
import hmac
import os
import struct
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from breachdesk.kernel.errors import Refused, Unusable

KEY_BYTES = 32
NONCE_BYTES = 12
FRAME_BYTES = 1 << 20
_FRAME = struct.Struct(">I")


class Purged(Refused):
    """The key of this incident was destroyed; what it sealed cannot be read any more."""


class Tampered(Refused):
    """Sealed data does not open under its key: it was altered, cut or swapped."""


class Vault:
    """Seals and opens what belongs to an incident, and keeps the sealed head of the trail."""

    def __init__(self, folder: Path, master: bytes) -> None:
        """Keep keys and lists under `folder`; `master` is 32 bytes and wraps every key."""
        if len(master) != KEY_BYTES:
            raise Unusable(f"the master key has {len(master)} bytes; it must have {KEY_BYTES}")
        self._folder = folder
        self._master = AESGCM(master)
        self._lock = threading.Lock()
        for part in ("keys", "lists", "heads"):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)

    # -- keys ---------------------------------------------------------------------------

    def make_key(self, incident: UUID) -> None:
        """Make the key of an incident; a second call changes nothing."""
        path = self._key_file(incident)
        if path.exists():
            return
        key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        _write_whole(path, _seal(self._master, key, incident.bytes))

    def destroy_key(self, incident: UUID) -> None:
        """Destroy the key of an incident: nothing sealed under it can be read again."""
        path = self._key_file(incident)
        if path.exists():
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.write(b"\0" * size)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()

    def address_key(self, incident: UUID, text: str) -> str:
        """Return an HMAC-SHA-256 of `text` under the incident's key, in hex.

        Equal texts of one incident give equal marks; without the key nobody can test a guess.
        """
        key = hmac.digest(self._key(incident), b"address-key", hashlib.sha256)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    # -- small payloads, kept in the database -------------------------------------------

    def seal(self, incident: UUID, clear: bytes, *, label: str) -> bytes:
        """Return `clear` sealed under the incident's key and bound to `label`."""
        return _seal(AESGCM(self._key(incident)), clear, label.encode())

    def open(self, incident: UUID, sealed: bytes, *, label: str) -> bytes:
        """Return what `seal` was given. Raises Purged or Tampered."""
        return _open(AESGCM(self._key(incident)), sealed, label.encode())

    # -- whole lists, kept as files ------------------------------------------------------

    def store_list(self, incident: UUID, name: str, clear: Path) -> str:
        """Seal the file `clear` as list `name`; return the SHA-256 of its clear bytes."""
        cipher, digest = AESGCM(self._key(incident)), hashlib.sha256()
        target = self._list_file(incident, name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_suffix(".partial")
        with clear.open("rb") as source, _private(partial) as sink:
            for frame in _frames(_blocks(source), cipher, name, digest):
                sink.write(frame)
            sink.flush()
            os.fsync(sink.fileno())
        partial.replace(target)
        return f"sha256:{digest.hexdigest()}"

    def fetch_list(self, incident: UUID, name: str, target: Path) -> None:
        """Write list `name` in clear to `target`, readable by the owner alone.

        The caller removes `target` as soon as it was read. Raises Purged or Tampered.
        """
        cipher = AESGCM(self._key(incident))
        with self._list_file(incident, name).open("rb") as source, _private(target) as sink:
            for clear in _unframed(source, cipher, name):
                sink.write(clear)

    # -- the head of the trail -----------------------------------------------------------

    def keep_head(self, chain: str, sequence: int, digest: str) -> None:
        """Seal the trail's head, never an earlier one than is kept, so that a cut shows."""
        with self._lock:
            kept = self.head(chain)
            if kept is None or kept[0] < sequence:
                clear = f"{sequence} {digest}".encode()
                _write_whole(self._head_file(chain), _seal(self._master, clear, chain.encode()))

    def head(self, chain: str) -> tuple[int, str] | None:
        """Return sequence and digest of the last head kept, if any. Raises Tampered."""
        path = self._head_file(chain)
        if not path.exists():
            return None
        sequence, digest = _open(self._master, path.read_bytes(), chain.encode()).split()
        return int(sequence), digest.decode()

    def chains(self) -> list[str]:
        """Return every trail of which a head was sealed."""
        return sorted(path.stem for path in (self._folder / "heads").glob("*.sealed"))

    # ------------------------------------------------------------------------------------

    def _key(self, incident: UUID) -> bytes:
        path = self._key_file(incident)
        if not path.exists():
            raise Purged(f"the data of incident {incident} was purged: its key is gone")
        return _open(self._master, path.read_bytes(), incident.bytes)

    def _key_file(self, incident: UUID) -> Path:
        return self._folder / "keys" / f"{incident}.key"

    def _list_file(self, incident: UUID, name: str) -> Path:
        return self._folder / "lists" / str(incident) / f"{name}.sealed"

    def _head_file(self, chain: str) -> Path:
        return self._folder / "heads" / f"{chain}.sealed"


def read_master(path: Path) -> bytes:
    """Read the master key of an installation from `path`, making one at first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(path, AESGCM.generate_key(bit_length=8 * KEY_BYTES), replace=False)
    return path.read_bytes()


def _seal(cipher: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise Tampered("sealed data does not open under its key") from None


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    while block := source.read(FRAME_BYTES):
        yield block


def _frames(
    blocks: Iterable[bytes], cipher: AESGCM, name: str, digest: "hashlib._Hash"
) -> Iterator[bytes]:
    number = 0
    for number, block in enumerate(blocks, start=1):
        digest.update(block)
        sealed = _seal(cipher, block, f"{name}:{number}".encode())
        yield _FRAME.pack(len(sealed)) + sealed
    sealed = _seal(cipher, b"", f"{name}:end:{number}".encode())
    yield _FRAME.pack(len(sealed)) + sealed


def _unframed(source: BinaryIO, cipher: AESGCM, name: str) -> Iterator[bytes]:
    waiting, number = b"", 0
    while header := source.read(_FRAME.size):
        if len(header) < _FRAME.size:
            raise Tampered(f"list {name} was cut off")
        if waiting:
            number += 1
            yield _open(cipher, waiting, f"{name}:{number}".encode())
        waiting = source.read(_FRAME.unpack(header)[0])
    _open(cipher, waiting, f"{name}:end:{number}".encode())


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb")


def _write_whole(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a small file so that it is there whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with _private(partial) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        partial.replace(path)
        return
    try:
        os.link(partial, path)  # the first of two starters wins; the second reads its key
    except FileExistsError:
        pass
    finally:
        partial.unlink()
