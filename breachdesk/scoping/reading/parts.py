"""The parts of a question that name files: logs, lists of people, directories."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from breachdesk.datamap.reading.fields import Fields, nearest
from breachdesk.datamap.reading.places import dotted
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel import times
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping.reading import files as finding
from breachdesk.scoping.reading.files import Disk, Shelf
from breachdesk.scoping.reading.formats import (
    COMBINED,
    COMBINED_COLUMNS,
    DIRECTORY_FIELDS,
    LOG_FIELDS,
    SESSION_FIELDS,
    format_of,
)
from breachdesk.scoping.reading.mappings import ready_made
from breachdesk.scoping.terms import (
    Asked,
    Directory,
    ExportedFiles,
    File,
    Format,
    Log,
    PeopleList,
    ReadyMade,
    Sessions,
)

FORMATS = (Format.NDJSON, Format.CSV, Format.PARQUET, Format.COMBINED)
"""How logs are written, besides those of well-known products."""
TYPED = (Format.CSV, Format.PARQUET, Format.XLSX, Format.NDJSON)
_SECRET = re.compile(r"(://[^\s\"'/@:]*):[^\s\"'@]*@|\?[^\s\"']*")


def log(fields: Fields, where: Disk | Shelf) -> Log:
    """Read an `[[evidence]]` with `files`."""
    place = dotted(fields.place)
    found = files(fields, "files", where)
    word = fields.text_or("format")
    names = (*(each.value for each in FORMATS), *ready_made())
    if word and word not in names:
        fields.refuse("format", f"is {word!r}; {nearest(word, names)}")
    zone = fields.text_or("zone", check=times.zone) or None
    if word in ready_made():
        return _ready(fields, place, found, zone, ready_made()[word])
    given = Format(word) if word in names else None
    columns = _columns(fields, LOG_FIELDS, () if given is Format.COMBINED else ("at", "path"))
    if given is Format.COMBINED:
        columns = _combined(fields, columns)
    for file in found:
        kind = format_of(file.path, given)
        if kind is None:
            fields.refuse(
                "format", f"is missing, and the ending of {file.name} does not say it"
            )
        elif kind is Format.XLSX:
            fields.refuse("files", f"{file.name} is a workbook; save the log as CSV")
    fields.end()
    return Log(place, found, given or Format.NDJSON, columns, zone)


def _ready(
    fields: Fields, place: str, found: tuple[File, ...], zone: str | None, ready: ReadyMade
) -> Log:
    """Read the log of a well-known product: its fields are known, and need no map."""
    if fields.given("map"):
        problem = f"is known in the format {ready.name!r}; leave it out"
        fields.refuse("map", problem)
        fields.known.append("map")
    fields.end()
    columns = {field: field for field in ready.fields}
    return Log(place, found, Format.PARQUET, columns, zone, ready)


def _combined(fields: Fields, added: Mapping[str, str]) -> Mapping[str, str]:
    for field, column in added.items():
        if field in COMBINED and column != field:
            problem = "is known in this format; `map` may only add"
            fields.sheet.refuse((*fields.place, "map", field), problem)
        elif column not in COMBINED_COLUMNS:
            problem = f"{column!r} is not a column; {nearest(column, COMBINED_COLUMNS)}"
            fields.sheet.refuse((*fields.place, "map", field), problem)
    return {**{name: name for name in COMBINED}, **added}


def people_list(fields: Fields, where: Disk | Shelf, datamap: DataMap) -> PeopleList:
    """Read an `[[evidence]]` with `people`."""

    def category(text: str) -> None:
        known("category", text, (each.id for each in datamap.categories))

    found = files(fields, "people", where)
    categories = fields.texts("categories", category, expected="ids of categories")
    column, sheet = _column(fields, found, "a key or an address"), _sheet(fields, found)
    fields.end()
    return PeopleList(dotted(fields.place), found, categories, column, sheet)


def exported(fields: Fields, where: Disk | Shelf) -> ExportedFiles:
    """Read an `[[evidence]]` with `exported`."""
    found = files(fields, "exported", where)
    under = fields.text_or("under") or None
    if under is not None and not under.startswith("/"):
        fields.refuse("under", f'is {under!r}; a path of the data map begins with "/"')
    column, sheet = _column(fields, found, "a path"), _sheet(fields, found)
    fields.end()
    return ExportedFiles(dotted(fields.place), found, under, column, sheet)


def _column(fields: Fields, found: Iterable[File], of: str) -> str | None:
    """Read `column`, which files of rows need and plain lists have none of."""
    column = fields.text_or("column") or None
    for file in found:
        kind = format_of(file.path, None)
        if column is None and kind in {Format.PARQUET, Format.XLSX}:
            fields.refuse("column", f"is missing; it names the column of {file.name} with {of}")
        elif column is not None and kind not in TYPED:
            fields.refuse("column", f"is given, but {file.name} is a plain list of lines")
    return column


def directory(fields: Fields, where: Disk | Shelf, datamap: DataMap) -> Directory:
    """Read a `[[directory]]`."""
    asked = _asked(fields, where)
    found = () if asked or fields.given("sql") else files(fields, "files", where)
    for file in found:
        if format_of(file.path, None) is None:
            problem = f"{file.name} is not .csv, .ndjson, .jsonl, .parquet or .xlsx"
            fields.refuse("files", problem)
    store = fields.text("store", of_store(datamap), expected="the id of a store")
    zone = fields.text_or("zone", check=times.zone) or None
    sheet = _sheet(fields, found)
    kept = [each.retention for each in datamap.stores if each.id == store]
    after = tuple(each.after for each in kept if each)
    columns = _columns(fields, (*DIRECTORY_FIELDS, *after), ("person",))
    fields.end()
    return Directory(dotted(fields.place), found, store, columns, zone, sheet, asked)


def sessions(fields: Fields, where: Disk | Shelf) -> Sessions:
    """Read a `[[sessions]]`: whose each session was."""
    found = files(fields, "files", where)
    for file in found:
        if format_of(file.path, None) in {None, Format.XLSX}:
            fields.refuse("files", f"{file.name} is not .csv, .ndjson, .jsonl or .parquet")
    zone = fields.text_or("zone", check=times.zone) or None
    columns = _columns(fields, SESSION_FIELDS, ("session", "person"))
    for given, needed in (("ip", "from"), ("from", "ip"), ("until", "from")):
        if given in columns and needed not in columns:
            fields.refuse("map", f"names `{given}` without `{needed}`; they need each other")
    fields.end()
    return Sessions(dotted(fields.place), found, columns, zone)


def _asked(fields: Fields, where: Disk | Shelf) -> Asked | None:
    """Read `sql` and `query`, the two of them or none."""
    if not fields.given("sql"):
        if fields.given("query"):
            fields.refuse("sql", "is missing; it is the address of the database of `query`")
        fields.known.append("query")
        return None
    address, statement = fields.text("sql", expected="an address"), fields.text("query")
    fields.known.append("files")
    if fields.given("files"):
        fields.refuse("files", "stands beside `sql`; name files or a database, not both")
    if isinstance(where, Shelf):
        fields.refuse("sql", "asks a database, which only the terminal may: scope measure")
    elif address and "://" not in address:
        fields.refuse("sql", "is no address; write it like postgresql+psycopg://host/name")
    return Asked(address, statement)


def without_secrets(text: str, asked: Iterable[Asked]) -> str:
    """Return the text of a question without the passwords in the addresses of databases."""
    for each in asked:
        text = text.replace(each.address, _SECRET.sub(_hidden, each.address))
    return text


def _hidden(found: re.Match[str]) -> str:
    return f"{found[1]}:***@" if found[1] else "?***"


def _sheet(fields: Fields, found: Iterable[File]) -> str | None:
    sheet = fields.text_or("sheet") or None
    if sheet and not any(format_of(each.path, None) is Format.XLSX for each in found):
        fields.refuse("sheet", "is given, but none of the files is a workbook")
    return sheet


def _columns(
    fields: Fields, names: Iterable[str], needed: tuple[str, ...]
) -> Mapping[str, str]:
    """Read `map`: the column of each field."""
    inner = (
        fields.within("map", '{field = "column"}') if needed else fields.within_or_none("map")
    )
    if inner is None:
        return {}
    columns = {}
    for field in names:
        column = inner.text(field) if field in needed else inner.text_or(field)
        if column:
            columns[field] = column
    inner.end()
    return columns


def files(fields: Fields, key: str, where: Disk | Shelf) -> tuple[File, ...]:
    """Return the files that the patterns under `key` name, each once, in order."""
    patterns = words(fields, key)
    if not patterns and not fields.sheet.problems:
        fields.refuse(key, "is empty; expected names of files")
    return tuple(finding.find(fields, key, patterns, where))


def words(fields: Fields, key: str) -> tuple[str, ...]:
    """Return the texts under `key`, each once; a single one may stand alone."""
    fields.known.append(key)
    value = fields.table.get(key, [])
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        fields.refuse(key, 'is not a list of texts, as ["..."]')
        return ()
    for index, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            fields.sheet.refuse((*fields.place, key, index), "is not a text in quotes")
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str)))


def of_store(datamap: DataMap) -> Any:
    """Return a check that a text is the id of a store."""

    def check(text: str) -> None:
        known("store", text, (each.id for each in datamap.stores))

    return check


def known(kind: str, text: str, ids: Iterable[str]) -> None:
    """Refuse a text that is none of `ids`. Raises Unusable."""
    several = tuple(ids)
    if text not in several:
        raise Unusable(f"the data map has no {kind} {text!r}; {nearest(text, several)}")
