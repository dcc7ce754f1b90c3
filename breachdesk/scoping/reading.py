"""TOML in, `Question` out: every problem found in one pass, each with file, line and field."""

import glob
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from breachdesk.datamap import reading as datamaps
from breachdesk.datamap.reading.fields import Fields, Sheet, nearest
from breachdesk.datamap.reading.places import dotted, lines_of
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel import times
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.terms import (
    Directory,
    File,
    Format,
    Intruder,
    Log,
    PeopleList,
    Question,
    Window,
)

SCHEMA = 1
COMBINED = (
    "at", "ip", "account", "method", "path", "status", "user_agent",
)  # fmt: skip
COMBINED_COLUMNS = (*COMBINED, "ident", "protocol", "bytes", "referer")
LOG_FIELDS = (*COMBINED, "token", "person")
DIRECTORY_FIELDS = (
    "person", "email", "locale", "country", "customer", "erased_at", "closed_at",
)  # fmt: skip
ENDINGS = {
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
}
COMPRESSED = (".gz", ".zst")


def read(path: Path, datamap: DataMap) -> Question:
    """Return the question in the file at `path`. Raises Unusable with every problem."""
    return parse(datamaps.source(path), path, datamap)


def parse(text: str, path: Path, datamap: DataMap) -> Question:
    """Return the question in `text`; relative paths start at the folder of `path`."""
    sheet = Sheet(str(path), {})
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise Unusable(Problem(f"is not TOML: {error}", str(path), line)) from None
    sheet.lines = lines_of(text)
    fields = Fields(sheet, (), document)
    question = _question(fields, text, path, datamap)
    fields.end()
    if sheet.problems:
        raise Unusable(sorted(sheet.problems, key=lambda each: each.line or 0))
    return question


