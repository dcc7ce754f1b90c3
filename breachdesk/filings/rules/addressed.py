"""What other addressees ask than the authority: police, insurer, customer, CSIRT, the ICO."""

from collections.abc import Iterator

from breachdesk.filings.rules import speeches, telling
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import Chronology, FilingFacts, Form, Own, Source, Value

Found = Iterator[tuple[str, Value | None, Source, bool, tuple[str, ...]]]

UNITED_KINGDOM = ("GB", "UK")
INSTANTS = ("started_at", "ended_at", "detected_at", "aware_at", "qualified_at")
LARGE = 250
"""Heads from which the ICO's form calls an organisation large."""


def others(form: Form, facts: FilingFacts) -> Found:
    """Yield the account, its chronology and its evidence, and what was declared elsewhere."""
    speech, known = speeches.of(form), facts.chronology
    typed = telling.as_typed(speech)
    yield "breach.account", telling.account(speech, facts), Source.FACT, True, typed
    yield "chronology", _chronology(speech, facts), Source.FACT, True, ()
    pieces = [_piece(speech, each) for each in facts.evidence]
    yield "evidence", pieces, Source.FACT, False, ()
    first = known.detected_at or known.aware_at
    yield "attack.known_at", None if first is None else first.isoformat(), Source.FACT, True, ()
    malicious = facts.facts.get("malicious")
    if isinstance(malicious, bool):
        yield "attack.malicious", malicious, Source.FACT, True, ()
    filed = [
        f"{authority.upper()}, {reference}, {speech.moment(at, known.zone)}"
        for authority, reference, at in facts.filed
    ]
    yield "other_filings", filed, Source.FILING, False, ()
    yield "own_reference", facts.reference, Source.FILING, False, ()
    if facts.company is not None and facts.company.headcount is not None:
        large = facts.company.headcount >= LARGE
        yield "ico.size", "large" if large else "small", Source.DATAMAP, False, ()
    if facts.counted is not None:
        yield "attack.systems", list(facts.counted.systems), Source.DATAMAP, True, ()
        yield "uk.people", _in_the_united_kingdom(facts), Source.SCOPE, False, ()


def customer(form: Form, facts: FilingFacts) -> Found:
    """Yield what one customer is told: its own numbers and nobody else's (Art. 33(2) GDPR)."""
    own = facts.customer
    if own is None:
        return
    speech, ring = speeches.of(form), telling.ring(facts, "customer.people")
    notes = (telling.counts(speech, ring),)
    yield "customer.key", own.key, Source.SCOPE, False, ()
    yield "customer.people", own.people.get(ring), Source.SCOPE, False, notes
    yield "customer.categories", _categories(speech, own, ring), Source.SCOPE, False, notes


def _categories(speech: Speech, own: Own, ring: str) -> list[str]:
    """Return what this customer's data are called, each with how many of its people."""
    return [
        speech.say("own category", label=label, people=speech.counted(people[ring], "person"))
        for label, people in own.by_category
        if people.get(ring)
    ]


def _chronology(speech: Speech, facts: FilingFacts) -> str:
    """Return what happened, the earliest first, one event a line."""
    known: Chronology = facts.chronology
    told = [
        (at, speech.say(code))
        for at, code in ((getattr(known, code), code) for code in INSTANTS)
        if at is not None
    ]
    told += [(each.at, each.text) for each in facts.happened]
    return "\n".join(
        f"– {speech.moment(at, known.zone)}{speech.colon} {text}" for at, text in sorted(told)
    )


def _piece(speech: Speech, each: tuple[str, int, str]) -> str:
    name, size, digest = each
    octets = speech.counted(size, "byte")
    return f"{name} ({octets}), SHA-256{speech.colon} {digest.removeprefix('sha256:')}"


def _in_the_united_kingdom(facts: FilingFacts) -> int | None:
    if facts.counted is None:
        return None
    found = [
        by_ring.get(telling.ring(facts), 0)
        for code, by_ring in facts.counted.by_country.items()
        if code.upper() in UNITED_KINGDOM
    ]
    return sum(found) if found else None
