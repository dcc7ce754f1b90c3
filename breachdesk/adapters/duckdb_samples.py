"""The first rows of a file nobody knows yet: how it is written, and what stands in it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from breachdesk.adapters import (
    duckdb_combined,
    duckdb_files,
    duckdb_lines,
    duckdb_ready,
    evidence_files,
    sheet_reader,
)
from breachdesk.adapters.duckdb_engine import ITS_OWN, Engine, text, unreadable
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.reading.mappings import ready_made
from breachdesk.scoping.terms import File, Format, ReadyMade, Sample

MOST = duckdb_lines.FIRST
WIDTH = 2
"""A table has at least so many columns; with fewer, lines are a list."""


def take(file: File, sheet: str | None, folder: Path) -> Sample:
    """Return a sample of a file. Raises Unusable where it is no file that can be read."""
    evidence_files.check(file)
    if file.path.stat().st_size == 0:
        raise Unusable(Problem("is empty", file.name))
    kind = format_of(file.path, None)
    if kind is Format.XLSX:
        target = folder / "sheet.csv"
        names = sheet_reader.convert(file, sheet, target)
        found = take(File(target, file.name), None, folder)
        return Sample(Format.XLSX.value, found.names, found.rows, found.broken, tuple(names))
    encoding = evidence_files.marked(file)
    if encoding is not None:
        target = folder / "narrowed.txt"
        evidence_files.narrowed(file, encoding, target)
        file = File(target, file.name)
    engine = Engine(folder, [file.path])
    try:
        return _parquet(engine, file) if kind is Format.PARQUET else _text(engine, file)
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    finally:
        engine.close()


def _parquet(engine: Engine, file: File) -> Sample:
    relation = f"read_parquet({text(str(file.path))}, binary_as_string = true, {ITS_OWN})"
    found = engine.rows(f"SELECT to_json(t)::VARCHAR FROM (FROM {relation} LIMIT {MOST}) AS t")
    return _sample(Format.PARQUET.value, [json.loads(row) for (row,) in found], ())


def _text(engine: Engine, file: File) -> Sample:
    lines = duckdb_lines.first(engine, file, MOST)
    begun = next((line.lstrip("\ufeff").lstrip()[:1] for line in lines if line.strip()), "")
    if begun in {"{", "["} or not begun:
        return _json(engine, file, lines)
    if _share(re.fullmatch(duckdb_combined.COMBINED, line.rstrip("\r")) for line in lines):
        return _combined(lines)
    return _csv(file, lines)


def _json(engine: Engine, file: File, lines: Sequence[str]) -> Sample:
    """Return a sample of events, whichever way a file holds them."""
    try:
        relation = duckdb_ready.events(engine, file)
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    try:
        found = engine.rows(f"SELECT json::VARCHAR FROM {relation} LIMIT {MOST}")
    except duckdb.Error:
        raise Unusable(Problem("is not JSON that can be read", file.name)) from None
    objects = [json.loads(row) if row else None for (row,) in found]
    for ready in ready_made().values():
        if ready.columns:
            continue
        events = _unfolded(objects, ready)
        if events and _known(events, ready):
            return _sample(ready.name, events, ())
    plain = [_loaded(line) for line in lines if line.strip()]
    if 2 * sum(isinstance(each, dict) for each in plain) < len(plain) or not plain:
        problem = "is one JSON document; write one object a line, or name a format it has"
        raise Unusable(Problem(problem, file.name))
    numbered = [
        (number, _loaded(line)) for number, line in enumerate(lines, start=1) if line.strip()
    ]
    broken = tuple(
        (n, "is no JSON object") for n, each in numbered if not isinstance(each, dict)
    )
    return _sample(Format.NDJSON.value, [each for _, each in numbered], broken)


def _loaded(line: str) -> Any:
    try:
        return json.loads(line.lstrip("\ufeff"))
    except ValueError:
        return None


def _unfolded(objects: Iterable[Any], ready: ReadyMade) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for each in objects:
        if isinstance(each, dict):
            inner = each.get(ready.unfold or "")
            events.extend(inner if isinstance(inner, list) else [each])
    return [each for each in events[:MOST] if isinstance(each, dict)]


def _known(events: Iterable[Mapping[str, Any]], ready: ReadyMade) -> bool:
    flat = [_flat(each) for each in events]
    return _share(
        all(
            re.fullmatch(pattern, row.get(source) or "", re.DOTALL)
            for source, pattern in ready.known_by.items()
        )
        for row in flat
    )


def _combined(lines: Sequence[str]) -> Sample:
    rows, broken = [], []
    for number, line in enumerate(lines, start=1):
        found = re.fullmatch(duckdb_combined.COMBINED, line.rstrip("\r"))
        if found is not None:
            row = dict(zip(duckdb_combined.COMBINED_GROUPS, found.groups(), strict=True))
            method, _, path = row.pop("request").partition(" ")
            rows.append({**row, "method": method, "path": path.partition(" ")[0]})
        elif line.strip():
            broken.append((number, "is no line of this format"))
    return _sample(Format.COMBINED.value, rows, tuple(broken))


def _csv(file: File, lines: Sequence[str]) -> Sample:
    """Return a sample of a table, of PostgreSQL's log, or of lines that are a list."""
    whole = [line.lstrip("\ufeff").rstrip("\r") for line in lines]
    tables = {each: list(duckdb_lines.rows(whole, each)) for each in duckdb_files.DELIMITERS}
    delimiter = max(tables, key=lambda each: _regular(tables[each]))
    rows = tables[delimiter]
    for ready in ready_made().values():
        named = [dict(zip(ready.columns, row, strict=False)) for row in rows if row]
        if ready.columns and any(_known([row], ready) for row in named):
            return _sample(ready.name, named, ())
    width = len(rows[0])
    if width < WIDTH and (width or _regular(rows) < WIDTH):
        listed = [{"line": line} for line in whole if line.strip()]
        return _sample("list", listed, ())
    names = rows[0]
    unnamed = not names or any(re.fullmatch(r"[\d.:+-]*", each) for each in names)
    if unnamed or len(set(names)) < width:
        raise Unusable(Problem("has no first line that names its columns", file.name))
    broken = tuple(
        (number, f"has {len(row)} columns, not {width}")
        for number, row in enumerate(rows[1:], start=2)
        if row and len(row) != width
    )
    good = [dict(zip(names, row, strict=True)) for row in rows[1:] if len(row) == width]
    return _sample(Format.CSV.value, good, broken, names=names)


def _regular(rows: Sequence[Sequence[str]]) -> int:
    """Return how wide most rows are, so far as most are alike."""
    [(width, often)] = Counter(len(row) for row in rows).most_common(1) or [(0, 0)]
    return width if 2 * often >= len(rows) else 0


def _sample(
    form: str,
    rows: Sequence[Any],
    broken: tuple[tuple[int, str], ...],
    names: Sequence[str] = (),
) -> Sample:
    flat = [_flat(row) for row in rows if isinstance(row, dict)]
    seen = dict.fromkeys([*names, *(name for row in flat for name in row)])
    return Sample(form, tuple(seen), tuple(flat), broken)


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, str | None]:
    """Return the values of a row as text, those of objects inside under dotted names."""
    found: dict[str, str | None] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{key}.")
        elif isinstance(value, list):
            continue  # no column can be a list
        else:
            found[before + key] = _plain(value)
    return found


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _share(tests: Iterable[object]) -> bool:
    """Tell whether most of the tests are passed."""
    found = [bool(each) for each in tests]
    return bool(found) and 2 * sum(found) > len(found)
