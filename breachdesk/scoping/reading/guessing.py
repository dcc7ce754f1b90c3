"""What a file seems to be: which column holds what, told by its name and by its values."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from breachdesk.datamap.terms import DataMap
from breachdesk.scoping import rules
from breachdesk.scoping.reading.formats import COMBINED
from breachdesk.scoping.reading.mappings import ready_made
from breachdesk.scoping.reading.signs import (
    DIRECTORY_SIGNS,
    EPOCH,
    EXPORT_SIGNS,
    LOG_SIGNS,
    Sign,
    Test,
    is_address,
    is_dated,
    is_file,
    is_instant,
    is_status,
)
from breachdesk.scoping.terms import Format, Inspection, Kind, Sample

SHOWN = 5
LIST = "list"
LISTED = (Kind.PEOPLE, Kind.EXPORTED)
ENOUGH = 0.9
"""So many of the values in a column must be what they are taken for."""
ALIKE = 0.7
"""So many of the values in a column of keys must differ."""
KEPT = 2
"""So many characters of a masked value are shown."""
PLAIN = frozenset({"at", "method", "status", "locale", "country", "erased_at", "closed_at"})
"""What is shown in full: it names nobody."""


def inspect(
    sample: Sample, file: str, datamap: DataMap | None, sheet: str | None
) -> Inspection:
    """Return what a file seems to be. `file` is its name as the question will say it."""
    kind, found = _kind(sample)
    zone = _zone_needed(sample, found.get("at") or found.get("erased_at"))
    doubts = list(_doubts(sample, kind, found, zone, datamap))
    if kind is Kind.DIRECTORY:
        found |= _retention(sample, datamap, found)
    block = _block(sample, kind, file, found, "Europe/Paris" if zone else None, datamap, sheet)
    return Inspection(
        file=file,
        kind=kind,
        format=sample.format,
        columns=sample.names,
        map=found,
        zone="Europe/Paris" if zone else None,
        rows=tuple(_masked(row, found) for row in sample.rows[:SHOWN]),
        looked_at=len(sample.rows) + len(sample.broken),
        unread=(*sample.broken, *_unread(sample, found))[:SHOWN],
        doubts=tuple(doubts),
        block=block,
    )


def merged(blocks: Iterable[str]) -> str:
    """Return blocks of a question, those that say the same of several files as one."""
    files: dict[tuple[str, str], list[str]] = {}
    for block in blocks:
        head, named, rest = block.split("\n", 2)
        key, _, names = named.partition(" = ")
        files.setdefault((f"{head}\n{key}", rest), []).extend(json.loads(names))
    return "\n".join(
        f"{start} = {_toml(names)}\n{rest}" for (start, rest), names in files.items()
    )


def _kind(sample: Sample) -> tuple[Kind, dict[str, str]]:
    """Return what a file is to a question, and the column of each field."""
    if sample.format == LIST:
        return (Kind.EXPORTED if _fits(sample, "line", is_file) else Kind.PEOPLE), {}
    if sample.format in ready_made():
        return Kind.LOG, {}
    if sample.format == Format.COMBINED.value:
        return Kind.LOG, {name: name for name in COMBINED}
    found = _matched(sample, LOG_SIGNS)
    if {"at", "path"} <= found.keys():
        return Kind.LOG, found
    directory, taken = _directory(sample), _matched(sample, EXPORT_SIGNS)
    asked = found.keys() & {"token", "account", "ip", "method", "status"}  # a log, if a bad one
    if taken and not asked and not directory.keys() - {"person"}:
        return Kind.EXPORTED, taken
    return Kind.DIRECTORY, directory


def _matched(
    sample: Sample, signs: Iterable[Sign], taken: Iterable[str] = ()
) -> dict[str, str]:
    """Give each field the column that fits it best, and no column twice."""
    found: dict[str, str] = {}
    used = set(taken)
    for by_name in (True, False):
        for sign in signs:
            if sign.field in found or not (by_name or sign.by_value):
                continue
            for name in sample.names:
                if name in used or not _fits(sample, name, sign.value):
                    continue
                if by_name and not re.fullmatch(sign.name, name, re.IGNORECASE):
                    continue
                if not by_name and _all(sample, name, lambda v: bool(EPOCH.fullmatch(v))):
                    continue  # a number may be anything
                found[sign.field] = name
                used.add(name)
                break
    return found


def _directory(sample: Sample) -> dict[str, str]:
    found = _matched(sample, DIRECTORY_SIGNS)
    taken = set(found.values())
    free = [
        name
        for name in sample.names
        if name not in taken and not _fits(sample, name, _dated) and _distinct(sample, name)
    ]
    named = [name for name in free if re.fullmatch(r"(?:.*[._])?\w*id|key|uuid", name.lower())]
    person = next(iter(named), found.get("email") or next(iter(free), None))
    return ({"person": person} if person else {}) | found


def _dated(value: str) -> bool:
    return not EPOCH.fullmatch(value) and is_dated(value)


def _values(sample: Sample, name: str) -> list[str]:
    return [value for row in sample.rows if (value := row.get(name))]


def _fits(sample: Sample, name: str, test: Test) -> bool:
    values = _values(sample, name)
    return bool(values) and sum(map(test, values)) >= ENOUGH * len(values)


def _all(sample: Sample, name: str, test: Test) -> bool:
    return all(map(test, _values(sample, name)))


def _distinct(sample: Sample, name: str) -> bool:
    """Tell whether a column tells people apart; some may stand in a directory twice."""
    values = _values(sample, name)
    every = len(sample.rows)
    return len(values) == every and len(set(values)) > ALIKE * every


def _zone_needed(sample: Sample, column: str | None) -> bool:
    """Tell whether instants are written without an offset."""
    return column is not None and any(
        rules.moment(value, None) is None and is_dated(value)
        for value in _values(sample, column)
    )


def _unread(sample: Sample, found: Mapping[str, str]) -> Iterable[tuple[int, str]]:
    """Yield the rows that would not be read, each with the reason."""
    tests: Sequence[tuple[str, Test, str]] = (
        ("at", is_instant, "holds no instant that can be understood"),
        ("ip", is_address, "holds no address"),
        ("status", is_status, "holds no status"),
    )
    if sample.format == Format.COMBINED.value:
        tests = tests[1:]
    for number, row in enumerate(sample.rows, start=1):
        for field, test, problem in tests:
            column = found.get(field)
            value = row.get(column) if column else None
            if (value and not test(value)) or (column and field == "at" and not value):
                yield number, f"{column} {problem}"


def _doubts(
    sample: Sample,
    kind: Kind,
    found: Mapping[str, str],
    zone: bool,
    datamap: DataMap | None,
) -> Iterable[str]:
    if len(sample.sheets) > 1:
        yield f"the workbook has several sheets: {', '.join(sample.sheets)}"
    if zone:
        yield "instants have no offset; check the zone they were written in"
    if kind is Kind.LOG and found and not found.keys() & {"token", "account", "ip"}:
        yield "no column tells who asked; name one of token, account, ip or user_agent"
    if kind is Kind.DIRECTORY and "person" not in found:
        yield "no column has a key for each person; name it in `person`"
    if kind is Kind.DIRECTORY and len(datamap.stores if datamap else ()) != 1:
        yield "check which store of the data map these people are in"
    if kind is Kind.PEOPLE:
        yield "check which categories of data each of them lost"
    if kind is Kind.EXPORTED:
        yield "check that the routes of the data map know these files; `under` goes before each"


def _retention(
    sample: Sample, datamap: DataMap | None, found: Mapping[str, str]
) -> dict[str, str]:
    """Return the column after which the store's retention counts, where one is called so."""
    store = _store(sample, datamap)
    after = next(
        (
            each.retention.after
            for each in (datamap.stores if datamap else ())
            if each.id == store and each.retention
        ),
        None,
    )
    return {after: after} if after in sample.names and after not in found else {}


