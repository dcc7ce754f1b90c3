"""What other addressees ask than the authority: police, insurer, customer, CSIRT, the ICO."""

from collections.abc import Iterator

from breachdesk.filings.rules import telling, wording
from breachdesk.filings.terms import Chronology, FilingFacts, Form, Source, Value

Found = Iterator[tuple[str, Value | None, Source, bool, tuple[str, ...]]]

UNITED_KINGDOM = ("GB", "UK")
_OF_ALL = (
    "Ce sont les données atteintes de tous nos clients\u00a0: à vérifier pour celui-ci.",
)
_NAMES = {
    "started_at": "Début de la violation",
    "ended_at": "Fin de la violation",
    "detected_at": "Premier signe technique",
    "aware_at": "Prise de connaissance de la violation de données",
    "qualified_at": "Qualification en interne",
}


def others(_form: Form, facts: FilingFacts) -> Found:
    """Yield the account, its chronology and its evidence, and what was declared elsewhere."""
    yield "breach.account", telling.account(facts), Source.FACT, True, ()
    yield "chronology", _chronology(facts), Source.FACT, True, ()
    yield "evidence", [_piece(each) for each in facts.evidence], Source.FACT, False, ()
    known = facts.chronology.detected_at or facts.chronology.aware_at
    known_at = None if known is None else known.isoformat()
    yield "attack.known_at", known_at, Source.FACT, True, ()
    malicious = facts.facts.get("malicious")
    if isinstance(malicious, bool):
        yield "attack.malicious", malicious, Source.FACT, True, ()
    filed = [
        f"{authority.upper()}, {reference}, {wording.moment(at, facts.chronology.zone)}"
        for authority, reference, at in facts.filed
    ]
    yield "other_filings", filed, Source.FILING, False, ()
    yield "own_reference", facts.reference, Source.FILING, False, ()
    if facts.counted is not None:
        yield "attack.systems", list(facts.counted.systems), Source.DATAMAP, True, ()
        yield "uk.people", _in_the_united_kingdom(facts), Source.SCOPE, False, ()


def customer(_form: Form, facts: FilingFacts) -> Found:
    """Yield what one customer is told: its own numbers and nobody else's (Art. 33(2) GDPR)."""
    own = facts.customer
    if own is None:
        return
    yield "customer.key", own.key, Source.SCOPE, False, ()
    ring = telling.ring(facts, "customer.people")
    yield "customer.people", own.people.get(ring), Source.SCOPE, False, (telling.counts(ring),)
    yield "customer.categories", list(own.categories), Source.SCOPE, True, _OF_ALL


def _chronology(facts: FilingFacts) -> str:
    """Return what happened, the earliest first, one event a line."""
    known: Chronology = facts.chronology
    told = [
        (at, name)
        for at, name in ((getattr(known, code), name) for code, name in _NAMES.items())
        if at is not None
    ]
    told += [(each.at, each.text) for each in facts.happened]
    return "\n".join(
        f"– {wording.moment(at, known.zone)}{wording.NBSP}: {text}" for at, text in sorted(told)
    )


def _piece(each: tuple[str, int, str]) -> str:
    name, size, digest = each
    octets = wording.counted(size, "octet", "octets")
    return f"{name} ({octets}), SHA-256{wording.NBSP}: {digest.removeprefix('sha256:')}"


def _in_the_united_kingdom(facts: FilingFacts) -> int | None:
    if facts.counted is None:
        return None
    found = [
        by_ring.get(telling.ring(facts), 0)
        for code, by_ring in facts.counted.by_country.items()
        if code.upper() in UNITED_KINGDOM
    ]
    return sum(found) if found else None
