"""TOML in, `Question` out: every problem found in one pass, each with file, line and field."""

import re
import tomllib
from datetime import date, datetime
from pathlib import Path

from breachdesk.datamap import reading as datamaps
from breachdesk.datamap.reading.fields import Fields, Sheet
from breachdesk.datamap.reading.places import lines_of
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel import documents, times
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.reading import parts
from breachdesk.scoping.reading.files import Disk, Shelf
from breachdesk.scoping.reading.formats import format_of
from breachdesk.scoping.terms import Intruder, Question, Window

__all__ = ["SCHEMA", "format_of", "parse", "read"]

SCHEMA = 1


def read(path: Path, datamap: DataMap) -> Question:
    """Return the question in the file at `path`. Raises Unusable with every problem."""
    return parse(datamaps.source(path), path, datamap)


def parse(text: str, path: Path, datamap: DataMap, shelf: Shelf | None = None) -> Question:
    """Return the question in `text`; relative paths start at the folder of `path`.

    With a `shelf` it may name the files on it and no others. Raises Unusable.
    """
    sheet = Sheet(str(path), {})
    try:
        document = documents.toml(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise Unusable(Problem(f"is not TOML: {error}", str(path), line)) from None
    sheet.lines = lines_of(text)
    fields = Fields(sheet, (), document)
    question = _question(fields, text, path, datamap, shelf or Disk(path.parent))
    fields.end()
    if sheet.problems:
        raise Unusable(sorted(sheet.problems, key=lambda each: each.line or 0))
    return question


def _question(
    fields: Fields, text: str, path: Path, datamap: DataMap, where: Disk | Shelf
) -> Question:
    fields.known.append("schema")
    schema = fields.table.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        problem = "is missing" if schema is None else f"is {schema!r}"
        fields.refuse("schema", f"{problem}; expected {SCHEMA}")
    readable = fields.texts_or("readable", check=parts.of_store(datamap))
    held = fields.texts_or("legal_hold", check=parts.of_store(datamap))
    window = _window(fields)
    intruder = _intruder(fields)
    logs, lists, exports = [], [], []
    for evidence in fields.each("evidence"):
        if evidence.given("people"):
            lists.append(parts.people_list(evidence, where, datamap))
        elif evidence.given("exported"):
            exports.append(parts.exported(evidence, where))
        else:
            logs.append(parts.log(evidence, where))
    directories = [parts.directory(each, where, datamap) for each in fields.each("directory")]
    sessions = [parts.sessions(each, where) for each in fields.each("sessions")]
    if logs and intruder.empty:
        fields.refuse("intruder", "is empty; name a token, ip, account or user_agent of theirs")
    if not fields.table.get("directory"):
        fields.refuse("directory", "is missing; expected at least one under [[directory]]")
    return Question(
        file=path,
        text=parts.without_secrets(text, (each.asked for each in directories if each.asked)),
        window=window,
        intruder=intruder,
        readable=readable,
        logs=tuple(logs),
        lists=tuple(lists),
        directories=tuple(directories),
        sessions=tuple(sessions),
        exports=tuple(exports),
        legal_hold=held,
    )


def _window(fields: Fields) -> Window:
    epoch = datetime.fromtimestamp(0, tz=times.zone("UTC"))
    inner = fields.within("window", "under [window]")
    if inner is None:
        return Window(epoch, epoch)
    since, until = _instant(inner, "from"), _instant(inner, "until")
    inner.end()
    if since is None or until is None:
        return Window(epoch, epoch)
    if not since < until:
        inner.refuse("from", f"is {since.isoformat()}, which is not before `until`")
    return Window(since, until)


def _instant(fields: Fields, key: str) -> datetime | None:
    fields.known.append(key)
    value = fields.table.get(key)
    if value is None:
        fields.refuse(key, f"is missing; write it like {times.EXAMPLE}")
        return None
    try:
        if isinstance(value, str):
            return times.instant(value)
        if isinstance(value, datetime):
            return times.utc(value)
    except Unusable as unusable:
        fields.refuse(key, unusable.problems[0].problem)
        return None
    shown = value.isoformat() if isinstance(value, date) else repr(value)
    fields.refuse(key, f"is {shown}, which is not an instant; write it like {times.EXAMPLE}")
    return None


def _intruder(fields: Fields) -> Intruder:
    inner = fields.within_or_none("intruder")
    if inner is None:
        return Intruder()
    found = Intruder(
        token=parts.words(inner, "token"),
        ip=parts.words(inner, "ip"),
        account=parts.words(inner, "account"),
        user_agent=parts.words(inner, "user_agent"),
    )
    for index, text in enumerate(found.ip):
        if rules.network(text) is None:
            place = (*inner.place, "ip", index)
            fields.sheet.refuse(place, f"{text!r} is not an address or network (CIDR)")
    inner.end()
    return found
