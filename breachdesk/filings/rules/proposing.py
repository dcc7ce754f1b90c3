"""What the facts already answer: one value a field, with its source."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from breachdesk.filings.rules import addressed, finer, speeches, telling, wording
from breachdesk.filings.terms import (
    RINGS,
    Choice,
    Company,
    FieldKind,
    FilingFacts,
    Form,
    Party,
    Source,
    Value,
    Vocabulary,
)

_CIVILITIES = {
    "m.": "monsieur", "m": "monsieur", "mr": "monsieur", "monsieur": "monsieur",
    "mme": "madame", "mme.": "madame", "madame": "madame",
}  # fmt: skip
_PARTICLES = frozenset({"d’", "d'", "da", "de", "del", "den", "der", "des", "di", "du", "el",
    "la", "le", "m.", "mme", "mr", "ter", "van", "von", "zu"})  # fmt: skip
_CAPITALS = re.compile(r"[^\W\d_]{2,}")
OF_DATA = frozenset(
    {"data_categories", "special_categories", "vulnerable", "consequences", "subjects_count"}
)
"""The facts that are of whose data were reached: of everybody's, in an incident."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that follows from what is known. `proposed` asks a person to confirm it."""

    value: Value
    source: Source
    proposed: bool = False
    notes: tuple[str, ...] = ()


Found = Iterator[tuple[str, Value | None, Source, bool, tuple[str, ...]]]


def derived(form: Form, facts: FilingFacts) -> dict[str, Derived]:
    """Return what is known of each field, by code. What nobody knows is not there."""
    found: dict[str, Derived] = {}
    for part in _PARTS:
        for code, value, source, proposed, notes in part(form, facts):
            if value not in (None, "", [], {}):
                found[code] = Derived(value, source, proposed, notes)
    return found


def split_name(name: str) -> tuple[str | None, str | None, str | None]:
    """Return civility code, first name and last name of a person written in one line.

    Capitals mark the last name, else the first word is the first name. A single word is a last
    name. What cannot be told is None: a function or a desk is nobody's name.
    """
    words = name.split()
    if any(word[0].islower() and word not in _PARTICLES for word in words):
        return None, None, None
    civility = _CIVILITIES.get(words[0].lower()) if words else None
    if civility:
        words = words[1:]
    if len(words) <= 1:
        return civility, None, words[0] if words else None
    capitals = [word for word in words if _CAPITALS.search(word) and word == word.upper()]
    if capitals and len(capitals) < len(words):
        first = [word for word in words if word not in capitals]
        return civility, " ".join(first), " ".join(capitals)
    return civility, words[0], " ".join(words[1:])


def proposed_codes(choices: tuple[Choice, ...], known: Mapping[str, Any]) -> list[str]:
    """Return the choices that the facts lead to, in the authority's order."""
    return [
        choice.code
        for choice in choices
        if any(
            all(_told(known.get(name)) & set(values) for name, values in conditions.items())
            for conditions in choice.proposed_by
        )
    ]


def _told(value: Any) -> set[Any]:
    return set(value) if isinstance(value, list | tuple) else {value}


def _filing(_form: Form, facts: FilingFacts) -> Found:
    yield "filing.kind", facts.kind.value, Source.FILING, False, ()
    yield "filing.previous_reference", facts.previous_reference, Source.FILING, False, ()


def _company(form: Form, facts: FilingFacts) -> Found:
    if facts.company is None:
        return
    company: Company = facts.company
    for code, value in (
        ("controller.siren", company.siren),
        ("controller.legal_name", company.name),
        ("controller.vat_number", company.vat_number),
        ("controller.sector", company.sector),
        ("controller.headcount", company.headcount),
        ("controller.address.lines", "\n".join(company.lines)),
        ("controller.address.postcode", company.postcode),
        ("controller.address.city", company.city),
        ("controller.address.country", company.country),
    ):
        yield code, value, Source.DATAMAP, False, ()
    yield from _party("legal_representative", company.representative)
    yield from _party("contact", company.contact)
    officer = speeches.of(form).say("officer") if company.has_officer else ""
    role = company.contact.role or officer
    yield "contact.role", role, Source.DATAMAP, False, ()
    yield "contact.phone", company.contact.phone, Source.DATAMAP, False, ()


