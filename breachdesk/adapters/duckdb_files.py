"""Files of rows as DuckDB relations: each format and compression, each column by its name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from breachdesk.adapters import duckdb_combined, duckdb_lines, evidence_stretches
from breachdesk.adapters.duckdb_engine import ITS_OWN, Engine, name, text, unreadable
from breachdesk.adapters.duckdb_lines import WHICH, compression, limits, paths
from breachdesk.datamap.reading.fields import nearest
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.terms import File, Format

Shape = tuple[str, tuple[str, ...]]
"""Delimiter and names of a CSV file."""
Columns = tuple[tuple[str, str, str], ...]
"""Field, expression and type of each column of a Parquet file."""

ROW = "file_row_number"
"""The column in which DuckDB numbers the rows of a Parquet file that has none so called."""
USUAL_OBJECT = 2 << 20
LONGEST_OBJECT = 64 << 20
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Source:
    """A relation with a row for each row of some files, and an expression for each field.

    `types` has the type of the fields that are no text; `made_of` are the columns of the
    relation of which every field of a text file can be made again; `rejects` names the table
    of the lines that were no rows; `row` is how many rows of the file come before, where the
    file knows.
    """

    files: tuple[File, ...]
    format: Format
    relation: str
    fields: Mapping[str, str]
    types: Mapping[str, str] = field(default_factory=dict)
    made_of: tuple[str, ...] = ()
    rejects: str | None = None
    row: str | None = None


def sources(
    engine: Engine, files: Iterable[File], form: Format, columns: Mapping[str, str], label: str
) -> list[Source]:
    """Return the relations that hold the rows of `files`. Raises Unusable for a lost column."""
    plain: dict[tuple[Format, str, File | None], list[File]] = {}
    tables: dict[tuple[str, Shape], list[File]] = {}
    typed: dict[tuple[Columns, str | None], list[File]] = {}
    for file in files:
        kind = format_of(file.path, form) or form
        if file.path.stat().st_size == 0:
            continue
        if kind is Format.PARQUET:
            typed.setdefault(_parquet_columns(engine, file, columns), []).append(file)
        elif kind is not Format.CSV:
            alone = file if evidence_stretches.fits(file, kind) else None
            plain.setdefault((kind, compression(file), alone), []).append(file)
        elif (shape := header(engine, file, columns)) is not None:
            tables.setdefault((compression(file), shape), []).append(file)
    found = [_parquet(several, *described) for described, several in typed.items()]
    for (kind, packed, _), several in plain.items():
        if kind is Format.NDJSON:
            found.append(_ndjson(several, columns))
        else:
            found.append(combined(several, columns, f"rejects_{label}_{packed}"))
    found.extend(
        csv_source(several, columns, shape, f"rejects_{label}_csv_{number}")
        for number, ((_, shape), several) in enumerate(tables.items())
    )
    return found


def read(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement that reads NDJSON; with room for the longest lines if it has to be."""
    try:
        return engine.rows(statement)
    except duckdb.Error as error:
        usual = f"maximum_object_size = {USUAL_OBJECT}"
        if "maximum_object_size" not in str(error) or usual not in statement:
            raise
        longest = f"maximum_object_size = {LONGEST_OBJECT}"
        return engine.rows(statement.replace(usual, longest))


def objects(files: Sequence[File]) -> str:
    """Return a relation with the JSON of each line of NDJSON files; NULL if it is none."""
    return (
        f"read_ndjson_objects({paths(files)}, ignore_errors = true, "
        f"maximum_object_size = {USUAL_OBJECT}, "
        f"compression = {text(compression(files[0]))}, filename = '{WHICH}', {ITS_OWN})"
    )


def header(engine: Engine, file: File, columns: Mapping[str, str]) -> Shape | None:
    """Return delimiter and names of a CSV file; None if it is empty. Raises Unusable."""
    first = duckdb_lines.first(engine, file, 1)
    line = first[0].lstrip("\ufeff") if first else ""
    if not line and not duckdb_lines.first(engine, file, 1, blank=False):
        return None
    if not line or line.count('"') % 2:
        problem = "does not name its columns in its first line; remove what stands before them"
        raise Unusable(Problem(problem, file.name, 1))
    read = [(each, tuple(duckdb_lines.cells(line, each))) for each in DELIMITERS]
    best = max(read, key=lambda each: len(set(each[1]) & set(columns.values())))
    _check_names(file, best[1], columns)
    return best


