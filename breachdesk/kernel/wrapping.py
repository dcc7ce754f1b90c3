"""What the master key wraps: every incident's key and every head of a trail, and its rotation.

The mark in the folder says which master key is in force, so that whoever has another one at
hand is told so, and so that a rotation cut short is finished and never guessed at.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from breachdesk.kernel.locks import exclusive, shared
from breachdesk.kernel.masters import MasterKeys, WrongMaster, checked, mark
from breachdesk.kernel.sealing import Tampered, first_that_opens, seal, unseal, write_whole


class Wrapping:
    """Wraps files of a folder under the master key in force, whoever rotates it meanwhile."""

    def __init__(self, folder: Path, master: MasterKeys) -> None:
        """Find the master key in force. Raises WrongMaster where it is not at hand."""
        self._folder = folder
        self._source = master
        self._load()

    @property
    def mark(self) -> str:
        """Return the mark of the master key in force."""
        return self._mark

    def holding(self) -> AbstractContextManager[None]:
        """Let nobody rotate the master key while the context lasts."""
        return shared(self._lock_file)

    def wrap(self, path: Path, clear: bytes, bound_to: bytes, *, replace: bool = True) -> None:
        """Write `clear` to `path`, wrapped under the master key and bound to `bound_to`."""
        with self.holding():
            if self._kept_mark() != self._mark:
                self._load()  # it was rotated meanwhile, by another process
            write_whole(path, seal(AESGCM(self._keys[0]), clear, bound_to), replace=replace)

    def unwrap(self, path: Path, bound_to: bytes) -> bytes:
        """Return what `wrap` wrote to `path`. Raises Tampered."""
        try:
            return first_that_opens(map(AESGCM, self._keys), path.read_bytes(), bound_to)
        except Tampered:
            with self.holding():  # perhaps it was rotated, or is being rotated
                self._load()
                return first_that_opens(map(AESGCM, self._keys), path.read_bytes(), bound_to)

    def rotate(self) -> int:
        """Wrap everything under the next master key; return how many files were wrapped.

        Whatever a crash left half done opens all the same, and is finished by the next call.
        """
        with exclusive(self._lock_file, wait=True):
            following = checked(self._source.next())
            self._load()
            if mark(following) == self._mark:  # only the former key was still to be forgotten
                self._source.settle()
                self._load()
                return 0
            ciphers, wrapped = [AESGCM(key) for key in (following, *self._keys)], 0
            for path, bound_to in self._wrapped():
                clear = first_that_opens(ciphers, path.read_bytes(), bound_to)
                write_whole(path, seal(ciphers[0], clear, bound_to))
                wrapped += 1
            write_whole(self._mark_file, mark(following).encode())
            self._source.settle()
            self._load()
        return wrapped

    def _kept_mark(self) -> str:
        return self._mark_file.read_text("ascii", errors="replace").strip()

    def _load(self) -> None:
        """Read the master keys at hand, and find which of them is in force."""
        keys = [checked(key) for key in self._source.read()]
        if not self._mark_file.exists():
            write_whole(self._mark_file, mark(self._oldest(keys)).encode(), replace=False)
        kept = self._kept_mark()
        in_force = [key for key in keys if mark(key) == kept]
        if not in_force:
            raise WrongMaster(
                f"the vault is wrapped by the master key {kept}, and the one at hand is "
                f"{mark(keys[0])}; put the right one in its place"
            )
        self._keys = (*in_force[:1], *(key for key in keys if mark(key) != kept))
        self._mark = kept

    def _oldest(self, keys: list[bytes]) -> bytes:
        """Return the key that wrapped what lies here from before the mark was kept."""
        for path, bound_to in self._wrapped():
            for key in keys:
                try:
                    unseal(AESGCM(key), path.read_bytes(), bound_to)
                except Tampered:
                    continue
                return key
            raise WrongMaster(
                f"the master key does not open {path}; put the right one in place"
            )
        return keys[0]

    def _wrapped(self) -> Iterator[tuple[Path, bytes]]:
        """Yield every file that the master key wraps, and what each is bound to."""
        for path in sorted((self._folder / "keys").glob("[!.]*.key")):
            yield path, UUID(path.stem).bytes
        for path in sorted((self._folder / "heads").glob("[!.]*.sealed")):
            yield path, path.stem.encode()

    @property
    def _mark_file(self) -> Path:
        return self._folder / "master.mark"

    @property
    def _lock_file(self) -> Path:
        return self._folder / ".lock"
