"""Everything a draft is written from, read from the stations before this one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.datamap.terms import Category, Contact, DataMap, PopulationKind
from breachdesk.delivery import queries as delivery
from breachdesk.filings import rules
from breachdesk.filings.queries.kept import answers_of, receipts_of
from breachdesk.filings.terms import (
    Chronology,
    Company,
    Counted,
    FilingFacts,
    Form,
    Judged,
    Kind,
    Owed,
    Party,
    Taken,
    Told,
    Vocabulary,
)
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import Phase
from breachdesk.law.terms import Law, Nature
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import PEOPLE, Stage
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import Obligation, State
from breachdesk.risk import queries as risk
from breachdesk.risk.terms import Ground
from breachdesk.scoping import queries as scoping
from breachdesk.scoping.terms import Ring, Scope

AUTHORITY_DUTY = "gdpr.33.authority"
PEOPLE_DUTY = "gdpr.34.people"
GROUNDS = {
    Ground.UNINTELLIGIBLE: "protected",
    Ground.RISK_REMOVED: "risk_removed",
    Ground.DISPROPORTIONATE: "disproportionate",
}
"""The grounds of Art. 34(3) GDPR as the forms name them."""
_TAG = re.compile(r"-bd[th]\.[a-z]+-")


def facts_of(
    session: Session, law: Law, incident: Incident, form: Form, kind: Kind, now: datetime
) -> FilingFacts:
    """Gather everything a draft of `incident` is written from, as it stands at `now`."""
    duties = {each.duty: each for each in obligations.of(session, law, incident)}
    receipts = receipts_of(session, incident.id, form.authority)
    authority, people = duties.get(AUTHORITY_DUTY), duties.get(PEOPLE_DUTY)
    ground, reason = _waiver(session, incident.id, people)
    content, ready = _notice(session, incident.id)
    return replace(
        _known(session, incident, form, kind, now),
        measures_before=_measures(session, incident.id, Phase.BEFORE),
        measures_after=_measures(session, incident.id, Phase.AFTER),
        judged=_judged(session, incident.id),
        told=_told(session, incident.id),
        notice_content=content,
        notice_ready=ready,
        people_duty=None if people is None else people.state_at(now).value,
        waiver_ground=ground,
        waiver_reason=reason,
        owed=tuple(_owed(duties.values())),
        due_at=None if authority is None else authority.due,
        first_filed_at=min((each.filed_at for each in receipts), default=None),
        delay_reasons=(authority and authority.decided.delay_reason) or "",
        previous_reference=receipts[0].reference if receipts else None,
        answers=rules.usable(form, answers_of(session, incident.id, form.authority)),
    )


def _known(
    session: Session, incident: Incident, form: Form, kind: Kind, now: datetime
) -> FilingFacts:
    """Gather what the incident, the data map and the measured scope say."""
    version = datamap.current_version(session)
    declared = None if version is None else datamap.parsed(version)
    scope = scoping.latest(session, incident.id)
    return FilingFacts(
        reference=incident.reference,
        kind=kind,
        drafted_at=now,
        title=incident.title,
        summary=incident.summary,
        chronology=_chronology(incident),
        facts=incident.facts,
        company=None if declared is None else _company(declared),
        counted=None if scope is None else _counted(scope, declared, form.vocabulary),
        told_categories=_codes(
            declared, incident.facts.get("data_categories") or (), form.vocabulary
        ),
    )


def _owed(duties: Iterable[Obligation]) -> Iterator[Owed]:
    for each in duties:
        if each.state is not State.WAIVED:
            certain = not each.assumed and each.nature is Nature.DUTY
            label = each.addressee_label["fr"]
            yield Owed(each.addressee, label, each.article, certain=certain)


def _chronology(incident: Incident) -> Chronology:
    return Chronology(
        zone=incident.zone,
        aware_at=incident.aware_at,
        started_at=incident.started_at,
        ended_at=incident.ended_at,
        detected_at=incident.detected_at,
        qualified_at=incident.qualified_at,
    )


def _company(declared: DataMap) -> Company:
    house = declared.organisation
    return Company(
        name=house.name,
        siren=house.siren,
        sector=house.sector,
        lines=house.address.lines,
        postcode=house.address.postcode,
        city=house.address.city,
        country=house.address.country,
        vat_number=house.vat_number,
        headcount=house.headcount,
        representative=_party(house.legal_representative),
        contact=_party(house.dpo if house.dpo.email else house.contact),
    )


def _party(contact: Contact) -> Party:
    return Party(contact.name, contact.role, contact.email, contact.phone)


def _counted(scope: Scope, declared: DataMap | None, vocabulary: Vocabulary) -> Counted:
    counts = scope.counts
    proven = [name for name, rings in counts["by_category"].items() if rings.get("proven")]
    proven_groups = [group for group in scope.groups if group.ring is Ring.PROVEN]
    stores = {store for group in proven_groups for store in group.store.split("|")}
    known = [] if declared is None else [s for s in declared.stores if s.id in stores]
    kinds = {store.population for store in known}
    unmatched = counts.get("unmatched") or {}
    return Counted(
        rings=counts["rings"],
        records=counts["records"],
        by_country=counts["by_country"],
        category_codes=_codes(declared, proven, vocabulary),
        population_codes=tuple(
            code
            for population in (declared.populations if declared else ())
            if population.id in kinds
            for code in _named(population, vocabulary)
        ),
        categories=tuple(proven),
        category_labels=_labels(declared, proven),
        systems=tuple(sorted({store.system for store in known})),
        processors=tuple(
            f"{each.name}, sous-traitant ({_french(each.does)})"
            for each in (declared.processors if declared else ())
            if stores & set(each.stores)
        ),
        as_processor=sum(each.people for each in proven_groups if each.role == "processor"),
        unread_rows=unmatched.get("unread_rows", 0),
        unknown_people=unmatched.get("unknown_people", 0),
        version=scope.version,
    )


def _named(kind: Category | PopulationKind, vocabulary: Vocabulary) -> tuple[str, ...]:
    return kind.cnil if vocabulary is Vocabulary.CNIL else kind.edpb


def _codes(
    declared: DataMap | None, categories: Sequence[str], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return the authority's codes of data categories, in the data map's order."""
    return tuple(
        code
        for category in (declared.categories if declared else ())
        if category.id in categories
        for code in _named(category, vocabulary)
    )


