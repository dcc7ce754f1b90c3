"""From a form and what is known to the form filled in, in the form's order."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from breachdesk.filings.rules import speeches, telling, wording
from breachdesk.filings.rules.answering import tells_unknown
from breachdesk.filings.rules.proposing import Derived, derived
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import (
    RINGS,
    TELL_NONE,
    Answer,
    Change,
    Choice,
    Condition,
    Field,
    FieldKind,
    FilingFacts,
    Form,
    Kind,
    Question,
    Section,
    Source,
    Value,
)

SUBTYPE, INCOMPLETE = "filing.subtype", "incomplete"
"""The field of a form that says whether the filing is complete, where it asks."""


def fields(form: Form, facts: FilingFacts) -> tuple[Field, ...]:
    """Return every field of the form in its order, filled in as far as anybody knows.

    What a person typed stands before what the facts give. Never raises for lack of facts.
    """
    found = derived(form, facts)
    values = {
        question.code: _value(form, question, found, facts.answers)
        for section in form.sections
        for question in section.fields
    }
    return tuple(
        _field(form, section, question, found.get(question.code), values, facts)
        for section in form.sections
        for question in section.fields
    )


def missing(filled: Sequence[Field]) -> tuple[Field, ...]:
    """Return what still has to be asked for, in the form's order."""
    return tuple(each for each in filled if each.missing)


def is_late(facts: FilingFacts) -> bool:
    """Tell whether the first filing comes after the authority's deadline (Art. 33(1) GDPR)."""
    filed_at = facts.first_filed_at or facts.drafted_at
    return facts.due_at is not None and filed_at > facts.due_at


def changes(before: Sequence[Field], after: Sequence[Field]) -> tuple[Change, ...]:
    """Return the fields that read otherwise, in the form's order. The kind itself is none."""
    read = {each.code: each.text for each in before if each.applies}
    return tuple(
        Change(each.section, each.code, each.label, read.get(each.code, ""), _read(each))
        for each in after
        if each.section > 1 and read.get(each.code, "") != _read(each)
    )


def content(filled: Sequence[Field]) -> list[dict[str, object]]:
    """Return the fields as plain data, as they are kept and answered."""
    return [asdict(each) for each in filled]


def digest(filled: Sequence[Field]) -> str:
    """Return the SHA-256 of what is told: codes, values and texts, in order."""
    told = [[each.code, each.value, each.text] for each in filled if each.applies]
    canonical = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return seal(canonical)


def seal(text: str) -> str:
    """Return the SHA-256 of a text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _read(filled: Field) -> str:
    return filled.text if filled.applies else ""


def _value(
    form: Form, question: Question, found: Mapping[str, Derived], answers: Mapping[str, Answer]
) -> Value | None:
    """Return the typed value, else the derived one; None where nobody knows."""
    answer, known = answers.get(question.code), found.get(question.code)
    fallback = None if known is None else known.value
    if answer is None or answer.value is None:
        return fallback
    if question.kind is FieldKind.INTEGER and answer.value in RINGS:
        return fallback
    choices = form.choices(question)
    if tells_unknown(question, answer.value, [choice.code for choice in choices]):
        return _unknown_value(question, choices)
    return answer.value


def _unknown_value(question: Question, choices: Sequence[Choice]) -> Value | None:
    if not choices or question.unknown is None:
        return None
    return [question.unknown] if question.kind is FieldKind.MULTI else question.unknown


def _field(
    form: Form,
    section: Section,
    question: Question,
    known: Derived | None,
    values: Mapping[str, Value | None],
    facts: FilingFacts,
) -> Field:
    answer = facts.answers.get(question.code)
    choices = form.choices(question)
    applies = all(_holds(condition, values, facts) for condition in question.when)
    required = question.required and applies
    value = values[question.code]
    unknown = answer is not None and tells_unknown(
        question, answer.value, [choice.code for choice in choices]
    )
    speech = speeches.of(form)
    text = _text(speech, question, choices, value, unknown=unknown, zone=facts.chronology.zone)
    untimely = unknown and not _incomplete(values, facts)
    refused = tuple(_refused(speech, choices, value, values, facts))
    typed = answer is not None and answer.value is not None and answer.value not in RINGS
    confirmed = answer is not None and answer.value is None and answer.confirms == seal(text)
    return Field(
        section=section.number,
        code=question.code,
        label=question.label,
        value=value,
        text=text,
        required=required,
        source=_source(answer, known, confirmed=confirmed),
        missing=required and (not text or untimely or bool(refused)),
        gloss=question.en,
        ask=question.ask,
        applies=applies,
        proposed=known is not None and known.proposed and not (typed or confirmed),
        notes=(
            *(() if typed or not known else known.notes),
            *(() if typed else telling.to_examine(speech, question, facts)),
            *_notes(speech, form, question, value, text),
            *refused,
        ),
        edpb=question.edpb,
    )


def _text(
    speech: Speech,
    question: Question,
    choices: Sequence[Choice],
    value: Value | None,
    *,
    unknown: bool,
    zone: str,
) -> str:
    if unknown and not choices:
        return question.unknown or ""
    if value == TELL_NONE and question.none is not None:
        return question.none
    return wording.text(speech, question, choices, value, zone)


def _holds(
    condition: Condition, values: Mapping[str, Value | None], facts: FilingFacts
) -> bool:
    if condition.fact == "late":
        return is_late(facts)
    if condition.fact == "special_categories":
        told = facts.facts.get("special_categories")
        return told not in (None, "none") or bool(values.get("data.special_categories"))
    value = values.get(condition.field or "")
    told_values = value if isinstance(value, list) else [value]
    return any(each in condition.any_of for each in told_values if each is not None)


def _incomplete(values: Mapping[str, Value | None], facts: FilingFacts) -> bool:
    """Tell whether the filing may leave answers open: what is first sent, or says so."""
    subtype = values.get(SUBTYPE)
    return facts.kind is Kind.INITIAL if subtype is None else subtype == INCOMPLETE


def _refused(
    speech: Speech,
    choices: Sequence[Choice],
    value: Value | None,
    values: Mapping[str, Value | None],
    facts: FilingFacts,
) -> Iterator[str]:
    """Yield what the form does not take: a choice whose own condition does not hold."""
    codes = value if isinstance(value, list) else [value]
    for choice in choices:
        allowed = all(_holds(condition, values, facts) for condition in choice.when)
        if choice.code in codes and not allowed:
            yield speech.say("refused", label=speech.quoted(choice.label))


def _source(answer: Answer | None, known: Derived | None, *, confirmed: bool) -> str:
    if answer is not None and answer.value is not None:
        return f"{Source.TYPED.value} by {answer.by}"
    source = known.source.value if known else Source.NOBODY.value
    return f"{source}, confirmed by {answer.by}" if answer and confirmed else source


def _notes(
    speech: Speech, form: Form, question: Question, value: Value | None, text: str
) -> Iterator[str]:
    """Yield what to look at before a text is copied: its length, a label nobody has seen.

    A form without an address has no screen to compare a label with.
    """
    if question.kind is FieldKind.LONG_TEXT and len(text) > form.limit:
        length, limit = speech.number(len(text)), speech.number(form.limit)
        yield speech.say("too long", length=length, limit=limit)
    codes = value if isinstance(value, list) else [value]
    for choice in form.choices(question):
        if choice.code in codes and form.address and not choice.shown:
            yield speech.say("not shown", label=speech.quoted(choice.label))
