"""A sealed file of records: what a backup is written in.

A line says what it is, a second one how the key is made; then come sealed frames to the end.
All is authenticated, the second line too: a file that was cut, altered or lengthened by a
byte does not open. The file appears whole under its name, read back and compared, or not at
all: what stood there before stays until then.
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.sealing import (
    FRAME_BYTES,
    KEY_BYTES,
    Tampered,
    framed,
    private,
    sync_folder,
    unframed,
)

FIRST_LINE = b"BreachDesk backup, sealed, format 1\n"
LONGEST_LINE = 4096
SHORTEST_PASSPHRASE = 12
SCRYPT = {"n": 1 << 17, "r": 8, "p": 1}
_RECORD = struct.Struct(">cI")


class WrongKey(Refused):
    """The backup does not open under this key or passphrase."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing of a backup: its kind in one letter, and what it holds."""

    kind: bytes
    content: bytes

    def document(self) -> Any:
        """Return the content of a record that is JSON."""
        return json.loads(self.content)


@dataclass(frozen=True, slots=True)
class BackupKey:
    """By what a backup is sealed: a passphrase that people remember, or the bytes of a file."""

    secret: bytes
    passphrase: bool

    def __repr__(self) -> str:
        """Tell the kind alone."""
        return f"BackupKey({'a passphrase' if self.passphrase else 'a key file'})"

    def __post_init__(self) -> None:
        """Refuse what could be guessed."""
        if self.passphrase and len(self.secret) < SHORTEST_PASSPHRASE:
            raise Unusable(f"the passphrase is shorter than {SHORTEST_PASSPHRASE} characters")
        if not self.passphrase and len(self.secret) < KEY_BYTES:
            raise Unusable(f"the key file has fewer than {KEY_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was written and read back."""

    bytes: int
    records: int
    digest: str
    """SHA-256 of the file."""


def document(kind: bytes, value: Any) -> Record:
    """Return `value` as a record in JSON."""
    return Record(kind, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def write(path: Path, key: BackupKey, records: Iterable[Record]) -> Written:
    """Write `records` sealed to `path`, read them back, and put the file in its place.

    Raises Refused where it cannot be written; what stood at `path` is then untouched.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with private(partial) as sink:
            clear = _fill(sink, key, records)
            sink.flush()
            os.fsync(sink.fileno())
        count, back = 0, hashlib.sha256()
        for record in read(partial, key):
            back.update(_packed(record))
            count += 1
        if back.hexdigest() != clear:
            raise Refused(f"{path} was not written as it was meant; the disk may be at fault")
        done = Written(partial.stat().st_size, count, digest_of(partial))
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as fault:
        raise Refused(f"{path} cannot be written: {fault.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
    return done


def read(path: Path, key: BackupKey) -> Iterator[Record]:
    """Yield the records of a backup. Raises WrongKey, or Tampered, at the latest at the end.

    Whoever acts on them reads the whole file first.
    """
    with _source(path) as source:
        cipher, name = _opened(source, path, key)
        stream = _Stream(unframed(source, cipher, name))
        try:
            first = stream.take(_RECORD.size)
        except Tampered:
            raise WrongKey(
                f"{path} does not open: the key is another one, or the file was altered"
            ) from None
        while first:
            kind, length = _RECORD.unpack(first)
            yield Record(kind, stream.take(length))
            first = stream.take(_RECORD.size)


def must_be_backup(path: Path) -> None:
    """Say that a file is no backup before anybody looks for its key. Raises Unusable."""
    with _source(path) as source:
        _read_first(source, path)


def _source(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as fault:
        raise Unusable(Problem(f"cannot be read: {fault.strerror}", file=str(path))) from None


def _read_first(source: BinaryIO, path: Path) -> bytes:
    first = source.readline(LONGEST_LINE)
    if first != FIRST_LINE:
        raise Unusable(Problem("is not a backup of this program, format 1", file=str(path)))
    return first


def _fill(sink: BinaryIO, key: BackupKey, records: Iterable[Record]) -> str:
    """Write the whole file; return the SHA-256 of what is in it in clear."""
    made: dict[str, Any] = {"salt": os.urandom(16).hex()}
    if key.passphrase:
        made["scrypt"] = SCRYPT
    head = FIRST_LINE + json.dumps(made).encode() + b"\n"
    sink.write(head)
    digest = hashlib.sha256()
    cipher = AESGCM(_derived(key, made))
    sink.writelines(framed(_gathered(records, digest), cipher, _name(head)))
    return digest.hexdigest()


def _gathered(records: Iterable[Record], digest: "hashlib._Hash") -> Iterator[bytes]:
    """Yield records packed into blocks of a frame each."""
    waiting = bytearray()
    for record in records:
        packed = _packed(record)
        digest.update(packed)
        waiting += packed
        while len(waiting) >= FRAME_BYTES:
            yield bytes(waiting[:FRAME_BYTES])
            del waiting[:FRAME_BYTES]
    if waiting:
        yield bytes(waiting)


def _packed(record: Record) -> bytes:
    return _RECORD.pack(record.kind, len(record.content)) + record.content


class _Stream:
    """Reads so many bytes at a time out of blocks of any size."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source, self._waiting = source, bytearray()

    def take(self, length: int) -> bytes:
        """Return the next `length` bytes; nothing at all at the end. Raises Tampered."""
        while len(self._waiting) < length:
            block = next(self._source, None)
            if block is None:
                if not self._waiting:
                    return b""
                raise Tampered("the backup ends in the middle of a record")
            self._waiting += block
        taken = bytes(self._waiting[:length])
        del self._waiting[:length]
        return taken


def _opened(source: BinaryIO, path: Path, key: BackupKey) -> tuple[AESGCM, str]:
    first, second = _read_first(source, path), source.readline(LONGEST_LINE)
    try:
        made = documents.from_json(second)
        cipher = AESGCM(_derived(key, made))
    except (ValueError, KeyError, TypeError):
        raise Unusable(Problem("its second line was altered", file=str(path), line=2)) from None
    return cipher, _name(first + second)


def _derived(key: BackupKey, made: dict[str, Any]) -> bytes:
    """Return the key of one file: of a passphrase by scrypt, of a key file by HKDF."""
    salt = bytes.fromhex(made["salt"])
    if ("scrypt" in made) != key.passphrase:
        kind = "a passphrase" if "scrypt" in made else "a key file"
        raise WrongKey(f"this backup was sealed with {kind}")
    if key.passphrase:
        if made["scrypt"] != SCRYPT:
            raise KeyError("scrypt")
        return Scrypt(salt=salt, length=KEY_BYTES, **SCRYPT).derive(key.secret)
    return HKDF(SHA256(), KEY_BYTES, salt, b"breachdesk backup").derive(key.secret)


def _name(head: bytes) -> str:
    return f"backup {hashlib.sha256(head).hexdigest()}"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