def _check_names(file: File, names: Sequence[str], columns: Mapping[str, str]) -> None:
    """Refuse a header that lacks a column or has it twice; one that is none is not quoted."""
    asked = tuple(dict.fromkeys(columns.values()))
    if len(asked) > 1 and not set(asked) & set(names):
        none = f"none of {', '.join(map(repr, asked))} stands there"
        problem = f"does not name its columns in its first line; {none}"
        raise Unusable(Problem(problem, file.name, 1))
    for column in asked:
        if column not in names:
            raise _no_column(file, column, names)
        if names.count(column) > 1:
            problem = f"names the column {column!r} twice; rename one of them"
            raise Unusable(Problem(problem, file.name, 1))


def width(engine: Engine, file: File) -> int:
    """Return how many columns most of the first rows of a CSV file have."""
    lines = duckdb_lines.first(engine, file, duckdb_lines.FIRST)
    widths = Counter(len(row) for row in duckdb_lines.rows(lines, ","))
    return widths.most_common(1)[0][0] if widths else 0


def csv_source(
    files: Sequence[File],
    columns: Mapping[str, str],
    shape: Shape,
    rejects: str,
) -> Source:
    """Return the relation of CSV files that share a header."""
    delimiter, names = shape
    types = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(names)))
    relation = (
        f"read_csv({paths(files)}, columns = {{{types}}}, delim = {text(delimiter)}, "
        "quote = '\"', escape = '\"', header = true, auto_detect = false, "
        f"{limits(files)}, compression = {text(compression(files[0]))}, "
        f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', "
        f"filename = '{WHICH}', {ITS_OWN})"
    )
    if len(names) == 1:
        relation = f"(FROM {relation} WHERE c0 IS NOT NULL)"  # a blank line is no row
    fields = {field: f"c{names.index(column)}" for field, column in columns.items()}
    own = tuple(dict.fromkeys(fields.values()))
    return Source(tuple(files), Format.CSV, relation, fields, made_of=own, rejects=rejects)


def _ndjson(files: Sequence[File], columns: Mapping[str, str]) -> Source:
    """Return the relation of NDJSON files; a broken line is a row of NULLs."""
    inside: dict[str, set[str]] = {}
    for column in columns.values():
        head, _, rest = column.partition(".")
        inside.setdefault(head, set())
        if rest:
            inside[head].add(rest)
            inside.setdefault(column, set())
    if len({each.casefold() for each in inside}) < len(inside):
        return _objects_source(files, columns)
    tops = {head: "JSON" if rest else "VARCHAR" for head, rest in inside.items()}
    places = {head: f"j{number}" for number, head in enumerate(tops)}
    fields = {field: _json_field(column, tops, places) for field, column in columns.items()}
    types = ", ".join(f"{text(top)}: '{kind}'" for top, kind in tops.items())
    several = ", ".join(f"{name(head)} AS {place}" for head, place in places.items())
    relation = (
        f"(SELECT {WHICH}, {several} FROM "
        f"read_json({paths(files)}, format = 'newline_delimited', columns = {{{types}}}, "
        f"ignore_errors = true, maximum_object_size = {USUAL_OBJECT}, "
        f"compression = {text(compression(files[0]))}, filename = '{WHICH}', {ITS_OWN}))"
    )
    return Source(tuple(files), Format.NDJSON, relation, fields, made_of=tuple(places.values()))


def _objects_source(files: Sequence[File], columns: Mapping[str, str]) -> Source:
    """Return the relation of NDJSON files of which two keys differ by capitals alone."""
    fields = {
        field: f"coalesce(json->>{text('$' + step(column))}, "
        f"json->>{text('$' + _path(column))})"
        for field, column in columns.items()
    }
    return Source(tuple(files), Format.NDJSON, objects(files), fields, made_of=("json",))


def _path(column: str) -> str:
    return "".join(step(each) for each in column.split("."))


def _json_field(column: str, tops: Mapping[str, str], places: Mapping[str, str]) -> str:
    """Return the value at a dotted path, or under a key that has the dots in its name."""
    head, _, rest = column.partition(".")
    if not rest:
        return f"{places[head]}->>'$'" if tops[head] == "JSON" else places[head]
    return f"coalesce({places[column]}, {places[head]}->>{text('$' + _path(rest))})"


