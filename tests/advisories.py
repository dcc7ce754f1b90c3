"""Makes runbooks/maintaining/security.md: how others were broken, and the tests against it.

Run `python tests/advisories.py` after a change of tests/cases/advisories.toml, parsers.toml or
security.md.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
PAGE = TOP / "runbooks" / "maintaining" / "security.md"
POINTS = Path("tests/immunity/test_points.py")
HEAD = (TOP / "tests" / "cases" / "security.md").read_text("utf-8")


@dataclass(frozen=True)
class Sabotage:
    """A fault of the kind of some advisories, put into our code to see who notices."""

    advisory: tuple[str, ...]
    what: str
    file: str
    found: str
    instead: str
    fails: tuple[str, ...]


def advisories() -> list[dict[str, list[str]]]:
    """Return every advisory with the tests that would have caught it."""
    text = (TOP / "tests" / "cases" / "advisories.toml").read_text("utf-8")
    found: list[dict[str, list[str]]] = tomllib.loads(text)["advisory"]
    return found


def key(advisory: Mapping[str, Any]) -> str:
    """Return by what an advisory is called: the program and the first number."""
    return f"{advisory['peer']} {advisory['ids'][0]}"


def sabotages() -> list[Sabotage]:
    """Return every fault by which the tests are tried."""
    text = (TOP / "bench" / "sabotage.toml").read_text("utf-8")
    return [
        Sabotage(advisory=tuple(each.pop("advisory")), fails=tuple(each.pop("fails")), **each)
        for each in tomllib.loads(text)["sabotage"]
    ]


def node(test: str) -> str:
    """Return a test as pytest names it; a point is one of them."""
    named = points().get(test)
    return f"{POINTS}::{named}" if named else test


def parsers() -> list[dict[str, Any]]:
    """Return everything that reads what comes from outside, with the tests of it."""
    text = (TOP / "tests" / "cases" / "parsers.toml").read_text("utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["parser"]
    return found


def points() -> dict[str, str]:
    """Return the name of the test of each point, by its number."""
    names = (each.rpartition("::")[2] for each in named_in(POINTS))
    return {f"P{name[5:7]}": name for name in names if name[5:7].isdigit()}


def named_in(path: Path) -> Iterator[str]:
    """Yield the tests in a file, as pytest names them."""
    for node in ast.parse((TOP / path).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{path}::{node.name}"
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("test_"):
                    yield f"{path}::{node.name}::{inner.name}"


def page() -> str:
    """Return the page."""
    rows = [f"| {number[1:]} | `{name}` |" for number, name in points().items()]
    table = [
        f"| {each['peer']} | {', '.join(each['ids'])} | {each['class']} | "
        f"{', '.join(_named(test) for test in each['tests'])} |"
        for each in advisories()
    ]
    read = [
        f"| {each['what']} | `{each['reads']}` | "
        f"{', '.join(_named(test) for test in each['tests'])} |"
        for each in parsers()
    ]
    return "\n".join(
        [
            HEAD,
            f"Each is a test in `{POINTS}`.",
            "",
            "| Point | Test |",
            "|---|---|",
            *rows,
            "",
            "## How others were broken",
            "",
            "| Program | Advisory | What it was | Tests here |",
            "|---|---|---|---|",
            *table,
            "",
            "## What comes from outside",
            "",
            "Each reader is given anything at all (Hypothesis) by the tests beside it: it",
            "understands, or refuses in a sentence.",
            "",
            "| What | Read by | Tests |",
            "|---|---|---|",
            *read,
            "",
        ]
    )


def _named(test: str) -> str:
    if test.startswith("P"):
        return test
    path, _, name = test.partition("::")
    return f"`{name.replace('::', '.') or Path(path).name}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
