"""A lock file that one process holds, and that is free again the moment it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from breachdesk.kernel.errors import Refused

LEADER = 0x4272_4465_736B
"""The number of the lock in the database that the leader holds: the letters "BrDesk"."""


class Held(Refused):
    """Another process holds the lock."""


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold the lock at `path` with others who share it; wait for who holds it alone."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path, *, wait: bool, held: str = "") -> Iterator[None]:
    """Hold the lock at `path`. Raises Held, saying `held`, where we must not wait."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Held(held or f"{path} is held by another process") from None
        yield
    finally:
        os.close(descriptor)
