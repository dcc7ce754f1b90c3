"""What a file really is, and how large it grows, before anything reads it to its end.

Evidence is hostile input: a name may lie about what is inside, and a small packed file may
unpack to more than there is room for.
"""

import codecs
import gzip
import zlib
from pathlib import Path

from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File

HEAD = 1 << 16
LARGEST_RATIO = 250
"""How many times its size a packed file may unpack to; logs come to 5 or 50."""
LEAST_SAMPLE = 1 << 20
MOST_SAMPLE = 1 << 26
BLOCK = 1 << 20
_TAR = slice(257, 262)
_ZSTD_SIZES = (0, 2, 4, 8)

KINDS = (
    (b"PK\x03\x04", "a zip archive (or a workbook)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
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
    ".zst": (b"\x28\xb5\x2f\xfd",),
    ".parquet": (b"PAR1",),
    ".xlsx": (b"PK\x03\x04",),
}
WIDE = {
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
    found = next((what for start, what in KINDS if head.startswith(start)), None)
    if found and not head.startswith(expected or (b"\x00never",)):
        raise _refused(file, f"is {found}, whatever its name says; unpack or rename it first")
    if ending == ".gz" and head.startswith(expected):
        head = _unpacked_head(file)
    if head[_TAR] == b"ustar" or (head.startswith(b"PK\x03\x04") and ending != ".xlsx"):
        raise _refused(file, "is an archive of files; take the files out first")
    if ending == ".zst" and (claimed := _zstd_claims(head)) and _bomb(claimed, file):
        raise _too_large(file)


def wide_text(file: File) -> str | None:
    """Return the encoding of a text file in UTF-16 or UTF-32; None for any other."""
    if file.path.suffix.lower() in {".zst", ".parquet", ".xlsx"}:
        return None
    try:
        with _opened(file) as opened:
            head = opened.read(4)
    except (EOFError, OSError, zlib.error):
        return None  # the reader says what is wrong with it
    return next((name for start, name in WIDE.items() if head.startswith(start)), None)


def narrowed(file: File, encoding: str, target: Path) -> None:
    """Write a copy of a text file in UTF-8; what is no text becomes U+FFFD, and is counted."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    try:
        with _opened(file) as source, target.open("wb") as sink:
            while block := source.read(BLOCK):
                sink.write(decoder.decode(block).encode())
            sink.write(decoder.decode(b"", final=True).encode())
    except (EOFError, OSError, zlib.error):
        raise _refused(file, "is cut off or is not gzip; fetch it again") from None


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


def _zstd_claims(head: bytes) -> int:
    """Return how large the first frame says it is; 0 where it does not say."""
    described = head[4]
    single, dictionary = described >> 5 & 1, (0, 1, 2, 4)[described & 3]
    size = _ZSTD_SIZES[described >> 6] or single
    start = 5 + (not single) + dictionary
    claimed = int.from_bytes(head[start : start + size], "little")
    return claimed + 256 if size == _ZSTD_SIZES[1] else claimed


def _bomb(grown: int, file: File) -> bool:
    return grown > MOST_SAMPLE and grown > LARGEST_RATIO * file.path.stat().st_size


def _too_large(file: File) -> Unusable:
    return _refused(
        file, f"unpacks to more than {LARGEST_RATIO} times its size; unpack and check it first"
    )


def _refused(file: File, problem: str) -> Unusable:
    return Unusable(Problem(problem, file.name))
