"""What is said: notices, their texts, what they lack, and the very message a reader gets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import Phase
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.law.terms import Authority, Law
from breachdesk.notices import rules
from breachdesk.notices.models import Approval, Notice, NoticeVariant
from breachdesk.notices.terms import (
    CUSTOMERS,
    PEOPLE,
    Contact,
    Letter,
    Manifest,
    Message,
    Office,
    Order,
    Readers,
    Review,
    Step,
    Story,
    Variant,
    Words,
)
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import Decided
from breachdesk.scoping import queries as scoping
from breachdesk.scoping.terms import Scope

AUTHORITY_TOLD = "gdpr.33.authority"
COMPLAINT_FILED = "fr.lopmi.complaint"


NoticeRow = Notice
"""A notice, for those outside who hold one and never touch its table."""


class NoScope(Refused):
    """Nobody can be written to before it is measured who is affected."""


def latest(session: Session, incident_id: UUID, obligation: str = PEOPLE) -> Notice | None:
    """Return the latest version of the notice that answers `obligation`."""
    return session.scalars(
        select(Notice)
        .where(Notice.incident_id == incident_id, Notice.obligation == obligation)
        .order_by(Notice.version.desc())
        .limit(1)
    ).first()


def by_id(session: Session, notice_id: UUID) -> Notice:
    """Return the notice of that id. Raises Unknown."""
    found = session.scalars(select(Notice).where(Notice.id == notice_id)).first()
    if found is None:
        raise Unknown(f"there is no notice {notice_id}")
    return found


def versions(session: Session, incident_id: UUID) -> Sequence[Notice]:
    """Return every version of every notice of an incident, the earliest first."""
    return session.scalars(
        select(Notice)
        .where(Notice.incident_id == incident_id)
        .order_by(Notice.obligation, Notice.version)
    ).all()


def variants_of(session: Session, notice_id: UUID) -> Sequence[NoticeVariant]:
    """Return the texts of a notice, by key."""
    return session.scalars(
        select(NoticeVariant)
        .where(NoticeVariant.notice_id == notice_id)
        .order_by(NoticeVariant.key)
    ).all()


def variant(
    session: Session, notice_id: UUID, *, key: str | None = None, language: str | None = None
) -> NoticeVariant:
    """Return the text of that key, else the one most people read, in `language` if given.

    Raises Unknown, naming the keys there are.
    """
    every = variants_of(session, notice_id)
    fitting = [
        each
        for each in every
        if (key is None or each.key == key)
        and (language is None or each.locale.lower() == language.lower())
    ]
    if not fitting:
        known = ", ".join(each.key for each in every)
        raise Unknown(f"the notice has no text {key or language!r}; these are: {known}")
    return max(fitting, key=lambda each: (each.people, each.key))


def approvals_of(session: Session, notice_id: UUID) -> Sequence[Approval]:
    """Return who approved, the earliest first."""
    return session.scalars(
        select(Approval).where(Approval.notice_id == notice_id).order_by(Approval.id)
    ).all()


def preview(
    session: Session,
    notice: Notice,
    variant: NoticeVariant,
    tags: Mapping[str, str] | None = None,
) -> Message:
    """Return the very message a reader of `variant` gets, with made-up values if none given."""
    del session, notice
    frame = frame_of(variant)
    values = tags or rules.sample_tags(letter_of(variant))
    return Message(
        subject=rules.fill(frame.subject, values),
        text=rules.fill(frame.text, values),
        html=rules.fill(frame.html, values),
    )


def frame_of(variant: NoticeVariant) -> Message:
    """Return a text with the tags still in it."""
    return Message(variant.subject, variant.text_frame, variant.html_frame)


def letter_of(variant: NoticeVariant) -> Letter:
    """Return what a text was laid out from."""
    return _letters().validate_python(variant.letter)


def told(notice: Notice) -> Story:
    """Return every fact that a notice was written from."""
    return _stories().validate_python(notice.told)


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
    order = Order(notice.incident_id, notice.obligation, notice.ring, before.words)
    breached = incident(session, notice.incident_id)
    present = replace(story(session, law, breached, order), languages=before.languages)
    labels = {category: present.labels.get(category, {}) for category in before.labels}
    return Review(
        missing=tuple(each for each in findings if each.blocking),
        warnings=tuple(each for each in findings if not each.blocking),
        changed=rules.changed(before, replace(present, labels=labels)),
        approvers=tuple(each.member_id for each in approvals_of(session, notice.id)),
    )


def material(
    session: Session, law: Law, manifest: Manifest, order: Order
) -> tuple[Incident, Story, Scope]:
    """Return all that a draft is made from: words not given are the latest version's.

    The story speaks the languages the notice is written in. Raises NoScope, Unusable.
    """
    breached = incident(session, order.incident_id)
    words = {**words_of(latest(session, breached.id, order.obligation)), **order.words}
    known = story(session, law, breached, replace(order, words=words))
    scope = scope_of(session, breached)
    touched = {
        category
        for group in readers(scope, order.ring, manifest.role)
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
        return int(scope.counts["by_customer"]["count"])
    return sum(each.people for each in variants_of(session, notice.id))


def readers(scope: Scope, ring: str, role: str) -> tuple[Readers, ...]:
    """Return the affected people of one ring whose data we hold in one role, by group."""
    return tuple(
        Readers(each.locale, role, tuple(each.categories), each.people)
        for each in scope.groups
        if (each.ring.value, each.role) == (ring, role)
    )


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


@cache
def _letters() -> TypeAdapter[Letter]:
    return TypeAdapter(Letter)


@cache
def _stories() -> TypeAdapter[Story]:
    return TypeAdapter(Story)


def words_of(notice: Notice | None) -> Mapping[str, Words]:
    """Return the words typed for a notice, by language; none where there is no notice."""
    return told(notice).words if notice is not None else {}
