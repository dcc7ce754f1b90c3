"""`breachdesk law`: what the law asks and by when, and whether its packs are sound."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import day_start, instant, zone
from breachdesk.law import reading
from breachdesk.law.reading.facts import read_facts
from breachdesk.law.terms import Law
from breachdesk.obligations import rules
from breachdesk.obligations.terms import Obligation


@click.group()
def law() -> None:
    """What the law asks, and by when."""


@law.command()
@click.option(
    "--aware",
    required=True,
    metavar="INSTANT|@FILE",
    help="When we became aware, with offset, or a day whose hour is not known; @FILE holds "
    "one a line.",
)
@click.option("--zone", "zone_name", help="Where days count; the organisation's, else Paris.")
@click.option("--pack", "packs", multiple=True, metavar="ID", help="Only this pack.")
@click.option("--fact", "told", multiple=True, metavar="NAME=VALUE", help="A fact we know.")
@json_option
@pass_terminal
def deadlines(
    terminal: Terminal,
    *,
    aware: str,
    zone_name: str | None,
    packs: tuple[str, ...],
    told: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell what is owed and by when, from an instant and facts alone.

    Pure: it makes no home and keeps nothing; of a home that is there it asks the zone. A fact
    that is not given is taken so that the duty arises.
    """
    known = read_facts(terminal.law, told)
    where = zone(zone_name or terminal.zone)

    def arising(at: str) -> tuple[Obligation, ...]:
        day = day_start(at, where)
        facts = rules.breach_facts(day or instant(at, where), where, known)
        if day is not None:
            facts = replace(facts, day_only=True)
        return rules.arising(facts, terminal.law, packs or None)

    if not aware.startswith("@"):
        due = arising(aware)
        answer([_document(each) for each in due], as_json=as_json, text=table(due, where))
        return
    found = []
    for at, file, line in _instants(aware.removeprefix("@")):
        try:
            found.append((at, arising(at)))
        except Unusable as wrong:
            said = wrong.problems[0]
            raise Unusable(Problem(said.problem, file, line, said.field)) from None
    answer(
        [{"aware": at, "deadlines": [_document(each) for each in due]} for at, due in found],
        as_json=as_json,
        text=lambda: "\n\n".join(f"{at}\n{table(due, where)}" for at, due in found),
    )


@law.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@json_option
@pass_terminal
def check(terminal: Terminal, *, folder: Path | None, as_json: bool) -> None:
    """Check law packs: keys, sources, days without a gap, names that lead somewhere."""
    if folder is not None and not folder.is_dir():
        raise Unusable(f"{folder} is not a folder")
    try:
        read = reading.read_packs(folder) if folder is not None else terminal.law
    except Unusable as wrong:
        answer(
            {"problems": [problem.as_json() for problem in wrong.problems]},
            as_json=as_json,
            text="\n".join(str(problem) for problem in wrong.problems),
        )
        raise
    answer(
        {
            "version": read.version,
            "packs": [
                {"id": pack.id, "checked_on": str(pack.checked_on), "duties": len(pack.duties)}
                for pack in read.packs
            ],
            "problems": [],
        },
        as_json=as_json,
        text=lambda: _summary(read),
    )


def table(due: tuple[Obligation, ...], where: ZoneInfo) -> str:
    """Return obligations for a person to read: the instant, the duty, and why."""
    if not due:
        return "Nothing is owed by these packs on these facts."
    blocks = []
    for each in due:
        until = "without undue delay" if each.due is None else _shown(each, where)
        blocks.append(
            f"{until}\n  {each.label['en']} ({each.duty}, {each.article})\n"
            f"  {each.explanation['en']}"
        )
    return "\n\n".join(blocks)


def _shown(each: Obligation, where: ZoneInfo) -> str:
    return "" if each.due is None else f"{each.due.astimezone(where):%a %d %b %Y %H:%M %z}"


def _document(each: Obligation) -> dict[str, object]:
    return each.as_json()


def _instants(name: str) -> Iterator[tuple[str, str, int]]:
    """Yield the instants of a file with its name and their lines; blank lines are none."""
    try:
        lines = Path(name).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as wrong:
        raise Unusable(Problem(f"cannot be read as text: {wrong}", file=name)) from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield line.strip(), name, number


def _summary(read: Law) -> str:
    lines = [
        f"{pack.id}: {len(pack.duties)} duties, checked on {pack.checked_on}"
        for pack in read.packs
    ]
    return "\n".join((*lines, f"The law is sound; version {read.version}."))
