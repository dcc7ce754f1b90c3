"""Who can read what: the questions that the rules on disclosure ask of settled facts."""

from breachdesk.risk.rules.data import all_having, having
from breachdesk.risk.rules.settled import INSIDE
from breachdesk.risk.terms import (
    Access,
    Assurance,
    BreachType,
    Category,
    Containment,
    Exfiltration,
    Facts,
    Identifiability,
    ProfileDepth,
    Protection,
    Publication,
    RecipientKind,
    RecipientRelation,
    SpecialCategories,
    Vulnerable,
)

FEW_RECIPIENTS = 20
MANY_RECIPIENTS = 1_000
MANY_BIRTHS = 10_000

_HASHED = frozenset({Category.PSEUDONYM, Category.CREDENTIALS_HASHED_STRONG})
_INSIDERS = frozenset({RecipientKind.NONE, RecipientKind.INTERNAL})
_TRUSTED = _INSIDERS | {RecipientKind.TRUSTED_EXTERNAL}
_KNOWN = _TRUSTED | {RecipientKind.KNOWN_UNTRUSTED}
_NEUTRAL = frozenset({RecipientRelation.NOT_STATED, RecipientRelation.NONE})


def unreadable(facts: Facts) -> bool:
    """Tell whether the data mean nothing to the holder: the key is safe, or no name is near."""
    if facts.protection is Protection.ENCRYPTED:
        return facts.key_safe is True
    return (
        facts.protection is Protection.HASHED_SALTED
        and facts.key_safe is not False
        and facts.identifiability is Identifiability.PSEUDONYMOUS
        and facts.data_categories <= _HASHED
    )


def nobody_looked(facts: Facts) -> bool:
    """Tell whether evidence shows that nobody had the data.

    Somebody inside who looked has had them, whether or not a copy left.
    """
    return (
        facts.access is Access.EXCLUDED
        or facts.recipient_kind is RecipientKind.NONE
        or (
            facts.exfiltration is Exfiltration.EXCLUDED
            and facts.cause not in INSIDE
            and facts.access is not Access.CONFIRMED
        )
    )


def touches_secrecy(facts: Facts) -> bool:
    """Tell whether confidentiality is among what the data lost."""
    return BreachType.CONFIDENTIALITY in facts.breach_types


def exposed(facts: Facts) -> bool:
    """Tell whether somebody who should not have them may read the data."""
    return touches_secrecy(facts) and not unreadable(facts) and not nobody_looked(facts)


def deliberate(facts: Facts) -> bool:
    """Tell whether somebody meant it, be it out of curiosity."""
    return facts.malicious or facts.cause in INSIDE


def hostile(facts: Facts) -> bool:
    """Tell whether the holder may well use the data against people."""
    kind = facts.recipient_kind
    if facts.malicious or kind not in _KNOWN:
        return True
    many = (facts.recipients_count or 0) >= MANY_RECIPIENTS
    return many and kind is RecipientKind.KNOWN_UNTRUSTED


def behind_a_link(facts: Facts) -> bool:
    """Tell whether a page was reached by its link alone, and nothing says that it was."""
    found = facts.exfiltration in {Exfiltration.LIKELY, Exfiltration.CONFIRMED}
    return facts.publication is Publication.LINK_ONLY and not found


def outside(facts: Facts) -> bool:
    """Tell whether the holder is neither a colleague nor bound, or has a stake in people."""
    return (
        facts.recipient_kind not in _TRUSTED
        or deliberate(facts)
        or (facts.recipient_relation not in _NEUTRAL and not contained(facts))
    )


def contained(facts: Facts) -> bool:
    """Tell whether the copy is back or destroyed, on a word that can be relied on."""
    if facts.scope_uncertain:
        return False
    if facts.containment is Containment.CONFIRMED:
        return facts.assurance_from is not Assurance.UNVERIFIED
    return facts.containment is Containment.RETURNED


def asked_back(facts: Facts) -> bool:
    """Tell whether known recipients were asked to destroy the copy, and all of them are known.

    For ordinary data of a few that was enough in EDPB Guidelines 01/2021, case 15.
    """
    return facts.containment is Containment.REQUESTED and not facts.scope_uncertain


def sensitive(facts: Facts) -> bool:
    """Tell whether the data are of article 9 or 10 of the GDPR, beyond a passing hint."""
    return facts.special_categories is SpecialCategories.SUBSTANTIAL or facts.criminal_data


def delicate(facts: Facts) -> bool:
    """Tell whether any of the data can do more than annoy."""
    return (
        sensitive(facts)
        or having("number", facts.data_categories)
        or having("lever", facts.data_categories)
    )


def fragile(facts: Facts) -> bool:
    """Tell whether some of the people are less able to protect themselves."""
    return bool(facts.vulnerable - {Vulnerable.EMPLOYEES})


def birth_kit(facts: Facts) -> bool:
    """Tell whether the birth dates of very many people are out."""
    many = (facts.subjects_count or 0) >= MANY_BIRTHS
    return many and having("birth", facts.data_categories)


def kept_inside(facts: Facts) -> bool:
    """Tell whether only colleagues saw it by accident, and may, or have let go of it."""
    if facts.recipient_kind not in _INSIDERS or deliberate(facts):
        return False
    stake = facts.recipient_relation not in _NEUTRAL and delicate(facts)
    if stake and facts.assurance_from is not Assurance.SUPERVISED:
        return False
    return contained(facts) or (facts.need_to_know is True and not facts.scope_uncertain)


def kept_by_partner(facts: Facts) -> bool:
    """Tell whether a partner bound to secrecy had nothing delicate and let go of it."""
    return (
        facts.recipient_kind in _TRUSTED
        and not deliberate(facts)
        and not delicate(facts)
        and facts.recipient_relation in _NEUTRAL
        and contained(facts)
    )


def few_and_back(facts: Facts) -> bool:
    """Tell whether a few known strangers had ordinary data, asked back, or bare addresses."""
    few = facts.recipients_count is not None and facts.recipients_count <= FEW_RECIPIENTS
    bare = all_having("bare", facts.data_categories) and not facts.scope_uncertain
    return (
        facts.recipient_kind in _KNOWN
        and few
        and not deliberate(facts)
        and not delicate(facts)
        and facts.profile_depth is not ProfileDepth.FULL_FILE
        and facts.recipient_relation in _NEUTRAL
        and (contained(facts) or asked_back(facts) or bare)
    )


def known_before(facts: Facts) -> bool:
    """Tell whether ordinary data were public already and no file on people is made of them."""
    return (
        facts.already_public
        and not delicate(facts)
        and facts.profile_depth is not ProfileDepth.FULL_FILE
    )
