"""What can be done with a filing: answer a field, draft, record what the authority answered."""

from dataclasses import asdict, dataclass
from datetime import datetime

from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings import queries, rules
from breachdesk.filings.models import FilingAnswer, FilingReceipt, FilingSnapshot
from breachdesk.filings.terms import Field, Form, Kind, Value
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.kernel.times import utc
from breachdesk.law.terms import Law
from breachdesk.obligations import commands as obligations


class NothingToConfirm(Refused):
    """The field holds no proposal that waits for a person."""


class AlreadyRecorded(Refused):
    """The authority's number stands in the record already."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the authority answered: its number, when it took the filing, and the paper's digest.

    `draft` is the number of the draft that was filed; None takes the last one.
    """

    reference: str
    filed_at: datetime
    file_digest: str = ""
    draft: int | None = None


@command("filings.answer")
def answer(
    tx: Transaction, incident: Incident, form: Form, code: str, told: str
) -> FilingAnswer:
    """Type `told` into the field `code`; it stands before whatever the facts give.

    `unknown` and `none` are answers where the form has them. Raises Unusable naming the field.
    """
    return _write(tx, incident, form, code, value=rules.accept(form, code, told))


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
    snapshot = _filed(tx, incident, form, receipt.draft)
    row = FilingReceipt(
        id=tx.new_id(),
        incident_id=incident.id,
        snapshot_id=None if snapshot is None else snapshot.id,
        authority=form.authority,
        kind=_kind_of(snapshot, first=not earlier).value,
        reference=reference,
        filed_at=utc(receipt.filed_at),
        file_digest=receipt.file_digest,
        recorded_at=tx.now,
        recorded_by=tx.actor.name,
    )
    tx.session.add(row)
    tx.record(
        incident,
        number=reference,
        filed_at=row.filed_at,
        file_digest=row.file_digest,
        draft=snapshot and snapshot.number,
    )
    if not earlier:
        evidence = f"{form.authority}: {reference} {receipt.file_digest}".strip()
        obligations.fulfil(tx, incident, queries.AUTHORITY_DUTY, row.filed_at, evidence, law)
    return row


def _usable(receipt: Receipt, now: datetime) -> str:
    """Return the authority's number. Raises Unusable for none, or an instant to come."""
    if not receipt.reference.strip():
        raise Unusable(Problem("is empty; it is the authority's number", field="number"))
    if utc(receipt.filed_at) > now:
        raise Unusable(Problem("is in the future", field="at"))
    return receipt.reference.strip()


def _filed(
    tx: Transaction, incident: Incident, form: Form, number: int | None
) -> FilingSnapshot | None:
    """Return the draft that was filed: the one named, else the last one, if there is any."""
    if number is not None:
        return queries.draft(tx.session, incident.id, form.authority, number)
    drafts = queries.drafts_of(tx.session, incident.id, form.authority)
    return drafts[-1] if drafts else None


def _kind_of(snapshot: FilingSnapshot | None, *, first: bool) -> Kind:
    """Return the kind of a filing; a draft cannot say that the first one was a complement."""
    if not first:
        return Kind.COMPLEMENTARY
    if snapshot is None or Kind(snapshot.kind) is Kind.COMPLEMENTARY:
        return Kind.INITIAL
    return Kind(snapshot.kind)


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
    value: Value | None = None,
    confirms: str = "",
) -> FilingAnswer:
    """Write an answer; the trail keeps its field and digest, since texts may be long."""
    row = FilingAnswer(
        id=tx.new_id(),
        incident_id=incident.id,
        authority=form.authority,
        number=queries.next_number(tx.session, incident.id, form.authority, FilingAnswer),
        code=code,
        told={} if value is None else {"value": value},
        confirms=confirms,
        answered_at=tx.now,
        answered_by=tx.actor.name,
    )
    tx.session.add(row)
    tx.record(incident, field=code, digest=confirms or rules.seal(str(value)))
    return row
