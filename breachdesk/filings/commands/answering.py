"""Answer a field, edit it beside others, tick it as copied, confirm it, take it back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings import queries, rules
from breachdesk.filings.models import FilingAnswer, FilingCopy
from breachdesk.filings.terms import Form, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law


class NothingToConfirm(Refused):
    """The field holds no proposal that waits for a person."""


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
