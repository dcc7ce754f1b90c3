"""What somebody is writing: kept as they go, given back, joined with what another wrote."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from breachdesk.faces.web.visit import desk, member, reading, sent, transaction
from breachdesk.incidents import commands, queries
from breachdesk.incidents.terms import Writing
from breachdesk.kernel.texts import merged

pages = Blueprint("writing", __name__)


@pages.get("/writing")
def alive() -> ResponseReturnValue:
    """Say that the session lives, and give a page that grew old the token of its forms."""
    return jsonify(token=generate_csrf())


@pages.get("/incidents/<reference>/writing")
def kept(reference: str) -> ResponseReturnValue:
    """Give a member back what they were writing about an incident."""
    session = reading()
    incident = queries.by_reference(session, reference)
    vault = desk().transactions.vault
    found = queries.writings_of(session, vault, incident.id, member().actor.member_id)
    return jsonify(
        {
            writing.field: {
                "text": writing.text,
                "base": writing.base,
                "at": int(row.kept_at.timestamp() * 1000),
            }
            for row, writing in found
        }
    )


@pages.post("/incidents/<reference>/writing")
def keep(reference: str) -> ResponseReturnValue:
    """Keep a text that a member is writing."""
    told = sent(("field", "text", "base"))
    writing = Writing(
        field=told.get("field", ""), text=told.get("text", ""), base=told.get("base", "")
    )
    with transaction() as tx:
        row = commands.keep_text(tx, queries.by_reference(tx.session, reference), writing)
    return jsonify(at=int(row.kept_at.timestamp() * 1000))


@pages.post("/incidents/<reference>/writing/drop")
def drop(reference: str) -> ResponseReturnValue:
    """Drop a text that was sent, or given up."""
    field = sent(("field",)).get("field", "")
    with transaction() as tx:
        commands.drop_text(tx, queries.by_reference(tx.session, reference), field)
    return jsonify(dropped=field)


@pages.post("/writing/join")
def join() -> ResponseReturnValue:
    """Join two changes of one text; null where only a person can."""
    base, mine, theirs = (request.form.get(name, "") for name in ("base", "mine", "theirs"))
    return jsonify(text=merged(base, mine, theirs))


def words() -> dict[str, str]:
    """Return what the page says of what is being written."""
    return {
        "here": _("Kept on this device."),
        "kept": _("Kept."),
        "offline": _("Not yet kept on the desk: no network. It is kept on this device."),
        "ended": _(
            "Your session has ended. What you typed is kept on this device: "
            "sign in in another tab, then come back."
        ),
        "again": _("What you typed at {at} and did not send is here again."),
        "leave": _("Leave it out"),
        "moved": _("You work elsewhere in another tab. Reload this page to go on here."),
        "joined": _("Somebody changed this text meanwhile. Theirs and yours are joined."),
        "theirs": _("Only theirs"),
        "both": _(
            "Somebody changed the same words meanwhile. "
            "Above is theirs, below is what you typed."
        ),
        "mine": _("Take mine"),
        "press": _("Press Ctrl+C"),
        "by_hand": _(
            "This browser does not copy by itself here. The text is selected: press Ctrl+C."
        ),
    }
