"""What is said to people: its texts as they are sent, what is missing, who approved."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.delivery import queries as delivery
from breachdesk.delivery.rules import sender_of
from breachdesk.faces.web.visit import Row, desk, member, reading, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Unknown
from breachdesk.notices import commands, queries
from breachdesk.notices.terms import APPROVERS

pages = Blueprint("notices", __name__, url_prefix="/incidents/<reference>/notices")

PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""For a message, shown as a mail program shows it: its own styles, no script, no network.

A message carries its styles in its elements, for mail programs know no other way; sandboxed,
without origin and without anything to load, a style can do nothing but look.
"""


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the latest notices of an incident with their texts and approvals."""
    latest = {
        (each.obligation, each.kind): each for each in queries.versions(session, incident.id)
    }
    return {
        "notices": [
            (
                notice,
                queries.variants_of(session, notice.id),
                queries.approvals_of(session, notice.id),
            )
            for notice in sorted(latest.values(), key=lambda each: each.id)
        ],
        "approvers": APPROVERS,
    }


@pages.get("/<uuid:notice_id>")
def show(reference: str, notice_id: UUID) -> ResponseReturnValue:
    """Show a notice as its readers get it, what it lacks and who approved it."""
    session = reading()
    incident, notice = _find(session, reference, notice_id)
    approvals = queries.approvals_of(session, notice.id)
    me = member().actor.member_id
    return render_template(
        "notices/show.html",
        incident=incident,
        notice=notice,
        variants=[
            (each, queries.preview(session, notice, each).subject, queries.letter_of(each).data)
            for each in queries.variants_of(session, notice.id)
        ],
        approvals=approvals,
        approvers=APPROVERS,
        approved_by_me=any(each.member_id == me for each in approvals),
        review=queries.review(session, desk().law, notice),
        rehearsed=_rehearsed(session, notice),
        sender=sender_of(datamap.current(session).organisation),
        mail_host=desk().mail_host,
    )


@pages.get("/<uuid:notice_id>/<key>.<any(html, txt):part>")
def preview(reference: str, notice_id: UUID, key: str, part: str) -> ResponseReturnValue:
    """Serve one text of a notice byte for byte as it is sent, with made-up own values."""
    session = reading()
    _, notice = _find(session, reference, notice_id)
    message = queries.preview(session, notice, queries.variant(session, notice.id, key=key))
    g.headers = {"Content-Security-Policy": PREVIEW_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    if part == "html":
        return Response(message.html, mimetype="text/html")
    return Response(message.text, mimetype="text/plain")


@pages.post("/<uuid:notice_id>/approve")
def approve(reference: str, notice_id: UUID) -> ResponseReturnValue:
    """Approve exactly this text as the member who is signed in."""
    with transaction() as tx:
        _, notice = _find(tx.session, reference, notice_id)
        commands.approve(tx, notice, desk().law, rehearsed=_rehearsed(tx.session, notice))
    return redirect(url_for(".show", reference=reference, notice_id=notice_id), 303)


def _rehearsed(session: Session, notice: Row) -> bool | None:
    """Tell whether the carrier's sandbox passed these texts; None where there is none."""
    if desk().witness is None:
        return None
    return delivery.rehearsed_at(session, notice.id) is not None


def _find(session: Session, reference: str, notice_id: UUID) -> tuple[Incident, Row]:
    """Return the incident and its notice. Raises Unknown for a notice of another incident."""
    incident = incidents.by_reference(session, reference)
    notice = queries.by_id(session, notice_id)
    if notice.incident_id != incident.id:
        raise Unknown(f"there is no notice {notice_id}")
    return incident, notice
