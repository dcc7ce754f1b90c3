"""TOML packs -> Law: an unknown key, a missing source or a gap in dates is refused."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.law.reading import checks
from breachdesk.law.reading.places import Places, dotted
from breachdesk.law.reading.schema import BOUNDS, VALUES, DutyEntry, FactEntry, PackFile
from breachdesk.law.terms import (
    Authority,
    Cap,
    Clue,
    Condition,
    Duty,
    Fact,
    Law,
    Pack,
    Period,
    RequiredContent,
    Trigger,
)

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def read_packs(folder: Path | None = None) -> Law:
    """Read every pack of `folder`, or those that came with BreachDesk.

    Raises Unusable with every problem found, each with its file, line and field.
    """
    place = folder or Path(str(resources.files("breachdesk.law"))) / "packs"
    files = sorted(place.glob("*.toml"))
    if not files:
        raise Unusable(Problem("there is no law pack (*.toml) in this folder", file=str(place)))
    problems: list[Problem] = []
    read: list[tuple[Path, Pack, Places]] = []
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(content).digest())
        try:
            read.append((file, *_read_pack(file, content)))
        except Unusable as unusable:
            problems += unusable.problems
    law = Law(tuple(pack for _, pack, _ in read), f"sha256:{digest.hexdigest()}")
    for file, pack, places in read:
        problems += [
            Problem(text, file.name, places.line(path), dotted(path))
            for path, text in checks.problems(law, pack, file.stem, whole=not problems)
        ]
    if problems:
        raise Unusable(sorted(problems, key=lambda each: (each.file or "", each.line or 0)))
    return law


def _read_pack(file: Path, content: bytes) -> tuple[Pack, Places]:
    try:
        text = content.decode("utf-8")
        raw = documents.toml(text)
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise Unusable(Problem("is not UTF-8 text", file.name, line)) from None
    except tomllib.TOMLDecodeError as wrong:
        found = _AT_LINE.search(str(wrong))
        line = int(found[1]) if found else text.count("\n") + 1
        said = _AT_LINE.sub("", str(wrong))
        raise Unusable(Problem(f"is not TOML: {said}", file.name, line)) from None
    places = Places(text)
    try:
        return _pack(PackFile.model_validate(raw)), places
    except ValidationError as wrong:
        raise Unusable(list(_problems(file.name, places, wrong))) from None


def _problems(file: str, places: Places, wrong: ValidationError) -> Iterator[Problem]:
    """Say each of pydantic's findings once, in our words, at its line."""
    said = set()
    for error in wrong.errors(include_url=False, include_context=False):
        path = _path(error["loc"])
        text = _said(error["type"], error["msg"], error["input"])
        if (path, text) not in said:
            said.add((path, text))
            yield Problem(text, file, places.line(path), dotted(path))


def _path(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Leave out the branches of a union, which stand in no file."""
    branches = {"bool", "int", "str", "[key]", VALUES, BOUNDS}
    return tuple(part for part in loc if part not in branches)


def _said(kind: str, message: str, told: Any) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is no key of a law pack"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if isinstance(told, dict | list):
        return message[0].lower() + message[1:]
    return f"{told!r} cannot be used: {message[0].lower()}{message[1:]}"


def _pack(entry: PackFile) -> Pack:
    return Pack(
        id=entry.pack.id,
        title=entry.pack.title.model_dump(),
        checked_on=entry.pack.checked_on,
        facts=tuple(_fact(each) for each in entry.facts),
        authorities=tuple(
            Authority(**{**each.model_dump(), "address": tuple(each.address)})
            for each in entry.authorities
        ),
        duties=tuple(_duty(each, entry.pack.id) for each in entry.duties),
        contents=tuple(
            RequiredContent(**{**each.model_dump(), "duties": tuple(each.duties)})
            for each in entry.contents
        ),
    )


def _fact(entry: FactEntry) -> Fact:
    return Fact(
        name=entry.name,
        kind=entry.kind,
        label=entry.label.model_dump(),
        choices=tuple(entry.choices),
        otherwise=entry.otherwise,
        read_from=tuple(
            Clue(clue.fact, tuple(clue.values), clue.means) for clue in entry.read_from
        ),
        country=entry.country,
        presumed=entry.presumed,
    )


def _duty(entry: DutyEntry, pack: str) -> Duty:
    return Duty(
        code=entry.code,
        pack=pack,
        article=entry.article,
        source=entry.source,
        label=entry.label.model_dump(),
        addressee=entry.addressee,
        addressee_label=entry.addressee_label.model_dump(),
        role=entry.role,
        nature=entry.nature,
        status=entry.status,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        trigger=Trigger(entry.trigger, entry.after, entry.after_which == "last"),
        conditions=tuple(
            Condition(name, tuple(wanted))
            if isinstance(wanted, list)
            else Condition(name, at_least=wanted.at_least, below=wanted.below)
            for name, wanted in entry.condition.items()
        ),
        period=Period(entry.period.kind, entry.period.amount, entry.period.amount_fact),
        roll=entry.roll,
        cap=None if entry.cap is None else Cap(entry.cap.trigger, entry.cap.hours),
        eu_counting=entry.eu_counting,
        late_needs_reasons=entry.late_needs_reasons,
        relieved_by_34_3=entry.relieved_by_34_3,
        target_hours=entry.target_hours,
        note=None if entry.note is None else entry.note.model_dump(),
    )
