"""What the law asks to know, gathered from what was told, assessed, measured and presumed."""

from collections.abc import Iterable, Mapping
from typing import Any

from breachdesk.law.terms import RISKS, Fact, Role
from breachdesk.obligations.terms import Told

EXCUSING = ("a", "b")
OUR_ROLES = {
    "controller": Role.CONTROLLER,
    "joint_controller": Role.CONTROLLER,
    "processor": Role.PROCESSOR,
}


def gather(
    vocabulary: Mapping[str, Fact],
    told: Mapping[str, Told],
    risk_facts: Mapping[str, Any],
    people: Mapping[str, int] | None,
) -> dict[str, Told]:
    """Return every fact that someone or something answers; what a person told comes first.

    `people` counts the affected by country; a country that a measured scope does not show has
    none.
    """
    found: dict[str, Told] = {}
    for name, fact in vocabulary.items():
        if name in told:
            found[name] = told[name]
        elif (clue := _clue(fact, risk_facts)) is not None:
            found[name] = clue
        elif fact.country is not None and people is not None:
            found[name] = people.get(fact.country, 0)
    return found


def presume(vocabulary: Mapping[str, Fact], found: Mapping[str, Told]) -> dict[str, Told]:
    """Return `found`, and for the rest what the packs presume of an ordinary organisation."""
    presumed = {
        name: fact.presumed for name, fact in vocabulary.items() if fact.presumed is not None
    }
    return {**presumed, **found}


def people_by_country(counts: Mapping[str, Any]) -> dict[str, int]:
    """Return how many people of each country a measured scope shows, in its widest ring."""
    return {
        country: max(rings.values(), default=0)
        for country, rings in counts.get("by_country", {}).items()
    }


def roles(
    told: Iterable[object], of_incident: object, of_data: Iterable[object]
) -> frozenset[Role]:
    """Return our roles in this breach; empty where nobody knows.

    What was told to the law decides alone. Else the role of the incident and those of the
    affected data count together: the same breach often has both.
    """
    said = tuple(told) or (of_incident, *of_data)
    return frozenset(OUR_ROLES[role] for role in map(str, said) if role in OUR_ROLES)


def worst_risk(signed: Iterable[tuple[str, str]]) -> str | None:
    """Return the worst of signed (role, level), where we are controller; None if none is."""
    levels = [level for role, level in signed if OUR_ROLES.get(role) is Role.CONTROLLER]
    return max(levels, key=RISKS.index, default=None)


def relief(signed: Iterable[tuple[str, str, str | None, str | None]]) -> str | None:
    """Return the grounds that excuse from telling people one by one; None if they are owed.

    `signed` holds role, level, ground of Art. 34(3) GDPR and its reason. Each high risk of ours
    must have ground a or b: c only changes the channel.
    """
    high = [
        (ground, reason)
        for role, level, ground, reason in signed
        if OUR_ROLES.get(role) is Role.CONTROLLER and level == RISKS[-1]
    ]
    if not high or any(ground not in EXCUSING for ground, _ in high):
        return None
    return " ".join(f"GDPR art. 34(3)({ground}): {reason}" for ground, reason in high)


def _clue(fact: Fact, risk_facts: Mapping[str, Any]) -> bool | None:
    for clue in fact.read_from:
        if risk_facts.get(clue.fact) in clue.values:
            return clue.means
    return None