def _party(prefix: str, party: Party) -> Found:
    civility, first, last = split_name(party.name)
    yield f"{prefix}.civility", civility, Source.DATAMAP, False, ()
    yield f"{prefix}.last_name", last, Source.DATAMAP, True, ()
    yield f"{prefix}.first_name", first, Source.DATAMAP, True, ()
    yield f"{prefix}.email", party.email, Source.DATAMAP, False, ()


def _timeline(form: Form, facts: FilingFacts) -> Found:
    speech, known = speeches.of(form), facts.chronology
    answer = facts.answers.get("timeline.ongoing")
    ongoing = answer.value is True if answer else False
    if known.started_at is not None or known.ended_at is not None:
        whole = known.started_at is not None and (known.ended_at is not None or ongoing)
        yield "timeline.period_known", whole, Source.FACT, not whole, ()
    for code, instant in (
        ("timeline.started_at", known.started_at),
        ("timeline.ended_at", known.ended_at),
        ("timeline.aware_at", known.aware_at),
    ):
        yield code, instant.isoformat() if instant else None, Source.FACT, False, ()
    if known.ended_at is not None:
        yield "timeline.ongoing", False, Source.FACT, False, ()
    yield "timeline.comment", wording.comment(speech, known), Source.FACT, True, ()
    yield "timeline.discovery", wording.discovery(speech, known), Source.FACT, True, ()
    typed = telling.as_typed(speech)
    yield "timeline.delay_reasons", facts.delay_reasons, Source.OBLIGATION, False, typed


def _breach(form: Form, facts: FilingFacts) -> Found:
    known = _evident(facts)
    for question in (each for section in form.sections for each in section.fields):
        codes = proposed_codes(form.choices(question), known)
        if not codes or question.code == "people.categories":
            continue
        told = question.code == "breach.natures" and "breach_types" in facts.facts
        chosen: Value = codes if question.kind is FieldKind.MULTI else codes[0]
        yield question.code, chosen, Source.FACT, not told, ()
    yield (
        "breach.description",
        telling.description(speeches.of(form), facts, telling.ring(facts)),
        Source.FACT,
        True,
        (),
    )


def _evident(facts: FilingFacts) -> Mapping[str, Any]:
    """Return the facts told, and what a measured scope proves besides.

    What was told of everybody's data proves nothing of one customer's: its own count there.
    """
    known, counted = dict(facts.facts), facts.counted
    if facts.customer is not None:
        own = {name: told for name, told in known.items() if name not in OF_DATA}
        return {**own, "data_categories": [*facts.customer.categories]}
    if counted is None or not counted.rings.get(RINGS[0]):
        return known
    told = known.get("data_categories")
    named = told if isinstance(told, list | tuple) else []
    known["data_categories"] = [*named, *counted.categories]
    known.setdefault("breach_types", ["confidentiality"])
    known.setdefault("access", "confirmed")
    return known


def _told_scope(form: Form, facts: FilingFacts) -> Found:
    """Yield what was told of data and people, until a scope is measured."""
    if facts.counted is not None:
        return
    for name, field in _DATA_LISTS:
        yield field, _in_order(form, name, facts.told_categories), Source.FACT, True, ()
    count = facts.facts.get("subjects_count")
    if isinstance(count, int) and not isinstance(count, bool):
        yield "people.count", count, Source.FACT, True, ()


