"""Where an incident stands: each station of its way at a glance, and the one next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from breachdesk.delivery import queries as campaigns
from breachdesk.faces.web import live
from breachdesk.faces.web.language import number
from breachdesk.faces.web.obligations import next_of
from breachdesk.faces.web.visit import desk, now, reading
from breachdesk.faces.web.words import word
from breachdesk.filings import queries as filings
from breachdesk.incidents.queries import Incident
from breachdesk.notices import queries as notices
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import Obligation, State
from breachdesk.risk import queries as risk
from breachdesk.runbooks import queries as runbooks
from breachdesk.scoping import queries as scoping

AUTHORITY = "gdpr.33.authority"
TELLING = ("gdpr.34.people", "gdpr.33.controller")
URGENT = timedelta(hours=24)
CNIL = "cnil-2023"
PAGES = {"scope": "scope.ask", "risk": "risk.interview", "delivery": "delivery.show"}
"""The page of its own that a station has, where what is next can be done."""
DONE, NOW, LATE, WAITS, NONE = "done", "now", "late", "waits", "none"


@dataclass(frozen=True, slots=True)
class Station:
    """One station: how it stands (done, now, late, waits or none), in a few words."""

    key: str
    name: str
    state: str
    about: str


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, why, and where."""

    name: str
    why: str
    where: str
    key: str = ""
    """The station that it belongs to."""


@dataclass(frozen=True, slots=True)
class Journey:
    """Every station of an incident in its order, and the next step; None when it is closed."""

    stations: tuple[Station, ...]
    step: Step | None


def next_deadline(incident: Incident) -> tuple[Obligation | None, str]:
    """Return the obligation to look at first, for the head of every page, and its mark."""
    found = next_of(reading(), [incident]).get(incident.id)
    return found, live.mark(found, found and found.state_at(now()), incident.closed_at)


def of(session: Session, incident: Incident) -> Journey:
    """Return where an incident stands, in a fixed number of questions."""
    owed = obligations.of(session, desk().law, incident)
    stations = (
        _facts(incident),
        _people(session, incident),
        _risk(session, incident),
        _obligations(owed),
        _tasks(session, incident),
        _notices(session, incident, owed),
        _delivery(session, incident, owed),
        _filing(session, incident, owed),
        _register(incident),
        Station("trail", _("Trail"), NONE, _("who did what")),
    )
    step = None if incident.closed_at is not None else _next(incident, stations, owed)
    return Journey(stations, step)


def _facts(incident: Incident) -> Station:
    unknown = [
        each
        for each in ("started_at", "ended_at", "detected_at", "qualified_at")
        if getattr(incident, each) is None
    ]
    about = (
        ngettext("%(num)s instant unknown", "%(num)s instants unknown", len(unknown))
        if unknown
        else _("complete")
    )
    return Station("facts", _("Facts"), WAITS if unknown else DONE, about)


def _people(session: Session, incident: Incident) -> Station:
    scope = scoping.latest_of_many(session, [incident.id]).get(incident.id)
    if scope is None:
        return Station("scope", _("People"), NOW, _("not measured"))
    proven = scope.counts["rings"]["proven"]
    about = ngettext(
        "%(people)s person proven", "%(people)s people proven", proven, people=number(proven)
    )
    return Station("scope", _("People"), DONE, about)


def _risk(session: Session, incident: Incident) -> Station:
    signed = risk.standing(session, incident.id)
    if not signed:
        return Station("risk", _("Risk"), NOW, _("not signed"))
    if any(risk.fit(session, row, incident).stale for row in signed):
        return Station("risk", _("Risk"), NOW, _("to be signed again"))
    worst = risk.combined(session, incident.id)
    about = word(worst.level, "level") if worst else _("signed")
    return Station("risk", _("Risk"), DONE, about)


def _obligations(owed: Sequence[Obligation]) -> Station:
    waiting = [each for each in owed if _waits(each)]
    late = [each for each in waiting if each.state_at(now()) is State.LATE]
    name = _("Obligations")
    if late:
        about = ngettext("%(num)s late", "%(num)s late", len(late))
        return Station("deadlines", name, LATE, about)
    if waiting:
        about = ngettext("%(num)s open", "%(num)s open", len(waiting))
        return Station("deadlines", name, WAITS, about)
    return Station("deadlines", name, DONE if owed else NONE, _("nothing owed"))


def _tasks(session: Session, incident: Incident) -> Station:
    tasks = runbooks.tasks_of(session, incident.id)
    done = sum(each.closed_at is not None for each in tasks)
    if not tasks:
        return Station("tasks", _("Tasks"), WAITS, _("no runbook started"))
    about = _("%(done)s of %(count)s", done=number(done), count=number(len(tasks)))
    return Station("tasks", _("Tasks"), DONE if done == len(tasks) else NOW, about)


