"""What can be done with a filing: answer a field, draft, record what the authority answered."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings import queries, rules
from breachdesk.filings.models import (
    FilingAnswer,
    FilingCopy,
    FilingReceipt,
    FilingSnapshot,
)
from breachdesk.filings.terms import FOLLOWING, Field, Form, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.times import utc
from breachdesk.law.terms import Law
from breachdesk.obligations import commands as obligations


class NothingToConfirm(Refused):
    """The field holds no proposal that waits for a person."""


class NothingFiled(Refused):
    """Only what the authority has taken can be withdrawn."""


class AlreadyRecorded(Refused):
    """The authority's number stands in the record already."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the authority answered: its number, when it took the filing, and the paper.

    `paper` is the file as it came, for the vault; where only its digest is at hand, that is
    kept. `draft` is the number of the draft that was filed; None takes the last one.
    """

    reference: str
    filed_at: datetime
    file_digest: str = ""
    draft: int | None = None
    paper: Path | None = None
    paper_name: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody typed into a field, and what stood there when they began.

    `seen` is the number of the last text kept beside that they were shown.
    """

    told: str
    base: str
    seen: int = 0


@command("filings.answer")
def answer(
    tx: Transaction, incident: Incident, form: Form, code: str, told: str
) -> FilingAnswer:
    """Type `told` into the field `code`; it stands before whatever the facts give.

    `unknown` and `none` are answers where the form has them. Raises Unusable naming the field.
    """
    return _write(tx, incident, form, code, told={"value": rules.accept(form, code, told)})


@command("filings.edit")
def edit(
    tx: Transaction, incident: Incident, law: Law, form: Form, code: str, edit: Edit
) -> FilingAnswer:
    """Type into a field that others may have changed since; nobody's words are lost.

    What changed meanwhile is joined with what was typed, sentence by sentence. Where both
    changed the same, the standing text stays and the other is kept beside it, for a person.
    Raises Unusable naming the field.
    """
    question = rules.question(form, code)
    tx.hold(f"filing {incident.id}")
    filled = queries.filled(tx.session, law, incident, form, Kind.INITIAL, tx.now)
    [field] = [each for each in filled if each.code == code]
    standing = rules.editable(question, form.choices(question), field.value, field.text)
    joined = rules.joined(question, edit.base, standing, edit.told)
    if joined is None:
        rules.accept(form, code, edit.told)
        return _write(tx, incident, form, code, told={queries.BESIDE: edit.told.strip()})
    value = rules.accept(form, code, joined)
    return _write(tx, incident, form, code, told={"value": value, queries.SEEN: edit.seen})


@command("filings.tick")
def tick(
    tx: Transaction, incident: Incident, form: Form, code: str, text: str, *, copied: bool
) -> None:
    """Tick a field as copied into the authority's form, as it reads; or take the tick back."""
    rules.question(form, code)
    tx.hold(f"filing {incident.id}")
    series = len(queries.receipts_of(tx.session, incident.id, form.authority))
    digest = rules.seal(text)
    tx.session.execute(
        delete(FilingCopy).where(
            FilingCopy.incident_id == incident.id,
            FilingCopy.form == form.id,
            FilingCopy.series == series,
            FilingCopy.code == code,
        )
    )
    if copied:
        tx.session.add(
            FilingCopy(
                id=tx.new_id(),
                incident_id=incident.id,
                form=form.id,
                series=series,
                code=code,
                digest=digest,
                copied_at=tx.now,
                copied_by=tx.actor.name,
            )
        )
    tx.record(incident, form=form.id, field=code, copied=copied, digest=digest)


@command("filings.confirm")
def confirm(
    tx: Transaction, incident: Incident, law: Law, form: Form, code: str
) -> FilingAnswer:
    """Confirm what is proposed for the field `code`, for as long as it reads the same."""
    rules.question(form, code)
    filled = queries.filled(tx.session, law, incident, form, Kind.INITIAL, tx.now)
    [field] = [each for each in filled if each.code == code]
    if not field.proposed:
        raise NothingToConfirm(f"{code} holds no proposal that waits to be confirmed")
    return _write(tx, incident, form, code, confirms=rules.seal(field.text))


@command("filings.withdraw")
def withdraw(tx: Transaction, incident: Incident, form: Form, code: str) -> FilingAnswer:
    """Take back what was typed or confirmed; the facts speak again."""
    if code not in queries.answers_of(tx.session, incident.id, form.authority):
        raise Refused(f"nobody answered {code}")
    return _write(tx, incident, form, code)


@command("filings.draft")
def draft(
    tx: Transaction, incident: Incident, law: Law, form: Form, kind: Kind
) -> FilingSnapshot:
    """Draft a filing from all that is known now, and keep it as it stands.

    A draft that reads exactly like the last one of its kind is that one. A complement lacks
    the earlier number until the authority's receipt is recorded.
    """
    facts = queries.facts_of(tx.session, law, incident, form, kind, tx.now)
    filled = rules.fields(form, facts)
    digest = rules.digest(filled)
    if kind is Kind.WITHDRAWAL and facts.previous_reference is None:
        raise NothingFiled(f"{incident.reference}: nothing was filed that could be withdrawn")
    earlier = queries.drafts_of(tx.session, incident.id, form.authority)
    same = earlier and earlier[-1].digest == digest and earlier[-1].form == form.id
    snapshot = earlier[-1] if same else _keep(tx, incident, form, kind, filled, digest)
    tx.record(
        incident,
        draft=snapshot.number,
        form=form.id,
        kind=kind,
        digest=digest,
        missing=[each.code for each in rules.missing(filled)],
    )
    return snapshot