def _scope(form: Form, facts: FilingFacts) -> Found:
    if facts.counted is None:
        return
    speech, counted = speeches.of(form), facts.counted
    chosen = telling.ring(facts)
    notes = (telling.exactness(speech, counted, chosen),)
    shared = telling.shared(speech, counted)
    for name, code in _DATA_LISTS:
        codes = _in_order(form, name, counted.category_codes)
        yield code, codes, Source.SCOPE, False, telling.heightened(speech, codes)
    yield "other_parties[]", list(counted.processors), Source.DATAMAP, True, ()
    yield "data.record_count", counted.records, Source.SCOPE, False, notes
    people = form.lists.get("people_categories", ())
    minors = proposed_codes(people, facts.facts)
    kinds = _in_order(form, "people_categories", counted.population_codes)
    either = [choice.code for choice in people if choice.code in {*kinds, *minors}]
    yield "people.categories", either, Source.SCOPE, False, ()
    yield "people.count", counted.rings.get(chosen), Source.SCOPE, False, notes + shared
    countries = {
        code: by_ring.get(chosen, 0)
        for code, by_ring in counted.by_country.items()
        if by_ring.get(chosen, 0)
    }
    if countries:
        states = [code for code in countries if code.upper() in form.member_states]
        yield "cross_border.is_cross_border", len(states) > 1, Source.SCOPE, True, ()
        yield "cross_border.countries", countries, Source.SCOPE, False, ()


def _in_order(form: Form, name: str, codes: tuple[str, ...]) -> list[str]:
    """Return the choices that codes of the data map name, in the form's order."""
    lettered = form.vocabulary is Vocabulary.EDPB
    return [
        choice.code
        for choice in form.lists.get(name, ())
        if not {*(choice.edpb if lettered else (choice.code,))}.isdisjoint(codes)
    ]


def _risk_and_measures(form: Form, facts: FilingFacts) -> Found:
    speech, zone = speeches.of(form), facts.chronology.zone
    for code, taken in (
        ("measures.before", facts.measures_before),
        ("measures.after", facts.measures_after),
    ):
        text = wording.measures(speech, taken, zone)
        if not telling.names_another(facts, text):
            foreign = any(each.foreign for each in taken)
            notes = (speech.say("as typed"),) if foreign else ()
            proposed = foreign or facts.customer is not None
            yield code, text, Source.MEASURE, proposed, notes
    if facts.judged is not None:
        yield "severity", facts.judged.severity, Source.RISK, False, ()
        yield "harms_comment", facts.judged.reason, Source.RISK, True, ()


def _others(form: Form, facts: FilingFacts) -> Found:
    """Propose to name whoever else the law surely addresses; the rest is for a person."""
    for section in form.sections:
        for question in section.fields:
            named = telling.owed(question, facts, certain=True)
            if named and question.kind is FieldKind.YES_NO:
                yield question.code, True, Source.OBLIGATION, True, ()
            elif named:
                yield question.code, named, Source.OBLIGATION, True, ()


def _communication(form: Form, facts: FilingFacts) -> Found:
    status, source = telling.communication(facts)
    yield "communication.status", status, source, False, ()
    told = facts.told
    if status == "done" and told is not None:
        zone = ZoneInfo(facts.chronology.zone)
        finished = told.last_at.astimezone(zone).date().isoformat() if told.last_at else None
        notes = telling.not_reached(speeches.of(form), told)
        yield "communication.done_at", finished, Source.DELIVERY, False, ()
        yield "communication.informed_count", told.informed, Source.DELIVERY, False, notes
    if status in {"done", "planned"}:
        channels = list(told.channels) if told else []
        yield "communication.channels", channels, Source.DELIVERY, False, ()
        yield "communication.content", facts.notice_content, Source.NOTICE, False, ()
    if status == "not_planned":
        ground, reason = telling.why_not_told(facts)
        yield "communication.no_inform_ground", ground, source, False, ()
        yield "communication.no_inform_reason", reason, source, True, ()


_DATA_LISTS = (
    ("data_categories", "data.categories"),
    ("special_categories", "data.special_categories"),
)
_PARTS: tuple[Callable[[Form, FilingFacts], Found], ...] = (
    _filing, _company, _timeline, _breach, _told_scope, _scope, _risk_and_measures,
    _communication, _others, finer.filing, finer.company, finer.breach,
    finer.risk_and_measures, finer.communication, finer.abroad,
    addressed.others, addressed.customer,
)  # fmt: skip
