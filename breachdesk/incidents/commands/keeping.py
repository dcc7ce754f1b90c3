"""What a member keeps at an incident: a text being written, a view of the board."""

import json

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents import queries
from breachdesk.incidents.models import Incident, KeptText, View
from breachdesk.incidents.terms import VIEW_NAME_LENGTH, VIEWS, Asked, Writing
from breachdesk.kernel.errors import Problem, Refused, Unknown, Unusable


@command("incidents.keep_text")
def keep_text(tx: Transaction, incident: Incident, writing: Writing) -> KeptText:
    """Keep what the actor is writing in a field, sealed: nobody else reads it."""
    kept = queries.kept_text(tx.session, incident.id, tx.actor.member_id, writing.field)
    if kept is None:
        kept = KeptText(
            id=tx.new_id(),
            incident_id=incident.id,
            member_id=tx.actor.member_id,
            field=writing.field,
        )
        tx.session.add(kept)
    clear = json.dumps({"text": writing.text, "base": writing.base}).encode()
    label = queries.kept_label(tx.actor.member_id, writing.field)
    kept.sealed = tx.vault.seal(incident.id, clear, label=label)
    kept.kept_at = tx.now
    tx.record(kept, field=writing.field, characters=len(writing.text))
    return kept


@command("incidents.drop_text")
def drop_text(tx: Transaction, incident: Incident, field: str) -> None:
    """Drop what the actor was writing in a field: it was sent, or given up."""
    kept = queries.kept_text(tx.session, incident.id, tx.actor.member_id, field)
    if kept is not None:
        tx.session.delete(kept)
    tx.record(incident if kept is None else kept, field=field)


@command("incidents.save_view")
def save_view(tx: Transaction, name: str, asked: Asked) -> View:
    """Save what the actor asks of the board under a name; the same name is written over."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= VIEW_NAME_LENGTH:
        raise Unusable(
            Problem(f"has {len(name)} characters; 1 to {VIEW_NAME_LENGTH}", field="name")
        )
    saved = queries.views_of(tx.session, tx.actor.member_id)
    view = next((each for each in saved if each.name == name), None)
    if view is None:
        if len(saved) >= VIEWS:
            raise Refused(f"{VIEWS} views are saved; drop one first")
        view = View(id=tx.new_id(), member_id=tx.actor.member_id, name=name)
        tx.session.add(view)
    view.asked = asked.plain()
    view.saved_at = tx.now
    tx.record(view, name=name)
    return view


@command("incidents.drop_view")
def drop_view(tx: Transaction, name: str) -> None:
    """Drop a saved view of the actor. Raises Unknown."""
    saved = queries.views_of(tx.session, tx.actor.member_id)
    view = next((each for each in saved if each.name == name), None)
    if view is None:
        raise Unknown(f"there is no view {name!r}")
    tx.session.delete(view)
    tx.record(view, name=name)
