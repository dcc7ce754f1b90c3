"""The obligations of an incident, computed from its facts, the law and what was decided."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
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
from breachdesk.risk.queries import SignedAssessment
from breachdesk.risk.terms import Moved
from breachdesk.scoping import queries as scoping
from breachdesk.scoping.terms import Ring, Scope

AFFECTED = {Ring.PROVEN, Ring.REACHABLE}


def of(session: Session, law: Law, incident: Incident) -> tuple[Obligation, ...]:
    """Return the obligations that arise from `incident`, the soonest due first.

    Each duty is read as it held when its period was triggered. Where no assessment is signed,
    the duties that hang on the risk are shown, as the worst case, and say so; where the facts
    have moved since it was signed, they follow the worse of what was signed and what the
    facts say now.
    """
    return rules.arising(facts_of(session, law, incident), law)


def presumed_away(session: Session, law: Law, incident: Incident) -> tuple[Obligation, ...]:
    """Return what would be owed besides, were presumptions about the organisation wrong.

    A pack presumes what few organisations are, a bank for one, until somebody tells.
    """
    listed = {each.duty for each in of(session, law, incident)}
    worst = facts_of(session, law, incident, presume=False)
    return tuple(each for each in rules.arising(worst, law) if each.duty not in listed)


def of_many(
    session: Session, law: Law, incidents: Collection[Incident]
) -> dict[UUID, tuple[Obligation, ...]]:
    """Return the obligations of each of `incidents` by its id, as `of` does.

    The number of statements does not grow with the incidents.
    """
    known = known_of_many(session, law, incidents)
    arising = rules.arising_each((each.facts for each in known.values()), law)
    return dict(zip(known, arising, strict=True))


@dataclass(frozen=True, slots=True)
class Known:
    """What the obligations of one incident follow from, and what was read on the way."""

    facts: BreachFacts
    signed: Sequence[SignedAssessment]
    scope: Scope | None


def known_of_many(
    session: Session, law: Law, incidents: Collection[Incident]
) -> dict[UUID, Known]:
    """Return what `facts_of` does for each of `incidents`, with the rows it was read from.

    The number of statements does not grow with the incidents.
    """
    vocabulary = law.facts()
    read = _read(session, vocabulary, incidents)
    return {
        each.id: Known(
            _facts(each, vocabulary, read[each.id]), read[each.id].signed, read[each.id].scope
        )
        for each in incidents
    }


def facts_of(
    session: Session, law: Law, incident: Incident, *, presume: bool = True
) -> BreachFacts:
    """Gather what obligations follow from: told first, then assessed and measured."""
    vocabulary = law.facts()
    known = _read(session, vocabulary, [incident])[incident.id]
    return _facts(incident, vocabulary, known, presume=presume)


def decided(session: Session, incident_id: UUID) -> dict[str, Decided]:
    """Return what people wrote down about each duty of an incident."""
    return _by_duty(decisions_of(session, incident_id))


def decisions_of(session: Session, incident_id: UUID) -> Sequence[ObligationDecision]:
    """Return every act on the duties of an incident, the earliest first."""
    return session.scalars(_decisions([incident_id])).all()


def next_number(session: Session, table: type[ObligationDecision | LegalFact]) -> int:
    """Return the next row's number in `table`, which orders rows of one instant."""
    return (session.scalar(select(func.max(table.number))) or 0) + 1


@dataclass(frozen=True, slots=True)
class _Known:
    """What the tables hold of one incident, besides its own row."""

    told: Mapping[str, tuple[Told, ...]]
    signed: Sequence[SignedAssessment]
    now: Mapping[str, Moved]
    scope: Scope | None
    decided: Mapping[str, Decided]


def _read(
    session: Session, vocabulary: Mapping[str, Fact], incidents: Collection[Incident]
) -> dict[UUID, _Known]:
    """Read what the tables hold of these incidents, each table once."""
    ids = [each.id for each in incidents]
    told: dict[UUID | None, list[LegalFact]] = defaultdict(list)
    for fact in session.scalars(_told(ids)):
        told[fact.incident_id].append(fact)
    acts: dict[UUID, list[ObligationDecision]] = defaultdict(list)
    for act in session.scalars(_decisions(ids)):
        acts[act.incident_id].append(act)
    signed = risk.standing_of_many(session, ids)
    moved = risk.moved_of_many(session, incidents, signed)
    scopes = scoping.latest_of_many(session, ids)
    general = told[None]
    return {
        each: _Known(
            # an incident's own facts count before the general ones
            told=_answers(vocabulary, [*general, *told[each]]),
            signed=signed.get(each, ()),
            now=moved.get(each, {}),
            scope=scopes.get(each),
            decided=_by_duty(acts[each]),
        )
        for each in ids
    }


