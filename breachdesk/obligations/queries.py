"""The obligations of an incident, computed from its facts, the law and what was decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from breachdesk.incidents.queries import Incident
from breachdesk.kernel.times import instant, zone
from breachdesk.law.terms import DETECTED, ROLE, Fact, FactKind, Law
from breachdesk.obligations import rules
from breachdesk.obligations.models import LegalFact, ObligationDecision
from breachdesk.obligations.rules import gathering
from breachdesk.obligations.terms import (
    Act,
    BreachFacts,
    Decided,
    Fulfilment,
    Obligation,
    Told,
)
from breachdesk.risk import queries as risk
from breachdesk.scoping import queries as scoping
from breachdesk.scoping.terms import Ring

AFFECTED = {Ring.PROVEN, Ring.REACHABLE}


def of(session: Session, law: Law, incident: Incident) -> tuple[Obligation, ...]:
    """Return the obligations that arise from `incident`, the soonest due first.

    The law is that of the day of awareness. Where no assessment is signed, the duties that
    hang on the risk are shown, as the worst case, and say so.
    """
    return rules.arising(facts_of(session, law, incident), law)


def presumed_away(session: Session, law: Law, incident: Incident) -> tuple[Obligation, ...]:
    """Return what would be owed besides, were presumptions about the organisation wrong.

    A pack presumes what few organisations are, a bank for one, until somebody tells.
    """
    listed = {each.duty for each in of(session, law, incident)}
    worst = facts_of(session, law, incident, presume=False)
    return tuple(each for each in rules.arising(worst, law) if each.duty not in listed)


def facts_of(
    session: Session, law: Law, incident: Incident, *, presume: bool = True
) -> BreachFacts:
    """Gather what obligations follow from: told first, then assessed and measured."""
    vocabulary = law.facts()
    told = _told(session, vocabulary, incident.id)
    signed = risk.standing(session, incident.id)
    scope = scoping.latest(session, incident.id)
    people = None if scope is None else gathering.people_by_country(scope.counts)
    touched = [] if scope is None else [g for g in scope.groups if g.ring in AFFECTED]
    single = {name: values[0] for name, values in told.items() if name != ROLE}
    if incident.detected_at is not None:
        single.setdefault(DETECTED, incident.detected_at)
    found = gathering.gather(vocabulary, single, incident.facts, people)
    return BreachFacts(
        aware_at=incident.aware_at,
        zone=zone(incident.zone),
        roles=gathering.roles(
            told.get(ROLE, ()),
            incident.facts.get(ROLE),
            # a signed row has a role even where nobody told one: only a told one counts
            [row.facts.get(ROLE) for row in signed] + [group.role for group in touched],
        ),
        risk=gathering.worst_risk((row.role, row.level) for row in signed),
        relief=gathering.relief(
            (row.role, row.level, row.relief_ground, row.relief_reason) for row in signed
        ),
        told=gathering.presume(vocabulary, found) if presume else found,
        decided=decided(session, incident.id),
    )


def decided(session: Session, incident_id: UUID) -> dict[str, Decided]:
    """Return what people wrote down about each duty of an incident."""
    acts: dict[str, list[ObligationDecision]] = defaultdict(list)
    for row in decisions_of(session, incident_id):
        acts[row.duty].append(row)
    return {duty: _decided(rows) for duty, rows in acts.items()}


def decisions_of(session: Session, incident_id: UUID) -> Sequence[ObligationDecision]:
    """Return every act on the duties of an incident, the earliest first."""
    return session.scalars(
        select(ObligationDecision)
        .where(ObligationDecision.incident_id == incident_id)
        .order_by(ObligationDecision.decided_at, ObligationDecision.number)
    ).all()


def told_of(session: Session, incident_id: UUID | None) -> Sequence[LegalFact]:
    """Return the facts told for an incident and for all, the earliest first."""
    return session.scalars(
        select(LegalFact)
        .where(or_(LegalFact.incident_id == incident_id, LegalFact.incident_id.is_(None)))
        .order_by(LegalFact.incident_id.is_not(None), LegalFact.told_at, LegalFact.number)
    ).all()


def next_number(session: Session, table: type[ObligationDecision | LegalFact]) -> int:
    """Return the next row's number in `table`, which orders rows of one instant."""
    return (session.scalar(select(func.max(table.number))) or 0) + 1


def _told(
    session: Session, vocabulary: Mapping[str, Fact], incident_id: UUID
) -> dict[str, tuple[Told, ...]]:
    """Return what was told by name: the latest counts, an incident's own before the general."""
    told: dict[str, tuple[Told, ...]] = {}
    for row in told_of(session, incident_id):
        if row.name in vocabulary:  # a fact of a pack that is no longer in use answers nothing
            told[row.name] = tuple(
                _value(vocabulary[row.name], value) for value in row.value["values"]
            )
    return {name: values for name, values in told.items() if values}


def _value(fact: Fact, kept: Any) -> Told:
    value: Told = instant(kept) if fact.kind is FactKind.INSTANT else kept
    return value


def _decided(rows: Sequence[ObligationDecision]) -> Decided:
    waived_for = delay_reason = None
    for row in rows:
        match Act(row.act):
            case Act.WAIVE:
                waived_for = row.text
            case Act.REOPEN:
                waived_for = None
            case Act.EXPLAIN_DELAY:
                delay_reason = row.text
            case Act.FULFIL:
                pass
    done = tuple(Fulfilment(row.at, row.text) for row in rows if row.act == Act.FULFIL.value)
    return Decided(done, waived_for, delay_reason)
