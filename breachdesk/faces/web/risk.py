"""The interview on how bad it is: what follows so far, what would change it, who signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from breachdesk.faces.web import said
from breachdesk.faces.web.visit import reading as session_of_request
from breachdesk.faces.web.visit import sent, transaction
from breachdesk.faces.web.words import word
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.risk import commands, queries, reading, rules
from breachdesk.risk.terms import Chapter, Ground, Level, Question, Relief, SignOff, Turn

pages = Blueprint("risk", __name__, url_prefix="/incidents/<reference>/risk")
UNKNOWN, EMPTY = "unknown", "-"
YES_NO = {"yes": True, "no": False}
SAYS = {True: "yes", False: "no"}
FIRST_TIME = later("Answered in the interview.")
CHAPTERS = rules.interview()


@pages.get("/")
def interview(reference: str) -> ResponseReturnValue:
    """Ask one chapter of questions; beside it, what follows so far and what would change it."""
    incident = incident_queries.by_reference(session_of_request(), reference)
    return _page(incident, _chapter(request.args.get("chapter", "")), {}, {})


@pages.post("/answer")
def answer(reference: str) -> ResponseReturnValue:
    """Keep the answers of one chapter, and go on to the next."""
    chapter, data_set = _chapter(request.form.get("chapter", "")), _data_set()
    reason = request.form.get("reason", "").strip()
    try:
        _check(chapter)
        incident = incident_queries.by_reference(session_of_request(), reference)
        before = queries.facts_of(session_of_request(), incident, data_set)
        told = _told(chapter, before)
        _check_reason(told, before, reason)
        if told:  # else nothing was answered: the next chapter, and no entry
            with transaction() as tx:
                incident = incident_queries.by_reference(tx.session, reference)
                if data_set:
                    commands.answer(tx, incident, data_set, told, reason)
                else:
                    reading.from_mapping({**incident.facts, **told})
                    incidents.tell(tx, incident, told, reason or str(FIRST_TIME))
    except Unusable as error:
        if isinstance(error, Unknown):
            raise
        incident = incident_queries.by_reference(session_of_request(), reference)
        problems = said.by_field(error.problems)
        return _page(incident, chapter, problems, request.form), 422
    return redirect(_address(reference, _next(chapter), data_set), 303)


@pages.post("/data-sets")
def open_data_set(reference: str) -> ResponseReturnValue:
    """Begin to assess a data set apart, in a role of its own, from the facts of the whole."""
    told = sent(("data_set", "role"))
    with transaction() as tx:
        incident = incident_queries.by_reference(tx.session, reference)
        known = queries.facts_of(tx.session, incident, told.get("data_set", ""))
        role = told.get("role", known.get("role", "controller"))
        reason = "another role than the whole" if "role" in known else ""
        commands.answer(tx, incident, told.get("data_set", ""), {"role": role}, reason)
    return redirect(_address(reference, CHAPTERS[0].id, told.get("data_set", "")), 303)


@pages.post("/sign")
def sign(reference: str) -> ResponseReturnValue:
    """Sign what the rules say of the facts as they stand, or another level for a reason."""
    told = sent(("data_set", "level", "reason"))
    signing = SignOff(
        data_set=told.get("data_set", ""),
        level=_one_of(Level, told.get("level"), "level"),
        reason=told.get("reason", ""),
    )
    with transaction() as tx:
        commands.sign_off(
            tx, incident_queries.by_reference(tx.session, reference), sign=signing
        )
    return redirect(url_for("incidents.show", reference=reference) + "#risk", 303)


@pages.post("/relief")
def relieve(reference: str) -> ResponseReturnValue:
    """Sign again, with a ground of article 34(3) and its written reason, or without one."""
    told = sent(("data_set", "ground", "reason"))
    ground = _one_of(Ground, told.get("ground"), "ground")
    relief = None if ground is None else Relief(ground, told.get("reason", ""))
    with transaction() as tx:
        incident = incident_queries.by_reference(tx.session, reference)
        row = _signed(tx.session, incident, told.get("data_set", ""))
        if row is None:
            raise Unusable("nothing is signed yet")
        signing = SignOff(row.data_set, Level(row.level), row.override_reason or "", relief)
        commands.sign_off(tx, incident, sign=signing)
    return redirect(url_for("incidents.show", reference=reference) + "#risk", 303)


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the signed assessments and what the rules say of the facts as they are now."""
    facts = reading.from_mapping(incident.facts)
    return {
        "combined": queries.combined(session, incident.id),
        "assessments": [
            (row, queries.fit(session, row, incident))
            for row in queries.standing(session, incident.id)
        ],
        "computed": rules.assess(facts),
    }


