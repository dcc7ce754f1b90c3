"""What is told of an incident: facts, corrections, measures, timeline, evidence, end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents import queries, rules
from breachdesk.incidents.models import (
    Correction,
    EvidenceFile,
    Incident,
    Measure,
    TimelineEntry,
)
from breachdesk.incidents.terms import (
    AWARE,
    CORRECTABLE,
    INSTANTS,
    IncidentDraft,
    MeasureDraft,
    Stage,
)
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.states import advance
from breachdesk.kernel.times import day_start, instant, utc, zone


class IncidentClosed(Refused):
    """The incident is closed; its facts stand until it is reopened."""


@command("incidents.log")
def log(tx: Transaction, draft: IncidentDraft) -> Incident:
    """Log a breach and make its key. Its clocks run from `draft.aware_at`."""
    told = {name: getattr(draft, name) for name in INSTANTS}
    rules.check_instants(told, now=tx.now)
    tx.hold("references")  # two people may log at once
    number, reference = queries.next_reference(tx.session, tx.now.year)
    incident = Incident(
        id=tx.new_id(),
        reference=reference,
        year=tx.now.year,
        number=number,
        title=draft.title.strip(),
        summary=draft.summary.strip(),
        zone=draft.zone,
        **told,
        logged_at=tx.now,
        logged_by=tx.actor.name,
        drill=draft.drill,
        aware_day_only=draft.aware_day_only,
        facts=dict(draft.facts),
        stage=Stage.OPEN.value,
        sought=rules.sought(reference, draft.title, draft.summary),
    )
    tx.session.add(incident)
    tx.session.flush()  # a refused row must not leave a key behind
    tx.vault.make_key(incident.id)
    tx.record(incident, reference=reference, title=incident.title, drill=draft.drill, **told)
    return incident


def held(tx: Transaction, incident: Incident) -> Incident:
    """Return the incident as it is at this moment; nobody corrects it before this is over."""
    tx.session.flush()  # what was said in this very transaction would be read away
    tx.session.refresh(incident, with_for_update=True)
    return incident


@command("incidents.correct")
def correct(
    tx: Transaction, incident: Incident, changes: Mapping[str, Any], reason: str
) -> tuple[Correction, ...]:
    """Correct title, summary, zone or instants; what was said before is kept beside it.

    A corrected awareness recomputes every deadline from the corrected instant; it never
    starts a clock anew. Raises Unusable for a field that cannot be corrected or no reason.
    """
    held(tx, incident)
    for name in changes:
        if name not in CORRECTABLE:
            raise Unusable(
                f"{name!r} is no fact to correct; these are: {', '.join(CORRECTABLE)}"
            )
    place = zone(str(changes.get("zone") or incident.zone))
    become = {name: _told(name, value, place) for name, value in changes.items()}
    for name in ("title", "aware_at", "zone"):
        if not become.get(name, "-"):
            said = "title, zone and aware_at can be corrected, not emptied"
            raise Unusable(Problem(said, field=name))
    present = {name: getattr(incident, name) for name in INSTANTS}
    rules.check_instants(
        {**present, **{k: v for k, v in become.items() if k in INSTANTS}}, now=tx.now
    )
    was = {name: getattr(incident, name) for name in become}
    corrections = tuple(
        _correct(tx, incident, name, was[name], value, reason)
        for name, value in become.items()
        if was[name] != value
    )
    if not corrections:
        raise Unusable("nothing would change")
    for name, value in become.items():
        setattr(incident, name, value)
    incident.sought = rules.sought(incident.reference, incident.title, incident.summary)
    if AWARE in become:
        incident.aware_day_only = _day_only(changes[AWARE])
    return corrections


@command("incidents.tell")
def tell(
    tx: Transaction, incident: Incident, facts: Mapping[str, Any], reason: str
) -> tuple[Correction, ...]:
    """Add or correct facts of the risk vocabulary; what was said before is kept beside it."""
    held(tx, incident)
    told = {**incident.facts, **facts}
    corrections = tuple(
        _correct(tx, incident, f"facts.{name}", incident.facts.get(name), value, reason)
        for name, value in facts.items()
        if name not in incident.facts or incident.facts[name] != value
    )
    if not corrections:
        raise Unusable("nothing would change")
    incident.facts = told
    return corrections


@command("incidents.add_measure")
def add_measure(tx: Transaction, incident: Incident, draft: MeasureDraft) -> Measure:
    """Record a measure, to be quoted in notices and filings."""
    _must_be_open(incident)
    measure = Measure(
        id=tx.new_id(),
        incident_id=incident.id,
        phase=draft.phase.value,
        text=dict(draft.text),
        done_at=draft.done_at,
        planned_for=draft.planned_for,
        recorded_at=tx.now,
        recorded_by=tx.actor.name,
    )
    tx.session.add(measure)
    tx.record(incident, measure=measure.id, phase=draft.phase, text=dict(draft.text))
    return measure


@command("incidents.add_to_timeline")
def add_to_timeline(
    tx: Transaction, incident: Incident, happened_at: datetime, text: str
) -> TimelineEntry:
    """Write down something that happened."""
    _must_be_open(incident)
    if not text.strip():
        raise Unusable("the timeline entry says nothing")
    entry = TimelineEntry(
        id=tx.new_id(),
        incident_id=incident.id,
        happened_at=utc(happened_at),
        text=text.strip(),
        recorded_at=tx.now,
        recorded_by=tx.actor.name,
    )
    tx.session.add(entry)
    tx.record(incident, entry=entry.id, happened_at=entry.happened_at)
    return entry


@command("incidents.note_evidence")
def note_evidence(
    tx: Transaction, incident: Incident, *, name: str, size: int, sha256: str, note: str
) -> EvidenceFile:
    """Note a file that proves something, by its SHA-256; the file stays where it lies."""
    _must_be_open(incident)
    evidence = EvidenceFile(
        id=tx.new_id(),
        incident_id=incident.id,
        name=name,
        size=size,
        sha256=sha256,
        note=note,
        recorded_at=tx.now,
        recorded_by=tx.actor.name,
    )
    tx.session.add(evidence)
    tx.record(incident, evidence=evidence.id, name=name, size=size, sha256=sha256)
    return evidence


@command("incidents.close")
def close(tx: Transaction, incident: Incident) -> Incident:
    """Close an incident; the register freezes its line in the same transaction."""
    incident.stage = advance(rules.STAGES, Stage(incident.stage), Stage.CLOSED).value
    incident.closed_at = tx.now
    tx.record(incident, stage=incident.stage)
    return incident


@command("incidents.reopen")
def reopen(tx: Transaction, incident: Incident, reason: str) -> Incident:
    """Open a closed incident again, for a reason."""
    if not reason.strip():
        raise Unusable("an incident is reopened for a reason; say which")
    incident.stage = advance(rules.STAGES, Stage(incident.stage), Stage.OPEN).value
    incident.closed_at = None
    tx.record(incident, stage=incident.stage, reason=reason)
    return incident


def _correct(
    tx: Transaction, incident: Incident, name: str, was: Any, became: Any, reason: str
) -> Correction:
    _must_be_open(incident)
    if not reason.strip():
        said = "a correction has a reason; say why it was otherwise before"
        raise Unusable(Problem(said, field="reason"))
    correction = Correction(
        id=tx.new_id(),
        incident_id=incident.id,
        field=name,
        was={"value": _kept(was)},
        became={"value": _kept(became)},
        reason=reason.strip(),
        corrected_at=tx.now,
        corrected_by=tx.actor.name,
    )
    tx.session.add(correction)
    tx.record(
        incident, field=name, was=_kept(was), became=_kept(became), reason=correction.reason
    )
    return correction


def _must_be_open(incident: Incident) -> None:
    if Stage(incident.stage) is not Stage.OPEN:
        raise IncidentClosed(f"{incident.reference} is closed; reopen it first")


def _told(name: str, value: Any, place: ZoneInfo) -> Any:
    """Read a corrected value as the column wants it; of a day alone the hour is 00:00."""
    if name in INSTANTS and isinstance(value, str):
        if not value.strip():
            return None
        day = day_start(value, place) if name == AWARE else None
        return day or instant(value, place)
    return utc(value) if isinstance(value, datetime) else value


def _day_only(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) == len("2026-11-22")


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