def step(key: str) -> str:
    """Return a key as a step of a JSON path."""
    escaped = key.replace('"', '\\"')
    return f'."{escaped}"'


def _parquet_columns(
    engine: Engine, file: File, columns: Mapping[str, str]
) -> tuple[Columns, str | None]:
    """Return the columns of a Parquet file, and what numbers its rows. Raises Unusable."""
    relation = f"read_parquet({text(str(file.path))}, binary_as_string = true, {ITS_OWN})"
    try:
        known = [row[0] for row in engine.rows(f"DESCRIBE FROM {relation}")]
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    for column in columns.values():  # the engine takes `ID` for `id`
        if not {column, column.partition(".")[0]} & set(known):
            raise _no_column(file, column, known)
    expressions = {
        each: ".".join(
            name(part) for part in ([column] if column in known else column.split("."))
        )
        for each, column in columns.items()
    }
    several = ", ".join(expressions.values())
    try:
        described = engine.rows(f"DESCRIBE SELECT {several} FROM {relation}")
    except duckdb.Error:
        lost = next(
            c for e, c in columns.items() if not _there(engine, expressions[e], relation)
        )
        raise _no_column(file, lost, known) from None
    found = [
        (each, expression, row[1])
        for (each, expression), row in zip(expressions.items(), described, strict=True)
    ]
    for (_, _, kind), column in zip(found, columns.values(), strict=True):
        if kind.endswith("]") or kind.startswith(("STRUCT(", "MAP(", "UNION(")):
            problem = "holds several values in one; name a column inside, or flatten it"
            raise Unusable(Problem(problem, file.name, field=column))
    own = any(each.lower() == ROW for each in known)
    return tuple(found), None if own else ROW


def damaged(engine: Engine, source: Source) -> str | None:
    """Return the name of the first file of which not every value can be read; None if all can.

    What an engine says of values that it cannot unpack does not name their file.
    """
    values = ", ".join(source.fields.values())
    for file in source.files:
        one = source.relation.replace(paths(source.files), paths([file]))
        try:
            engine.rows(f"SELECT bit_xor(hash({values})) FROM {one}")
        except duckdb.Error:
            return file.name
    return None


def _there(engine: Engine, expression: str, relation: str) -> bool:
    """Tell whether a Parquet file has a column."""
    try:
        engine.rows(f"DESCRIBE SELECT {expression} FROM {relation}")
    except duckdb.Error:
        return False
    return True


def _parquet(files: Sequence[File], shape: Columns, row: str | None) -> Source:
    relation = (
        f"read_parquet({paths(files)}, binary_as_string = true, filename = '{WHICH}', "
        f"{ITS_OWN})"
    )
    fields = {field: _as_text(expression, kind) for field, expression, kind in shape}
    types = {field: kind for field, _, kind in shape}
    raw = {f"{field}_typed": expression for field, expression, _ in shape}
    return Source(tuple(files), Format.PARQUET, relation, {**fields, **raw}, types, row=row)


def _as_text(expression: str, kind: str) -> str:
    """Return a typed value as text; a whole number as such, however it is kept."""
    if kind == "VARCHAR":
        return expression
    if kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL"):
        return (
            f"CASE WHEN {expression} = trunc({expression}) AND abs({expression}) < 1e18 "
            f"THEN CAST(CAST({expression} AS HUGEINT) AS VARCHAR) "
            f"ELSE CAST({expression} AS VARCHAR) END"
        )
    return f"CAST({expression} AS VARCHAR)"


def combined(files: Sequence[File], columns: Mapping[str, str], rejects: str) -> Source:
    """Return the relation of logs of Apache and nginx."""
    parts = duckdb_combined.parts()
    fields = {field: parts[column] for field, column in columns.items()}
    relation = duckdb_combined.relation(files, rejects)
    return Source(
        tuple(files), Format.COMBINED, relation, fields, made_of=("line",), rejects=rejects
    )


def _no_column(file: File, column: str, known: Iterable[str]) -> Unusable:
    return Unusable(Problem(f"has no column {column!r}; {nearest(column, known)}", file.name))
