"""TOML in, `DataMap` out: every problem found in one pass, each with file, line and field."""

import re
import tomllib
from pathlib import Path

from breachdesk.datamap.reading import doubts, tables
from breachdesk.datamap.reading.fields import Fields, Sheet
from breachdesk.datamap.reading.places import lines_of
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable


def read(path: Path) -> DataMap:
    """Return the data map in the file at `path`. Raises Unusable with every problem."""
    return parse(source(path), str(path))


def parse(text: str, file: str | None = None) -> DataMap:
    """Return the data map in `text`; `file` names it in problems. Raises Unusable."""
    found, sheet = _read(text, file)
    if found is None or sheet.problems:
        raise Unusable(sheet.problems)
    return found


def check(path: Path) -> tuple[list[Problem], list[Problem]]:
    """Return what makes the file unusable, and what in it is doubtful, in the file's order."""
    try:
        text = source(path)
    except Unusable as unusable:
        return list(unusable.problems), []
    return check_text(text, str(path))


def check_text(text: str, file: str) -> tuple[list[Problem], list[Problem]]:
    """Return what makes a text unusable, and what in it is doubtful, in its order."""
    _, sheet = _read(text, file)
    return sheet.problems, sheet.warnings


def source(path: Path) -> str:
    """Return the file's text. Raises Unusable if it is missing or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Unusable(Problem(f"is not UTF-8 at byte {error.start}", str(path))) from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise Unusable(Problem(f"cannot be read: {reason}", str(path))) from None


def _read(text: str, file: str | None) -> tuple[DataMap | None, Sheet]:
    sheet = Sheet(file, {})
    try:
        document = documents.toml(text)
    except tomllib.TOMLDecodeError as error:
        sheet.problems.append(_syntax(str(error), text, file))
        return None, sheet
    sheet.lines = lines_of(text)
    found = tables.data_map(Fields(sheet, (), document))
    doubts.check_references(found, sheet)
    doubts.doubt_address(document, (), sheet)
    if not sheet.problems:
        doubts.look_for_doubts(found, sheet)
    for problems in (sheet.problems, sheet.warnings):
        problems.sort(key=lambda each: each.line or 0)
    return found, sheet


def _syntax(error: str, text: str, file: str | None) -> Problem:
    """Turn the parser's sentence into a problem with its line."""
    where = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", error)
    reason = error[: where.start()] if where else error
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    return Problem(f"is not TOML: {reason[:1].lower()}{reason[1:]}", file, line)
