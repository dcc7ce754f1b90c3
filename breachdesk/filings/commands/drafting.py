"""Draft a filing from all that is known, and keep it as it stands."""

from collections.abc import Iterable
from dataclasses import asdict

from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings import queries, rules
from breachdesk.filings.models import FilingSnapshot
from breachdesk.filings.terms import Field, Form, Kind
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law


class NothingFiled(Refused):
    """Only what the authority has taken can be withdrawn."""


@command("filings.draft")
def draft(
    tx: Transaction, incident: Incident, law: Law, form: Form, kind: Kind
) -> FilingSnapshot:
    """Draft a filing from all that is known now, and keep it as it stands.

    A draft that reads exactly like the last one of its kind is that one; what was confirmed
    since reads otherwise. A complement lacks
    the earlier number until the authority's receipt is recorded.
    """
    facts = queries.facts_of(tx.session, law, incident, form, kind, tx.now)
    filled = rules.fields(form, facts)
    digest = rules.digest(filled)
    if kind is Kind.WITHDRAWAL and facts.previous_reference is None:
        raise NothingFiled(f"{incident.reference}: nothing was filed that could be withdrawn")
    earlier = queries.drafts_of(tx.session, incident.id, form.authority)
    same = (
        earlier
        and (earlier[-1].digest, earlier[-1].form) == (digest, form.id)
        and _proposed(queries.fields_in(earlier[-1])) == _proposed(filled)
    )
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


def _proposed(fields: Iterable[Field]) -> set[str]:
    return {each.code for each in fields if each.proposed}


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
