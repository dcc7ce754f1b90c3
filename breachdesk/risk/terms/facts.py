"""The facts of a breach, and how each is read when nobody knows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from breachdesk.risk.terms.vocabulary import (
    Access,
    Assurance,
    Backup,
    BreachType,
    Category,
    Cause,
    Consequence,
    Containment,
    CountBasis,
    Exfiltration,
    Identifiability,
    ProfileDepth,
    Protection,
    Publication,
    RecipientKind,
    RecipientRelation,
    Role,
    ServiceImpact,
    SpecialCategories,
    Vulnerable,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a breach. Hours are decimal; a count of None was not given.

    `given` names the fields that somebody answered, `unknown` those answered «nobody knows»:
    these hold their worst value already. `subgroups` are people worse off than the rest, by
    name, each with the whole of its own facts.
    """

    role: Role = Role.CONTROLLER
    breach_types: frozenset[BreachType] = frozenset({BreachType.CONFIDENTIALITY})
    cause: Cause = Cause.UNSPECIFIED
    malicious: bool = False
    data_categories: frozenset[Category] = frozenset()
    special_categories: SpecialCategories = SpecialCategories.NONE
    criminal_data: bool = False
    profile_depth: ProfileDepth = ProfileDepth.BASIC
    subjects_count: int | None = None
    subjects_count_basis: CountBasis = CountBasis.UNKNOWN
    vulnerable: frozenset[Vulnerable] = frozenset()
    identifiability: Identifiability = Identifiability.DIRECT
    protection: Protection = Protection.NONE
    key_safe: bool | None = None
    backup: Backup = Backup.NOT_APPLICABLE
    recovery_hours: float | None = None
    permanent_loss: bool = False
    service_impact: ServiceImpact = ServiceImpact.NONE
    exfiltration: Exfiltration = Exfiltration.NOT_APPLICABLE
    recipient_kind: RecipientKind = RecipientKind.UNKNOWN
    recipients_count: int | None = None
    containment: Containment = Containment.NONE
    publicly_disclosed: bool = False
    targeted_or_misused: bool = False
    safety_risk: bool = False
    scope_uncertain: bool = False
    detected_after_hours: float | None = None
    consequences: frozenset[Consequence] = frozenset()
    # Finer facts, each harmless when it is not given.
    already_public: bool = False
    access: Access = Access.NOT_STATED
    assurance_from: Assurance = Assurance.NOT_STATED
    recipient_relation: RecipientRelation = RecipientRelation.NOT_STATED
    need_to_know: bool | None = None
    relied_on: bool = False
    nobody_depends: bool = False
    publication: Publication = Publication.NOT_STATED
    context_reveals: frozenset[Category] = frozenset()
    subgroups: tuple[tuple[str, "Facts"], ...] = ()
    given: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


MANY = 10**9
WORST: Mapping[str, object] = {
    "role": Role.CONTROLLER,
    "breach_types": frozenset(BreachType),
    "cause": Cause.UNKNOWN,
    "malicious": True,
    "data_categories": frozenset(Category),
    "special_categories": SpecialCategories.SUBSTANTIAL,
    "criminal_data": True,
    "profile_depth": ProfileDepth.FULL_FILE,
    "subjects_count": MANY,
    "subjects_count_basis": CountBasis.UNKNOWN,
    "vulnerable": frozenset(Vulnerable),
    "identifiability": Identifiability.DIRECT,
    "protection": Protection.NONE,
    "key_safe": False,
    "backup": Backup.NONE,
    "recovery_hours": float(MANY),
    "permanent_loss": True,
    "service_impact": ServiceImpact.CRITICAL,
    "exfiltration": Exfiltration.CONFIRMED,
    "recipient_kind": RecipientKind.UNKNOWN,
    "recipients_count": MANY,
    "containment": Containment.NONE,
    "publicly_disclosed": True,
    "targeted_or_misused": True,
    "safety_risk": True,
    "scope_uncertain": True,
    "detected_after_hours": float(MANY),
    "consequences": frozenset(Consequence),
    "already_public": False,
    "access": Access.CONFIRMED,
    "assurance_from": Assurance.UNVERIFIED,
    "recipient_relation": RecipientRelation.ADVERSE,
    "need_to_know": False,
    "relied_on": True,
    "nobody_depends": False,
    "publication": Publication.PUBLISHED,
    "context_reveals": frozenset(Category),
}
"""How each fact is read when nobody knows it. Severe, so that a question gets an answer."""

COUNTS = frozenset({"subjects_count", "recipients_count"})
"""Numbers of people or holders; the other numbers are hours."""