def _notices(session: Session, incident: Incident, owed: Sequence[Obligation]) -> Station:
    name = _("Notices")
    latest = {each.obligation: each for each in notices.versions(session, incident.id)}
    stages = {each.stage for each in latest.values()}
    if not latest:
        wanted = _to_tell(owed)
        about = _("to be drafted") if wanted else _("none asked for")
        return Station("notices", name, NOW if wanted else NONE, about)
    if stages <= {"approved", "frozen"}:
        return Station("notices", name, DONE, _("approved"))
    return Station("notices", name, NOW, _("to be approved"))


def _delivery(session: Session, incident: Incident, owed: Sequence[Obligation]) -> Station:
    name = _("Delivery")
    states = {each.state for each in campaigns.campaigns_of(session, incident.id)}
    if not states:
        wanted = _to_tell(owed)
        about = _("nothing sent") if wanted else _("none asked for")
        return Station("delivery", name, WAITS if wanted else NONE, about)
    if states <= {"finished", "cancelled"}:
        return Station("delivery", name, DONE, word("finished", "campaign"))
    first = next(
        each
        for each in ("paused", "sending", "approved", "frozen", "draft", *states)
        if each in states
    )
    return Station("delivery", name, NOW, word(first, "campaign"))


def _filing(session: Session, incident: Incident, owed: Sequence[Obligation]) -> Station:
    name = _("Filing")
    filed = filings.receipts_of(session, incident.id)
    if filed:
        about = ngettext("%(num)s receipt", "%(num)s receipts", len(filed))
        return Station("filings", name, DONE, about)
    duty = next((each for each in owed if each.duty == AUTHORITY), None)
    if duty is None:
        return Station("filings", name, NONE, _("none asked for"))
    state = duty.state_at(now())
    if state in {State.MET, State.WAIVED}:
        return Station("filings", name, DONE, word(state, "state"))
    late = state is State.LATE
    return Station(
        "filings", name, LATE if late else NOW, _("late") if late else _("to be filed")
    )


def _register(incident: Incident) -> Station:
    if incident.closed_at is not None:
        return Station("register", _("Register"), DONE, _("closed"))
    return Station("register", _("Register"), WAITS, _("open"))


def _to_tell(owed: Sequence[Obligation]) -> bool:
    """Tell whether people or customers are still to be told."""
    return any(each.duty in TELLING and _waits(each) for each in owed)


def _waits(duty: Obligation) -> bool:
    return duty.state_at(now()) in {State.OPEN, State.LATE}


def _next(incident: Incident, stations: Sequence[Station], owed: Sequence[Obligation]) -> Step:
    """Return the first station that waits for somebody; a filing near its hour comes first."""
    state = {each.key: each.state for each in stations}
    show = url_for("incidents.show", reference=incident.reference)
    form = url_for("filings.show", reference=incident.reference, form_id=CNIL)
    steps = _steps(incident, show, form)
    duty = next((each for each in owed if each.duty == AUTHORITY and each.due), None)
    waits = state["filings"] in {NOW, LATE}
    if waits and duty is not None and duty.due is not None and duty.due - now() < URGENT:
        return next(each for each in steps if each.key == "filings")
    for step in steps:
        at = state[step.key]
        if at in {NOW, LATE} or (step.key == "delivery" and at == WAITS):
            return step
    told = next((each for each in owed if each.duty in TELLING and _waits(each)), None)
    if told is not None and state["delivery"] == DONE:
        return Step(
            _("Write down that they were told"),
            _("A person says that the duty is met, and what proves it."),
            url_for("obligations.show", reference=incident.reference, duty=told.duty),
        )
    return _last_step(incident, show, tasks_wait=state["tasks"] == NOW)


def _steps(incident: Incident, show: str, form: str) -> list[Step]:
    """Return what is done at each station that can wait for somebody, in their order."""
    words = (
        ("scope", _("Measure who is affected"), _("All that follows counts people.")),
        ("risk", _("Assess and sign the risk"), _("It decides who must be told.")),
        (
            "filings",
            _("Notify the authority"),
            _(
                "An initial notification need not be complete: what is missing follows "
                "(Art. 33(4) GDPR)."
            ),
        ),
        (
            "notices",
            _("Draft and approve the notices"),
            _("Two people approve exactly what is sent."),
        ),
        (
            "delivery",
            _("Send the notices, and follow them"),
            _("Nobody is missed, nobody is written to twice."),
        ),
    )
    pages = {key: url_for(page, reference=incident.reference) for key, page in PAGES.items()}
    places = {"filings": form, **pages}
    return [Step(name, why, places.get(key, f"{show}#{key}"), key) for key, name, why in words]


def _last_step(incident: Incident, show: str, *, tasks_wait: bool) -> Step:
    """Return what is left once everybody was told: the tasks, then the closing."""
    if tasks_wait:
        return Step(
            _("Finish the tasks"),
            _("What was planned is done, or left out for a reason."),
            f"{show}#tasks",
            "tasks",
        )
    return Step(
        _("Close the incident"),
        _("Write down what was learnt; the register then freezes its line (Art. 33(5) GDPR)."),
        url_for("facts.ask_to_close", reference=incident.reference),
    )
