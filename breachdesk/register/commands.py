"""What can be done with the register: close an incident's line, or open it again."""

from dataclasses import replace

from breachdesk.audit.transaction import Transaction, command
from breachdesk.filings.terms import Form
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.law.terms import Law
from breachdesk.register import queries, rules
from breachdesk.register.models import RegisterLine


class DutiesWait(Refused):
    """The authority or the people are still to be told, or the duty to be waived."""


class NotClosed(Refused):
    """The incident has no frozen line: it was never closed, or is open again."""


@command("register.close")
def close(
    tx: Transaction, incident: Incident, law: Law, form: Form, lessons: str
) -> RegisterLine:
    """Close an incident and freeze its line: what is known, what was done, what was learnt.

    Raises DutiesWait while Art. 33(1) or 34(1) GDPR is open, Unusable for no lessons.
    """
    if not lessons.strip():
        raise Unusable(Problem("is empty; say what was learnt", field="lessons"))
    facts = queries.facts_of(tx.session, law, form, incident, tx.now)
    waiting = rules.open_duties(facts.duties)
    if waiting:
        raise DutiesWait(
            f"{incident.reference} still owes {', '.join(waiting)}; meet or waive it first"
        )
    incidents.close(tx, incident)
    known = replace(
        facts.known, status=incident.stage, closed_at=tx.now, lessons=lessons.strip()
    )
    row = rules.line(replace(facts, known=known))
    line = RegisterLine(
        id=tx.new_id(),
        incident_id=incident.id,
        reference=incident.reference,
        content=dict(row),
        digest=rules.digest(row),
        closed_at=tx.now,
        closed_by=tx.actor.name,
    )
    tx.session.add(line)
    tx.record(incident, line=line.id, digest=line.digest)
    return line


@command("register.reopen")
def reopen(tx: Transaction, incident: Incident, reason: str) -> RegisterLine:
    """Open a closed incident again, for a reason; the frozen line is kept."""
    line = queries.frozen_line(tx.session, incident.id)
    if line is None:
        raise NotClosed(f"{incident.reference} is not closed")
    incidents.reopen(tx, incident, reason)
    line.reopened_at = tx.now
    line.reopened_by = tx.actor.name
    line.reopened_for = reason.strip()
    tx.record(incident, line=line.id, reason=line.reopened_for)
    return line
