"""Facts that cannot both be true are settled on the worse; what was settled is said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from breachdesk.risk.rules.data import having
from breachdesk.risk.terms import (
    Access,
    Backup,
    BreachType,
    Cause,
    Consequence,
    Containment,
    Exfiltration,
    Facts,
    Identifiability,
    Protection,
    Publication,
    RecipientKind,
    ServiceImpact,
    SpecialCategories,
)

INSIDE = frozenset({Cause.INSIDER, Cause.UNKNOWN})
ATTACKS = frozenset(
    {
        Cause.STOLEN_DEVICE, Cause.STOLEN_PAPER, Cause.SOCIAL_ENGINEERING, Cause.PHISHING,
        Cause.MAILBOX_COMPROMISE, Cause.CREDENTIAL_STUFFING, Cause.STOLEN_CREDENTIALS,
        Cause.STOLEN_TOKEN, Cause.SQL_INJECTION, Cause.DENIAL_OF_SERVICE, Cause.SCRAPING,
        Cause.MALWARE, Cause.HACKING, Cause.SUPPLY_CHAIN, Cause.RANSOMWARE, Cause.UNKNOWN,
    }
)  # fmt: skip
LEFT = frozenset({Exfiltration.POSSIBLE, Exfiltration.LIKELY, Exfiltration.CONFIRMED})
FELT = frozenset(ServiceImpact) - {ServiceImpact.NONE}
BACK = frozenset({Containment.CONFIRMED, Containment.RETURNED})
ABUSE = frozenset(
    {
        Consequence.FRAUD, Consequence.FINANCIAL_LOSS, Consequence.IDENTITY_THEFT,
        Consequence.ACCOUNT_TAKEOVER, Consequence.BLACKMAIL, Consequence.STALKING,
    }
)  # fmt: skip
"""What follows only from a copy that somebody still has."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two facts of which the worse counts: `field` gets `worse` when `clashes` holds.

    It is only a contradiction worth telling if somebody answered `field`; else a default
    simply gave way.
    """

    field: str
    clashes: Callable[[Facts], bool]
    worse: Callable[[Facts], Any]
    fr: str
    en: str


def _open(facts: Facts) -> bool:
    return facts.publicly_disclosed or facts.recipient_kind is RecipientKind.PUBLIC


CONFLICTS = (
    Conflict(
        "data_categories",
        lambda f: not f.context_reveals <= f.data_categories,
        lambda f: f.data_categories | f.context_reveals,
        "le contexte révèle plus que les données listées",
        "the context reveals more than the data listed",
    ),
    Conflict(
        "special_categories",
        lambda f: (
            f.special_categories is SpecialCategories.NONE
            and having("special", f.data_categories)
        ),
        lambda _: SpecialCategories.SUBSTANTIAL,
        "des données sensibles figurent parmi les catégories",
        "special categories are among the data listed",
    ),
    Conflict(
        "criminal_data",
        lambda f: not f.criminal_data and having("criminal", f.data_categories),
        lambda _: True,
        "des données d’infractions figurent parmi les catégories",
        "criminal data are among the data listed",
    ),
    Conflict(
        "malicious",
        lambda f: (
            not f.malicious
            and (f.cause in ATTACKS or f.recipient_kind is RecipientKind.ATTACKER)
        ),
        lambda _: True,
        "la cause ou le détenteur est hostile",
        "the cause or the holder is hostile",
    ),
    Conflict(
        "publicly_disclosed",
        lambda f: (
            not f.publicly_disclosed
            and (
                f.recipient_kind is RecipientKind.PUBLIC
                or f.publication is Publication.PUBLISHED
            )
        ),
        lambda _: True,
        "les données ont été publiées",
        "the data were published",
    ),
    Conflict(
        "recipient_kind",
        lambda f: f.publicly_disclosed and f.recipient_kind is not RecipientKind.PUBLIC,
        lambda _: RecipientKind.PUBLIC,
        "des données publiées n’ont pas un seul détenteur",
        "published data have no single holder",
    ),
    Conflict(
        "recipient_kind",
        lambda f: f.recipient_kind is RecipientKind.NONE and f.exfiltration in LEFT,
        lambda _: RecipientKind.UNKNOWN,
        "des données ont pu sortir : quelqu’un peut les détenir",
        "data may have left: somebody may hold them",
    ),
    Conflict(
        "recipients_count",
        lambda f: f.recipients_count == 0 and f.recipient_kind is not RecipientKind.NONE,
        lambda _: 1,
        "quelqu’un détient les données",
        "somebody holds the data",
    ),
    Conflict(
        "exfiltration",
        lambda f: (
            f.exfiltration is Exfiltration.EXCLUDED and (_open(f) or f.targeted_or_misused)
        ),
        lambda _: Exfiltration.CONFIRMED,
        "l’extraction ne peut être exclue : les données sont publiées ou utilisées",
        "extraction cannot be excluded: the data are published or in use",
    ),
    Conflict(
        "access",
        lambda f: (
            f.access is Access.EXCLUDED
            and (
                _open(f)
                or f.targeted_or_misused
                or f.exfiltration in {Exfiltration.LIKELY, Exfiltration.CONFIRMED}
            )
        ),
        lambda _: Access.CONFIRMED,
        "l’accès ne peut être exclu : les données sont sorties ou utilisées",
        "access cannot be excluded: the data left or are in use",
    ),
    Conflict(
        "breach_types",
        lambda f: (
            BreachType.CONFIDENTIALITY not in f.breach_types
            and (f.exfiltration in LEFT or _open(f))
        ),
        lambda f: f.breach_types | {BreachType.CONFIDENTIALITY},
        "des données sont ou peuvent être sorties : la confidentialité est touchée",
        "data left or may have left: confidentiality is touched",
    ),
    Conflict(
        "breach_types",
        lambda f: (
            f.breach_types <= {BreachType.CONFIDENTIALITY}
            and (f.permanent_loss or f.service_impact in FELT)
        ),
        lambda f: f.breach_types | {BreachType.AVAILABILITY},
        "des données manquent ou ont manqué : la disponibilité est touchée",
        "data are or were missing: availability is touched",
    ),
    Conflict(
        "breach_types",
        lambda f: f.relied_on and BreachType.INTEGRITY not in f.breach_types,
        lambda f: f.breach_types | {BreachType.INTEGRITY},
        "on s’est fié à des données fausses : l’intégrité est touchée",
        "wrong data were relied on: integrity is touched",
    ),
    Conflict(
        "protection",
        lambda f: (
            f.protection is Protection.ENCRYPTED
            and f.key_safe is True
            and f.targeted_or_misused
        ),
        lambda _: Protection.NONE,
        "des données utilisées ne sont pas illisibles",
        "data in use are not unreadable",
    ),
    Conflict(
        "identifiability",
        lambda f: (
            f.identifiability is not Identifiability.DIRECT
            and having("person", f.data_categories)
        ),
        lambda _: Identifiability.DIRECT,
        "des données nommant les personnes figurent parmi les catégories",
        "data that name people are among those listed",
    ),
    Conflict(
        "containment",
        lambda f: (
            f.containment in BACK
            and (
                _open(f) or f.targeted_or_misused or f.recipient_kind is RecipientKind.ATTACKER
            )
        ),
        lambda _: Containment.NONE,
        "la parole d’un détenteur hostile, ou une copie déjà répandue, n’est pas un retour",
        "the word of a hostile holder, or a copy already spread, is no return",
    ),
    Conflict(
        "containment",
        lambda f: f.containment in BACK and bool(f.consequences & ABUSE),
        lambda _: Containment.NONE,
        "une fraude ou une emprise redoutée suppose une copie restée aux mains de quelqu’un",
        "fraud or pressure that is feared supposes a copy in somebody’s hands",
    ),
    Conflict(
        "nobody_depends",
        lambda f: f.nobody_depends and f.service_impact in FELT,
        lambda _: False,
        "des personnes ont subi l’absence des données : quelqu’un en dépendait",
        "people felt the absence of the data: somebody depended on them",
    ),
    Conflict(
        "backup",
        lambda f: f.permanent_loss and f.backup is Backup.FULL,
        lambda _: Backup.PARTIAL,
        "une perte définitive dément une sauvegarde complète",
        "a final loss belies a full backup",
    ),
    Conflict(
        "safety_risk",
        lambda f: not f.safety_risk and Consequence.PHYSICAL_HARM in f.consequences,
        lambda _: True,
        "une atteinte physique figure parmi les conséquences",
        "physical harm is among the consequences",
    ),
    Conflict(
        "breach_types",
        lambda f: not f.breach_types,
        lambda _: frozenset(BreachType),
        "une violation en est une d’au moins une nature",
        "a breach is one of at least one kind",
    ),
    Conflict(
        "service_impact",
        lambda f: (
            f.service_impact not in {ServiceImpact.SERIOUS, ServiceImpact.CRITICAL}
            and Consequence.HEALTH_HARM in f.consequences
            and not f.breach_types <= {BreachType.CONFIDENTIALITY}
        ),
        lambda _: ServiceImpact.SERIOUS,
        "une atteinte à la santé figure parmi les conséquences",
        "harm to health is among the consequences",
    ),
    Conflict(
        "service_impact",
        lambda f: (
            f.service_impact is ServiceImpact.NONE
            and Consequence.DELAY in f.consequences
            and not f.breach_types <= {BreachType.CONFIDENTIALITY}
        ),
        lambda _: ServiceImpact.MINOR,
        "un retard subi est un effet",
        "a delay that people suffered is an effect",
    ),
)


def settle(facts: Facts) -> tuple[Facts, tuple[Conflict, ...]]:
    """Return the facts with the worse of each contradiction, and those worth telling."""
    told: list[Conflict] = []
    for conflict in CONFLICTS:
        if conflict.clashes(facts):
            if conflict.field in facts.given - facts.unknown:
                told.append(conflict)
            facts = replace(facts, **{conflict.field: conflict.worse(facts)})
    return facts, tuple(told)
