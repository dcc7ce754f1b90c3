"""Facts in, an assessment out: which rule fired, what it asks of us, and why. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from breachdesk.kernel.errors import Refused
from breachdesk.risk.rules import enisa, holding, scales
from breachdesk.risk.rules.asking import FACTS, worth_asking
from breachdesk.risk.rules.level import decisive
from breachdesk.risk.rules.settled import Conflict, settle
from breachdesk.risk.rules.turning import turning
from breachdesk.risk.rules.words import interview, vocabulary
from breachdesk.risk.terms import (
    Assessment,
    BreachType,
    Combined,
    Facts,
    Ground,
    Level,
    Relief,
    Role,
)

PROCESSOR_DUTY = "gdpr.33.controller"
_CONFLICT = {
    "fr": "Des faits se contredisent ({field}) : {text} ; le pire est retenu.",
    "en": "Facts contradict each other ({field}): {text}; the worse counts.",
}
_SUBGROUP = {
    "fr": "Le pire vient du groupe «\u00a0{name}\u00a0».",
    "en": "The worst is the group “{name}”.",
}
_PROCESSOR = {
    "fr": "Nous sommes sous-traitant : chaque responsable de traitement est à prévenir.",
    "en": "We are the processor: each controller is to be told.",
}


class NoGround(Refused):
    """The facts do not bear the ground of article 34(3) that was given."""


def assess(facts: Facts) -> Assessment:
    """Return what the facts amount to (GDPR art. 33(1) and 34(1)), before article 34(3).

    People worse off than the rest are assessed apart, and the worst counts for all.
    """
    whole = _assess(facts)
    groups = [(name, _assess(each)) for name, each in facts.subgroups]
    if not groups:
        return whole
    name, worst = max(groups, key=lambda group: group[1].level.rank)
    asked = tuple(
        dict.fromkeys(
            field for each in [whole, *(g for _, g in groups)] for field in each.unknown
        )
    )
    if worst.level.rank <= whole.level.rank:
        return replace(whole, unknown=asked)
    reason = {
        language: f"{worst.reason[language]} {_SUBGROUP[language].format(name=name)}"
        for language in worst.reason
    }
    return replace(worst, reason=reason, unknown=asked)


def _assess(facts: Facts) -> Assessment:
    settled, conflicts = settle(facts)
    rules = decisive(settled)
    level = rules[0].level
    processor = facts.role is Role.PROCESSOR
    parts = [rule.reason for rule in rules] + [_told(conflict) for conflict in conflicts]
    if processor:
        parts.append(_PROCESSOR)
    return Assessment(
        level=level,
        notify_authority=level is not Level.UNLIKELY and not processor,
        notify_people=level is Level.HIGH and not processor,
        duty=PROCESSOR_DUTY if processor else None,
        rule="+".join(rule.id for rule in rules),
        reason={
            language: " ".join(part[language] for part in parts) for language in ("fr", "en")
        },
        enisa=enisa.score(settled),
        severity=scales.severity(settled, level),
        likelihood=scales.likelihood(settled, rules),
        unknown=worth_asking(facts),
        contradictions=tuple(dict.fromkeys(conflict.field for conflict in conflicts)),
    )


def _told(conflict: Conflict) -> Mapping[str, str]:
    return {
        language: _CONFLICT[language].format(field=conflict.field, text=text)
        for language, text in (("fr", conflict.fr), ("en", conflict.en))
    }


def check_relief(facts: Facts, level: Level, relief: Relief) -> None:
    """Raise NoGround unless `relief` can be claimed: written, of use, and borne by the facts.

    Only (a) can be checked against facts: the data are unreadable and nothing was lost.
    """
    if level is not Level.HIGH:
        raise NoGround("article 34(3) only matters where the risk is high")
    if not relief.reason.strip():
        raise NoGround("article 34(3) asks for a written reason")
    settled, _ = settle(facts)
    lost = BreachType.AVAILABILITY in settled.breach_types and settled.permanent_loss
    if relief.ground is Ground.UNINTELLIGIBLE and (not holding.unreadable(settled) or lost):
        raise NoGround(
            "article 34(3)(a) needs data that are unreadable, a key that is safe and no loss"
        )


def combined(
    signed: Iterable[tuple[Level, Role, Relief | None, str]],
) -> Combined | None:
    """Return the worst over the data sets of an incident; None if none is signed.

    A processor's data set asks nothing towards the authority or people of us.
    """
    rows = [
        (level, role is not Role.PROCESSOR, relief, rule)
        for level, role, relief, rule in signed
    ]
    if not rows:
        return None
    worst = max((level for level, *_ in rows), key=lambda level: level.rank)
    high = [relief for level, ours, relief, _ in rows if ours and level is Level.HIGH]
    return Combined(
        level=worst,
        notify_authority=any(ours and level is not Level.UNLIKELY for level, ours, *_ in rows),
        notify_people=any(relief is None for relief in high),
        public_communication=any(relief and relief.public_communication for relief in high),
        rules=tuple(dict.fromkeys(rule for level, _, _, rule in rows if level is worst)),
    )


def as_plain(facts: Facts) -> dict[str, Any]:
    """Return the facts as the vocabulary writes them: those answered, `unknown` as such."""
    plain = {
        name: "unknown" if name in facts.unknown else _plain(getattr(facts, name))
        for name in FACTS
        if name in facts.given
    }
    if facts.subgroups:
        plain["subgroups"] = [_plain_group(name, each) for name, each in facts.subgroups]
    return plain


def _plain_group(name: str, facts: Facts) -> dict[str, Any]:
    """Return a group's facts; its role is that of the whole and is not said again."""
    told = {field: value for field, value in as_plain(facts).items() if field != "role"}
    return {"name": name, **told}


def digest(facts: Facts) -> str:
    """Return a digest of what was answered; equal facts have equal digests."""
    canonical = json.dumps(as_plain(facts), sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def is_stale(facts_digest: str, facts: Facts) -> bool:
    """Tell whether the facts are no longer those that were assessed."""
    return facts_digest != digest(facts)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that differ between two sets of plain facts, sorted."""
    return tuple(
        sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    )


def is_told(value: object) -> bool:
    """Tell whether `value` answers a question: «nobody knows» does not."""
    return value is not None and value != "unknown"


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    return value.value if isinstance(value, Enum) else value


__all__ = [
    "NoGround",
    "as_plain",
    "assess",
    "changed",
    "check_relief",
    "combined",
    "digest",
    "interview",
    "is_stale",
    "is_told",
    "turning",
    "vocabulary",
]
