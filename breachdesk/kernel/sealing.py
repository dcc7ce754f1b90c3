"""How bytes are sealed and written: AES-256-GCM, in frames where they are many; whole files.

A sealed stream is a row of frames, each under a fresh nonce with its number and an end mark
authenticated, so that frames cannot be swapped, dropped, added or cut off unseen.
"""

import hashlib
import os
import struct
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from breachdesk.kernel.errors import Refused

KEY_BYTES = 32
NONCE_BYTES = 12
FRAME_BYTES = 1 << 20
LARGEST_FRAME = FRAME_BYTES + 1024
_FRAME = struct.Struct(">I")


class Tampered(Refused):
    """Sealed data does not open under its key: it was altered, cut or swapped."""


def new_key() -> bytes:
    """Return a fresh key of 32 bytes."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def seal(cipher: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    """Return `clear` sealed under a fresh nonce and bound to `bound_to`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound_to)


def unseal(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what `seal` was given. Raises Tampered."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise Tampered("sealed data does not open under its key") from None


def first_that_opens(ciphers: Iterable[AESGCM], sealed: bytes, bound_to: bytes) -> bytes:
    """Return what the first cipher that can opens of `sealed`. Raises Tampered if none can."""
    for cipher in ciphers:
        try:
            return unseal(cipher, sealed, bound_to)
        except Tampered:
            continue
    raise Tampered("sealed data does not open under its key")


def digested(source: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """Yield what `source` yields, after `digest` has heard it."""
    for block in source:
        digest.update(block)
        yield block


def blocks(source: BinaryIO) -> Iterator[bytes]:
    """Yield what `source` holds, a frame's worth at a time."""
    while block := source.read(FRAME_BYTES):
        yield block


def framed(clear: Iterable[bytes], cipher: AESGCM, name: str) -> Iterator[bytes]:
    """Yield `clear`, block by block, as the frames of the stream `name`."""
    number = 0
    for number, block in enumerate(clear, start=1):
        sealed = seal(cipher, block, f"{name}:{number}".encode())
        yield _FRAME.pack(len(sealed)) + sealed
    sealed = seal(cipher, b"", f"{name}:end:{number}".encode())
    yield _FRAME.pack(len(sealed)) + sealed


def unframed(source: BinaryIO, cipher: AESGCM, name: str) -> Iterator[bytes]:
    """Yield the blocks of the stream `name`. Raises Tampered, at the latest at its end."""
    waiting, number = b"", 0
    while header := source.read(_FRAME.size):
        length = _FRAME.unpack(header)[0] if len(header) == _FRAME.size else 0
        if not 0 < length <= LARGEST_FRAME:
            raise Tampered(f"{name} was cut off or altered")
        if waiting:
            number += 1
            yield unseal(cipher, waiting, f"{name}:{number}".encode())
        waiting = source.read(length)
        if len(waiting) < length:
            raise Tampered(f"{name} was cut off")
    unseal(cipher, waiting, f"{name}:end:{number}".encode())


def private(path: Path) -> BinaryIO:
    """Open a file to be written that its owner alone can read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb")


def write_whole(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a small file so that it is there whole or not at all, also after a power cut.

    Without `replace` a file that is there already stays: of two starters the first wins.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with private(partial) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            partial.replace(path)
            return
        try:
            os.link(partial, path)
        except FileExistsError:
            return
    finally:
        partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """See to it that the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
