"""A large packed log, unpacked a stretch of whole lines at a time beside who reads it.

The engine takes three times as long to unpack gzip, on one processor, and looks at no checksum.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Self

from isal import igzip

from breachdesk.adapters.evidence_files import FLAWED, flawed
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.terms import File, Format

LARGE = 8 << 20
"""From so many bytes on a packed file is read in stretches."""
STRETCH = 256 << 20
"""About so many bytes are unpacked at once; two such files lie on the disk."""
LONGEST_LINE = 64 << 20
LINES = (Format.NDJSON, Format.COMBINED)
"""What ends its rows where its lines end; in CSV a row may span several."""
BLOCK = 256 << 10


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some whole lines of a packed file, and how much of the file lies before their end."""

    path: Path
    done: float
    """0 to 1, in packed bytes."""


def fits(file: File, form: Format | None) -> bool:
    """Tell whether a file of a log in that format is read in stretches."""
    return (
        file.imported is None
        and file.path.suffix.lower() == ".gz"
        and format_of(file.path, form) in LINES
        and file.path.stat().st_size >= LARGE
    )


def unpacked(file: File, folder: Path) -> Iterator[Stretch]:
    """Yield a gzip file in stretches, the next one made while one is read.

    Each lies in `folder` until the next is asked for. A line that is longer than any may be
    is cut. Raises Unusable for a file that is cut off or of which a checksum does not fit,
    once the stretches before that were read.
    """
    paths = [folder / f"stretch-{number}" for number in range(2)]
    with _Unpacker(file) as unpacker, ThreadPoolExecutor(max_workers=1) as beside:
        for path in paths:
            path.touch()  # written over each time: what lies in memory is used again
        following = cycle(paths)
        coming = beside.submit(unpacker.fill, next(following))
        while (stretch := coming.result()) is not None:
            coming = beside.submit(unpacker.fill, next(following))
            yield stretch
    for path in paths:
        path.unlink()


class _Unpacker:
    """Unpacks a file into others, one after the other."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._source = file.path.open("rb")
        self._packed = igzip.IGzipFile(fileobj=self._source)  # type: ignore[no-untyped-call]  # it has no types
        self._size = file.path.stat().st_size
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._packed.close()
        self._source.close()

    def fill(self, path: Path) -> Stretch | None:
        """Write the next lines over those in `path`; None if there are none."""
        size = 0
        with path.open("r+b") as target:
            while block := self._left or self._read():
                last = block.rfind(b"\n") + 1 if size + len(block) > STRETCH else 0
                end = last or len(block)
                self._left = block[end:]
                target.write(memoryview(block)[:end])
                size += end
                if last or size > STRETCH + LONGEST_LINE:
                    break
            target.truncate(size)
        return Stretch(path, self._source.tell() / self._size) if size else None

    def _read(self) -> bytes:
        try:
            return self._packed.read(min(BLOCK, STRETCH))
        except (EOFError, igzip.BadGzipFile, FLAWED) as error:
            raise flawed(self._file, error) from None
