"""Passwords that were stolen elsewhere, from a sorted file of digests: nothing is asked abroad.

The file is the one that the range service of breached passwords is downloaded into: a SHA-1
in capitals on each line, a colon and a count, in the order of the digests. It may hold a
billion lines: it is searched by halves and never read whole.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from breachdesk.kernel.errors import Unavailable, Unusable

DIGITS = 40
_LINE = 128


class NoLeakedPasswords:
    """Knows none: no file was named."""

    def knows(self, password: str) -> bool:
        """Return False."""
        del password
        return False


class LeakedPasswordFile:
    """Finds a password's digest in a sorted file."""

    def __init__(self, path: Path) -> None:
        """Take the file. Raises Unusable where it is none of digests."""
        self._path = path
        try:
            with path.open("rb") as file:
                first = file.readline(_LINE)
        except OSError as error:
            raise Unusable(f"{path}: {error.strerror}") from None
        if _digest_of(first) is None:
            raise Unusable(f"{path}:1: is no line of a SHA-1 in capitals, a colon and a count")

    def knows(self, password: str) -> bool:
        """Tell whether the digest of this password is in the file.

        Raises Unavailable where it can be read no more: no password passes unseen for that.
        """
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            return self._holds(wanted)
        except OSError as error:
            raise Unavailable(
                f"{self._path}, the file of stolen passwords, cannot be read: {error.strerror}"
            ) from None

    def _holds(self, wanted: str) -> bool:
        with self._path.open("rb") as file:
            low, high = 0, file.seek(0, os.SEEK_END)
            while low < high:
                middle = (low + high) // 2
                found, after = _line_from(file, middle)
                if found is None or found > wanted.encode():
                    high = middle
                elif found == wanted.encode():
                    return True
                else:
                    low = after
        return False


def _line_from(file: BinaryIO, place: int) -> tuple[bytes | None, int]:
    """Return the digest of the first line beginning at `place` or after, and its end."""
    file.seek(max(0, place - 1))
    if place:
        file.readline(_LINE)  # to the end of the line before
    line = file.readline(_LINE)
    return _digest_of(line), file.tell()


def _digest_of(line: bytes) -> bytes | None:
    digest = line[:DIGITS]
    fits = len(digest) == DIGITS and digest.isalnum() and digest == digest.upper()
    return digest if fits and line[DIGITS : DIGITS + 1] in {b":", b"\r", b"\n", b""} else None
