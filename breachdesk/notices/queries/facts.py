"""The facts that notices are written from, and a second look at what was written."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.datamap.terms import DataMap, Role
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import Phase
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Authority, Law
from breachdesk.notices import rules
from breachdesk.notices.models import Notice
from breachdesk.notices.queries.kept import (
    approvals_of,
    first_of,
    frame_of,
    kind_to_write,
    latest,
    letter_of,
    told,
    variants_of,
    words_of,
)
from breachdesk.notices.terms import (
    CUSTOMERS,
    FIRST,
    Contact,
    Finding,
    Manifest,
    Office,
    Order,
    Readers,
    Review,
    Step,
    Story,
    Variant,
)
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import Decided
from breachdesk.scoping import queries as scoping
from breachdesk.scoping.terms import Scope

AUTHORITY_TOLD = "gdpr.33.authority"
COMPLAINT_FILED = "fr.lopmi.complaint"


class NobodyTold(Refused):
    """Only who was told once can be told more, and only then is somebody found late."""


class NoScope(Refused):
    """Nobody can be written to before it is measured who is affected."""


def review(session: Session, law: Law, notice: Notice) -> Review:
    """Check a notice again: its own texts, and the facts it tells against those of today."""
    kept = [
        Variant(
            key=each.key,
            locale=each.locale,
            role=each.role,
            categories=tuple(each.categories),
            people=each.people,
            letter=letter_of(each),
            frame=frame_of(each),
        )
        for each in variants_of(session, notice.id)
    ]
    findings = rules.review(kept)
    before = told(notice)
    order = Order(
        notice.incident_id, notice.obligation, notice.ring, before.words, kind=notice.kind
    )
    breached = incident(session, notice.incident_id)
    present = replace(story(session, law, breached, order), languages=before.languages)
    labels = {category: present.labels.get(category, {}) for category in before.labels}
    return Review(
        missing=tuple(each for each in findings if each.blocking),
        warnings=(
            *(each for each in findings if not each.blocking),
            *_fallen_back(session, notice, {each.role for each in kept}),
        ),
        changed=rules.changed(before, replace(present, labels=labels)),
        approvers=tuple(each.member_id for each in approvals_of(session, notice.id)),
    )


def _fallen_back(session: Session, notice: Notice, roles: set[str]) -> tuple[Finding, ...]:
    """Return what is to be said of readers whose language the notice does not speak."""
    if notice.obligation == CUSTOMERS:
        return ()
    scope = scoping.version(session, notice.incident_id, notice.scope_version)
    told = [
        each for role in sorted(roles) for each in readers(session, scope, notice.ring, role)
    ]
    return rules.fallen_back(told, notice.languages)


def material(
    session: Session, law: Law, manifest: Manifest, order: Order
) -> tuple[Incident, Story, Scope]:
    """Return all that a draft is made from: words not given are the latest version's.

    Before there is one of its kind they are the first notice's. The story speaks the
    languages the notice is written in. Raises NoScope, NobodyTold, Unusable.
    """
    breached = incident(session, order.incident_id)
    kind = kind_to_write(session, breached.id, order.obligation, order.kind)
    if kind != FIRST and first_of(session, breached.id, order.obligation) is None:
        raise NobodyTold(
            "nobody was told yet: a notice to people found late, or one that follows, comes "
            "after the first"
        )
    earlier = latest(session, breached.id, order.obligation, kind) or latest(
        session, breached.id, order.obligation
    )
    words = {**words_of(earlier), **order.words}
    known = story(session, law, breached, replace(order, kind=kind, words=words))
    scope = scope_of(session, breached)
    touched = {
        category
        for group in readers(session, scope, order.ring, manifest.role)
        for category in group.categories
    }
    labels = {name: label for name, label in known.labels.items() if name in touched}
    languages = rules.languages_written(known, manifest.languages, order.languages)
    return breached, replace(known, languages=languages, labels=labels), scope


def story(session: Session, law: Law, incident: Incident, order: Order) -> Story:
    """Gather every fact that a notice on `incident` may tell, as known now.

    Its languages are those of the organisation, its own first. Raises NoScope.
    """
    data = datamap.current(session)
    decided = obligations.decided(session, incident.id)
    organisation = data.organisation
    dpo = organisation.dpo
    return Story(
        reference=incident.reference,
        zone=incident.zone,
        started_at=incident.started_at,
        ended_at=incident.ended_at,
        found_at=incident.detected_at or incident.aware_at,
        aware_at=incident.aware_at,
        cause=str(incident.facts.get("cause") or ""),
        breach_types=tuple(sorted(_texts(incident.facts.get("breach_types")))),
        ring=order.ring,
        scope_digest=scope_of(session, incident).digest,
        measures=tuple(
            Step(dict(each.text), each.done_at, each.planned_for)
            for each in incidents.measures_of(session, incident.id, Phase.AFTER)
        ),
        words=dict(order.words),
        authority_told=_done(decided, AUTHORITY_TOLD),
        complaint_filed=_done(decided, COMPLAINT_FILED),
        organisation=organisation.name,
        domains=organisation.domains,
        dpo=Contact(dpo.name, dpo.email, dpo.phone),
        authority=_office(law.authority(organisation.authority)),
        labels={each.id: dict(each.label) for each in data.categories},
        languages=organisation.languages
        or (("fr",) if organisation.address.country == "FR" else ("en",)),
        kind=order.kind,
    )


def incident(session: Session, incident_id: UUID) -> Incident:
    """Return the incident of that id, which must be there."""
    return session.scalars(select(Incident).where(Incident.id == incident_id)).one()


def scope_of(session: Session, incident: Incident) -> Scope:
    """Return the latest measured scope. Raises NoScope."""
    scope = scoping.latest(session, incident.id)
    if scope is None:
        raise NoScope(
            f"it is not measured yet who is affected; run: "
            f"breachdesk scope measure {incident.reference} question.toml"
        )
    return scope


def recipients(session: Session, notice: Notice) -> int:
    """Return how many are to be told: people, or customers where we are the processor."""
    if notice.obligation == CUSTOMERS:
        scope = scoping.version(session, notice.incident_id, notice.scope_version)
        held = scoping.customers_of(session, scope.id).values()
        among = sum(each[notice.ring] > 0 for each in held)
        return among or int(scope.counts["by_customer"]["count"])
    return sum(each.people for each in variants_of(session, notice.id))


def readers(session: Session, scope: Scope, ring: str, role: str) -> tuple[Readers, ...]:
    """Return the affected people of one ring whose data we hold in one role, by group.

    Customers are alerted of people as well whom we tell ourselves since we hold other data of
    theirs: the categories that only these have are those of one more group, of nobody else.
    """
    audience = audiences(datamap.current(session))
    found = tuple(
        Readers(
            each.locale,
            role,
            tuple(each.categories),
            each.people,
            audience(tuple(each.store.split("|"))),
        )
        for each in scope.groups
        if (each.ring.value, each.role) == (ring, role)
    )
    if role != Role.PROCESSOR.value or not scoping.counts_each_customer(scope):
        return found
    held = [each for each in scoping.counted_by_customer(session, scope).values() if each[ring]]
    known = {category for each in found for category in each.categories}
    theirs = {
        category
        for each in held
        for category, people in each["by_category"].items()
        if people[ring]
    }
    if (held and not found) or theirs - known:
        return (*found, Readers(None, role, tuple(sorted(theirs - known)), 0))
    return found


def audiences(data: DataMap) -> Callable[[tuple[str, ...]], str]:
    """Return what says as whom we write to people of some stores.

    A store that is no longer in the data map says nothing.
    """
    known = {each.id: data.population(each.population) for each in data.stores}

    @cache
    def audience(stores: tuple[str, ...]) -> str:
        return rules.audience(known[each] for each in stores if each in known)

    return audience


def _office(authority: Authority) -> Office:
    return Office(
        name=authority.name,
        address=", ".join(authority.address),
        phone=authority.phone or "",
        web=authority.web or "",
    )


def _done(decided: Mapping[str, Decided], duty: str) -> bool:
    return duty in decided and bool(decided[duty].fulfilments)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
