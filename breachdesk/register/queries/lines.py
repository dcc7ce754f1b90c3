"""The register: derived lines of open incidents, frozen lines of closed ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.audit import queries as audit
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import queries as delivery
from breachdesk.filings import queries as filings
from breachdesk.filings import rules as filing_rules
from breachdesk.filings.terms import FilingFacts, Form, Kind
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.law.terms import Law
from breachdesk.obligations import queries as obligations
from breachdesk.register import rules
from breachdesk.register.models import RegisterLine
from breachdesk.register.terms import (
    Judgement,
    Known,
    LineFacts,
    Lodged,
    Reader,
    Row,
    Sent,
    Step,
)
from breachdesk.risk import queries as risk

PARIS = "Europe/Paris"
"""The clock of a house that names none."""
WHOLE_TRAIL = 100_000


def lines(
    session: Session, law: Law, form: Form, now: datetime, *, drills: bool = False
) -> tuple[Row, ...]:
    """Return the register, the earliest number first; drills only if asked for."""
    found = incidents.board(session, limit=incidents.count(session))
    ordered = sorted(found, key=lambda each: (each.year, each.number))
    return tuple(
        line(session, law, form, incident, now)
        for incident in ordered
        if drills or not incident.drill
    )


def line(session: Session, law: Law, form: Form, incident: Incident, now: datetime) -> Row:
    """Return the line of one incident: the frozen one if it is closed, else derived."""
    frozen = frozen_line(session, incident.id)
    if frozen is not None:
        return {**frozen.content}
    return rules.line(facts_of(session, law, form, incident, now))


def reader(session: Session, law: Law, form: Form) -> Reader:
    """Return who reads the register: the house of the data map, its clock and the words."""
    version = datamap.current_version(session)
    house = None if version is None else datamap.parsed(version).organisation
    zone = (house and house.zone) or PARIS
    return Reader(
        house="" if house is None else house.name,
        zone=zone,
        clock=filing_rules.clock(zone),
        labels=rules.labels(form),
        duties={duty.code: duty.label["fr"] for pack in law.packs for duty in pack.duties},
    )


def frozen_line(session: Session, incident_id: UUID) -> RegisterLine | None:
    """Return the frozen line that stands; None while the incident is open."""
    return session.scalars(
        select(RegisterLine)
        .where(RegisterLine.incident_id == incident_id, RegisterLine.reopened_at.is_(None))
        .order_by(RegisterLine.id.desc())
        .limit(1)
    ).first()


def frozen_lines(session: Session, incident_id: UUID) -> Sequence[RegisterLine]:
    """Return every line that was frozen, those of reopened incidents too, the first first."""
    return session.scalars(
        select(RegisterLine)
        .where(RegisterLine.incident_id == incident_id)
        .order_by(RegisterLine.id)
    ).all()


def facts_of(
    session: Session, law: Law, form: Form, incident: Incident, now: datetime
) -> LineFacts:
    """Gather all that a line of the register is written from, as it stands at `now`."""
    told = filings.facts_of(session, law, incident, form, Kind.INITIAL, now)
    filled = filing_rules.fields(form, told)
    return LineFacts(
        known=_known(session, law, incident, told),
        at=now,
        fields={each.code: each for each in filled},
        judgement=_judgement(session, incident.id),
        duties=obligations.of(session, law, incident),
        lodged=tuple(
            Lodged(each.authority, each.kind, each.reference, each.filed_at, each.file_digest)
            for each in filings.receipts_of(session, incident.id)
        ),
        sent=_sent(session, incident.id),
        journal=tuple(
            Step(each.at, each.actor, each.action)
            for each in reversed(audit.trail_of(session, [incident.id], limit=WHOLE_TRAIL))
        ),
    )


def _known(session: Session, law: Law, incident: Incident, told: FilingFacts) -> Known:
    roles = obligations.facts_of(session, law, incident).roles
    known = Known(
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
        roles=tuple(sorted(role.value for role in roles)),
        systems=told.counted.systems if told.counted else (),
        exact=told.counted.exact if told.counted else None,
    )
    corrected = [
        each
        for each in incidents.corrections_of(session, incident.id)
        if each.field == "aware_at"
    ]
    if not corrected:
        return known
    last = corrected[-1]
    return replace(known, aware_decided_by=last.corrected_by, aware_reason=last.reason)


def _judgement(session: Session, incident_id: UUID) -> Judgement | None:
    signed = risk.latest(session, incident_id)
    if signed is None:
        return None
    reason = signed.override_reason or str(signed.reason.get("fr", ""))
    return Judgement(signed.level, signed.likelihood, reason)


def _sent(session: Session, incident_id: UUID) -> tuple[Sent, ...]:
    campaigns = delivery.campaigns_of(session, incident_id)
    letters = {each.letter: each for each in campaigns}
    return tuple(
        _letter(session, incident_id, letter, last.folder, last.content_digest)
        for letter, last in letters.items()
    )


def _letter(
    session: Session, incident_id: UUID, letter: str, audience: str, text_digest: str
) -> Sent:
    report = delivery.report(session, incident_id, letter)
    ours = [each for each in report.campaigns if each["letter"] == letter]
    return Sent(
        audience=audience,
        letter=letter,
        text_digest=text_digest,
        first_at=min((each["started_at"] for each in ours if each["started_at"]), default=None),
        last_at=max((each["ended_at"] for each in ours if each["ended_at"]), default=None),
        people=report.people,
        accepted=report.accepted,
        delivered=report.delivered,
        bounced=report.bounced,
        dropped=report.dropped,
        in_doubt=report.in_doubt,
        not_informed=report.not_informed,
    )
