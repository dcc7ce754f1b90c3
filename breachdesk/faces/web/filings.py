"""What the authority is told: the form filled in, one field a row, ready to be copied."""

from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.faces.web.moments import prefilled, told_at
from breachdesk.faces.web.visit import desk, now, reading, sent, transaction
from breachdesk.filings import commands, queries, rules
from breachdesk.filings import reading as forms
from breachdesk.filings.terms import Form, Kind
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Unknown

pages = Blueprint("filings", __name__, url_prefix="/incidents/<reference>/filings")


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the drafts kept and the receipts recorded for an incident."""
    return {
        "forms": _forms(desk().templates),
        "drafts": [
            (each, len([field for field in queries.fields_in(each) if field.missing]))
            for each in queries.drafts_of(session, incident.id)
        ],
        "receipts": queries.receipts_of(session, incident.id),
    }


@pages.get("/<form_id>")
def show(reference: str, form_id: str) -> ResponseReturnValue:
    """Show the form as it can be filled in now; nothing is kept by looking."""
    session, form = reading(), form_of(form_id)
    incident = incidents.by_reference(session, reference)
    kind = _kind(session, incident, form)
    fields = queries.filled(session, desk().law, incident, form, kind, now())
    applying = [each for each in fields if each.applies]
    labels = {section.number: section for section in form.sections}
    return render_template(
        "filings/show.html",
        incident=incident,
        form=form,
        kind=kind,
        sections=[
            (labels[number], list(rows))
            for number, rows in groupby(applying, key=lambda each: each.section)
        ],
        missing=[each for each in applying if each.missing],
        count=len(applying),
        drafts=[
            each
            for each in queries.drafts_of(session, incident.id, form.authority)
            if each.form == form.id
        ],
        receipts=queries.receipts_of(session, incident.id, form.authority),
        this_minute=prefilled(),
    )


@pages.post("/<form_id>")
def keep(reference: str, form_id: str) -> ResponseReturnValue:
    """Keep the draft as it stands now."""
    form = form_of(form_id)
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.draft(tx, incident, desk().law, form, _kind(tx.session, incident, form))
    return redirect(url_for(".show", reference=reference, form_id=form_id), 303)


@pages.get("/<form_id>/<int:number>.<any(pdf, docx):layout>")
def download(reference: str, form_id: str, number: int, layout: str) -> ResponseReturnValue:
    """Hand out a kept draft as a document."""
    session, form, here = reading(), form_of(form_id), desk()
    incident = incidents.by_reference(session, reference)
    kept = queries.draft(session, incident.id, form.authority, number)
    values = rules.paper(form, queries.as_draft(incident, kept), incident.zone)
    writer = here.writers.pdf if layout == "pdf" else here.writers.docx
    template = forms.layout(here.templates, form, "typ" if layout == "pdf" else layout)
    return send_file(
        BytesIO(writer.write(template, values)),
        as_attachment=True,
        download_name=f"{incident.reference}-{form.id}-{number}.{layout}",
    )


@pages.post("/<form_id>/receipt")
def record_receipt(reference: str, form_id: str) -> ResponseReturnValue:
    """Record the number that the authority gave; the duty is met at that instant."""
    form, told = form_of(form_id), sent(("number", "filed_at"))
    receipt = commands.Receipt(
        reference=told.get("number", ""),
        filed_at=told_at(told.get("filed_at", ""), "filed_at"),
    )
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.record_receipt(tx, incident, desk().law, form, receipt)
    return redirect(url_for("incidents.show", reference=reference) + "#filings", 303)


def _kind(session: Session, incident: Incident, form: Form) -> Kind:
    """Return which filing is next: what follows a receipt is a complement (Art. 33(4) GDPR)."""
    filed = queries.receipts_of(session, incident.id, form.authority)
    return Kind.COMPLEMENTARY if filed else Kind.INITIAL


def form_of(form_id: str) -> Form:
    """Return the form of that id. Raises Unknown."""
    known = _forms(desk().templates)
    if form_id not in known:
        raise Unknown(f"there is no form {form_id!r}")
    return known[form_id]


@cache
def _forms(templates: Path) -> dict[str, Form]:
    return forms.read_forms(templates)
