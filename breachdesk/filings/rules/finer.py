"""What the EDPB's common template asks beyond the teleservice, as far as facts answer it."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from breachdesk.filings.rules import speeches, telling, wording
from breachdesk.filings.terms import (
    FOLLOWING,
    Company,
    FilingFacts,
    Form,
    Kind,
    Party,
    Source,
    Taken,
    Value,
)

Found = Iterator[tuple[str, Value | None, Source, bool, tuple[str, ...]]]

MICRO, SMALL = 10, 250
"""Heads from which an enterprise is no longer micro, or small or medium (2003/361/EC)."""
SEVERITIES = {
    "negligible": "minor",
    "limited": "moderate",
    "significant": "severe",
    "maximal": "severe",
}
"""Four levels of the CNIL on three of the EDPB: our reading, hence proposed."""
NO_HIGH_RISK = "no_high_risk"
SUBTYPES = {Kind.INITIAL: "incomplete", Kind.WITHDRAWAL: "withdraw"}
"""What the template calls a filing (field 4); any other is complete."""


def filing(_form: Form, facts: FilingFacts) -> Found:
    """Yield which notification of the series this is (fields 3, 4 and 7)."""
    follows = facts.kind in FOLLOWING
    subtype = SUBTYPES.get(facts.kind, "complete")
    yield "filing.series", "follow_up" if follows else "new", Source.FILING, False, ()
    yield "filing.subtype", subtype, Source.FILING, True, ()
    yield "filing.own_reference", facts.reference, Source.FILING, False, ()


def company(_form: Form, facts: FilingFacts) -> Found:
    """Yield who reports and whom to ask (fields 10 to 41)."""
    if facts.company is None:
        return
    house: Company = facts.company
    yield "controller.identifier_kind", "company_id", Source.DATAMAP, False, ()
    if house.headcount is not None:
        yield "controller.size", _size(house.headcount), Source.DATAMAP, True, ()
    yield "reporter.name", house.representative.name, Source.DATAMAP, True, ()
    yield "reporter.contact_details", _reach(house.representative), Source.DATAMAP, True, ()
    yield "reporter.function", "legal_representative", Source.DATAMAP, True, ()
    if house.has_officer:
        yield "dpo.designated", bool(house.contact.name) or None, Source.DATAMAP, True, ()
        yield "dpo.name", house.contact.name, Source.DATAMAP, False, ()
        yield "dpo.contact_details", _reach(house.contact), Source.DATAMAP, False, ()
        yield "contact.kind", "dpo", Source.DATAMAP, True, ()
    else:
        yield "contact.kind", "other", Source.DATAMAP, True, ()
        yield "contact.name", house.contact.name, Source.DATAMAP, False, ()
        yield "contact.role", house.contact.role, Source.DATAMAP, False, ()
        yield "contact.contact_details", _reach(house.contact), Source.DATAMAP, False, ()
    if facts.counted is not None:
        yield "other_parties.involved", bool(facts.counted.processors), Source.DATAMAP, True, ()


def breach(form: Form, facts: FilingFacts) -> Found:
    """Yield the period, the systems and how well numbers are known (fields 44 to 73)."""
    known, answer = facts.chronology, facts.answers.get("timeline.ongoing")
    if known.started_at is not None and known.ended_at is not None:
        zone = ZoneInfo(known.zone)
        days = {at.astimezone(zone).date() for at in (known.started_at, known.ended_at)}
        period = "day" if len(days) == 1 else "range"
        yield "timeline.period", period, Source.FACT, False, ()
    elif known.started_at is not None and answer is not None and answer.value is True:
        yield "timeline.period", "ongoing", Source.FACT, False, ()
    counted = facts.counted
    if counted is None:
        return
    exact = "exact" if counted.exact else "approximate"
    yield "breach.systems", "\n".join(counted.systems), Source.DATAMAP, True, ()
    yield "people.count_kind", exact, Source.SCOPE, False, ()
    yield "data.record_count_kind", exact, Source.SCOPE, False, ()
    labels = speeches.of(form).semicolon.join(counted.category_labels)
    yield "data.description", labels, Source.DATAMAP, True, ()


def risk_and_measures(form: Form, facts: FilingFacts) -> Found:
    """Yield the outcome of the risk assessment and what is still planned (fields 87 to 95)."""
    lasting: tuple[Taken, ...] = tuple(
        each for each in facts.measures_after if not each.done_at
    )
    planned = wording.measures(speeches.of(form), lasting, facts.chronology.zone)
    yield "measures.prevention", planned, Source.MEASURE, True, ()
    if facts.judged is None:
        return
    level = SEVERITIES.get(facts.judged.severity or "")
    yield "severity_level", level, Source.RISK, True, ()
    yield "risk.outcome", facts.judged.level, Source.RISK, False, ()
    yield "risk.method", facts.judged.reason, Source.RISK, True, ()


def communication(form: Form, facts: FilingFacts) -> Found:
    """Yield whether people were told, all of them, how and from when (fields 97 to 106)."""
    status, source = telling.communication(facts)
    decision = _decision(status, facts)
    yield "communication.decision", decision, source, False, ()
    if decision == "condition_met":
        yield "communication.condition", facts.waiver_ground, source, False, ()
        yield "communication.no_inform_reason", facts.waiver_reason, source, True, ()
    told = facts.told
    if decision != "done" or told is None:
        return
    if told.first_at is not None:
        began = told.first_at.astimezone(ZoneInfo(facts.chronology.zone)).date().isoformat()
        yield "communication.started_on", began, Source.DELIVERY, False, ()
    everyone = "all" if told.informed >= told.people else "not_all"
    yield "communication.everyone", everyone, Source.DELIVERY, False, ()
    missed = " ".join(telling.not_reached(speeches.of(form), told))
    yield "communication.not_everyone_reason", missed, Source.DELIVERY, True, ()
    yield "communication.means", "individual", Source.DELIVERY, False, ()


def abroad(form: Form, facts: FilingFacts) -> Found:
    """Yield whether people of several member states are concerned (field 113)."""
    if facts.counted is None:
        return
    ring = telling.ring(facts)
    states = {
        code.upper()
        for code, by_ring in facts.counted.by_country.items()
        if by_ring.get(ring) and code.upper() in form.member_states
    }
    if states:
        several = "yes" if len(states) > 1 else "no"
        yield "cross_border.involved", several, Source.SCOPE, True, ()


def _size(heads: int) -> str:
    """Return the class of an enterprise by its heads alone; money would count as well."""
    if heads < MICRO:
        return "micro"
    return "sme" if heads < SMALL else "large"


def _reach(party: Party) -> str:
    return "\n".join(filter(None, (party.email, party.phone)))


def _decision(status: str | None, facts: FilingFacts) -> str | None:
    """Return the finer answer: with or without a date, and on which ground not."""
    if status == "planned":
        answer = facts.answers.get("communication.planned_on")
        dated = answer is not None and answer.value not in {None, "unknown"}
        return "planned" if dated else "planned_undated"
    if status == "not_planned":
        ground, _ = telling.why_not_told(facts)
        return NO_HIGH_RISK if ground == NO_HIGH_RISK else "condition_met"
    return status
