"""ENISA's score of 2013, SE = DPC x EI + CB, computed beside the decision and never for it."""

from breachdesk.risk.rules import holding
from breachdesk.risk.rules.data import CATEGORIES, ENISA
from breachdesk.risk.terms import (
    Backup,
    BreachType,
    Cause,
    Enisa,
    Exfiltration,
    Facts,
    Identifiability,
    ProfileDepth,
    RecipientKind,
    ServiceImpact,
    SpecialCategories,
)

FLAG_PEOPLE = 100
HINT_POINTS = 2
TOP_POINTS = 4
QUICK_HOURS = 24.0
_CARRIERS = frozenset(
    {
        Cause.LOST_DEVICE, Cause.STOLEN_DEVICE, Cause.LOST_PAPER, Cause.STOLEN_PAPER,
        Cause.IMPROPER_DISPOSAL,
    }
)  # fmt: skip
_ONLY_POSSIBLE = frozenset({Exfiltration.NOT_APPLICABLE, Exfiltration.POSSIBLE})
_KNOWN = frozenset(
    {RecipientKind.INTERNAL, RecipientKind.TRUSTED_EXTERNAL, RecipientKind.KNOWN_UNTRUSTED}
)
_IDENTIFICATION = {
    Identifiability.PSEUDONYMOUS: 0.25,
    Identifiability.INDIRECT: 0.5,
    Identifiability.DIRECT: 1.0,
}


def band(score: float) -> str:
    """Return the band of a score: low below 2, medium below 3, high below 4, else very_high."""
    return str(next(row["id"] for row in ENISA["bands"] if score < row["below"]))


def score(facts: Facts) -> Enisa:
    """Score settled facts, with the arithmetic spelled out."""
    data, identification = _data(facts), _identification(facts)
    parts = {
        "confidentiality": _confidentiality(facts),
        "integrity": _integrity(facts),
        "availability": _availability(facts),
        "intent": 0.5 if facts.malicious else 0.0,
    }
    circumstances = sum(parts.values())
    total = data * identification + circumstances
    found = next(row for row in ENISA["bands"] if row["id"] == band(total))
    numbers = {
        "score": total, "data": data, "identification": identification,
        "circumstances": circumstances, **parts,
    }  # fmt: skip
    return Enisa(
        score=total,
        band=found["id"],
        data=data,
        identification=identification,
        circumstances=circumstances,
        flags=_flags(facts),
        explanation={
            language: ENISA["explanation"][language].format(
                band=found[language],
                **{name: _number(value, language) for name, value in numbers.items()},
            )
            for language in ("fr", "en")
        },
    )


def _number(value: float, language: str) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if language == "fr" else text


def _data(facts: Facts) -> int:
    if facts.already_public and not holding.delicate(facts):
        return 1
    points = max((_points(facts, category) for category in facts.data_categories), default=1)
    if facts.special_categories is SpecialCategories.SUBSTANTIAL or facts.criminal_data:
        points = TOP_POINTS
    if facts.safety_risk:
        return TOP_POINTS
    more = (facts.profile_depth is ProfileDepth.FULL_FILE) + holding.fragile(facts)
    return min(TOP_POINTS, points + more)


def _points(facts: Facts, category: str) -> int:
    row = CATEGORIES[category]
    points = int(row["enisa"]["points"])
    hint = facts.special_categories is SpecialCategories.MINOR and "special" in row["traits"]
    return min(points, HINT_POINTS) if hint else points


def _identification(facts: Facts) -> float:
    return 0.25 if holding.unreadable(facts) else _IDENTIFICATION[facts.identifiability]


def _confidentiality(facts: Facts) -> float:
    if not holding.touches_secrecy(facts) or holding.nobody_looked(facts):
        return 0.0
    if facts.cause in _CARRIERS and facts.exfiltration in _ONLY_POSSIBLE:
        return 0.0
    return 0.25 if facts.recipient_kind in _KNOWN else 0.5


def _integrity(facts: Facts) -> float:
    if BreachType.INTEGRITY not in facts.breach_types:
        return 0.0
    if facts.permanent_loss or facts.backup is Backup.NONE:
        return 0.5
    used = facts.targeted_or_misused or facts.relied_on
    return 0.25 if used or facts.service_impact is not ServiceImpact.NONE else 0.0


def _availability(facts: Facts) -> float:
    if BreachType.AVAILABILITY not in facts.breach_types:
        return 0.0
    if facts.permanent_loss:
        return 0.5
    quick = facts.recovery_hours is None or facts.recovery_hours <= QUICK_HOURS
    easy = facts.backup is not Backup.NONE and facts.backup is not Backup.PARTIAL
    return 0.0 if quick and easy and facts.service_impact is ServiceImpact.NONE else 0.25


def _flags(facts: Facts) -> tuple[str, ...]:
    flags = {
        "more_than_100_people": (facts.subjects_count or 0) > FLAG_PEOPLE,
        "unintelligible": holding.unreadable(facts),
    }
    return tuple(name for name, flies in flags.items() if flies)
