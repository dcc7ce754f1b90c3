"""The ready-made mappings, each a TOML file beside the code: how a product's log is read."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from breachdesk.scoping.terms import Case, Part, ReadyMade


@cache
def ready_made() -> Mapping[str, ReadyMade]:
    """Return every ready-made mapping by its name."""
    folder = resources.files("breachdesk.scoping") / "mappings"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        name, _, ending = file.name.rpartition(".")
        if ending == "toml":
            found[name] = _mapping(name, tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def _mapping(name: str, document: Mapping[str, Any]) -> ReadyMade:
    return ReadyMade(
        name=name,
        label=document["label"],
        columns=tuple(document.get("columns", ())),
        unfold=document.get("unfold"),
        known_by=document["known_by"],
        parts={
            part: Part(each["of"], each["take"], each.get("without", ""))
            for part, each in document["parts"].items()
        },
        fields={
            field: tuple(_case(case) for case in cases)
            for field, cases in document["fields"].items()
        },
        beside=document.get("beside", {}),
    )


def _case(case: str | Mapping[str, Any]) -> Case:
    return Case(case, {}) if isinstance(case, str) else Case(case["say"], case["when"])
