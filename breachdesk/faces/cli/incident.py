"""`breachdesk incident`: log what happened, correct it, show it."""

import json
import tomllib
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import click

from breachdesk.faces import reading
from breachdesk.faces.cli import measures, readers
from breachdesk.faces.cli.obligations import clocks
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import commands, queries, rules
from breachdesk.incidents.terms import AWARE, INSTANTS, IncidentDraft
from breachdesk.kernel import documents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.times import day_start, instant
from breachdesk.kernel.times import zone as zone_of
from breachdesk.risk.reading import from_mapping

TOLD = {field.name for field in fields(IncidentDraft)} - {"facts"}


@click.group("incident")
def incident() -> None:
    """Log, correct and show incidents."""


for each in (measures.measure, readers.keep_to, readers.open_to_all, readers.readers):
    incident.add_command(each)


@incident.command("log")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@pass_terminal
def log(terminal: Terminal, file: Path, *, as_json: bool) -> None:
    """Log the breach that FILE (TOML or JSON) tells of."""
    draft = read_incident(file, terminal.zone)
    with reading.of_file(file), terminal.transaction() as tx:
        logged = commands.log(tx, draft)
        running = clocks(tx.session, terminal.law, logged)
        odd = warnings_of(logged, tx.now)
    warn(odd)
    answer(
        {"reference": logged.reference, "clocks": running, "warnings": odd},
        as_json=as_json,
        text=lambda: "\n".join(
            [f"{logged.reference} is logged."]
            + [
                f"  {clock['due'] or 'without undue delay'}  {clock['duty']}"
                for clock in running
            ]
        ),
    )


@incident.command("list")
@json_option
@pass_terminal
def list_(terminal: Terminal, *, as_json: bool) -> None:
    """List incidents, the open ones first."""
    with terminal.reading() as session:
        found = [_summary(each) for each in queries.board(session, limit=1000)]
    lines = [f"{each['reference']}  {each['stage']}  {each['title']}" for each in found]
    answer(found, as_json=as_json, text="\n".join(lines) or "No incident was logged yet.")


@incident.command("show")
@click.argument("reference")
@json_option
@pass_terminal
def show(terminal: Terminal, reference: str, *, as_json: bool) -> None:
    """Show what is known of REFERENCE."""
    with terminal.reading() as session:
        found = queries.by_reference(session, reference)
        document = {
            **_summary(found),
            **{name: getattr(found, name) for name in INSTANTS},
            "summary": found.summary,
            "zone": found.zone,
            "warnings": warnings_of(found, terminal.desk.transactions.clock.now()),
            "facts": found.facts,
            "corrections": [
                {
                    "field": each.field,
                    "was": each.was["value"],
                    "became": each.became["value"],
                    "reason": each.reason,
                    "by": each.corrected_by,
                    "at": each.corrected_at,
                }
                for each in queries.corrections_of(session, found.id)
            ],
            "clocks": clocks(session, terminal.law, found),
        }
    answer(
        document,
        as_json=as_json,
        text=lambda: "\n".join(f"{name}: {value}" for name, value in document.items()),
    )


@incident.command("correct")
@click.argument("reference")
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--reason", required=True, help="Why it was said otherwise before.")
@json_option
@pass_terminal
def correct(
    terminal: Terminal, reference: str, changes: tuple[str, ...], *, reason: str, as_json: bool
) -> None:
    """Correct facts of REFERENCE; what was said before is kept, and every clock follows."""
    told: dict[str, str] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise Unusable(f"{change!r} is not a correction; write FIELD=VALUE")
        told[name] = value
    with terminal.transaction() as tx:
        found = queries.by_reference(tx.session, reference)
        commands.correct(tx, found, told, reason)
        running = clocks(tx.session, terminal.law, found)
        odd = warnings_of(found, tx.now)
    warn(odd)
    answer(
        {"reference": reference, "clocks": running, "warnings": odd},
        as_json=as_json,
        text=f"{reference} is corrected: {', '.join(told)}.",
    )


