"""What is kept until when, and the holds that stop it from going."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from breachdesk.faces.web.visit import desk, member, now, page_asked, reading, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.keeping import commands, queries
from breachdesk.keeping.terms import Kept, What
from breachdesk.kernel.times import period

pages = Blueprint("keeping", __name__, url_prefix="/kept")

PAGE = 20


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show what is kept until when, what goes first first."""
    kept = desk().retention
    found = queries.everything(reading(), desk().transactions.vault, kept)
    page = page_asked()
    actor = member().actor
    return render_template(
        "keeping/show.html",
        rows=found[(page - 1) * PAGE : page * PAGE],
        why=_why,
        now=now(),
        count=len(found),
        page=page,
        size=PAGE,
        register=_period(kept.register),
        people=_period(kept.people),
        gone=queries.purges(reading())[:PAGE],
        may_hold=actor.may("keeping.hold"),
        unchecked=queries.unchecked_restore(reading()),
        backup=queries.last_backup(reading()),
    )


@pages.post("/<reference>/hold")
def hold(reference: str) -> ResponseReturnValue:
    """Keep all of an incident, for a reason."""
    told = sent({"reason"})
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.hold(tx, incident, told.get("reason", ""))
    return redirect(url_for(".show"), 303)


@pages.post("/<reference>/lift")
def lift(reference: str) -> ResponseReturnValue:
    """Let an incident age again, for a reason."""
    told = sent({"reason"})
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.lift(tx, incident, told.get("reason", ""))
    return redirect(url_for(".show"), 303)


def _why(kept: Kept) -> str:
    """Say from when the time of a thing counts, or why it does not yet."""
    if kept.until is not None and kept.what is What.INCIDENT:
        said = _("after closing")
    elif kept.until is not None and "notice" in kept.why and "no notice" not in kept.why:
        said = _("after the last notice")
    elif kept.until is not None:
        said = _("after closing; nobody was told")
    elif kept.what is What.INCIDENT:
        said = _("The incident is open.")
    elif "on their way" in kept.why:
        said = _("Notices are on their way.")
    else:
        said = _("The incident is open and nobody was told yet.")
    return str(said)


def _period(text: str) -> str:
    """Write a period in words."""
    words = {
        "years": lambda n: _("%(n)s years", n=n),
        "months": lambda n: _("%(n)s months", n=n),
        "weeks": lambda n: _("%(n)s weeks", n=n),
        "days": lambda n: _("%(n)s days", n=n),
    }
    return " ".join(words[part](number) for part, number in period(text).items())