def _labels(declared: DataMap | None, categories: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        category.label["fr"]
        for category in (declared.categories if declared else ())
        if category.id in categories
    )


def _measures(session: Session, incident_id: UUID, phase: Phase) -> tuple[Taken, ...]:
    return tuple(
        Taken(_french(each.text), each.done_at, each.planned_for)
        for each in incidents.measures_of(session, incident_id, phase)
    )


def _french(texts: Mapping[str, Any]) -> str:
    """Return the French text, else whatever language there is: better than silence."""
    return str(texts.get("fr") or next(iter(texts.values()), ""))


def _judged(session: Session, incident_id: UUID) -> Judged | None:
    signed = risk.latest(session, incident_id)
    if signed is None:
        return None
    reason = signed.override_reason or _french(signed.reason)
    return Judged(signed.level, signed.severity, reason, signed.signed_by, signed.signed_at)


def _waiver(
    session: Session, incident_id: UUID, duty: Obligation | None
) -> tuple[str | None, str]:
    """Return the ground of Art. 34(3) GDPR that was signed, and the reasons for not telling."""
    signed = risk.latest(session, incident_id)
    relief = None if signed is None else risk.relief(signed)
    if relief is not None:
        return GROUNDS[relief.ground], relief.reason
    return None, "" if duty is None else duty.decided.waived_for or ""


def _told(session: Session, incident_id: UUID) -> Told | None:
    report = delivery.report(session, incident_id)
    if not report.people:
        return None
    ours = [each for each in report.campaigns if each["letter"] == delivery.PEOPLE]
    return Told(
        people=report.people,
        informed=report.accepted + report.delivered,
        waiting=report.reasons.get("waiting", 0),
        not_informed={
            **report.reasons,
            "bounced": report.bounced,
            "dropped": report.dropped,
            "in_doubt": report.in_doubt,
        },
        channels=("email",),
        first_at=min(_instants(ours, "started_at"), default=None),
        last_at=max(_instants(ours, "ended_at"), default=None),
    )


def _instants(campaigns: Iterable[Mapping[str, Any]], name: str) -> list[datetime]:
    return [datetime.fromisoformat(each[name]) for each in campaigns if each[name]]


def _notice(session: Session, incident_id: UUID) -> tuple[str, bool]:
    """Return what people are told, in French where it is, and whether it may be sent."""
    notice = notices.latest(session, incident_id, PEOPLE)
    if notice is None:
        return "", False
    variants = sorted(
        notices.variants_of(session, notice.id),
        key=lambda each: (not each.locale.startswith("fr"), -each.people, each.key),
    )
    ready = Stage(notice.stage) in {Stage.APPROVED, Stage.FROZEN}
    if not variants:
        return "", ready
    return _TAG.sub("[…]", f"{variants[0].subject}\n\n{variants[0].text_frame}").strip(), ready