@incident.command("tell")
@click.argument("reference")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="What was learnt.")
@json_option
@pass_terminal
def tell(terminal: Terminal, reference: str, file: Path, *, reason: str, as_json: bool) -> None:
    """Add or correct the facts of risk of REFERENCE by those of FILE (TOML or JSON)."""
    facts = read_document(file)
    from_mapping(facts, str(file), file.read_text("utf-8"))
    with terminal.transaction() as tx:
        found = queries.by_reference(tx.session, reference)
        changed = commands.tell(tx, found, facts, reason)
        names = [each.field for each in changed]
    answer({"reference": reference, "changed": names}, as_json=as_json, text=", ".join(names))


def read_incident(file: Path, zone: str) -> IncidentDraft:
    """Read an incident file: what is told of the breach, and facts of the risk vocabulary.

    It happened in `zone` where the file names no other. Raises Unusable with every problem,
    naming file and field.
    """
    document = read_document(file)
    told = {"zone": zone} | {name: each for name, each in document.items() if name in TOLD}
    told |= _placed(told, file)
    others = {name: value for name, value in document.items() if name not in TOLD}
    problems: list[Problem] = []
    for read in (
        lambda: from_mapping(others, str(file), file.read_text("utf-8")),
        lambda: reading.read(IncidentDraft, {**told, "facts": others}, file=str(file)),
    ):
        try:
            draft = read()
        except Unusable as error:
            problems += error.problems
    if problems:
        raise Unusable(problems)
    return cast("IncidentDraft", draft)


def _placed(told: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return an awareness of which only the day is told at 00:00 of it, and the flag for that.

    Raises Unusable for a local time, with every instant that it can mean.
    """
    place = zone_named(str(told["zone"]), file)
    for name in INSTANTS:
        at = told.get(name)
        if isinstance(at, datetime) and at.tzinfo is None:
            with reading.of_file(file):
                try:
                    instant(at.isoformat(), place)
                except Unusable as error:
                    raise Unusable(
                        [replace(each, field=name) for each in error.problems]
                    ) from None
    aware = told.get(AWARE)
    if isinstance(aware, datetime) or not isinstance(aware, str | date):
        return {}
    day = day_start(str(aware), place)
    return {} if day is None else {AWARE: day, "aware_day_only": True}


def zone_named(name: str, file: Path) -> ZoneInfo:
    """Return the zone that a file names. Raises Unusable naming file and field."""
    try:
        return zone_of(name)
    except Unusable as error:
        raise Unusable(
            [replace(each, file=str(file), field="zone") for each in error.problems]
        ) from None


def warnings_of(found: Any, now: datetime) -> list[str]:
    """Return what is odd about an incident's awareness, in words; nothing is refused for it."""
    told = {name: getattr(found, name) for name in INSTANTS}
    said = [rules.ODD[code] for code in rules.oddities(told, now=now)]
    if found.aware_day_only:
        said.append("the hour of awareness is not known: 00:00 of that day is taken")
    return said


def warn(found: list[str]) -> None:
    """Say warnings where messages go."""
    for each in found:
        click.echo(f"warning: {each}", err=True)


def read_document(file: Path) -> dict[str, Any]:
    """Read a TOML or JSON document. Raises Unusable naming file and, where known, line."""
    try:
        content = file.read_text("utf-8")
    except OSError as error:
        raise Unusable(Problem(f"cannot be read: {error.strerror}", file=str(file))) from None
    except UnicodeDecodeError:
        raise Unusable(Problem("is not UTF-8 text", file=str(file))) from None
    try:
        how = documents.from_json if file.suffix == ".json" else documents.toml
        read: object = how(content)
    except json.JSONDecodeError as error:
        raise Unusable(Problem(error.msg, file=str(file), line=error.lineno)) from None
    except tomllib.TOMLDecodeError as error:
        raise Unusable(Problem(str(error), file=str(file))) from None
    if not isinstance(read, dict):
        raise Unusable(Problem("is not a table of facts", file=str(file)))
    return read


def _summary(each: Any) -> dict[str, Any]:
    return {
        "reference": each.reference,
        "title": each.title,
        "stage": each.stage,
        "aware_at": each.aware_at,
        "drill": each.drill,
    }
