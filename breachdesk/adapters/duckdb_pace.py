"""How far a measure is: about how many rows were read, and of how many."""

import threading
import zlib
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.scoping.terms import File, Log, Watch

LOOK_EVERY = 0.2
"""Seconds between two looks."""
HEAD = 1 << 16
ZSTD_LINE = 25
"""About so many bytes of a zstd file hold a line of a log."""
PARQUET_ROW = 25
"""About so many bytes of a Parquet file hold a row of a log."""


class Pace:
    """Tells a watch how far the engine is, and breaks it off when the watch says so."""

    def __init__(
        self,
        engine: Engine,
        logs: Sequence[Log],
        watch: Watch | None,
        before: int = 0,
        after: int = 0,
    ) -> None:
        """Look at the first bytes of every file; without a watch, at nothing.

        So many rows were read before by another engine, and are to be read after.
        """
        self._earlier, self._later = before, after
        self._engine, self._watch = engine, watch
        self._expected = [sum(map(rows_of, log.files)) for log in logs] if watch else []
        self._whole = sum(self._expected)
        self._before, self._now = 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="pace", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        if self._watch is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look no more."""
        self._over.set()
        if self._watch is not None:
            self._thread.join()

    @property
    def expected(self) -> int:
        """Return about how many rows the logs have; 0 without a watch."""
        return sum(self._expected)

    def reads(self, number: int, rows: int) -> None:
        """Note that the log of that number is read next, and how many rows were before."""
        if self._expected:
            rest = sum(self._expected[number:])
            self._before, self._now, self._whole = rows, self._expected[number], rows + rest

    def has_read(self, rows: int) -> None:
        """Note that every log was read."""
        self._before, self._now, self._whole = rows, 0, rows

    def _look(self) -> None:
        assert self._watch is not None  # noqa: S101  (the thread starts for a watch alone)
        over, done = False, 0
        while not over:
            if self._watch.stopping():
                self._engine.stop()
            now = self._before + round(self._now * self._engine.done())
            # a log may be read by several statements, each of which begins anew
            done = max(done, self._earlier + min(now, self._whole))
            whole = self._earlier + self._whole + self._later
            self._watch.seen(min(done, whole), whole)
            over = self._over.wait(LOOK_EVERY)


def rows_of(file: File) -> int:
    """Return about how many rows a file has, told by its first bytes and its size."""
    size, ending = file.path.stat().st_size, file.path.suffix.lower()
    if ending in {".zst", ".parquet"}:
        return size // (ZSTD_LINE if ending == ".zst" else PARQUET_ROW)
    with file.path.open("rb") as opened:
        head = opened.read(HEAD)
    plain = head
    if ending == ".gz":
        try:
            plain = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head)
        except zlib.error:
            return 0
    lines = plain.count(b"\n") or plain.count(b"},{") + 1  # a document may be one line
    return lines * size // max(len(head), 1)
