"""`breachdesk scope`: measure who is affected, list them, compare measures, say why."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamaps
from breachdesk.faces.cli import scope_words
from breachdesk.faces.cli.scope_inspect import inspect
from breachdesk.faces.cli.terminal import ASKED, Terminal, answer, json_option, pass_terminal
from breachdesk.faces.told import told_by
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.scoping import commands, errands, queries, reading
from breachdesk.scoping.reading.reasons import reason
from breachdesk.scoping.terms import Person, Ring, Scope
from breachdesk.scoping.terms import Progress as Told

COLUMNS = ("person_key", "categories", "first_touch", "last_touch", "why")
RINGS = click.Choice([each.value for each in Ring])
REASON = " ; "


@click.group("scope")
def scope() -> None:
    """Measure who is affected, list and compare."""


scope.add_command(inspect)


@scope.command("measure")
@click.argument("reference")
@click.argument("question", type=click.Path(path_type=Path))
@click.option("--accept-unread", is_flag=True, help="Measure though over 0.1 % is unread.")
@json_option
@pass_terminal
def measure(
    terminal: Terminal, reference: str, question: Path, *, accept_unread: bool, as_json: bool
) -> None:
    """Answer the QUESTION (TOML) for the incident REFERENCE and keep the answer."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        datamap = datamaps.current(session)
    asked = reading.read(question, datamap)
    with _bar("Measuring") as told:
        measured = errands.measure(
            terminal.desk.transactions,
            terminal.desk.population,
            terminal.actor,
            incident.id,
            datamap,
            asked,
            accept_unread=accept_unread,
            progress=told,
        )
    answer(dict(measured.counts), as_json=as_json, text=lambda: scope_words.measured(measured))


@scope.command("import")
@click.argument("reference")
@click.argument("question", type=click.Path(path_type=Path))
@json_option
@pass_terminal
def convert(terminal: Terminal, reference: str, question: Path, *, as_json: bool) -> None:
    """Convert the logs of the QUESTION once for REFERENCE: later measures read them faster."""
    with terminal.reading() as session:
        incident = incidents.by_reference(session, reference)
        datamap = datamaps.current(session)
    asked = reading.read(question, datamap)
    with _bar("Importing") as told:
        made = errands.convert(
            terminal.desk.transactions,
            terminal.desk.population,
            terminal.actor,
            incident.id,
            asked,
            progress=told,
        )
    found = [
        {"file": each.file.name, "rows": each.rows, "unread_rows": each.unread} for each in made
    ]
    lines = [
        f"{each['file']}: {each['rows']} rows, {each['unread_rows']} not read" for each in found
    ]
    answer(found, as_json=as_json, text="\n".join(lines or ["all was imported before"]))


@scope.command("people")
@click.argument("reference")
@click.option("--ring", type=RINGS, required=True, help="How surely they are affected.")
@click.option("--format", "form", type=click.Choice(["csv", "ndjson"]), default="csv")
@click.option("--version", type=int, help="Which measure; the latest if left out.")
@click.option("--customer", help="Only those whom we hold for this customer.")
@click.option("--reason", default=ASKED, help="For what you look; it is noted on the trail.")
@pass_terminal
def people(
    terminal: Terminal,
    reference: str,
    ring: str,
    form: str,
    version: int | None,
    customer: str | None,
    reason: str,
) -> None:
    """List the people of REFERENCE, one a row, ordered by key. It leaves a trail."""
    population = terminal.desk.population
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        chosen = _version(tx.session, incident.id, version)
        listed = commands.list_people(
            tx,
            incident,
            chosen,
            Ring(ring),
            population,
            customer=customer,
            reason=reason,
            counted=False,
        )
    _write(listed, form)  # the trail is kept before the first name is out


@scope.command("compare")
@click.argument("reference")
@click.argument("earlier", type=int, metavar="A")
@click.argument("later", type=int, metavar="B")
@click.option("--ring", type=RINGS, default=Ring.PROVEN.value, show_default=True)
@json_option
@pass_terminal
def compare(
    terminal: Terminal, reference: str, earlier: int, later: int, *, ring: str, as_json: bool
) -> None:
    """Say who came in and who went out from measure A to measure B of REFERENCE.

    Under `told`: how many of those who changed have been told already.
    """
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        both = (
            queries.version(tx.session, incident.id, earlier),
            queries.version(tx.session, incident.id, later),
        )
        told = told_by(tx, incident.id)
        population = terminal.desk.population
        found = asdict(commands.compare(tx, incident, both, Ring(ring), population, told=told))
    counts = {what: n for what, n in found.items() if what != "told"}
    text = "\n".join(
        f"{n:>10}  {what.replace('_', ' ')}"
        + (f", {found['told'][what]} of them told already" if what in found["told"] else "")
        for what, n in counts.items()
    )
    answer(found, as_json=as_json, text=text)


@scope.command("why")
@click.argument("reference")
@click.argument("person")
@click.option("--version", type=int, help="Which measure; the latest if left out.")
@click.option(
    "--reason", "purpose", default=ASKED, help="For what you look; it is noted on the trail."
)
@json_option
@pass_terminal
def why(
    terminal: Terminal,
    reference: str,
    person: str,
    version: int | None,
    purpose: str,
    *,
    as_json: bool,
) -> None:
    """Say why the PERSON of that key is affected by REFERENCE. It leaves a trail."""
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        chosen = _version(tx.session, incident.id, version)
        found = commands.look_up(
            tx,
            incident,
            chosen,
            person,
            terminal.desk.population,
            reason=purpose,
            counted=False,
        )
    if found is None:
        raise Unknown(f"nobody of that key is in version {chosen.version} of the scope")
    ring, known = found
    document = {
        "ring": ring.value,
        **_row(known),
        "categories": list(known.categories),
        "stores": list(known.stores),
        "role": known.role,
        "touches": known.touches,
        "why": list(known.why),
        "reasons": [asdict(reason(each)) for each in known.why],
        "version": chosen.version,
    }
    lines = (
        f"{ring.value}, version {chosen.version}",
        f"data: {', '.join(known.categories) or 'none'}",
        f"touched {known.touches} times, {document['first_touch']} to {document['last_touch']}"
        if known.first_touch
        else f"touched {known.touches} times",
        *known.why,
    )
    answer(document, as_json=as_json, text="\n".join(lines))


def _version(session: Session, incident_id: UUID, version: int | None) -> Scope:
    if version is not None:
        return queries.version(session, incident_id, version)
    latest = queries.latest(session, incident_id)
    if latest is None:
        raise Refused(
            "nothing was measured for this incident yet; run: breachdesk scope measure"
        )
    return latest


def _write(listed: Iterable[Person], form: str) -> None:
    if form == "ndjson":
        for person in listed:
            click.echo(json.dumps(_row(person), ensure_ascii=False))
        return
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(person) for person in listed)


def _row(person: Person) -> dict[str, str | None]:
    return {
        "person_key": person.person_key,
        "categories": "|".join(person.categories),
        "first_touch": person.first_touch.isoformat() if person.first_touch else None,
        "last_touch": person.last_touch.isoformat() if person.last_touch else None,
        "why": REASON.join(person.why),
    }


@contextmanager
def _bar(title: str) -> Iterator[Told]:
    """Show a bar on standard error while the block runs, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield told