def _store(sample: Sample, datamap: DataMap | None) -> str:
    """Return the store whose retention counts after a column that is here, else the first."""
    stores = datamap.stores if datamap else ()
    named = (
        each.id for each in stores if each.retention and each.retention.after in sample.names
    )
    return next(named, stores[0].id if stores else "STORE")


def _block(
    sample: Sample,
    kind: Kind,
    file: str,
    found: Mapping[str, str],
    zone: str | None,
    datamap: DataMap | None,
    sheet: str | None,
) -> str:
    """Return the block of a question in TOML."""
    lines = [f"[[{'directory' if kind is Kind.DIRECTORY else 'evidence'}]]"]
    lines.append(f"{kind.value if kind in LISTED else 'files'} = {_toml([file])}")
    if kind is Kind.EXPORTED and found:
        lines.append(f"column = {_toml(found['exported'])}")
    chosen = sheet or (sample.sheets[0] if len(sample.sheets) > 1 else None)
    if chosen:
        lines.append(f"sheet = {_toml(chosen)}")
    if kind is Kind.LOG:
        lines.append(f"format = {_toml(sample.format)}")
    if zone:
        lines.append(f"zone = {_toml(zone)}")
    if kind is Kind.DIRECTORY:
        lines.append(f"store = {_toml(_store(sample, datamap))}")
    if kind is Kind.PEOPLE:
        categories = [each.id for each in (datamap.categories if datamap else ())][:1]
        lines.append(f"categories = {_toml(categories or ['CATEGORY'])}")
    if found and kind is not Kind.EXPORTED and sample.format != Format.COMBINED.value:
        pairs = ", ".join(f"{field} = {_toml(column)}" for field, column in found.items())
        lines.append(f"map = {{{pairs}}}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _masked(row: Mapping[str, str | None], found: Mapping[str, str]) -> dict[str, str]:
    """Return a row of which nobody can be told."""
    fields = {column: field for field, column in found.items()}
    return {
        name: value if fields.get(name) in PLAIN and value else _mask(value or "")
        for name, value in row.items()
    }


def _mask(value: str) -> str:
    """Return the beginning of each part of a value, and dots for the rest."""
    return re.sub(
        r"[^\W_]+",
        lambda part: part[0][:KEPT] + "…" if len(part[0]) > KEPT else "…",
        value[:80],
    )
