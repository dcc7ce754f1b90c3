"""To ask for a measure: bring files or point at them, say window and intruder, confirm."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamaps
from breachdesk.faces.web import said
from breachdesk.faces.web.language import zone
from breachdesk.faces.web.scope import evidence, pages, shelf_of
from breachdesk.faces.web.visit import Row, desk, reading, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import commands, queries
from breachdesk.scoping import reading as questions
from breachdesk.scoping.reading import guessing
from breachdesk.scoping.terms import File, Inspection

__all__ = ["pages"]

MARKS = ("token", "ip", "account", "user_agent")
FORM = ("from", "until", *MARKS, "readable", "blocks", "whole", "accept_unread")
MOST_POINTED = 500
NAME = Path("question.toml")


@pages.get("/ask")
def ask(reference: str) -> ResponseReturnValue:
    """Show the form, filled with what is known; `?file=` adds a file of the folder."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    looked = [_inspected(session, name) for name in request.args.getlist("file")]
    blocks = [each.seems["block"] for each in queries.files_of(session, incident.id)]
    typed = dict.fromkeys(FORM, "") | {
        "from": _instant(incident.started_at),
        "until": _instant(incident.ended_at),
        "blocks": guessing.merged((*blocks, *(each.block for each in looked))),
    }
    return _form(session, incident, typed, (), looked)


@pages.post("/ask")
def request_measure(reference: str) -> ResponseReturnValue:
    """Ask for the measure; a question with a problem is shown again."""
    session = reading()
    incident = incidents.by_reference(session, reference)
    typed = {name: request.form.get(name, "").replace("\r\n", "\n") for name in FORM}
    typed["readable"] = "\n".join(request.form.getlist("readable"))
    try:
        sent(FORM)
        text = typed["whole"].strip() or composed(typed)
        datamap = datamaps.current(session)
        questions.parse(text, NAME, datamap, shelf_of(session, incident))
        with transaction() as tx:
            mine = incidents.by_reference(tx.session, reference)
            commands.ask(tx, mine, text, accept_unread=bool(typed["accept_unread"]))
    except Unusable as error:
        return _form(session, incident, typed, error.problems, []), 422
    return redirect(url_for(".show", reference=reference) + "#measures", 303)


@pages.post("/files")
def take_in(reference: str) -> ResponseReturnValue:
    """Take in the files that were sent: looked at, then sealed, then forgotten in clear."""
    incident = incidents.by_reference(reading(), reference)
    brought = [each for each in request.files.getlist("files") if each.filename]
    if not brought:
        raise Unusable(Problem("is missing", field="files"))
    for each in brought:
        with desk().population.workplace() as folder:
            name = (each.filename or "").replace("\\", "/").rpartition("/")[2]
            content = folder / "".join(("brought", *Path(name).suffixes[-2:]))
            each.save(content)
            seems = _looked_at(reading(), File(content, name))
            with transaction() as tx:
                mine = incidents.by_reference(tx.session, reference)
                commands.take_in(tx, mine, seems, content)
    return redirect(url_for(".ask", reference=incident.reference), 303)


@pages.post("/files/<uuid:identity>/drop")
def drop_file(reference: str, identity: UUID) -> ResponseReturnValue:
    """Take a file out of the evidence."""
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.drop_file(tx, incident, queries.file(tx.session, incident.id, identity))
    return redirect(url_for(".ask", reference=reference), 303)


def composed(typed: dict[str, str]) -> str:
    """Return the text of the question that the fields of the form ask."""
    readable = json.dumps(typed["readable"].split(), ensure_ascii=False)
    marks = [
        f"{mark} = {json.dumps(_lines(typed[mark]), ensure_ascii=False)}"
        for mark in MARKS
        if _lines(typed[mark])
    ]
    head = (
        "schema = 1",
        f"readable = {readable}",
        "",
        "[window]",
        *(f"{each} = {json.dumps(typed[each].strip())}" for each in ("from", "until")),
        "",
        "[intruder]",
        *marks,
        "",
    )
    return "\n".join((*head, typed["blocks"].strip(), ""))


def _place(found: Problem, typed: dict[str, str]) -> str:
    """Return the field of the form that holds what a problem of the question is about."""
    table, _, rest = (found.field or "").partition(".")
    name = rest.partition("[")[0]
    if typed["whole"].strip():
        return "whole"
    return name if table in {"window", "intruder"} and name in FORM else "blocks"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _instant(at: Any) -> str:
    return "" if at is None else at.astimezone(zone()).isoformat(timespec="seconds")


def _inspected(session: Session, name: str) -> Inspection:
    """Return what a file of the folder seems to be. Raises Unusable."""
    known = evidence().pointed()
    if name not in known:
        raise Unusable(Problem("there is no such file", field="file"))
    return _looked_at(session, File(known[name], name))


def _looked_at(session: Session, file: File) -> Inspection:
    version = datamaps.current_version(session)
    datamap = None if version is None else datamaps.parsed(version)
    sample = desk().population.sample(file, None)
    return guessing.inspect(sample, file.name, datamap, None)


def _form(
    session: Session,
    incident: Row,
    typed: dict[str, str],
    problems: tuple[Problem, ...],
    looked: list[Inspection],
) -> str:
    version = datamaps.current_version(session)
    pointed = list(evidence().pointed())
    return render_template(
        "scoping/ask.html",
        incident=incident,
        typed=typed,
        marks=MARKS,
        problems=[
            (each.line, each.field, said.problem(each), _place(each, typed))
            for each in problems
        ],
        files=queries.files_of(session, incident.id),
        looked=looked,
        pointed=pointed[:MOST_POINTED],
        stores=() if version is None else datamaps.parsed(version).stores,
        mapped=version is not None,
    )
