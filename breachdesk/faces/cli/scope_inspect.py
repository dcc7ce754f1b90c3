"""`breachdesk scope inspect`: what a file seems to be, and the block that says so."""

from dataclasses import asdict
from pathlib import Path

import click

from breachdesk.datamap import queries as datamaps
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.reading import guessing
from breachdesk.scoping.terms import File, Inspection


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", help="Which sheet of a workbook; the first if left out.")
@json_option
@pass_terminal
def inspect(terminal: Terminal, file: Path, sheet: str | None, *, as_json: bool) -> None:
    """Guess what FILE is, and print the block of a question that says so."""
    if not file.is_file():
        raise Unusable(Problem("there is no such file", str(file)))
    with terminal.reading() as session:
        version = datamaps.current_version(session)
        datamap = None if version is None else datamaps.parsed(version)
    named = File(file.resolve(), str(file))
    sample = terminal.desk.population.sample(named, sheet)
    found = guessing.inspect(sample, str(file), datamap, sheet)
    answer(asdict(found), as_json=as_json, text=lambda: _in_words(found))


def _in_words(found: Inspection) -> str:
    """Return what was found; all of it can be pasted: what is no TOML stands behind `#`."""
    lines = [f"# {found.file}: {found.format}, {found.looked_at} rows looked at"]
    lines.append(f"# columns: {', '.join(found.columns)}")
    lines += [
        "#   " + "  ".join(f"{name}={value}" for name, value in row.items() if value)
        for row in found.rows
    ]
    lines += [f"# row {number} would not be read: {why}" for number, why in found.unread]
    lines += [f"# {doubt}" for doubt in found.doubts]
    return "\n".join((*(" ".join(line.split("\n")) for line in lines), found.block.rstrip()))
