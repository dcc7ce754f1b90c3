"""What is done to a campaign besides its pace: looked at before, called back, decided."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.terms import CampaignState, Decision
from breachdesk.faces.web.visit import Row, desk, member, reading, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unknown, Unusable
from breachdesk.notices import queries as notices

pages = Blueprint("controlling", __name__, url_prefix="/incidents/<reference>/delivery")


@pages.post("/<uuid:campaign_id>/call-back")
def call_back(reference: str, campaign_id: UUID) -> ResponseReturnValue:
    """End a campaign and have discarded what the carrier still holds of it."""
    why = sent(("why",)).get("why", "").strip()
    if not why:
        raise Unusable(Problem("say why", field="why"))
    here = desk()
    with transaction() as tx:
        campaign = _find(tx.session, reference, campaign_id)
        if campaign.state != CampaignState.CANCELLED.value:
            commands.cancel(tx, campaign, why)
    errands.call_back(here.transactions, here.mailer, member().actor, campaign_id)
    return redirect(url_for("delivery.show", reference=reference), 303)


@pages.post("/<uuid:campaign_id>/decide")
def decide(reference: str, campaign_id: UUID) -> ResponseReturnValue:
    """Decide on the messages of a campaign that stay in doubt; the reason is evidence."""
    told = sent(("decision", "reason"))
    try:
        decision = Decision(told.get("decision", ""))
    except ValueError:
        raise Unusable(Problem("is not known here", field="decision")) from None
    with transaction() as tx:
        campaign = _find(tx.session, reference, campaign_id)
        commands.decide(tx, campaign, decision, told.get("reason", ""))
    return redirect(url_for("delivery.show", reference=reference), 303)


@pages.post("/<uuid:campaign_id>/preflight")
def preflight(reference: str, campaign_id: UUID) -> ResponseReturnValue:
    """Show what speaks against sending: the sender's domain, the list, the account."""
    sent(())
    here, session = desk(), reading()
    campaign = _find(session, reference, campaign_id)
    checks = errands.look_ahead(
        here.transactions, member().actor, campaign.id, here.names, here.witness
    )
    return render_template(
        "delivery/checks.html",
        incident=incidents.by_reference(session, reference),
        campaign=campaign,
        checks=checks,
    )


@pages.post("/reconcile")
def reconcile(reference: str) -> ResponseReturnValue:
    """Ask the carrier's logs what became of messages, now and not only after silence."""
    sent(())
    here = desk()
    incidents.by_reference(reading(), reference)
    if here.witness is None:
        raise Refused("this way of sending keeps no logs that could be asked")
    errands.reconcile(here.transactions, here.witness, member().actor, asked=True)
    return redirect(url_for("delivery.show", reference=reference), 303)


@pages.post("/message")
def message(reference: str) -> ResponseReturnValue:
    """Show the very message of one person, byte for byte; looking is noted on the trail."""
    told = sent(("person", "reason"))
    person, reason = told.get("person", "").strip(), told.get("reason", "")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        content = commands.preview(tx, incident, person, reason=reason)
    return Response(content, mimetype="text/plain")


@pages.post("/<uuid:notice_id>/<any(test, rehearse):what>")
def try_out(reference: str, notice_id: UUID, what: str) -> ResponseReturnValue:
    """Send every text of a notice to a guest, or have the carrier check it in its sandbox."""
    address = sent(("to",)).get("to", "").strip()
    here, session = desk(), reading()
    incident = incidents.by_reference(session, reference)
    notice = notices.by_id(session, notice_id)
    if notice.incident_id != incident.id:
        raise Unknown(f"there is no notice {notice_id}")
    actor = member().actor
    if what == "test":
        results = errands.send_test(
            here.transactions, here.mailer, actor, notice.id, address, here.guests
        )
    elif here.witness is None:
        raise Refused("this way of sending has no sandbox; send a test instead")
    else:
        results = errands.rehearse(here.transactions, here.witness, actor, notice.id)
    return render_template(
        "delivery/tried.html", incident=incident, notice=notice, what=what, results=results
    )


def doubtful(session: Session, incident: Incident) -> set[UUID]:
    """Return the campaigns with messages that a person must decide on."""
    return {each.id for each in queries.in_doubt(session, incident.id)}


def _find(session: Session, reference: str, campaign_id: UUID) -> Row:
    """Return the campaign. Raises Unknown for one of another incident."""
    incident = incidents.by_reference(session, reference)
    campaign = queries.campaign(session, campaign_id)
    if campaign.incident_id != incident.id:
        raise Unknown(f"there is no campaign {campaign_id}")
    return campaign
