"""Posts into mboxes, one a campaign, with a journal that tells what counts.

Mboxes lie in `people/`, `customers/` and `staff/` of the outbox. What is in an mbox counts as
posted as far as its journal says, and no further. A chunk is appended and brought to the disk
first; the journal's line comes last. So a process that dies anywhere leaves either a line,
and then the whole chunk is there, or no line, and then whatever was written is cut off before
anything else is written. A lock on the journal lets one process in at a time.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from uuid import UUID

from breachdesk.delivery.rules import Letters, ascii_domain
from breachdesk.delivery.terms import (
    NO_TICKET,
    Finding,
    Outcome,
    Parcel,
    Result,
    Slip,
    Ticket,
)
from breachdesk.kernel.errors import Unusable

JOURNALS = ".journals"


class Cut(Exception):
    """Mbox and journal do not fit any more: somebody cut, moved or replaced one of them."""


class FileMailer:
    """The outbox on the disk, for whoever passes mail on themselves, and for rehearsals."""

    name = "file"
    together = 1
    patience = timedelta(seconds=10)

    def __init__(self, outbox: Path) -> None:
        """Keep mboxes under `outbox`, readable by the owner alone."""
        self._outbox = outbox

    def mbox(self, slip: Slip) -> Path:
        """Return the mbox of a campaign."""
        return self._outbox / slip.folder.value / f"{slip.campaign}.mbox"

    def has_room(self, out: Sequence[tuple[Ticket, bool]]) -> bool:
        """Tell that there always is: nothing can be called back from here."""
        del out
        return True

    def prepare(self) -> Ticket:
        """Return nothing to keep: the journal tells all."""
        return NO_TICKET

    def post(self, parcel: Parcel) -> Outcome:
        """Append one message to each recipient, all or none."""
        try:
            content = b"".join(_messages(parcel))
            with self._journal(parcel.slip) as journal:
                return self._append(journal, parcel.slip, content)
        except (Unusable, Cut) as fault:
            return Outcome(Result.BLOCKED, why=str(fault))
        except OSError as fault:
            return Outcome(
                Result.BLOCKED, why=f"the outbox cannot be written: {fault.strerror}"
            )

    def recall(self, slip: Slip) -> Finding:
        """Tell whether the chunk is in the mbox; if not, cut off its beginning and bar it."""
        try:
            with self._journal(slip) as journal:
                if slip.chunk in journal.posted:
                    return Finding.PROVED
                if self.mbox(slip).exists():
                    with self.mbox(slip).open("r+b") as file:
                        _cut(file.fileno(), journal.length)
                journal.add("recalled", slip, journal.length)
                return Finding.ABSENT
        except (OSError, Cut):
            return Finding.CANNOT_TELL

    def _append(self, journal: "Journal", slip: Slip, content: bytes) -> Outcome:
        if slip.chunk in journal.posted:
            return Outcome(Result.ACCEPTED, proof=journal.posted[slip.chunk])
        if (slip.chunk, slip.attempt) in journal.recalled:
            return Outcome(Result.RECALLED)
        path = self.mbox(slip)
        _folder(path.parent)
        handle = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            _cut(file.fileno(), journal.length)
            file.seek(journal.length)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not journal.length:
            _sync_folder(path.parent)
        end = journal.length + len(content)
        return Outcome(Result.ACCEPTED, proof=journal.add("posted", slip, end, content))

    @contextmanager
    def _journal(self, slip: Slip) -> Iterator["Journal"]:
        """Open a campaign's journal, alone."""
        path = self._outbox / JOURNALS / slip.folder.value / slip.campaign
        _folder(path.parent)
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            journal = Journal(handle)
            journal.read()
            if not journal.read_to:
                _sync_folder(path.parent)
            yield journal
        finally:
            os.close(handle)


@dataclass
class Journal:
    """What was posted into one mbox, and which attempts may not be any more."""

    handle: int
    read_to: int = 0
    length: int = 0
    posted: dict[UUID, str] = field(default_factory=dict)
    recalled: set[tuple[UUID, int]] = field(default_factory=set)

    def read(self) -> None:
        """Read every whole line; cut off one that was being written when its writer died."""
        content = os.pread(self.handle, os.fstat(self.handle).st_size, 0)
        self.read_to = content.rfind(b"\n") + 1
        try:
            for line in content[: self.read_to].decode().splitlines():
                self._take(*line.split(" "))
        except (ValueError, TypeError):
            raise Cut("the journal of the mbox is damaged") from None
        os.ftruncate(self.handle, self.read_to)

    def add(self, word: str, slip: Slip, end: int, content: bytes = b"") -> str:
        """Write one line and bring it to the disk; return the proof it holds."""
        proof = f"sha256:{hashlib.sha256(content).hexdigest()}" if content else "-"
        line = f"{word} {slip.chunk} {slip.attempt} {end} {proof}\n".encode()
        if os.pwrite(self.handle, line, self.read_to) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self.handle)
        return proof

    def _take(self, word: str, chunk: str, attempt: str, end: str, proof: str) -> None:
        if word == "posted":
            self.posted[UUID(chunk)] = proof
            self.length = int(end)
        else:
            self.recalled.add((UUID(chunk), int(attempt)))


def _messages(parcel: Parcel) -> Iterator[bytes]:
    letters = Letters(parcel)
    local, _, domain = parcel.sender.address.rpartition("@")
    at = parcel.at.astimezone(UTC).ctime()
    separator = f"From {local}@{ascii_domain(domain)} {at}\n".encode()
    for recipient in parcel.recipients:
        yield separator
        yield letters.message(recipient)
        yield b"\n"


def _cut(handle: int, length: int) -> None:
    """Cut off what no journal line vouches for. Raises Cut if what it vouches for is gone."""
    size = os.fstat(handle).st_size
    if size < length:
        raise Cut("the mbox is shorter than its journal says: it was cut, moved or replaced")
    if size > length:
        os.ftruncate(handle, length)
        os.fsync(handle)


def _folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def _sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk, so that a new file survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
