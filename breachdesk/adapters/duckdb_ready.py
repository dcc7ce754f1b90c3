"""Logs of well-known products as Parquet: each field by its cases, as constant expressions."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from breachdesk.adapters import duckdb_csv, duckdb_files, duckdb_lines, evidence_files
from breachdesk.adapters.duckdb_engine import ITS_OWN, Engine, name, text, unreadable
from breachdesk.adapters.evidence_files import LARGEST_RATIO
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import Case, File, ReadyMade

USUAL_DOCUMENT = 2 << 20
LARGEST_DOCUMENT = 512 << 20
_VALUE = re.compile(r"\{([^{}]+)\}")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\[(\w+)=(\w+)\](?:\[(\d+)\])?")


def convert(engine: Engine, file: File, ready: ReadyMade, target: Path) -> None:
    """Write the rows of `file` to `target` with a column for each field.

    What is no row of its format is a row of NULLs, so that it counts as unread. Raises
    Unusable for a file that cannot be read to its end.
    """
    try:
        if ready.columns:
            _convert_table(engine, file, ready, target)
        else:
            _convert_objects(engine, file, ready, target)
    except duckdb.Error as error:
        if "json" in str(error).lower() and "malformed" in str(error).lower():
            raise Unusable(Problem("is not whole JSON; fetch it again", file.name)) from None
        raise unreadable(file.name, error) from None


def _copy(ready: ReadyMade, relation: str, target: Path) -> str:
    """Return the statement that writes the fields of each row of a relation."""
    known = _known(ready)
    fields = ", ".join(f"{_field(ready, field, known)} AS {field}" for field in ready.fields)
    rows = _read_once(ready, relation)
    return f"COPY (SELECT {fields} FROM {rows}) TO {text(str(target))} (FORMAT parquet)"


def _convert_objects(engine: Engine, file: File, ready: ReadyMade, target: Path) -> None:
    """Convert JSON, with no more room for a document than is needed: it is taken at once."""
    for room in _rooms(file):
        try:
            engine.run(_copy(ready, events(engine, file, room), target))
        except duckdb.Error as error:
            if "maximum_object_size" not in str(error) or room == _largest(file):
                raise
        else:
            return


def events(engine: Engine, file: File, room: int | None = None) -> str:
    """Return a relation with the JSON of each event: one a line, in a list, or documents."""
    path, packed = text(str(file.path)), duckdb_lines.compression(file)
    room = room or _largest(file)
    options = f"maximum_object_size = {room}, compression = {text(packed)}, {ITS_OWN}"
    lines = f"read_ndjson_objects({path}, ignore_errors = true, {options})"
    first = f"SELECT json_type(json) AS kind FROM {lines} LIMIT {duckdb_lines.FIRST}"
    kind, objects, every = engine.one(
        f"SELECT first(kind), count(*) FILTER (kind = 'OBJECT'), count(*) FROM ({first})"
    )
    if 2 * objects >= every:
        return lines
    form = "array" if kind == "ARRAY" else "auto"
    return f"read_json_objects({path}, format = '{form}', {options})"


def _rooms(file: File) -> list[int]:
    """Return how much room to try: what events need, what the file says, what it may need."""
    said, most = evidence_files.said_size(file), _largest(file)
    return sorted({USUAL_DOCUMENT, min(max(said, USUAL_DOCUMENT), most), most})


def _largest(file: File) -> int:
    """Return how large a document of a file may be."""
    size = file.path.stat().st_size
    grown = size if duckdb_lines.compression(file) == "none" else size * LARGEST_RATIO
    return min(max(grown, USUAL_DOCUMENT), LARGEST_DOCUMENT)


def _convert_table(engine: Engine, file: File, ready: ReadyMade, target: Path) -> None:
    """Convert CSV without a header; a clean copy of it if a line of it is no row."""
    width = duckdb_files.width(engine, file)
    names = ready.columns[:width]
    names += tuple(f"more_{each}" for each in range(len(names), width))
    rejects = f"rejects_{target.stem}"
    try:
        engine.run(_copy(ready, _table(file, names, ready, rejects), target))
        if not engine.one(f"SELECT count(*) FROM {rejects}")[0]:
            return
    except duckdb.Error:
        pass  # a quote that never closes, for one
    clean = target.with_suffix(".csv")
    try:
        duckdb_csv.copied(engine, file, clean, ",", names)
        copy = File(clean, file.name)
        engine.run(_copy(ready, _table(copy, names, ready, f"{rejects}_clean"), target))
    finally:
        clean.unlink(missing_ok=True)


def _table(file: File, names: Sequence[str], ready: ReadyMade, rejects: str) -> str:
    """Return a relation of the rows of CSV without a header."""
    types = ", ".join(f"{text(each)}: 'VARCHAR'" for each in names)
    absent = "".join(f", NULL AS {name(each)}" for each in ready.columns if each not in names)
    return (
        f"(SELECT *{absent} FROM read_csv({duckdb_lines.paths([file])}, columns = {{{types}}}, "
        "delim = ',', quote = '\"', escape = '\"', header = false, auto_detect = false, "
        f"compression = {text(duckdb_lines.compression(file))}, store_rejects = true, "
        f"rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', "
        f"{duckdb_lines.limits([file])}, {ITS_OWN}))"
    )


def _known(ready: ReadyMade) -> tuple[str, ...]:
    """Return what is read once of a row: its own values, then parts that several cases name."""
    asked = Counter(part.source for part in ready.parts.values())
    for cases in ready.fields.values():
        for case in cases:
            asked.update(list(case.when))
            asked.update(_VALUE.findall(case.say))
    parts = (each for each in ready.parts if asked[each] > 1)
    return (*(each for each in asked if each not in ready.parts), *parts)


def _read_once(ready: ReadyMade, relation: str) -> str:
    """Return a relation with a column for each known value; see `_value`."""
    known = _known(ready)
    plain = [each for each in known if each not in ready.parts]  # with the same numbers
    columns = ", ".join(
        f"nullif({_raw(ready, each, plain)}, '') AS v{known.index(each) + 1}" for each in plain
    )
    rows = relation if ready.columns else _found(ready, relation, plain)
    read = f"(SELECT {columns} FROM {rows})"
    shared = [each for each in known if each in ready.parts]
    if not shared:
        return read
    # in two steps: of `nullif` the engine makes its argument twice
    taken = ", ".join(
        f"{_taken(ready, each, plain)} AS v{known.index(each) + 1}" for each in shared
    )
    filled = ", ".join(
        f"nullif(v{known.index(each) + 1}, '') AS v{known.index(each) + 1}" for each in shared
    )
    return f"(SELECT * REPLACE ({filled}) FROM (SELECT *, {taken} FROM {read}))"


def _raw(ready: ReadyMade, value: str, plain: Sequence[str]) -> str:
    """Return a value as the row has it: a column, a text that was found, or what is sought."""
    if ready.columns:
        return name(value)
    told = _told(ready, plain)
    return f"found[{told.index(value) + 1}]" if value in told else _inside(value)


def _told(ready: ReadyMade, plain: Sequence[str]) -> tuple[str, ...]:
    """Return the places in JSON that are read at once: all in which no list is searched."""
    rows = (each for each in plain if "=" not in each)
    return tuple(dict.fromkeys((*rows, *ready.beside, *filter(None, [ready.unfold]))))


def _found(ready: ReadyMade, relation: str, plain: Sequence[str]) -> str:
    """Return a relation of the rows of one with JSON, with the texts `found` in each.

    The JSON is read once for all texts and for what tells a document from a row, that of
    a document once more for each of its rows.
    """
    told = _told(ready, plain)
    read = f"(SELECT json, {_texts('json', told)} AS found FROM {relation})"
    if ready.beside:
        fits = _fit(ready, ready.beside, told, "found[{}]")
        read = f"(FROM {read} WHERE NOT coalesce({fits}, false))"
    if not ready.unfold:
        return read
    inner = f"json->{text(_path(ready.unfold))}"
    each = text(f"{_path(ready.unfold)}[*]")
    several = (
        f"list_transform(json_extract(json, {each}), "
        f"lambda x: {{'json': x, 'found': {_texts('x', told)}}})"
    )
    itself = "[{'json': json, 'found': found}]"
    return (
        f"(SELECT unnest(CASE WHEN left(found[{told.index(ready.unfold) + 1}], 1) = '[' THEN "
        f"CASE WHEN json_type({inner}) = 'ARRAY' THEN {several} ELSE {itself} END "
        f"ELSE {itself} END, recursive := true) FROM {read})"
    )


def _texts(json: str, places: Iterable[str]) -> str:
    """Return a list of the texts at some places in JSON."""
    paths = ", ".join(text(_path(each)) for each in places)
    return f"json_extract_string({json}, [{paths}])"


def _field(ready: ReadyMade, field: str, known: Sequence[str]) -> str:
    cases = ", ".join(_case(ready, each, field, known) for each in ready.fields[field])
    return f"CAST(coalesce({cases}, NULL) AS VARCHAR)"


def _case(ready: ReadyMade, case: Case, field: str, known: Sequence[str]) -> str:
    """Return what a case says; NULL where it cannot be said."""
    pieces = []
    for index, piece in enumerate(_VALUE.split(case.say)):
        if index % 2:
            value = _value(ready, piece, known)
            pieces.append(_escaped(value) if field == "path" else value)
        elif piece:
            pieces.append(text(piece))
    said = " || ".join(pieces)
    if not case.when:
        return f"({said})"
    return f"CASE WHEN {_fit(ready, case.when, known)} THEN {said} END"


def _fit(
    ready: ReadyMade, when: Mapping[str, str], known: Sequence[str], column: str = "v{}"
) -> str:
    """Return whether values of the row fit their patterns."""
    return " AND ".join(
        f"regexp_full_match({_value(ready, source, known, column)}, {text(pattern)})"
        for source, pattern in when.items()
    )


def _escaped(value: str) -> str:
    """Return a value as it would stand in a path, whose query is cut and whose % is read."""
    return f"replace(replace({value}, '%', '%25'), '?', '%3F')"


def _value(ready: ReadyMade, source: str, known: Sequence[str], column: str = "v{}") -> str:
    """Return a value of the row as text; NULL where it is not there or empty.

    The `known` ones stand in a `column` each, counted from 1; another is a part.
    """
    if source in known:
        return column.format(known.index(source) + 1)
    return f"nullif({_taken(ready, source, known)}, '')"


def _taken(ready: ReadyMade, part: str, known: Sequence[str]) -> str:
    """Return what a part takes out of its value, as text; empty where it does not fit."""
    described = ready.parts[part]
    pattern = text(f"^(?:{described.pattern})$")
    taken = f"regexp_extract({_value(ready, described.source, known)}, {pattern}, 1)"
    for each in described.without:
        taken = f"replace({taken}, {text(each)}, '')"
    return taken


def _path(source: str) -> str:
    """Return a place in JSON, where nothing is sought, as a path."""
    return "$" + "".join(
        duckdb_files.step(key) if key else f"[{index}]"
        for key, index, *_ in _STEP.findall(source)
    )


def _inside(source: str) -> str:
    """Return the text at a place in the JSON of a row."""
    at, path = "json", "$"
    for key, index, other, value, place in _STEP.findall(source):
        if key:
            path += duckdb_files.step(key)
        elif index:
            path += f"[{index}]"
        else:
            inner = text("$" + duckdb_files.step(other))
            several = f"{at}->{text(path)}"  # whoever wrote the row may have put no list there
            at = (
                f"list_filter(CASE WHEN json_type({several}) = 'ARRAY' "
                f"THEN CAST({several} AS JSON[]) END, "
                f"lambda x: x->>{inner} = {text(value)})[{int(place or 0) + 1}]"
            )
            path = "$"
    return f"({at}->>{text(path)})"