def _page(
    incident: Incident,
    chapter: Chapter,
    problems: Mapping[str, Any],
    typed: Mapping[str, Any],
) -> str:
    session, data_set = session_of_request(), _data_set()
    told = queries.facts_of(session, incident, data_set)
    facts = reading.from_mapping(told)
    signed = _signed(session, incident, data_set)
    return render_template(
        "risk/interview.html",
        incident=incident,
        data_set=data_set,
        data_sets=_data_sets(session, incident),
        chapters=[(each, _left(each, told)) for each in CHAPTERS],
        chapter=chapter,
        answers=_shown(chapter, told, typed),
        computed=rules.assess(facts),
        turns=_grouped(rules.turning(facts), told),
        signed=signed,
        fit=signed and queries.fit(session, signed, incident),
        combined=queries.combined(session, incident.id),
        vocabulary=rules.vocabulary(),
        labels=labels(),
        address=lambda each: _address(incident.reference, each, data_set),
        grounds=[each.value for each in Ground],
        levels=[each.value for each in Level],
        problems=problems,
        asked={**_asked(chapter), "reason": _("Why, if you change an earlier answer")},
        places={each.field: f"q-{each.field}" for each in chapter.questions},
        reason=typed.get("reason", ""),
    )


def _asked(chapter: Chapter) -> dict[str, str]:
    return {each.field: word(each.field, "asked") for each in chapter.questions}


def labels() -> dict[str, Mapping[str, Mapping[str, str]]]:
    """Return what each answer is called, by its field."""
    return {each.field: each.answers for chapter in CHAPTERS for each in chapter.questions}


def _signed(session: Session, incident: Incident, data_set: str) -> Any:
    """Return the assessment in force of a data set; None if nobody signed it."""
    rows = queries.standing(session, incident.id)
    return next((row for row in rows if row.data_set == data_set), None)


def _data_sets(session: Session, incident: Incident) -> list[str]:
    signed = {row.data_set for row in queries.standing(session, incident.id)}
    return sorted({*queries.answers(session, incident.id), *signed} - {""})


def _data_set() -> str:
    return " ".join(request.values.get("data_set", "").split())


def _chapter(name: str) -> Chapter:
    return next((each for each in CHAPTERS if each.id == name), CHAPTERS[0])


def _next(chapter: Chapter) -> str:
    place = CHAPTERS.index(chapter)
    return CHAPTERS[(place + 1) % len(CHAPTERS)].id


def _address(reference: str, chapter: str, data_set: str) -> str:
    return url_for(
        "risk.interview", reference=reference, chapter=chapter, data_set=data_set or None
    )


def _left(chapter: Chapter, told: Mapping[str, Any]) -> int:
    return sum(each.field not in told for each in chapter.questions)


def _check(chapter: Chapter) -> None:
    """Raise Unusable for a field that this chapter does not ask."""
    known = {each.field for each in chapter.questions}
    known |= {"csrf_token", "chapter", "data_set", "reason"}
    for name in request.form:
        if name not in known:
            raise Unusable(Problem("is not known here", field=name))


def _check_reason(told: Mapping[str, Any], before: Mapping[str, Any], reason: str) -> None:
    """Raise Unusable where an earlier answer is changed and nobody says why."""
    if not reason and any(rules.is_told(before.get(name)) for name in told):
        raise Unusable(Problem("a correction has a reason; say why", field="reason"))


def _told(chapter: Chapter, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of the form that differ from what was told before."""
    told = {each.field: _answer(each, before.get(each.field)) for each in chapter.questions}
    return {
        name: value
        for name, value in told.items()
        if value is not None and _plain(value) != _plain(before.get(name, ...))
    }


def _answer(question: Question, before: Any) -> Any:
    """Return what the form says to one question; None where it says nothing."""
    values = [each.strip() for each in request.form.getlist(question.field) if each.strip()]
    if UNKNOWN in values:
        return UNKNOWN
    if question.kind == "words":
        named = sorted(set(values) - {EMPTY})
        return named if named or values or before else None
    if not values:
        return None
    if question.kind == "flag":
        return YES_NO.get(values[0], values[0])
    if question.kind in {"count", "hours"}:
        return _number(values[0], whole=question.kind == "count")
    return values[0]


def _number(text: str, *, whole: bool) -> int | float | str:
    """Return a number as it was typed, French comma or spaces too; else the text."""
    plain = "".join(text.split()).replace(",", ".")
    try:
        return int(plain) if whole else float(plain)
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sorted(map(str, value))
    return UNKNOWN if value is None else value


def _shown(
    chapter: Chapter, told: Mapping[str, Any], typed: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return the answers as the form shows them: what was typed, else what was told."""
    if isinstance(typed, MultiDict):
        return {each.field: typed.getlist(each.field) for each in chapter.questions}
    return {
        each.field: _as_typed(told[each.field]) if each.field in told else []
        for each in chapter.questions
    }


def _as_typed(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(each) for each in value] or [EMPTY]
    if isinstance(value, bool):
        return [SAYS[value]]
    return [UNKNOWN if value is None else str(value)]


def _grouped(
    turns: Sequence[Turn], told: Mapping[str, Any]
) -> dict[bool, dict[str, dict[str, list[Turn]]]]:
    """Return the turns by whether their field is open still, by field, by level."""
    found: dict[bool, dict[str, dict[str, list[Turn]]]] = {True: {}, False: {}}
    for turn in turns:
        levels = found[turn.field not in told].setdefault(turn.field, {})
        levels.setdefault(turn.level.value, []).append(turn)
    return found


def _one_of(kind: Any, text: str | None, field: str) -> Any:
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        raise Unusable(Problem(f"{text!r} is not known here", field=field)) from None
