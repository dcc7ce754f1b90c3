"""What the authority is told: the form filled in, one field a row, ready to be copied."""

import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from breachdesk.faces.web import said
from breachdesk.faces.web.moments import prefilled, told_at
from breachdesk.faces.web.visit import desk, now, number, reading, sent, transaction
from breachdesk.filings import commands, errands, queries, rules
from breachdesk.filings import reading as forms
from breachdesk.filings.terms import FOLLOWING, Field, FieldKind, Form, Kind
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Unknown, Unusable

pages = Blueprint("filings", __name__, url_prefix="/incidents/<reference>/filings")

FORMATS = ("pdf", "docx", "html", "json")
TYPED = ("told", "instead", "base", "seen")
ANY = "application/octet-stream"
"""What a file is called that somebody brought: a browser does not open it by itself."""
RECEIPT = ("number", "filed_at", "draft")


def panel(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the drafts kept and the receipts recorded for an incident."""
    return {
        "forms": _forms(desk().templates, desk().home),
        "drafts": [
            (each, len([field for field in queries.fields_in(each) if field.missing]))
            for each in queries.drafts_of(session, incident.id)
        ],
        "receipts": queries.receipts_of(session, incident.id),
    }


@pages.get("/<form_id>")
def show(reference: str, form_id: str) -> ResponseReturnValue:
    """Show the form as it can be filled in now; nothing is kept by looking."""
    incident = incidents.by_reference(reading(), reference)
    return render_template("filings/show.html", **_page(incident, form_of(form_id)))


@pages.post("/<form_id>")
def keep(reference: str, form_id: str) -> ResponseReturnValue:
    """Keep the draft as it stands now."""
    form, kind = form_of(form_id), _kind_told(sent(("kind",)).get("kind", Kind.INITIAL.value))
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.draft(tx, incident, desk().law, form, kind)
    return redirect(_address(reference, form, kind), 303)


@pages.post("/<form_id>/fields/<code>")
def edit(reference: str, form_id: str, code: str) -> ResponseReturnValue:
    """Type into a field; what somebody else changed meanwhile is joined or kept beside."""
    form, typed = form_of(form_id), sent(TYPED)
    told = typed.get("instead") or _typed(form, code)
    edited = commands.Edit(told, typed.get("base", ""), number(typed.get("seen", "0"), "seen"))
    try:
        with transaction() as tx:
            incident = incidents.by_reference(tx.session, reference)
            commands.edit(tx, incident, desk().law, form, code, edited)
    except Unusable as error:
        if isinstance(error, Unknown):
            raise
        incident = incidents.by_reference(reading(), reference)
        page = _page(incident, form)
        problem = {"code": code, "told": told, "said": said.by_field(error.problems)}
        return render_template("filings/show.html", **{**page, "problem": problem}), 422
    return _back(reference, form, code)


@pages.post("/<form_id>/fields/<code>/confirm")
def confirm(reference: str, form_id: str, code: str) -> ResponseReturnValue:
    """Confirm what is proposed for a field."""
    form = form_of(form_id)
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.confirm(tx, incident, desk().law, form, code)
    return _back(reference, form, code)


@pages.post("/<form_id>/fields/<code>/withdraw")
def withdraw(reference: str, form_id: str, code: str) -> ResponseReturnValue:
    """Take back what was typed or confirmed; the facts speak again."""
    form = form_of(form_id)
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.withdraw(tx, incident, form, code)
    return _back(reference, form, code)


@pages.post("/<form_id>/fields/<code>/tick")
def tick(reference: str, form_id: str, code: str) -> ResponseReturnValue:
    """Tick a field as copied, as it was shown; without a tick, take it back."""
    form, told = form_of(form_id), sent(("text", "copied"))
    with transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        commands.tick(
            tx, incident, form, code, told.get("text", ""), copied=bool(told.get("copied"))
        )
    return _back(reference, form, code)


@pages.get("/<form_id>/<int:number>.<any(pdf, docx, html, json):layout>")
def download(reference: str, form_id: str, number: int, layout: str) -> ResponseReturnValue:
    """Hand out a kept draft as a document."""
    session, form, here = reading(), form_of(form_id), desk()
    incident = incidents.by_reference(session, reference)
    kept = queries.draft(session, incident.id, form.authority, number)
    drafted = queries.as_draft(incident, kept)
    return send_file(
        BytesIO(errands.laid_out(here, form, drafted, layout, incident.zone)),
        as_attachment=True,
        download_name=f"{incident.reference}-{form.id}-{number}.{layout}",
    )


@pages.post("/<form_id>/receipt")
def record_receipt(reference: str, form_id: str) -> ResponseReturnValue:
    """Record the number that the authority gave, and its paper; the duty is met then."""
    form, told = form_of(form_id), sent(RECEIPT)
    paper = request.files.get("paper")
    with tempfile.TemporaryDirectory() as folder:
        clear = None
        if paper is not None and paper.filename:
            clear = Path(folder) / "paper"
            paper.save(clear)
        receipt = commands.Receipt(
            reference=told.get("number", ""),
            filed_at=told_at(told.get("filed_at", ""), "filed_at"),
            draft=number(told["draft"], "draft") if told.get("draft") else None,
            paper=clear,
            paper_name=""
            if clear is None or paper is None
            else Path(paper.filename or "").name,
        )
        with transaction() as tx:
            incident = incidents.by_reference(tx.session, reference)
            commands.record_receipt(tx, incident, desk().law, form, receipt)
    return redirect(url_for("incidents.show", reference=reference) + "#filings", 303)


@pages.get("/receipts/<number>")
def paper(reference: str, number: str) -> ResponseReturnValue:
    """Hand out the paper of an acknowledgement."""
    incident = incidents.by_reference(reading(), reference)
    row = queries.receipt(reading(), incident.id, number)
    made = BytesIO(queries.paper_of(row, desk().transactions.vault))
    return send_file(made, ANY, as_attachment=True, download_name=row.file_name)


def _page(incident: Incident, form: Form) -> dict[str, Any]:
    """Return everything that the page of a form shows."""
    session = reading()
    kind = _kind(session, incident, form)
    fields = queries.filled(session, desk().law, incident, form, kind, now())
    receipts = queries.receipts_of(session, incident.id, form.authority)
    before = queries.filed_before(session, incident.id, form.authority)
    changes = () if before is None else rules.changes(queries.fields_in(before), fields)
    drafts = [
        each
        for each in queries.drafts_of(session, incident.id, form.authority)
        if each.form == form.id
    ]
    applying = [each for each in fields if each.applies]
    whole = kind not in FOLLOWING or before is None or bool(request.args.get("whole"))
    changed = {each.code: each.before for each in changes}
    shown = [each for each in applying if whole or each.section == 1 or each.code in changed]
    return {
        "incident": incident,
        "form": form,
        "kind": kind,
        "kinds": [Kind.COMPLEMENTARY, Kind.WITHDRAWAL]
        if receipts
        else [Kind.INITIAL, Kind.COMPLETE],
        "whole": whole,
        "before": changed if kind in FOLLOWING else {},
        "sections": [
            (section, [each for each in shown if each.section == section.number])
            for section in form.sections
            if any(each.section == section.number for each in shown)
        ],
        "questions": {each.code: rules.question(form, each.code) for each in shown},
        "editable": {each.code: _editable(form, each) for each in shown},
        "beside": queries.beside_of(session, incident.id, form.authority),
        "copies": queries.copies_of(session, incident.id, form.id, len(receipts)),
        "same": {each.code: rules.seal(each.text) for each in shown},
        "missing": [each for each in applying if each.missing],
        "count": len(applying),
        "drafts": drafts,
        "older": rules.changes(queries.fields_in(drafts[-1]), fields) if drafts else (),
        "receipts": receipts,
        "this_minute": prefilled(),
        "customers": queries.customers_of(session, incident.id),
        "problem": None,
    }


def _editable(form: Form, field: Field) -> str:
    question = rules.question(form, field.code)
    return rules.editable(question, form.choices(question), field.value, field.text)


def _typed(form: Form, code: str) -> str:
    """Return what was typed into a field; of a list, the codes that were ticked."""
    told = [each.strip() for each in request.form.getlist("told") if each.strip()]
    listed = rules.question(form, code).kind is FieldKind.MULTI
    return ",".join(told) if listed else "\n".join(told)


def _kind_told(text: str) -> Kind:
    if text not in {each.value for each in Kind}:
        raise Unusable(Problem("is not known here", field="kind"))
    return Kind(text)


def _kind(session: Session, incident: Incident, form: Form) -> Kind:
    """Return which filing is asked for, else what is next: a complement follows a receipt."""
    asked = request.args.get("kind")
    if asked in {each.value for each in Kind}:
        return Kind(asked)
    filed = queries.receipts_of(session, incident.id, form.authority)
    return Kind.COMPLEMENTARY if filed else Kind.INITIAL


def _address(reference: str, form: Form, kind: Kind) -> str:
    customer = form.customer
    return url_for(
        ".show", reference=reference, form_id=form.id, kind=kind.value, customer=customer
    )


def _back(reference: str, form: Form, code: str) -> ResponseReturnValue:
    """Return to the field, on the page that one came from."""
    kept: dict[str, Any] = {
        name: request.args[name]
        for name in ("kind", "whole", "customer")
        if request.args.get(name)
    }
    there = url_for(".show", reference=reference, form_id=form.id, **kept)
    return redirect(f"{there}#{code}", 303)


def form_of(form_id: str) -> Form:
    """Return the form of that id. Raises Unknown."""
    known = _forms(desk().templates, desk().home)
    if form_id not in known:
        raise Unknown(f"there is no form {form_id!r}")
    customer = request.args.get("customer")
    return known[form_id].towards(customer) if customer else known[form_id]


@cache
def _forms(templates: Path, home: Path) -> dict[str, Form]:
    return forms.read_forms(templates, home)
