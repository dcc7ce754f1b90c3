"""What is told of an incident after it was logged: corrections, measures, its end."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from breachdesk.datamap import queries as datamap
from breachdesk.faces.web import said
from breachdesk.faces.web.filings import form_of
from breachdesk.faces.web.moments import prefilled, told_at
from breachdesk.faces.web.visit import desk, now, reading, sent, transaction
from breachdesk.incidents import commands, queries
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import INSTANTS, MeasureDraft, Phase
from breachdesk.kernel.errors import Problem, Unknown, Unusable
from breachdesk.kernel.texts import merged
from breachdesk.obligations import queries as obligations
from breachdesk.register import commands as register
from breachdesk.register import queries as lines
from breachdesk.runbooks import queries as runbooks

pages = Blueprint("facts", __name__, url_prefix="/incidents/<reference>")
CORRECTION = ("title", "summary", *INSTANTS, "aware_day_only", "reason", "before")
MEASURE = ("phase", "done_at", "planned_for")
QUOTED = ("fr", "en")
FORM = "cnil-2023"
Problems = Mapping[str, tuple[str, str | None]]


@pages.get("/correct")
def ask_correction(reference: str) -> ResponseReturnValue:
    """Show the facts as they stand, to be corrected."""
    incident = queries.by_reference(reading(), reference)
    instants = {
        name: (getattr(incident, name) and prefilled(getattr(incident, name))) or ""
        for name in INSTANTS
    }
    typed = {
        "title": incident.title,
        "summary": incident.summary,
        "before": incident.summary,
        "reason": "",
        "aware_day_only": "on" if incident.aware_day_only else "",
        **instants,
    }
    return _correction_page(incident, typed, {})


@pages.post("/correct")
def correct(reference: str) -> ResponseReturnValue:
    """Correct what changed in the form, for a reason; what was said before is kept.

    A summary that somebody else corrected meanwhile is joined with what was typed; where that
    cannot be, the form is shown again with both, and nothing is written over.
    """
    typed = {name: request.form.get(name, "") for name in CORRECTION}
    try:
        told = sent(CORRECTION)
        with transaction() as tx:
            incident = commands.held(tx, queries.by_reference(tx.session, reference))
            told["summary"] = _joined(incident, told)
            commands.correct(tx, incident, _changed(incident, told), told.get("reason", ""))
    except Unusable as error:
        if isinstance(error, Unknown):
            raise
        incident = queries.by_reference(reading(), reference)
        return _correction_page(incident, typed, said.by_field(error.problems)), 422
    return redirect(url_for("incidents.show", reference=reference) + "#corrections", 303)


@pages.post("/timeline")
def add_to_timeline(reference: str) -> ResponseReturnValue:
    """Write down something that happened."""
    told = sent(("text", "happened_at"))
    happened_at = told_at(told.get("happened_at", ""), "happened_at")
    with transaction() as tx:
        incident = queries.by_reference(tx.session, reference)
        commands.add_to_timeline(tx, incident, happened_at, told.get("text", ""))
    return redirect(url_for("incidents.show", reference=reference) + "#timeline", 303)


@pages.get("/measure")
def ask_measure(reference: str) -> ResponseReturnValue:
    """Ask which measure stood before the breach, or answers it."""
    incident = queries.by_reference(reading(), reference)
    return _measure_page(incident, dict.fromkeys(_asked(), "") | {"phase": "after"}, {})


@pages.post("/measure")
def add_measure(reference: str) -> ResponseReturnValue:
    """Record a measure, to be quoted in notices and filings."""
    typed = {name: request.form.get(name, "") for name in _asked()}
    try:
        told = sent(_asked())
        draft = MeasureDraft(
            phase=Phase.BEFORE if told.get("phase") == Phase.BEFORE.value else Phase.AFTER,
            text={
                language: told[f"text_{language}"].strip()
                for language in _languages()
                if f"text_{language}" in told
            },
            done_at=_at(told, "done_at"),
            planned_for=_at(told, "planned_for"),
        )
        with transaction() as tx:
            commands.add_measure(tx, queries.by_reference(tx.session, reference), draft)
    except Unusable as error:
        if isinstance(error, Unknown):
            raise
        incident = queries.by_reference(reading(), reference)
        return _measure_page(incident, typed, said.by_field(error.problems)), 422
    return redirect(url_for("incidents.show", reference=reference) + "#measures", 303)


@pages.get("/close")
def ask_to_close(reference: str) -> ResponseReturnValue:
    """Ask what was learnt, before the register freezes the line."""
    return _closing_page(queries.by_reference(reading(), reference), {}, {})


@pages.post("/close")
def close(reference: str) -> ResponseReturnValue:
    """Close the incident; its line in the register stands from now on."""
    told, why = sent(("lessons", "left_open", "open", "because")), _reasons()
    try:
        with transaction() as tx:
            incident = queries.by_reference(tx.session, reference)
            register.close(
                tx,
                incident,
                desk().law,
                form_of(FORM),
                told.get("lessons", ""),
                left_open={"": told.get("left_open", ""), **why},
            )
    except register.DutiesWait as error:
        incident = queries.by_reference(reading(), reference)
        problems = {"": said.problem(Problem(str(error)))}
        return _closing_page(incident, {**told, **why}, problems), 409
    except Unusable as error:
        if isinstance(error, Unknown):
            raise
        incident = queries.by_reference(reading(), reference)
        return _closing_page(incident, {**told, **why}, said.by_field(error.problems)), 422
    return redirect(url_for("register.line", reference=reference), 303)


@pages.post("/reopen")
def reopen(reference: str) -> ResponseReturnValue:
    """Open a closed incident again, for a reason; its frozen line is kept."""
    reason = sent(("reason",)).get("reason", "")
    with transaction() as tx:
        register.reopen(tx, queries.by_reference(tx.session, reference), reason)
    return redirect(url_for("incidents.show", reference=reference), 303)


def _correction_page(incident: Incident, typed: dict[str, str], problems: Problems) -> str:
    return render_template(
        "incidents/correct.html",
        incident=incident,
        typed=typed,
        problems=problems,
        labels=labels(),
        theirs=incident.summary if "summary" in problems else None,
    )


def _measure_page(incident: Incident, typed: dict[str, str], problems: Problems) -> str:
    return render_template(
        "incidents/measure.html",
        incident=incident,
        typed=typed,
        problems=problems,
        languages=_languages(),
    )


def _languages() -> tuple[str, ...]:
    """Return in which languages a measure may be quoted: filings' two, then the readers'."""
    held = datamap.current_version(reading())
    ours = datamap.parsed(held).organisation.languages if held else ()
    return tuple(dict.fromkeys((*QUOTED, *ours)))


def _asked() -> tuple[str, ...]:
    return (*(f"text_{each}" for each in _languages()), *MEASURE)


def _reasons() -> dict[str, str]:
    """Return why each of the things left open stays so, by its name."""
    names, told = request.form.getlist("open"), request.form.getlist("because")
    return dict(zip(names, told, strict=False))


def _closing_page(incident: Incident, told: Mapping[str, str], problems: Problems) -> str:
    session, at, form = reading(), now(), form_of(FORM)
    facts = lines.facts_of_many(session, desk().law, form, [incident], at, texts=False)
    first, rest = lines.still_open(session, incident, facts[incident.id])
    owed = {each.duty: each for each in obligations.of(session, desk().law, incident)}
    tasks = {
        f"{each.runbook}/{each.step}": each for each in runbooks.tasks_of(session, incident.id)
    }
    return render_template(
        "incidents/close.html",
        incident=incident,
        told=told,
        problems=problems,
        first=[owed[name] for name in first],
        rest=[(name, owed.get(name), tasks.get(name)) for name in rest],
    )


def _joined(incident: Incident, told: Mapping[str, str]) -> str:
    """Return the summary with what somebody else wrote meanwhile. Raises Unusable."""
    mine, before = told.get("summary", ""), request.form.get("before")
    if before is None or before.strip() == incident.summary.strip():
        return mine
    joined = merged(before.strip(), mine.strip(), incident.summary.strip())
    if joined is None:
        raise Unusable(Problem("somebody changed the same words meanwhile", field="summary"))
    return joined


def _changed(incident: Incident, told: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that the form tells otherwise than the incident, to the minute."""
    changed: dict[str, Any] = {
        name: told.get(name, "")
        for name in ("title", "summary")
        if told.get(name, "").strip() != getattr(incident, name).strip()
    }
    for name in INSTANTS:
        was, become = getattr(incident, name), told.get(name, "")
        if become != (prefilled(was) if was else ""):
            changed[name] = told_at(become, name) if become else None
    if "aware_day_only" in told and "aware_at" in told:
        changed["aware_at"] = told["aware_at"][:10]
    return changed


def _at(told: Mapping[str, str], name: str) -> Any:
    return told_at(told[name], name) if name in told else None


def labels() -> dict[str, str]:
    """Return what the facts of an incident are called."""
    return {
        "title": _("Title"),
        "summary": _("What happened"),
        "zone": _("Time zone"),
        "started_at": _("Started"),
        "ended_at": _("Ended"),
        "detected_at": _("Detected"),
        "aware_at": _("Aware"),
        "qualified_at": _("Qualified"),
    }