@command("filings.record_receipt")
def record_receipt(
    tx: Transaction, incident: Incident, law: Law, form: Form, receipt: Receipt
) -> FilingReceipt:
    """Record the authority's acknowledgement; the duty to notify is met at that instant.

    Only the first filing meets the duty; those after it are complements (Art. 33(4) GDPR).
    Raises Unusable for no number or an instant to come, AlreadyRecorded for a number twice.
    """
    earlier = queries.receipts_of(tx.session, incident.id, form.authority)
    reference = _usable(receipt, tx.now)
    if any(each.reference == reference for each in earlier):
        raise AlreadyRecorded(f"the number {reference} is recorded already")
    snapshot = _filed(tx, incident, law, form, receipt.draft, first=not earlier)
    row = FilingReceipt(
        id=tx.new_id(),
        incident_id=incident.id,
        snapshot_id=snapshot.id,
        authority=form.authority,
        kind=_kind_of(snapshot, first=not earlier).value,
        reference=reference,
        filed_at=utc(receipt.filed_at),
        file_digest=receipt.file_digest,
        recorded_at=tx.now,
        recorded_by=tx.actor.name,
    )
    _keep_paper(tx, row, receipt)
    tx.session.add(row)
    tx.record(
        incident,
        number=reference,
        kind=row.kind,
        filed_at=row.filed_at,
        file_digest=row.file_digest,
        draft=snapshot.number,
        snapshot=snapshot.digest,
    )
    evidence = f"{form.authority}: {reference} {row.file_digest}".strip()
    for duty in _met_by(Kind(row.kind), form, first=not earlier):
        obligations.fulfil(tx, incident, duty, row.filed_at, evidence, law)
    return row


def _keep_paper(tx: Transaction, row: FilingReceipt, receipt: Receipt) -> None:
    """Seal the paper in the vault under a key of the receipt's own."""
    row.file_name, row.file_size = "", 0
    if receipt.paper is None:
        return
    tx.vault.make_key(row.id)
    row.file_digest = tx.vault.store_list(row.id, queries.PAPER, receipt.paper)
    row.file_name = receipt.paper_name or receipt.paper.name
    row.file_size = receipt.paper.stat().st_size


def _met_by(kind: Kind, form: Form, *, first: bool) -> Iterator[str]:
    """Yield the duties that a filing of this kind meets."""
    if first and form.meets:
        yield form.meets
    if form.completes and kind in {Kind.COMPLETE, Kind.COMPLEMENTARY}:
        yield form.completes


def _usable(receipt: Receipt, now: datetime) -> str:
    """Return the authority's number. Raises Unusable for none, or an instant to come."""
    if not receipt.reference.strip():
        raise Unusable(Problem("is empty; it is the authority's number", field="number"))
    if utc(receipt.filed_at) > now:
        raise Unusable(Problem("is in the future", field="at"))
    return receipt.reference.strip()


def _filed(
    tx: Transaction,
    incident: Incident,
    law: Law,
    form: Form,
    number: int | None,
    *,
    first: bool,
) -> FilingSnapshot:
    """Return the draft that was filed: the one named, else the last; made now if none is.

    What was filed is always frozen, whoever forgot to keep a draft of it.
    """
    if number is not None:
        return queries.draft(tx.session, incident.id, form.authority, number)
    drafts = queries.drafts_of(tx.session, incident.id, form.authority)
    kind = Kind.INITIAL if first else Kind.COMPLEMENTARY
    if drafts:
        return drafts[-1]
    made = draft(tx, incident, law, form, kind)
    tx.session.flush()  # the receipt names it
    return made


def _kind_of(snapshot: FilingSnapshot, *, first: bool) -> Kind:
    """Return the kind of a filing: the first follows none, the later ones follow it."""
    kind = Kind(snapshot.kind)
    if first:
        return Kind.INITIAL if kind in FOLLOWING else kind
    return kind if kind in FOLLOWING else Kind.COMPLEMENTARY


def _keep(
    tx: Transaction,
    incident: Incident,
    form: Form,
    kind: Kind,
    filled: tuple[Field, ...],
    digest: str,
) -> FilingSnapshot:
    before = queries.filed_before(tx.session, incident.id, form.authority)
    same_form = before is not None and before.form == form.id
    changes = (
        ()
        if before is None or not same_form
        else rules.changes(queries.fields_in(before), filled)
    )
    snapshot = FilingSnapshot(
        id=tx.new_id(),
        incident_id=incident.id,
        authority=form.authority,
        form=form.id,
        kind=kind.value,
        number=queries.next_number(tx.session, incident.id, form.authority, FilingSnapshot),
        digest=digest,
        content={
            "version": form.version,
            "fields": rules.content(filled),
            "changes": [asdict(change) for change in changes],
        },
        drafted_at=tx.now,
        drafted_by=tx.actor.name,
    )
    tx.session.add(snapshot)
    return snapshot


def _write(
    tx: Transaction,
    incident: Incident,
    form: Form,
    code: str,
    *,
    told: dict[str, Any] | None = None,
    confirms: str = "",
) -> FilingAnswer:
    """Write an answer; the trail keeps its field and digest, since texts may be long."""
    row = FilingAnswer(
        id=tx.new_id(),
        incident_id=incident.id,
        authority=form.authority,
        number=queries.next_number(tx.session, incident.id, form.authority, FilingAnswer),
        code=code,
        told=told or {},
        confirms=confirms,
        answered_at=tx.now,
        answered_by=tx.actor.name,
    )
    tx.session.add(row)
    tx.record(incident, field=code, digest=confirms or rules.seal(str(told or "")))
    return row