def format_of(file: Path, otherwise: Format | None) -> Format | None:
    """Return how a file is written, by its own ending first."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    if otherwise is Format.COMBINED or not suffixes:
        return otherwise
    return ENDINGS.get(suffixes[-1], otherwise)


def _question(fields: Fields, text: str, path: Path, datamap: DataMap) -> Question:
    fields.known.append("schema")
    schema = fields.table.get("schema")
    if type(schema) is not int or schema != SCHEMA:
        problem = "is missing" if schema is None else f"is {schema!r}"
        fields.refuse("schema", f"{problem}; expected {SCHEMA}")
    readable = fields.texts_or("readable", check=_store(datamap))
    window = _window(fields)
    intruder = _intruder(fields)
    logs, lists = [], []
    for evidence in fields.each("evidence"):
        if evidence.given("people"):
            lists.append(_list(evidence, path, datamap))
        else:
            logs.append(_log(evidence, path))
    directories = [_directory(each, path, datamap) for each in fields.each("directory")]
    if logs and intruder.empty:
        fields.refuse("intruder", "is empty; name a token, ip, account or user_agent of theirs")
    if not fields.table.get("directory"):
        fields.refuse("directory", "is missing; expected at least one under [[directory]]")
    return Question(
        file=path,
        text=text,
        window=window,
        intruder=intruder,
        readable=readable,
        logs=tuple(logs),
        lists=tuple(lists),
        directories=tuple(directories),
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
        token=_words(inner, "token"),
        ip=_words(inner, "ip"),
        account=_words(inner, "account"),
        user_agent=_words(inner, "user_agent"),
    )
    for index, text in enumerate(found.ip):
        if rules.network(text) is None:
            place = (*inner.place, "ip", index)
            fields.sheet.refuse(place, f"{text!r} is not an address or network (CIDR)")
    inner.end()
    return found


def _words(fields: Fields, key: str) -> tuple[str, ...]:
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


def _log(fields: Fields, path: Path) -> Log:
    place = dotted(fields.place)
    names = tuple(each.value for each in Format)
    files = _files(fields, "files", path)
    word = fields.text_or("format")
    if word and word not in names:
        fields.refuse("format", f"is {word!r}; {nearest(word, names)}")
    given = Format(word) if word in names else None
    zone = fields.text_or("zone", check=times.zone) or None
    columns = _columns(fields, LOG_FIELDS, () if given is Format.COMBINED else ("at", "path"))
    if given is Format.COMBINED:
        columns = _combined(fields, columns)
    for file in files:
        if not word and format_of(file.path, None) is None:
            fields.refuse(
                "format", f"is missing, and the ending of {file.name} does not say it"
            )
    fields.end()
    return Log(place, files, given or Format.NDJSON, columns, zone)


def _combined(fields: Fields, added: Mapping[str, str]) -> Mapping[str, str]:
    for field, column in added.items():
        if field in COMBINED and column != field:
            problem = "is known in this format; `map` may only add"
            fields.sheet.refuse((*fields.place, "map", field), problem)
        elif column not in COMBINED_COLUMNS:
            problem = f"{column!r} is not a column; {nearest(column, COMBINED_COLUMNS)}"
            fields.sheet.refuse((*fields.place, "map", field), problem)
    return {**{name: name for name in COMBINED}, **added}


def _list(fields: Fields, path: Path, datamap: DataMap) -> PeopleList:
    def category(text: str) -> None:
        _known("category", text, (each.id for each in datamap.categories))

    files = _files(fields, "people", path)
    categories = fields.texts("categories", category, expected="ids of categories")
    fields.end()
    return PeopleList(dotted(fields.place), files, categories)


def _directory(fields: Fields, path: Path, datamap: DataMap) -> Directory:
    for key in ("sql", "query"):
        fields.known.append(key)
        if fields.given(key):
            fields.refuse(
                key,
                "asks a database, which is not supported; "
                "export the directory as CSV, NDJSON or Parquet and name it in `files`",
            )
    files = () if fields.given("sql") else _files(fields, "files", path)
    for file in files:
        if format_of(file.path, None) is None:
            fields.refuse("files", f"{file.name} is not .csv, .ndjson, .jsonl or .parquet")
    store = fields.text("store", _store(datamap), expected="the id of a store")
    zone = fields.text_or("zone", check=times.zone) or None
    kept = [each.retention for each in datamap.stores if each.id == store]
    after = tuple(each.after for each in kept if each)
    columns = _columns(fields, (*DIRECTORY_FIELDS, *after), ("person",))
    fields.end()
    return Directory(dotted(fields.place), files, store, columns, zone)


def _columns(
    fields: Fields, known: Iterable[str], needed: tuple[str, ...]
) -> Mapping[str, str]:
    """Read `map`: the column of each field."""
    inner = (
        fields.within("map", '{field = "column"}') if needed else fields.within_or_none("map")
    )
    if inner is None:
        return {}
    columns = {}
    for field in known:
        column = inner.text(field) if field in needed else inner.text_or(field)
        if column:
            columns[field] = column
    inner.end()
    return columns


def _files(fields: Fields, key: str, path: Path) -> tuple[File, ...]:
    """Return the files that the patterns under `key` name, each once, in order."""
    found: dict[Path, File] = {}
    patterns = _words(fields, key)
    if not patterns and not fields.sheet.problems:
        fields.refuse(key, "is empty; expected names of files")
    for index, pattern in enumerate(patterns):
        place = (*fields.place, key, index)
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", pattern):
            problem = "lies on another machine, which is not supported; copy it here first"
            fields.sheet.refuse(place, f"{pattern!r} {problem}")
            continue
        matched = list(_matches(pattern, path.parent))
        if not matched:
            fields.sheet.refuse(place, f"{pattern!r}: there is no such file")
        for file in matched:
            found.setdefault(file.path, file)
    return tuple(found.values())


def _matches(pattern: str, folder: Path) -> Iterable[File]:
    whole = folder / Path(pattern).expanduser()
    if whole.is_file():
        return [File(whole.resolve(), pattern)]
    names = sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207  (absolute patterns too)
    return [
        File((folder / name).resolve(), name) for name in names if (folder / name).is_file()
    ]


def _store(datamap: DataMap) -> Any:
    def check(text: str) -> None:
        _known("store", text, (each.id for each in datamap.stores))

    return check


def _known(kind: str, text: str, ids: Iterable[str]) -> None:
    known = tuple(ids)
    if text not in known:
        raise Unusable(f"the data map has no {kind} {text!r}; {nearest(text, known)}")
