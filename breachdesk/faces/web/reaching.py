"""Those whom the e-mail did not reach: who they are, letters, what else told them, lists."""

import csv
import io
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.delivery import commands, queries, rules
from breachdesk.delivery import reading as delivery_reading
from breachdesk.delivery.terms import Channel, Report
from breachdesk.faces.web.moments import prefilled, told_at
from breachdesk.faces.web.visit import Row, desk, sent, transaction
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.cells import safe
from breachdesk.kernel.errors import Problem, Refused, Unknown, Unusable
from breachdesk.kernel.times import zone
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import CUSTOMERS, FIRST, LATE, PEOPLE, Stage
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.terms import Ring

pages = Blueprint("reaching", __name__, url_prefix="/incidents/<reference>/delivery")

LAYOUT = "notices/letter.typ"
OTHER_WAYS = tuple(each.value for each in Channel if each is not Channel.EMAIL)
COLUMNS = ("person_key", "standing", "reason", "next", "told_by", "told_at")
LOST = ("no_address", "unusable_address", "rejected")
BYTES = 20


def panel(session: Session, incident: Incident, report: Report) -> dict[str, Any]:
    """Return how many were not reached, and by what they may be told instead."""
    frozen = [  # these share a letter: the one whose people are counted here
        each
        for each in notices.versions(session, incident.id)
        if (each.obligation, each.stage) == (PEOPLE, Stage.FROZEN.value)
        and each.kind in {FIRST, LATE}
    ]
    frozen.sort(key=lambda each: each.id)
    lost = sum(report.reasons.get(each, 0) for each in LOST)
    alert = notices.latest(session, incident.id, CUSTOMERS)
    return {
        "unreached": report.bounced + report.dropped + lost,
        "frozen_notices": frozen,
        "ways": OTHER_WAYS,
        "prefilled": prefilled(),
        "can_offer": alert is not None and alert.stage == Stage.FROZEN.value,
        "offers": queries.offers_of(session, incident.id),
        "logs": desk().witness is not None,
    }


@pages.post("/elsewhere.csv")
def elsewhere(reference: str) -> ResponseReturnValue:
    """Hand out, as a file, whom the e-mail did not reach, why, and by what way to go on."""
    reason = sent(("reason",)).get("reason", "")
    here = desk()
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        scope = scopes.latest(tx.session, incident.id)
        if scope is None:
            raise Unknown("there is no measure of this incident yet")
        people = scoping.list_people(
            tx, incident, scope, Ring.POPULATION, here.population, reason=reason
        )
        ways = ((each.person_key, _ways(each.second_email)) for each in people)
        found = queries.elsewhere(tx.session, tx.vault, incident.id, ways)
        rows = [
            (
                each.person,
                each.standing,
                each.reason,
                each.channel.value,
                each.told_by.value if each.told_by else "",
                each.told_at.isoformat() if each.told_at else "",
            )
            for each in found
        ]
    return _csv("elsewhere.csv", COLUMNS, rows)


@pages.post("/letters/<uuid:notice_id>.<any(pdf, csv):form>")
def letters(reference: str, notice_id: UUID, form: str) -> ResponseReturnValue:
    """Print the notice for those whom no e-mail reached: one PDF, or a mail merge."""
    content = _uploaded("addresses")
    postal = delivery_reading.postal_in(content, "addresses")
    here = desk()
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        notice = notices.by_id(tx.session, notice_id)
        if notice.incident_id != incident.id:
            raise Unknown(f"there is no notice {notice_id}")
        scope = scopes.version(tx.session, incident.id, notice.scope_version)
        people = scoping.list_people(tx, incident, scope, Ring(notice.ring), here.population)
        printed = commands.print_letters(tx, incident, notice, people, postal)
        if not printed.letters:
            raise Refused("none of these people is to be written to by post")
        day = tx.now.astimezone(zone(incident.zone)).date()
    if form == "csv":
        rows = [rules.merged(each) for each in printed.letters]
        return _csv("letters.csv", rules.MERGED, [list(each.values()) for each in rows])
    paper = rules.letter_paper(printed.letters, printed.sender, reference, day)
    pdf = here.writers.pdf.write(LAYOUT, paper)
    return send_file(io.BytesIO(pdf), as_attachment=True, download_name="letters.pdf")


@pages.post("/told")
def told(reference: str) -> ResponseReturnValue:
    """Record that people were told by another way, when, and what proves it."""
    given = sent(("people", "channel", "at", "evidence"))
    channel = given.get("channel", "")
    if channel not in OTHER_WAYS:
        raise Unusable(Problem("is not known here", field="channel"))
    keys = [line.strip() for line in given.get("people", "").splitlines() if line.strip()]
    at = told_at(given.get("at", ""), "at")
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        evidence = given.get("evidence", "")
        commands.tell_otherwise(tx, incident, keys, Channel(channel), at, evidence)
    return redirect(url_for("delivery.show", reference=reference), 303)


@pages.post("/offer")
def offer(reference: str) -> ResponseReturnValue:
    """Let a customer fetch the list of its own people; the word for it is shown once."""
    customer = sent(("customer",)).get("customer", "").strip()
    word = rules.spoken(secrets.token_bytes(BYTES))
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        notice = notices.latest(tx.session, incident.id, CUSTOMERS)
        if notice is None:
            raise Refused("no alert to customers is drafted; draft one first")
        made: Row = commands.offer_list(tx, incident, notice, customer, word)
    return render_template(
        "delivery/offered.html", incident=incident, customer=customer, word=word, offer=made
    )


def _ways(second: str | None) -> Collection[Channel]:
    return (Channel.LETTER, *((Channel.SECOND_ADDRESS,) if second else ()))


def _uploaded(name: str) -> str:
    """Return the text of a file that was sent. Raises Unusable."""
    file = request.files.get(name)
    if file is None or not file.filename:
        raise Unusable(Problem("choose a file", field=name))
    try:
        return file.stream.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable(Problem("is not a text in UTF-8", field=name)) from None


def _csv(name: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(map(safe, row) for row in rows)
    content = file.getvalue().encode("utf-8-sig")
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="text/csv", headers=headers)
