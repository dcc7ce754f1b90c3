"""What people decide about obligations; deadlines are computed, never kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.tables import Table
from breachdesk.kernel.times import utc
from breachdesk.law.terms import AWARE, DETECTED, RISK, ROLE, Law
from breachdesk.obligations import queries, rules
from breachdesk.obligations.models import LegalFact, ObligationDecision
from breachdesk.obligations.terms import Act, Obligation, State, Told

ELSEWHERE = {
    RISK: "the risk is assessed and signed off, not told",
    AWARE: "awareness is a fact of the incident; correct it there",
    DETECTED: "detection is a fact of the incident; correct it there",
}


class DoesNotArise(Refused):
    """The duty does not arise from this incident, so that nothing can be decided about it."""


class AlreadyDone(Refused):
    """The duty is fulfilled; what was done cannot be waived."""


@command("obligations.fulfil")
def fulfil(
    tx: Transaction,
    incident: Incident,
    duty_code: str,
    at: datetime,
    evidence: str,
    law: Law | None = None,
) -> ObligationDecision:
    """Write down that a duty was done, at `at`, with what proves it.

    Evidence is only ever added: the first fulfilment decides whether it was in time. With
    `law` the duty must be one of its codes. Raises Unusable for no evidence or an instant to
    come, Unknown for a code that no pack has.
    """
    if law is not None:
        law.values_of(duty_code)
    if utc(at) > tx.now:
        raise Unusable(f"{at.isoformat()} is in the future; what is done was done before now")
    version = None if law is None else law.version
    return _decide(tx, incident, (duty_code, Act.FULFIL), utc(at), evidence, version)


@command("obligations.waive")
def waive(
    tx: Transaction, incident: Incident, law: Law, duty_code: str, reason: str
) -> ObligationDecision:
    """Decide that a duty is not to be done here, for a reason that the register will show.

    Raises AlreadyDone where it is done, DoesNotArise where there is nothing to waive.
    """
    obligation = _obligation(tx, incident, law, duty_code)
    if obligation.fulfilled_at is not None:
        raise AlreadyDone(f"{duty_code} is done; what was done cannot be waived")
    if obligation.state is State.WAIVED:
        raise Refused(f"{duty_code} is waived already")
    facts = queries.facts_of(tx.session, law, incident)
    rests = rules.basis(obligation, facts, law)
    return _decide(tx, incident, (duty_code, Act.WAIVE), tx.now, reason, law.version, rests)


@command("obligations.reopen")
def reopen(
    tx: Transaction, incident: Incident, law: Law, duty_code: str, reason: str
) -> ObligationDecision:
    """Take back a waiver, for a reason. Raises Refused where nothing is waived."""
    if _obligation(tx, incident, law, duty_code).decided.waived_for is None:
        raise Refused(f"{duty_code} is not waived")
    return _decide(tx, incident, (duty_code, Act.REOPEN), tx.now, reason, law.version)


@command("obligations.explain_delay")
def explain_delay(
    tx: Transaction, incident: Incident, law: Law, duty_code: str, reason: str
) -> ObligationDecision:
    """Write the reasons for a delay, which go with the notification (Art. 33(1) GDPR).

    They may be written before the hour has passed, never for a duty without a due instant.
    """
    if _obligation(tx, incident, law, duty_code).due is None:
        raise Refused(f"{duty_code} has no due instant, so that no delay can be explained")
    return _decide(tx, incident, (duty_code, Act.EXPLAIN_DELAY), tx.now, reason, law.version)


@command("obligations.tell")
def tell(
    tx: Transaction,
    incident: Incident | None,
    law: Law,
    facts: Mapping[str, tuple[Told, ...]],
) -> tuple[LegalFact, ...]:
    """Tell facts that the law asks for: of one incident, or of the organisation as it stands.

    An empty tuple takes a fact back: nobody knows any more. Raises Unusable for a fact that is
    kept elsewhere or told in two ways.
    """
    if not facts:
        raise Unusable("no fact was told")
    rows: list[LegalFact] = []
    first = queries.next_number(tx.session, LegalFact)
    for name, values in facts.items():
        if name in ELSEWHERE:
            raise Unusable(f"{name}: {ELSEWHERE[name]}")
        if name != ROLE and len(set(values)) > 1:
            raise Unusable(f"{name} is told twice, and differently")
        row = LegalFact(
            id=tx.new_id(),
            incident_id=None if incident is None else incident.id,
            number=first + len(rows),
            name=name,
            value={"values": [_kept(value) for value in values]},
            told_at=tx.now,
            told_by=tx.actor.name,
        )
        tx.session.add(row)
        subject: Table = row if incident is None else incident
        tx.record(subject, fact=name, values=row.value["values"], law=law.version)
        rows.append(row)
    return tuple(rows)


def _obligation(tx: Transaction, incident: Incident, law: Law, duty_code: str) -> Obligation:
    """Return the obligation of that code. Raises Unknown or DoesNotArise."""
    law.values_of(duty_code)
    for obligation in queries.of(tx.session, law, incident):
        if obligation.duty == duty_code:
            return obligation
    raise DoesNotArise(f"{duty_code} does not arise from {incident.reference}")


def _decide(
    tx: Transaction,
    incident: Incident,
    what: tuple[str, Act],
    at: datetime,
    text: str,
    law_version: str | None,
    basis: dict[str, Any] | None = None,
) -> ObligationDecision:
    duty, act = what
    if not text.strip():
        asked = "evidence" if act is Act.FULFIL else "a reason"
        raise Unusable(f"{duty} needs {asked} in words")
    row = ObligationDecision(
        id=tx.new_id(),
        incident_id=incident.id,
        number=queries.next_number(tx.session, ObligationDecision),
        duty=duty,
        act=act.value,
        at=at,
        text=text.strip(),
        law_version=law_version,
        basis=basis,
        decided_at=tx.now,
        decided_by=tx.actor.name,
    )
    tx.session.add(row)
    tx.session.flush()  # whoever reads obligations in this transaction must see it
    tx.record(incident, duty=duty, at=at, text=row.text, law=law_version)
    return row


def _kept(value: Told) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
