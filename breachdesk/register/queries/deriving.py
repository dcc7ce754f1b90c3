"""What the lines of open incidents are written from, read for many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from breachdesk.audit import queries as audit
from breachdesk.delivery.queries import Reached
from breachdesk.filings import queries as filings
from breachdesk.filings import rules as filing_rules
from breachdesk.filings.queries import Gathered
from breachdesk.filings.terms import Form, Kind
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.law.terms import Law
from breachdesk.register import rules
from breachdesk.register.terms import Judgement, Known, LineFacts, Lodged, Sent, Step
from breachdesk.risk import queries as risk
from breachdesk.runbooks import queries as runbooks

WHOLE_TRAIL = 100_000


def facts_of_many(
    session: Session,
    law: Law,
    form: Form,
    these: Collection[Incident],
    now: datetime,
    *,
    texts: bool = True,
) -> dict[UUID, LineFacts]:
    """Gather all that each line is written from, as it stands at `now`.

    Without `texts` neither journal nor corrections, measures or messages are read.
    """
    told = filings.gathered_of_many(session, law, these, form, Kind.INITIAL, now, texts=texts)
    known = {each.id: _known(each, told[each.id]) for each in these}
    journal: dict[UUID, list[Step]] = defaultdict(list)
    if texts:
        known = _corrected(session, known)
        for each in reversed(audit.trail_of(session, [*known], limit=WHOLE_TRAIL)):
            journal[each.subject_id].append(Step(each.at, each.actor, each.action))
    return {
        incident_id: LineFacts(
            known=known[incident_id],
            at=now,
            fields={each.code: each for each in filing_rules.fields(form, found.facts)},
            judgement=_judgement(found),
            duties=found.duties,
            lodged=tuple(
                Lodged(
                    each.authority, each.kind, each.reference, each.filed_at, each.file_digest
                )
                for each in found.receipts
            ),
            sent=_sent(found.reached),
            journal=tuple(journal[incident_id]),
        )
        for incident_id, found in told.items()
    }


def still_open(
    session: Session, incident: Incident, facts: LineFacts
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what must be done before an incident closes, and what else is open.

    Duties go by their codes, tasks by runbook and step.
    """
    owed = rules.open_duties(facts.duties)
    first = rules.never_left_open(owed)
    tasks = (
        f"{each.runbook}/{each.step}"
        for each in runbooks.tasks_of(session, incident.id)
        if each.closed_at is None
    )
    return first, (*(each for each in owed if each not in first), *tasks)


def _known(incident: Incident, told: Gathered) -> Known:
    counted = told.facts.counted
    return Known(
        reference=incident.reference,
        title=incident.title,
        status=incident.stage,
        drill=incident.drill,
        aware_at=incident.aware_at,
        logged_at=incident.logged_at,
        aware_decided_by=incident.logged_by,
        started_at=incident.started_at,
        ended_at=incident.ended_at,
        detected_at=incident.detected_at,
        closed_at=incident.closed_at,
        roles=tuple(sorted(role.value for role in told.known.facts.roles)),
        systems=counted.systems if counted else (),
        exact=counted.exact if counted else None,
    )


def _corrected(session: Session, known: dict[UUID, Known]) -> dict[UUID, Known]:
    """Return what is known with who moved the awareness last, and why."""
    found = {**known}
    for incident_id, rows in incidents.corrections_of_many(session, [*known]).items():
        moved = [each for each in rows if each.field == "aware_at"]
        if moved:
            found[incident_id] = replace(
                known[incident_id],
                aware_decided_by=moved[-1].corrected_by,
                aware_reason=moved[-1].reason,
            )
    return found


def _judgement(found: Gathered) -> Judgement | None:
    signed = risk.worst(found.known.signed)
    if signed is None:
        return None
    reason = signed.override_reason or str(signed.reason.get("fr", ""))
    return Judgement(signed.level, signed.likelihood, reason)


def _sent(reached: Iterable[Reached]) -> tuple[Sent, ...]:
    return tuple(
        Sent(
            audience=each.folder,
            letter=each.letter,
            text_digest=each.content_digest,
            first_at=each.first_at.isoformat() if each.first_at else None,
            last_at=each.last_at.isoformat() if each.last_at else None,
            people=each.people,
            **each.standings,
        )
        for each in reached
    )
