"""What can be done about risk: a person signs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Problem, Refused, Unusable
from breachdesk.risk import queries, reading, rules
from breachdesk.risk.models import Answers, SignedAssessment
from breachdesk.risk.terms import Assessment, Facts, SignOff


class Unreasoned(Refused):
    """Somebody departs from the rules and does not say why."""


@command("risk.answer")
def answer(
    tx: Transaction, incident: Incident, data_set: str, told: Mapping[str, Any], reason: str
) -> Answers:
    """Tell facts of one data set, on top of what was told of it before.

    A new data set starts from the facts of the whole incident. Raises Unusable for a field or
    a value that the vocabulary does not hold, for a changed answer without a reason, and
    where nothing would change.
    """
    name = " ".join(data_set.split())
    if not name:
        raise Unusable(Problem("is empty; name the data set", field="data_set"))
    last = queries.answers(tx.session, incident.id).get(name)
    before = incident.facts if last is None else last.facts
    facts = {**before, **told}
    reading.from_mapping(facts)
    changed = rules.changed(before, facts)
    if last is not None and not changed:
        raise Unusable("nothing would change")
    corrected = [field for field in changed if rules.is_told(before.get(field))]
    if corrected and not reason.strip():
        raise Unusable(Problem("a correction has a reason; say why it was otherwise before"))
    row = Answers(
        id=tx.new_id(),
        incident_id=incident.id,
        data_set=name,
        number=1 if last is None else last.number + 1,
        facts=facts,
        changed=list(changed),
        reason=reason.strip(),
        told_at=tx.now,
        told_by=tx.actor.name,
    )
    tx.session.add(row)
    tx.record(
        incident,
        data_set=name,
        number=row.number,
        told={field: facts[field] for field in changed},
        reason=row.reason,
    )
    return row


@command("risk.sign_off")
def sign_off(
    tx: Transaction, incident: Incident, facts: Facts | None = None, sign: SignOff | None = None
) -> SignedAssessment:
    """Assess `facts`, else those told of the data set, and sign the result as a new version.

    Raises Unreasoned for another level than the rules' without a reason, NoGround for a claim
    of article 34(3) that the facts do not bear.
    """
    sign = sign or SignOff()
    if facts is None:
        told = queries.facts_of(tx.session, incident, sign.data_set)
        facts = reading.from_mapping(told)
    assessment = rules.assess(facts)
    level = sign.level or assessment.level
    if level is not assessment.level and not sign.reason.strip():
        raise Unreasoned(
            f"the rules say {assessment.level.value}; to sign {level.value}, give a reason"
        )
    if sign.relief is not None:
        rules.check_relief(facts, level, sign.relief)
    signed = SignedAssessment(
        id=tx.new_id(),
        incident_id=incident.id,
        data_set=" ".join(sign.data_set.split()),
        role=facts.role.value,
        version=queries.next_version(tx.session, incident.id),
        facts=rules.as_plain(facts),
        facts_digest=rules.digest(facts),
        level=level.value,
        assessed_level=assessment.level.value,
        **_shown(assessment),
        relief_ground=sign.relief.ground.value if sign.relief else None,
        relief_reason=sign.relief.reason.strip() if sign.relief else None,
        override_reason=sign.reason.strip() or None,
        signed_by=tx.actor.name,
        signed_by_id=tx.actor.member_id,
        signed_at=tx.now,
    )
    tx.session.add(signed)
    tx.record(
        incident,
        assessment=signed.id,
        data_set=signed.data_set,
        version=signed.version,
        level=signed.level,
        assessed_level=signed.assessed_level,
        rule=signed.rule,
        facts_digest=signed.facts_digest,
        override_reason=signed.override_reason,
        relief_ground=signed.relief_ground,
        relief_reason=signed.relief_reason,
    )
    return signed


def _shown(assessment: Assessment) -> dict[str, object]:
    """Return what the signer saw, as it is kept."""
    return {
        "rule": assessment.rule,
        "reason": dict(assessment.reason),
        "enisa": {**asdict(assessment.enisa), "flags": list(assessment.enisa.flags)},
        "severity": assessment.severity.value,
        "likelihood": assessment.likelihood.value,
        "unknown": list(assessment.unknown),
        "contradictions": list(assessment.contradictions),
    }
