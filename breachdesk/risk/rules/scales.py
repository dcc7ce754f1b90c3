"""The CNIL's two scales, kept apart: how much it would hurt, and how likely that is."""

from collections.abc import Sequence

from breachdesk.risk.rules import holding
from breachdesk.risk.rules.data import CATEGORIES, having
from breachdesk.risk.rules.level import Rule
from breachdesk.risk.terms import (
    Facts,
    Level,
    ProfileDepth,
    RecipientKind,
    Scale,
    ServiceImpact,
    SpecialCategories,
)

_STEPS = tuple(Scale)
_HINT = Scale.LIMITED.rank
_NOT_SAID = Scale.LIMITED.rank
_LOSS = {
    ServiceImpact.NONE: Scale.NEGLIGIBLE,
    ServiceImpact.MINOR: Scale.LIMITED,
    ServiceImpact.MODERATE: Scale.LIMITED,
    ServiceImpact.SERIOUS: Scale.SIGNIFICANT,
    ServiceImpact.CRITICAL: Scale.MAXIMAL,
}


def severity(facts: Facts, level: Level) -> Scale:
    """Return how hard the harm would be to overcome, whatever its likelihood.

    A high risk is by definition of significant harm at least.
    """
    if facts.safety_risk:
        return Scale.MAXIMAL
    steps = max(_disclosed(facts), _lost(facts))
    if level is Level.HIGH:
        steps = max(steps, Scale.SIGNIFICANT.rank)
    return _STEPS[steps]


def likelihood(facts: Facts, rules: Sequence[Rule]) -> Scale:
    """Return how likely harm is: as the deciding rules say, more where the data are public.

    A page behind a link that nobody is known to have followed makes it less likely.
    """
    steps = max(rule.likelihood.rank for rule in rules)
    out = facts.recipient_kind is RecipientKind.PUBLIC and holding.exposed(facts)
    if out and not holding.known_before(facts):
        steps = Scale.MAXIMAL.rank
    elif holding.behind_a_link(facts) and steps == Scale.SIGNIFICANT.rank:
        steps = Scale.LIMITED.rank
    return _STEPS[steps]


def _disclosed(facts: Facts) -> int:
    if not holding.exposed(facts) or holding.known_before(facts):
        return 0
    steps = max(
        (_weight(facts, category) for category in facts.data_categories), default=_NOT_SAID
    )
    if holding.sensitive(facts):
        steps = max(steps, Scale.SIGNIFICANT.rank)
    if having("birth", facts.data_categories) and having("person", facts.data_categories):
        steps = max(steps, Scale.SIGNIFICANT.rank)
    more = holding.fragile(facts) or facts.profile_depth is ProfileDepth.FULL_FILE
    return min(Scale.MAXIMAL.rank, steps + more)


def _weight(facts: Facts, category: str) -> int:
    row = CATEGORIES[category]
    steps = int(row["severity"]) - 1
    hint = facts.special_categories is SpecialCategories.MINOR and "special" in row["traits"]
    return min(steps, _HINT) if hint else steps


def _lost(facts: Facts) -> int:
    steps = _LOSS[facts.service_impact].rank
    return max(steps, Scale.LIMITED.rank) if facts.permanent_loss or facts.relied_on else steps
