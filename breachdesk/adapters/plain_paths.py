"""Files under paths that mean themselves: to the engine `*`, `?` and `[` stand for others.

A file `log[1].csv` would be looked for as `log1.csv`, which may be there and be another.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from breachdesk.scoping.reading.formats import COMPRESSED, ENDINGS
from breachdesk.scoping.terms import (
    Directory,
    ExportedFiles,
    File,
    Log,
    PeopleList,
    Question,
    Sessions,
)

Part = TypeVar("Part", Log, PeopleList, ExportedFiles, Directory, Sessions)
WILD = re.compile(r"[*?\[]")


class PlainPaths:
    """Links to files, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Make links in `folder`, which need not be there yet."""
        self._folder = folder
        self._links: dict[Path, Path] = {}

    def question(self, question: Question) -> Question:
        """Return a question whose files the engine finds."""
        return replace(
            question,
            logs=tuple(map(self.part, question.logs)),
            lists=tuple(map(self.part, question.lists)),
            exports=tuple(map(self.part, question.exports)),
            directories=tuple(map(self.part, question.directories)),
            sessions=tuple(map(self.part, question.sessions)),
        )

    def part(self, part: Part) -> Part:
        """Return a part of a question whose files the engine finds."""
        return replace(part, files=tuple(map(self.file, part.files)))

    def file(self, file: File) -> File:
        """Return a file under its own path, or that of a link if it could mean another."""
        if WILD.search(str(file.path)) is None:
            return file
        if file.path not in self._links:
            self._folder.mkdir(exist_ok=True)
            link = self._folder / f"{len(self._links)}{_ending(file.path)}"
            link.symlink_to(file.path)
            self._links[file.path] = link
        return replace(file, path=self._links[file.path])


def _ending(path: Path) -> str:
    """Return what says how a file is written and packed."""
    known = [each.lower() for each in path.suffixes[-2:]]
    return "".join(each for each in known if each in ENDINGS or each in COMPRESSED)
