"""Workbooks as CSV: one sheet, its first row the names of the columns."""

import json
import subprocess
import sys
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from breachdesk.adapters import sheet_child
from breachdesk.datamap.reading.fields import nearest
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File

LARGEST_SHEETS = 1 << 30
"""Bytes that a workbook may unpack to: a full sheet of some twenty columns."""
LEAST_BOMB = 1 << 26
"""Bytes that a workbook may unpack to whatever its size."""
LARGEST_RATIO = 250
"""How many times its size a workbook may unpack to."""
MOST_PARTS = 10_000
BLOCK = 1 << 20
PATIENCE = 900
"""Seconds that the reading of one workbook may take."""
ANEW = "is not a workbook that can be read; save it anew"


def convert(file: File, sheet: str | None, target: Path) -> list[str]:
    """Write a sheet, or the first, to `target` as CSV; return all their names.

    Raises Unusable.
    """
    names = _read(file, sheet or "", str(target))
    if not names or (sheet is not None and sheet not in names):
        raise Unusable(
            Problem(f"has no sheet {sheet!r}; {nearest(sheet or '', names)}", file.name)
        )
    return names


def sheets(file: File) -> list[str]:
    """Return the names of the sheets of a workbook. Raises Unusable."""
    return _read(file, "", "")


def _read(file: File, sheet: str, target: str) -> list[str]:
    """Have a workbook read by a process of its own, which may take so much and no more."""
    _check(file)
    told = [sys.executable, "-I", sheet_child.__file__, str(file.path), sheet, target]
    try:
        done = subprocess.run(told, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603  (our own file; what it is given are arguments, and no shell reads them)
    except subprocess.TimeoutExpired:
        raise _refused(
            file, f"takes longer than {PATIENCE} s to read; save it as CSV"
        ) from None
    except ValueError:
        raise _refused(file, f"has no sheet {sheet!r}") from None  # a name with a zero byte
    if done.returncode == sheet_child.UNREADABLE:
        raise _refused(file, ANEW)
    if done.returncode:
        most = sheet_child.MEMORY >> 30
        raise _refused(file, f"takes more than {most} GiB of memory to read; save it as CSV")
    names: list[str] = json.loads(done.stdout)
    return names


def _check(file: File) -> None:
    """Refuse what unpacks to far more than it is, by its own word and then by counting."""
    try:
        with ZipFile(file.path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise _refused(file, "has more parts than a workbook may; save it anew")
            most = _most(file)
            if sum(each.file_size for each in parts) > most:
                raise _too_large(file, most)
            grown = 0
            for each in parts:
                with archive.open(each) as part:
                    while block := part.read(BLOCK):
                        grown += len(block)
                        if grown > most:
                            raise _too_large(file, most)
    except BadZipFile:
        raise _refused(file, "is not a workbook; save it anew as .xlsx") from None
    except (EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error):
        raise _refused(file, ANEW) from None  # cut off, packed in another way, or locked


def _most(file: File) -> int:
    """Return how many bytes this workbook may unpack to."""
    size = file.path.stat().st_size
    return min(LARGEST_SHEETS, max(LEAST_BOMB, LARGEST_RATIO * size))


def _too_large(file: File, most: int) -> Unusable:
    return _refused(
        file,
        f"unpacks to more than {most >> 20} MiB, the most that a workbook of its size may; "
        "save it as CSV",
    )


def _refused(file: File, what: str) -> Unusable:
    return Unusable(Problem(what, file.name))
