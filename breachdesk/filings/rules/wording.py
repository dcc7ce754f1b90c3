"""How a value reads in the language of its form, as it is typed into it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import Choice, Chronology, FieldKind, Question, Taken, Value


def text(
    speech: Speech,
    question: Question,
    choices: Sequence[Choice],
    value: Value | None,
    zone: str,
) -> str:
    """Return `value` as the reader types it; empty where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return speech.say("yes" if value else "no")
        case int():
            return str(value)
        case dict():
            return people_by_country(speech, value)
    words = [value] if isinstance(value, str) else value
    if choices:
        labels = {choice.code: choice.label for choice in choices}
        return "\n".join(labels.get(code, code) for code in words)
    return "\n".join(_of_text(speech, question.kind, word, zone) for word in words)


def _of_text(speech: Speech, kind: FieldKind, value: str, zone: str) -> str:
    if kind is FieldKind.INSTANT:
        return speech.moment(datetime.fromisoformat(value), zone)
    if kind is FieldKind.DATE:
        return speech.day(date.fromisoformat(value))
    if kind is FieldKind.COUNTRY:
        return speech.country(value)
    return value


def clock(zone: str) -> str:
    """Return the French name of a zone's clock."""
    return FRENCH.clock(zone)


def people_by_country(speech: Speech, counts: Mapping[str, int]) -> str:
    """Return people by country, the most numerous first, one a line."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return "\n".join(f"{speech.country(code)}{speech.colon} {count}" for code, count in ordered)


def measures(speech: Speech, taken: Sequence[Taken], zone: str) -> str:
    """Return measures one a line, each with when it was done or is planned for."""
    return "\n".join(_measure(speech, each, zone) for each in taken)


def _measure(speech: Speech, taken: Taken, zone: str) -> str:
    """Return one measure; its date goes before the full stop that ends it."""
    when = _when(speech, taken, zone)
    if not when or not taken.text.endswith("."):
        return f"– {taken.text}{when}"
    return f"– {taken.text.removesuffix('.')}{when}."


def _when(speech: Speech, taken: Taken, zone: str) -> str:
    if taken.done_at is not None:
        return speech.say("done", moment=speech.moment(taken.done_at, zone))
    if taken.planned_for is not None:
        return speech.say("planned", moment=speech.moment(taken.planned_for, zone))
    return ""


def comment(speech: Speech, known: Chronology) -> str:
    """Return what is to be said of the four instants; empty where only awareness is known."""
    said = []
    if known.detected_at is not None:
        detected = speech.moment(known.detected_at, known.zone)
        said.append(speech.say("first sign", moment=detected))
    if known.aware_at is not None and known.detected_at is not None:
        aware = speech.moment(known.aware_at, known.zone)
        said.append(speech.say("established", moment=aware))
    if known.qualified_at is not None:
        qualified = speech.moment(known.qualified_at, known.zone)
        said.append(speech.say("qualified", moment=qualified))
    if said:
        by_name = speech.said.get(f"hours {known.zone}")
        said.append(by_name or speech.say("hours", zone=known.zone))
    return " ".join(said)


def discovery(speech: Speech, known: Chronology) -> str:
    """Return how the breach came to light as far as instants tell; empty where they do not."""
    if known.detected_at is None or known.aware_at is None:
        return ""
    detected = speech.moment(known.detected_at, known.zone)
    aware = speech.moment(known.aware_at, known.zone)
    if known.detected_at == known.aware_at:
        return speech.say("found at once", moment=aware)
    return speech.say("found", detected=detected, aware=aware)
