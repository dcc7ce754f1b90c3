"""From facts to a line of the register."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from breachdesk.filings.terms import Value
from breachdesk.law.terms import Nature, Status
from breachdesk.obligations.terms import Obligation, State
from breachdesk.register.terms import CODES, LineFacts, Row, Sent, Sought, Step

AUTHORITY_DUTY = "gdpr.33.authority"
PEOPLE_DUTY = "gdpr.34.people"
CUSTOMERS_DUTY = "gdpr.33.controller"
COMPLAINT_DUTY = "fr.lopmi.complaint"
ELSEWHERE = frozenset({AUTHORITY_DUTY, PEOPLE_DUTY, CUSTOMERS_DUTY, COMPLAINT_DUTY})
CUSTOMERS = "customers"
SEARCHED = (
    "number",
    "title",
    "facts",
    "risk_reasoning",
    "sa_reason",
    "subjects_reason",
    "lessons",
)
"""The columns in which a text is looked for."""


def line(facts: LineFacts) -> Row:
    """Return the register's line: what happened, its effects, what was done, and why.

    Every column of the register is in it (Art. 33(5) GDPR; EDPB 9/2022 on reasons).
    """
    row = {**_occurrence(facts), **_extent(facts), **_risk(facts), **_answer(facts)}
    return {code: row[code] for code in CODES}


def open_duties(duties: Sequence[Obligation]) -> tuple[str, ...]:
    """Return which duties in force are still open, neither done nor waived."""
    return tuple(
        each.duty
        for each in duties
        if each.waits and each.nature is Nature.DUTY and each.status is Status.IN_FORCE
    )


def never_left_open(owed: Sequence[str]) -> tuple[str, ...]:
    """Return which of these are Art. 33(1) and 34(1) GDPR: nobody closes on them."""
    return tuple(each for each in owed if each in {AUTHORITY_DUTY, PEOPLE_DUTY})


def meets(row: Row, sought: Sought) -> bool:
    """Tell whether a line is one of those asked for, as far as its own words say."""
    causes = row.get("causes")
    return (
        (sought.cause is None or (isinstance(causes, list) and sought.cause in causes))
        and sought.notified in {None, row["sa_decision"] == "notified"}
        and sought.late in {None, row.get("sa_on_time") is False}
        and sought.text.casefold() in _words(row)
    )


def _words(row: Row) -> str:
    return "\n".join(str(row.get(code) or "") for code in SEARCHED).casefold()


def digest(row: Row) -> str:
    """Return the SHA-256 of a line."""
    canonical = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _occurrence(facts: LineFacts) -> Row:
    known = facts.known
    period_known = _value(facts, "timeline.period_known")
    ongoing = _value(facts, "timeline.ongoing")
    return {
        "number": known.reference,
        "title": known.title,
        "status": known.status,
        "drill": known.drill,
        "role": list(known.roles),
        "occurred_from": _instant(known.started_at),
        "occurred_to": _instant(known.ended_at),
        "ongoing": ongoing if isinstance(ongoing, bool) else None,
        "estimated": None if period_known is None else not period_known,
        "detected_at": _instant(known.detected_at),
        "reported_internally_at": _instant(known.logged_at),
        "aware_at": _instant(known.aware_at),
        "aware_decided_by": known.aware_decided_by,
        "aware_reason": known.aware_reason,
        "discovery_source": _text(facts, "timeline.discovery"),
        "facts": _text(facts, "breach.description"),
        "systems_and_locations": list(known.systems),
        "closed_at": _instant(known.closed_at),
        "left_open": list(known.left_open),
        "left_open_reason": known.left_open_reason,
        "lessons": known.lessons,
        "journal": [_step(step) for step in facts.journal],
    }


def _extent(facts: LineFacts) -> Row:
    known, exact = facts.known.exact, {True: "exact", False: "approximate", None: "unknown"}
    typed = _source(facts, "people.count").startswith("typed")
    people = "typed" if typed else exact[known]
    consequences = [
        code
        for dimension in ("confidentiality", "integrity", "availability")
        for code in _codes(facts, f"consequences.{dimension}")
    ]
    return {
        "natures": _codes(facts, "breach.natures"),
        "kinds": _codes(facts, "breach.origins"),
        "causes": _codes(facts, "breach.causes"),
        "data_categories": _codes(facts, "data.categories"),
        "special_categories": _codes(facts, "data.special_categories"),
        "people_categories": _codes(facts, "people.categories"),
        "people_count": _number(facts, "people.count"),
        "people_count_exactness": people,
        "record_count": _number(facts, "data.record_count"),
        "record_count_exactness": exact[known],
        "consequences": consequences,
        "harms": _codes(facts, "harms"),
    }


def _risk(facts: LineFacts) -> Row:
    severity, judgement = _value(facts, "severity"), facts.judgement
    return {
        "severity": severity if isinstance(severity, str) else None,
        "likelihood": None if judgement is None else judgement.likelihood,
        "risk_conclusion": None if judgement is None else judgement.level,
        "risk_reasoning": None if judgement is None else judgement.reason,
        "measures_before": _text(facts, "measures.before"),
        "measures_after": _text(facts, "measures.after"),
    }


def _answer(facts: LineFacts) -> Row:
    duties = {each.duty: each for each in facts.duties}
    duty = duties.get(AUTHORITY_DUTY)
    decision, reason = _authority(facts, duty)
    status = _value(facts, "communication.status")
    ground = _value(facts, "communication.no_inform_ground")
    told = [each for each in facts.sent if each.audience != CUSTOMERS]
    customers = [each for each in facts.sent if each.audience == CUSTOMERS]
    return {
        "sa_decision": decision,
        "sa_reason": reason,
        "sa_filings": [
            {**asdict(each), "filed_at": _instant(each.filed_at)} for each in facts.lodged
        ],
        "sa_due_at": None if duty is None else _instant(duty.due),
        "sa_on_time": _on_time(facts, duty),
        "delay_reasons": _text(facts, "timeline.delay_reasons"),
        "subjects_decision": status if isinstance(status, str) else "undetermined",
        "subjects_ground": ground if isinstance(ground, str) else None,
        "subjects_reason": _text(facts, "communication.no_inform_reason"),
        "communications": [_sent(each) for each in told],
        "processor_chain": [
            _duty(each, facts.at) for each in facts.duties if each.duty == CUSTOMERS_DUTY
        ]
        + [_sent(each) for each in customers],
        "complaint": [
            _duty(each, facts.at) for each in facts.duties if each.duty == COMPLAINT_DUTY
        ],
        "other_regulators": [
            _duty(each, facts.at) for each in facts.duties if each.duty not in ELSEWHERE
        ],
    }


def _authority(facts: LineFacts, duty: Obligation | None) -> tuple[str, str | None]:
    """Return whether the authority was told, and why if it was not."""
    reason = None if facts.judgement is None else facts.judgement.reason
    if facts.lodged or (duty is not None and duty.fulfilled_at is not None):
        return "notified", reason
    if duty is None:  # before a signature it arises as the worst case, so we are not bound
        return "not_required", reason
    if duty.state is State.WAIVED:
        return "not_notified", duty.decided.waived_for
    return ("undecided", None) if facts.judgement is None else ("to_notify", reason)


def _on_time(facts: LineFacts, duty: Obligation | None) -> bool | None:
    """Return whether the authority was told by its hour; None where that is not to be said."""
    if duty is None or duty.due is None or duty.state is State.WAIVED:
        return None
    told_at = min((each.filed_at for each in facts.lodged), default=duty.fulfilled_at)
    if told_at is not None:
        return told_at <= duty.due
    return False if facts.at > duty.due else None


def _duty(duty: Obligation, at: datetime) -> dict[str, str | int | None]:
    decided = duty.decided
    return {
        "duty": duty.duty,
        "article": duty.article,
        "state": duty.state_at(at).value,
        "due": _instant(duty.due),
        "done_at": _instant(duty.fulfilled_at),
        "evidence": "; ".join(each.evidence for each in decided.fulfilments) or None,
        "waived_for": decided.waived_for,
    }


def _step(step: Step) -> dict[str, str | int | None]:
    return {"at": _instant(step.at), "by": step.by, "action": step.action}


def _sent(sent: Sent) -> dict[str, str | int | None]:
    return {**asdict(sent)}


def _value(facts: LineFacts, code: str) -> Value | None:
    field = facts.fields.get(code)
    return field.value if field is not None and field.applies else None


def _text(facts: LineFacts, code: str) -> str:
    field = facts.fields.get(code)
    return field.text if field is not None and field.applies else ""


def _source(facts: LineFacts, code: str) -> str:
    field = facts.fields.get(code)
    return "" if field is None else field.source


def _codes(facts: LineFacts, code: str) -> list[str]:
    value = _value(facts, code)
    return value if isinstance(value, list) else []


def _number(facts: LineFacts, code: str) -> int | None:
    value = _value(facts, code)
    return value if isinstance(value, int) else None


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
