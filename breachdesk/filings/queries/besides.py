"""What only other addressees ask: a chronology, the evidence, one customer's numbers."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.filings import rules
from breachdesk.filings.terms import Form, Happened, Own
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Unknown
from breachdesk.scoping import queries as scoping


def besides(session: Session, incident: Incident, form: Form) -> dict[str, Any]:
    """Return what only the forms of other addressees ask, where `form` asks it."""
    asked = {each.code for section in form.sections for each in section.fields}
    found: dict[str, Any] = {}
    if "chronology" in asked:
        found["happened"] = tuple(
            Happened(each.happened_at, each.text)
            for each in incidents.timeline_of(session, incident.id)
        )
    if "evidence" in asked:
        found["evidence"] = tuple(
            (each.name, each.size, each.sha256)
            for each in incidents.evidence_of(session, incident.id)
        )
    if form.customer is not None:
        found["customer"] = _own(session, incident, form, form.customer)
    return found


def customers_of(session: Session, incident_id: UUID) -> list[str]:
    """Return the keys of the customers whose people are affected."""
    scope = scoping.latest(session, incident_id)
    return [] if scope is None else sorted(scoping.customers_of(session, scope.id))


def _own(session: Session, incident: Incident, form: Form, key: str) -> Own:
    """Return one customer's numbers. Raises Unknown for one of whom nobody is affected."""
    scope = scoping.latest(session, incident.id)
    held = {} if scope is None else scoping.customers_of(session, scope.id)
    if scope is None or key not in held:
        raise Unknown(Problem(f"nobody of {incident.reference} is held for it", field=key))
    speech, version = rules.speech_of(form), datamap.current_version(session)
    known = () if version is None else datamap.parsed(version).categories
    labels = {each.id: speech.text(each.label) for each in known}
    counted = scoping.categories_of(session, scope.id, key)
    return Own(
        key,
        held[key],
        categories=tuple(each for each, people in counted.items() if people["proven"]),
        by_category=tuple((labels.get(each, each), counted[each]) for each in counted),
        others=tuple(each for each in held if each != key),
    )
