"""An approved notice is handed to delivery: the list is fixed, then somebody starts it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.delivery import commands, queries
from breachdesk.delivery import reading as delivery_reading
from breachdesk.faces.web.visit import desk, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import CUSTOMERS, PEOPLE, Stage
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.terms import Ring

pages = Blueprint("handing", __name__, url_prefix="/incidents/<reference>/delivery")
MOST_HERE = 200_000
"""So many people are fixed while somebody waits at a page; more are at the terminal."""
DELIVERED = (PEOPLE, CUSTOMERS)


def waiting(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the approved notices that nobody has handed over yet."""
    approved = [
        each
        for each in notices.versions(session, incident.id)
        if each.stage == Stage.APPROVED.value and each.obligation in DELIVERED
    ]
    return {
        "handed": [(each, notices.recipients(session, each)) for each in approved],
        "most_here": MOST_HERE,
    }


@pages.post("/hand-over/<uuid:notice_id>")
def hand_over(reference: str, notice_id: UUID) -> ResponseReturnValue:
    """Fix who is sent which approved text. Nothing is sent yet."""
    how = sent(("separate", "by_zone"))
    _freeze(reference, notice_id, separate="separate" in how, by_zone="by_zone" in how)
    return redirect(url_for("delivery.show", reference=reference), 303)


@pages.post("/second/<uuid:notice_id>")
def second(reference: str, notice_id: UUID) -> ResponseReturnValue:
    """Fix who is written to at a second address: those whom the first did not reach."""
    pasted = sent(("contacts", "by_zone"))
    rows = pasted.get("contacts", "")
    given = delivery_reading.second_in(rows, "contacts") if rows else {}
    _freeze(reference, notice_id, second=given, by_zone="by_zone" in pasted)
    return redirect(url_for("delivery.show", reference=reference), 303)


def _freeze(reference: str, notice_id: UUID, **how: Any) -> None:
    here = desk()
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        notice = notices.by_id(tx.session, notice_id)
        if notice.incident_id != incident.id:
            raise Unknown(f"there is no notice {notice_id}")
        if notices.recipients(tx.session, notice) > MOST_HERE:
            raise Refused(f"more than {MOST_HERE} people are handed over at the terminal")
        scope = scopes.version(tx.session, incident.id, notice.scope_version)
        commands.freeze(
            tx,
            incident,
            notice,
            commands.customers_to_tell(tx, incident, notice, scope)
            if notice.obligation == CUSTOMERS
            else scoping.list_people(
                tx, incident, scope, Ring(notice.ring), here.population, mixed=True
            ),
            here.law,
            **how,
        )


@pages.post("/<uuid:campaign_id>/start")
def start(reference: str, campaign_id: UUID) -> ResponseReturnValue:
    """Let a campaign be sent; whoever starts it answers for the list."""
    sent(())
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        campaign = queries.campaign(tx.session, campaign_id)
        if campaign.incident_id != incident.id:
            raise Unknown(f"there is no campaign {campaign_id}")
        commands.start(tx, campaign, desk().law)
    return redirect(url_for("delivery.show", reference=reference), 303)
