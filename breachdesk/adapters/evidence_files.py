"""What a file really is, and how large it grows, before anything reads it to its end.

Evidence is hostile input: a name may lie about what is inside, and a small packed file may
unpack to more than there is room for.
"""

import codecs
import gzip
import os
import zlib
from pathlib import Path
from threading import Event
from typing import BinaryIO

from isal import igzip, igzip_lib

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File

HEAD = 1 << 16
LARGEST_RATIO = 250
"""How many times its size a packed file may unpack to; logs come to 5 or 50."""
LEAST_SAMPLE = 1 << 20
MOST_SAMPLE = 1 << 26
BLOCK = 1 << 20
GZIP_SIZE = 4
"""Bytes at the end of a gzip file that say how large it is unpacked."""
_TAR = slice(257, 262)
_ZSTD_SIZES = (0, 2, 4, 8)
LARGEST_BLOCK = 128 << 10
ZSTD = b"\x28\xb5\x2f\xfd"
FLAWED: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # it is told as if it were one
CUT_OFF = "is cut off or is not {}; fetch it again, or unpack it"
DAMAGED = "is damaged: its checksum does not fit; fetch it again"

KINDS = (
    (b"PK\x03\x04", "a zip archive (or a workbook)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "packed with gzip"),
    (ZSTD, "packed with zstd"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ\x00", "packed with xz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
)
EXPECTED = {
    ".gz": (b"\x1f\x8b",),
    ".zst": (ZSTD,),
    ".parquet": (b"PAR1",),
    ".xlsx": (b"PK\x03\x04",),
}
MARKED = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def check(file: File) -> None:
    """Refuse a file that is not what its name says, or unpacks to far more than it is.

    Raises Unusable. What is cut off, or is text of the wrong kind, is for the reader to say.
    """
    ending = file.path.suffix.lower()
    with file.path.open("rb") as opened:
        head = opened.read(HEAD)
    if not head:
        return
    expected = EXPECTED.get(ending, ())
    found = _kind(head)
    if found and not head.startswith(expected or (b"\x00never",)):
        raise _refused(file, f"is {found}, whatever its name says; unpack or rename it first")
    if ending == ".gz" and head.startswith(expected):
        head = _unpacked_head(file)
    if head[_TAR] == b"ustar" or (head.startswith(b"PK\x03\x04") and ending != ".xlsx"):
        raise _refused(file, "is an archive of files; take the files out first")
    if ending == ".gz" and (inner := _kind(head)):
        raise _refused(file, f"holds what is {inner}; unpack it once more first")
    if ending == ".zst":
        _walk_zstd(file)


def check_whole(file: File, given_up: Event | None = None) -> None:
    """Refuse a gzip file whose bytes are not those that were packed. Raises Unusable.

    The engine unpacks without a look at the checksum: one wrong bit is another key. Ends
    early, and says nothing, once the work is `given_up`.
    """
    if file.path.suffix.lower() != ".gz" or file.path.stat().st_size == 0:
        return
    try:
        with igzip.IGzipFile(file.path) as opened:  # type: ignore[no-untyped-call]  # it has no types
            while opened.read(BLOCK) and not (given_up and given_up.is_set()):
                pass
    except (EOFError, igzip.BadGzipFile, FLAWED) as error:
        raise flawed(file, error) from None


def flawed(file: File, error: Exception) -> Unusable:
    """Return how a file is refused that `isal` cannot unpack to its end."""
    no_gzip = isinstance(error, EOFError) or "Not a gzip" in str(error)
    return _refused(file, CUT_OFF.format("gzip") if no_gzip else DAMAGED)


def said_size(file: File) -> int:
    """Return how many bytes a file has unpacked, as far as it says so: it may be wrong.

    A gzip file ends with the size of its last member, modulo 4 GiB (RFC 1952, 2.3.1).
    """
    size = file.path.stat().st_size
    if file.path.suffix.lower() != ".gz" or size < GZIP_SIZE:
        return size
    with file.path.open("rb") as opened:
        opened.seek(-GZIP_SIZE, os.SEEK_END)
        return int.from_bytes(opened.read(GZIP_SIZE), "little")


def marked(file: File) -> str | None:
    """Return the encoding of a text file that begins with its mark; None for any other.

    A CSV file in UTF-8 with a mark needs no copy: its header is read without it.
    """
    endings = [each.lower() for each in file.path.suffixes]
    if endings[-1:] and endings[-1] in {".zst", ".parquet", ".xlsx"}:
        return None
    try:
        with _opened(file) as opened:
            head = opened.read(4)
    except (EOFError, OSError, zlib.error):
        return None  # the reader says what is wrong with it
    found = next((name for start, name in MARKED.items() if head.startswith(start)), None)
    return None if found == MARKED[codecs.BOM_UTF8] and ".csv" in endings else found


def narrowed(file: File, encoding: str, target: Path) -> None:
    """Write a copy of a text file in UTF-8; what is no text becomes U+FFFD, and is counted."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    try:
        with _opened(file) as source, target.open("wb") as sink:
            while block := source.read(BLOCK):
                sink.write(decoder.decode(block).encode())
            sink.write(decoder.decode(b"", final=True).encode())
    except (EOFError, OSError, zlib.error):
        raise _refused(file, CUT_OFF.format("gzip")) from None


def _kind(head: bytes) -> str | None:
    return next((what for start, what in KINDS if head.startswith(start)), None)


def _opened(file: File) -> "gzip.GzipFile":
    if file.path.suffix.lower() == ".gz":
        return gzip.open(file.path, "rb")
    return file.path.open("rb")  # type: ignore[return-value]  # read and closed alike


def _unpacked_head(file: File) -> bytes:
    """Return the first bytes of a gzip file. Raises Unusable where it grows beyond measure."""
    unpacker, head, grown = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16), b"", 0
    taken = 0
    with file.path.open("rb") as opened:
        while grown < MOST_SAMPLE and (packed := opened.read(HEAD)):
            taken += len(packed)
            while packed and grown < MOST_SAMPLE and not unpacker.eof:
                try:
                    plain = unpacker.decompress(packed, BLOCK)
                except zlib.error:
                    return head  # the reader says so
                head, grown = head or plain, grown + len(plain)
                packed = unpacker.unconsumed_tail
            if grown >= LEAST_SAMPLE and grown <= LARGEST_RATIO * taken:
                return head
            if unpacker.eof:
                return head
    if grown >= MOST_SAMPLE:
        raise _too_large(file)
    return head


def _walk_zstd(file: File) -> None:
    """Walk over the blocks of a zstd file: are all there, and to how much can they grow?

    The engine takes a file that is cut off for a whole one. Raises Unusable.
    """
    grown, size = 0, file.path.stat().st_size
    with file.path.open("rb") as opened:
        while start := opened.read(4):
            if start[1:] == b"\x2a\x4d\x18" and start[0] >> 4 == 5:  # noqa: PLR2004  (a frame to skip)
                opened.seek(int.from_bytes(_exactly(opened, 4, file), "little"), os.SEEK_CUR)
                continue
            if start != ZSTD:
                raise _refused(file, CUT_OFF.format("zstd"))
            grown += _walk_frame(opened, file)
            if grown > max(MOST_SAMPLE, LARGEST_RATIO * size):
                raise _too_large(file)
        if opened.tell() > size:
            raise _refused(file, CUT_OFF.format("zstd"))


def _walk_frame(opened: BinaryIO, file: File) -> int:
    """Go to the end of a frame (RFC 8878, 3.1.1); return how much it can unpack to."""
    described = _exactly(opened, 1, file)[0]
    single, checksum = described >> 5 & 1, described >> 2 & 1
    wide = _ZSTD_SIZES[described >> 6] or single
    _exactly(opened, (not single) + (0, 1, 2, 4)[described & 3], file)
    claimed = int.from_bytes(_exactly(opened, wide, file), "little")
    blocks, last = 0, False
    while not last:
        block = int.from_bytes(_exactly(opened, 3, file), "little")
        last, kind, length = bool(block & 1), block >> 1 & 3, block >> 3
        length = 1 if kind == 1 else length  # one byte that is repeated
        if length:
            opened.seek(length - 1, os.SEEK_CUR)
            _exactly(opened, 1, file)
        blocks += 1
    _exactly(opened, 4 * checksum, file)
    return claimed or blocks * LARGEST_BLOCK


def _exactly(opened: BinaryIO, count: int, file: File) -> bytes:
    found = opened.read(count)
    if len(found) < count:
        raise _refused(file, CUT_OFF.format("zstd"))
    return found


def _too_large(file: File) -> Unusable:
    return _refused(
        file, f"unpacks to more than {LARGEST_RATIO} times its size; unpack and check it first"
    )


def _refused(file: File, problem: str) -> Unusable:
    return Unusable(Problem(problem, file.name))
