"""The files that a question names: found on the disk, or on a shelf of known names."""

import fnmatch
import glob
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from breachdesk.datamap.reading.fields import Fields
from breachdesk.scoping.terms import File

ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Disk:
    """Files as whoever sits at the terminal names them: relative ones start at `folder`."""

    folder: Path

    def find(self, pattern: str) -> Iterable[File]:
        """Return the files that a pattern names, in order."""
        whole = self.folder / Path(pattern).expanduser()
        if whole.is_file():
            return [File(whole.resolve(), pattern)]
        names = sorted(glob.glob(pattern, root_dir=self.folder, recursive=True))  # noqa: PTH207  (absolute patterns too)
        return [
            File((self.folder / name).resolve(), name)
            for name in names
            if (self.folder / name).is_file()
        ]

    def refusal(self, pattern: str) -> str | None:
        """Say why a pattern cannot be followed at all; None if it can."""
        if ELSEWHERE.match(pattern):
            return "lies on another machine, which is not supported; copy it here first"
        return None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files that are known by name, and no others: what a page may point at.

    Nothing is looked for on the disk, so no `..` and no link leads away from the shelf.
    """

    files: Mapping[str, Path]

    def find(self, pattern: str) -> Iterable[File]:
        """Return the files whose names fit a pattern, in order."""
        names = [
            name
            for name in sorted(self.files)
            if name == pattern or (_WILD.search(pattern) and fnmatch.fnmatchcase(name, pattern))
        ]
        return [File(self.files[name], name) for name in names]

    def refusal(self, pattern: str) -> str | None:
        """Say why a pattern cannot be followed at all; None if it can."""
        if ELSEWHERE.match(pattern):
            return "lies on another machine, which is not supported; upload it first"
        path = PurePosixPath(pattern)
        if path.is_absolute() or ".." in path.parts or "\\" in pattern:
            return "leads out of the evidence; name files as they are listed"
        return None


def can_be_said(path: Path) -> bool:
    """Tell whether a path is text, which no page, file or engine could say otherwise."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def find(fields: Fields, key: str, patterns: Iterable[str], where: Disk | Shelf) -> list[File]:
    """Return the files that the patterns under `key` name, each once, in order."""
    found: dict[Path, File] = {}
    for index, pattern in enumerate(patterns):
        place = (*fields.place, key, index)
        if (problem := where.refusal(pattern)) is not None:
            fields.sheet.refuse(place, f"{pattern!r} {problem}")
            continue
        matched = list(where.find(pattern))
        if not matched:
            fields.sheet.refuse(place, f"{pattern!r}: there is no such file")
        for file in matched:
            if not (can_be_said(file.path) and can_be_said(Path(file.name))):
                shown = ascii(file.name)
                fields.sheet.refuse(place, f"{shown}: its path is not UTF-8; rename it")
                continue
            found.setdefault(file.path, file)
    return list(found.values())
