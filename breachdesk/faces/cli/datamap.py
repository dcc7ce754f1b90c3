"""`breachdesk datamap`: is the file right, and what does it change?"""

from pathlib import Path
from typing import Any

import click

from breachdesk.datamap import commands, queries, reading, rules
from breachdesk.datamap.rules import Changes
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.kernel.errors import Problem, Unusable

FILE = click.Path(path_type=Path)


@click.group("datamap")
def datamap() -> None:
    """Check and import the data map."""


@datamap.command("check")
@click.argument("file", type=FILE)
@json_option
def check(file: Path, *, as_json: bool) -> None:
    """Read FILE and tell every problem. Exit 2 if there is one, 0 with warnings alone."""
    problems, warnings = reading.check(file)
    document = _verdict(problems, warnings)
    answer(document, as_json=as_json, text=lambda: _as_text(file, problems, warnings))
    if problems:
        raise Unusable(problems)


@datamap.command("import")
@click.argument("file", type=FILE)
@json_option
@pass_terminal
def import_map(terminal: Terminal, file: Path, *, as_json: bool) -> None:
    """Put the data map in FILE in force, and tell what that changes.

    With a problem in FILE nothing changes.
    """
    problems, warnings = reading.check(file)
    if problems:
        verdict = _verdict(problems, warnings)
        answer(verdict, as_json=as_json, text=lambda: _as_text(file, problems, warnings))
        raise Unusable(problems)
    source = reading.source(file)
    read = reading.parse(source, str(file))
    with terminal.transaction() as tx:
        latest = queries.current_version(tx.session)
        before = None if latest is None else queries.parsed(latest)
        version = commands.import_map(tx, read, source)
        number, digest = version.version, version.digest
    changes = rules.changes(before, read)
    document = {
        "version": number,
        "digest": digest,
        **changes.as_json(),
        **_verdict(problems, warnings),
    }
    answer(document, as_json=as_json, text=lambda: _changes_as_text(number, changes, warnings))


def _verdict(problems: list[Problem], warnings: list[Problem]) -> dict[str, Any]:
    return {
        "problems": [each.as_json() for each in problems],
        "warnings": [each.as_json() for each in warnings],
    }


def _as_text(file: Path, problems: list[Problem], warnings: list[Problem]) -> str:
    lines = [str(each) for each in problems]
    lines += [f"{each} (warning)" for each in warnings]
    counts = ((len(problems), "problem"), (len(warnings), "warning"))
    told = ", ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts)
    lines.append(f"{file}: {told}.")
    return "\n".join(lines)


def _changes_as_text(number: int, changes: Changes, warnings: list[Problem]) -> str:
    lines = [f"{each} (warning)" for each in warnings]
    if not changes:
        return "\n".join([*lines, f"Nothing changed: version {number} stays in force."])
    for mark, by_kind in (
        ("+", changes.added),
        ("-", changes.removed),
        ("~", changes.changed),
    ):
        lines += [f"{mark} {kind}: {name}" for kind in by_kind for name in by_kind[kind]]
    return "\n".join([*lines, f"Version {number} of the data map is in force."])
