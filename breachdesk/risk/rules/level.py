"""Two questions, each with its rules in order: what can a holder do, and what does a loss do.

The first rule of a question that holds gives its answer; the worse of the two answers counts.
Every condition that raises a level grows with the facts and every condition that lowers one
shrinks, so making a fact worse can never lower a level.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from breachdesk.risk.rules import holding
from breachdesk.risk.rules.data import RULES, having
from breachdesk.risk.terms import (
    Backup,
    BreachType,
    Category,
    Facts,
    Level,
    ProfileDepth,
    RecipientRelation,
    Scale,
    ServiceImpact,
)

LONG_HOURS = 24.0
_FELT = tuple(ServiceImpact).index


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is called, when it holds, what it answers and how that is said."""

    id: str
    holds: Callable[[Facts], bool]

    @property
    def level(self) -> Level:
        """Return the level that the rule answers."""
        return Level(RULES[self.id]["level"])

    @property
    def likelihood(self) -> Scale:
        """Return how likely harm is where the rule holds, on the CNIL's scale."""
        return Scale(RULES[self.id]["likelihood"])

    @property
    def reason(self) -> Mapping[str, str]:
        """Return the reason in French and English."""
        return {language: RULES[self.id][language] for language in ("fr", "en")}


def _felt(facts: Facts, least: ServiceImpact) -> bool:
    return _FELT(facts.service_impact) >= _FELT(least)


def _long(facts: Facts) -> bool:
    return facts.permanent_loss or (facts.recovery_hours or 0) > LONG_HOURS


def _harms(facts: Facts) -> bool:
    health = Category.HEALTH in facts.data_categories
    return (
        _felt(facts, ServiceImpact.SERIOUS)
        or (health and _felt(facts, ServiceImpact.MINOR) and _long(facts))
        or (holding.fragile(facts) and _felt(facts, ServiceImpact.MODERATE))
        or (facts.relied_on and holding.delicate(facts))
    )


def _no_way_back(facts: Facts) -> bool:
    poor = facts.backup in {Backup.NONE, Backup.PARTIAL} and not facts.nobody_depends
    quick = facts.recovery_hours is not None and facts.recovery_hours <= LONG_HOURS
    forged = BreachType.INTEGRITY in facts.breach_types and facts.malicious
    return (
        facts.permanent_loss
        or (poor and not quick)
        or (forged and facts.backup is not Backup.FULL)
    )


def _rich(facts: Facts) -> bool:
    return facts.profile_depth is not ProfileDepth.BASIC


def _spread(facts: Facts) -> bool:
    return holding.hostile(facts)


DISCLOSURE = (
    Rule("secrecy.untouched", lambda f: not holding.touches_secrecy(f)),
    Rule("secrecy.unreadable", holding.unreadable),
    Rule("secrecy.nobody_looked", holding.nobody_looked),
    Rule(
        "holder.adverse",
        lambda f: (
            f.recipient_relation is RecipientRelation.ADVERSE and not holding.known_before(f)
        ),
    ),
    Rule("holder.colleague", holding.kept_inside),
    Rule("holder.partner", holding.kept_by_partner),
    Rule("holder.few", holding.few_and_back),
    Rule("data.public_before", holding.known_before),
    Rule("data.sensitive", lambda f: holding.outside(f) and holding.sensitive(f)),
    Rule(
        "data.identity_number",
        lambda f: holding.outside(f) and having("number", f.data_categories),
    ),
    Rule("data.lever", lambda f: _spread(f) and having("lever", f.data_categories)),
    Rule("people.fragile", lambda f: _spread(f) and holding.fragile(f)),
    Rule("data.profile", lambda f: _spread(f) and _rich(f)),
    Rule("data.births", lambda f: _spread(f) and holding.birth_kit(f)),
    Rule("holder.hostile", _spread),
    Rule("holder.at_large", lambda _: True),
)
LOSS = (
    Rule("loss.untouched", lambda f: f.breach_types <= {BreachType.CONFIDENTIALITY}),
    Rule("loss.serious", _harms),
    Rule("loss.relied_on", lambda f: f.relied_on),
    Rule("loss.felt", lambda f: _felt(f, ServiceImpact.MINOR)),
    Rule("loss.no_way_back", _no_way_back),
    Rule("loss.unfelt", lambda _: True),
)
PEOPLE = (
    Rule("people.safety", lambda f: f.safety_risk),
    Rule("people.misuse", lambda f: f.targeted_or_misused),
)


def decisive(facts: Facts) -> tuple[Rule, ...]:
    """Return the rules that decide over settled facts: all of them of one level, the worst.

    What threatens a person's body or has begun already stands before the two questions.
    """
    at_once = [rule for rule in PEOPLE if rule.holds(facts)]
    if at_once:
        return (at_once[0],)
    answers = [
        next(rule for rule in rules if rule.holds(facts)) for rules in (DISCLOSURE, LOSS)
    ]
    worst = max(answer.level.rank for answer in answers)
    return tuple(
        answer
        for answer in answers
        if answer.level.rank == worst and not (worst == 0 and answer.id.endswith("untouched"))
    ) or (answers[0],)


def level(facts: Facts) -> Level:
    """Return the level of settled facts."""
    return decisive(facts)[0].level