def _facts(
    incident: Incident, vocabulary: Mapping[str, Fact], known: _Known, *, presume: bool = True
) -> BreachFacts:
    people = None if known.scope is None else gathering.people_by_country(known.scope.counts)
    groups = () if known.scope is None else known.scope.groups
    single = {name: values[0] for name, values in known.told.items() if name != ROLE}
    if incident.detected_at is not None:
        single.setdefault(DETECTED, incident.detected_at)
    found = gathering.gather(vocabulary, single, incident.facts, people)
    levels = [(row.role, row.level) for row in known.signed]
    levels += [(each.role, each.level) for each in known.now.values()]
    return BreachFacts(
        aware_at=incident.aware_at,
        zone=zone(incident.zone),
        roles=gathering.roles(
            known.told.get(ROLE, ()),
            incident.facts.get(ROLE),
            # a signed row has a role even where nobody told one: only a told one counts
            [row.facts.get(ROLE) for row in known.signed]
            + [group.role for group in groups if group.ring in AFFECTED],
        ),
        risk=gathering.worst_risk(levels),
        risk_stale=tuple(
            dict.fromkeys(name for each in known.now.values() for name in each.changed)
        ),
        # a ground that was signed on other facts excuses from nothing until it is signed again
        relief=None
        if known.now
        else gathering.relief(
            (row.role, row.level, row.relief_ground, row.relief_reason) for row in known.signed
        ),
        told=gathering.presume(vocabulary, found) if presume else found,
        decided=known.decided,
        day_only=incident.aware_day_only,
    )


def _decisions(ids: Collection[UUID]) -> Select[ObligationDecision]:
    return (
        select(ObligationDecision)
        .where(ObligationDecision.incident_id.in_(ids))
        .order_by(ObligationDecision.decided_at, ObligationDecision.number)
    )


def _told(ids: Collection[UUID]) -> Select[LegalFact]:
    return (
        select(LegalFact)
        .where(or_(LegalFact.incident_id.in_(ids), LegalFact.incident_id.is_(None)))
        .order_by(LegalFact.incident_id.is_not(None), LegalFact.told_at, LegalFact.number)
    )


def _answers(
    vocabulary: Mapping[str, Fact], rows: Iterable[LegalFact]
) -> dict[str, tuple[Told, ...]]:
    """Return what was told by name: the latest of `rows` counts."""
    told: dict[str, tuple[Told, ...]] = {}
    for row in rows:
        if row.name in vocabulary:  # a fact of a pack that is no longer in use answers nothing
            told[row.name] = tuple(
                _value(vocabulary[row.name], value) for value in row.value["values"]
            )
    return {name: values for name, values in told.items() if values}


def _by_duty(rows: Iterable[ObligationDecision]) -> dict[str, Decided]:
    acts: dict[str, list[ObligationDecision]] = defaultdict(list)
    for row in rows:
        acts[row.duty].append(row)
    return {duty: _decided(each) for duty, each in acts.items()}


def _value(fact: Fact, kept: Any) -> Told:
    value: Told = instant(kept) if fact.kind is FactKind.INSTANT else kept
    return value


def _decided(rows: Sequence[ObligationDecision]) -> Decided:
    waived_for = delay_reason = basis = None
    for row in rows:
        match Act(row.act):
            case Act.WAIVE:
                waived_for, basis = row.text, row.basis
            case Act.REOPEN:
                waived_for = basis = None
            case Act.EXPLAIN_DELAY:
                delay_reason = row.text
            case Act.FULFIL:
                pass
    done = tuple(Fulfilment(row.at, row.text) for row in rows if row.act == Act.FULFIL.value)
    return Decided(done, waived_for, delay_reason, basis)
