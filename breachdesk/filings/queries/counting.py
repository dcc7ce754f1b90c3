"""What the data map and a measured scope say, in the codes of a form."""

from collections.abc import Sequence

from breachdesk.datamap.terms import Category, Contact, DataMap, PopulationKind
from breachdesk.filings import rules
from breachdesk.filings.terms import Company, Counted, Form, Party, Vocabulary
from breachdesk.scoping.terms import Ring, Scope


def company(declared: DataMap) -> Company:
    """Return the organisation as a form asks for it."""
    house = declared.organisation
    return Company(
        name=house.name,
        siren=house.siren,
        sector=house.sector,
        lines=house.address.lines,
        postcode=house.address.postcode,
        city=house.address.city,
        country=house.address.country,
        vat_number=house.vat_number,
        headcount=house.headcount,
        representative=_party(house.legal_representative),
        contact=_party(house.dpo if house.dpo.email else house.contact),
        has_officer=bool(house.dpo.email),
    )


def _party(contact: Contact) -> Party:
    return Party(contact.name, contact.role, contact.email, contact.phone)


def counted(scope: Scope, declared: DataMap | None, form: Form) -> Counted:
    """Return what a measured scope says, with what the data map calls it."""
    counts, speech, vocabulary = scope.counts, rules.speech_of(form), form.vocabulary
    proven = [name for name, rings in counts["by_category"].items() if rings.get("proven")]
    proven_groups = [group for group in scope.groups if group.ring is Ring.PROVEN]
    stores = {store for group in proven_groups for store in group.store.split("|")}
    known = [] if declared is None else [s for s in declared.stores if s.id in stores]
    kinds = {store.population for store in known}
    unmatched = counts.get("unmatched") or {}
    return Counted(
        rings=counts["rings"],
        records=counts["records"],
        by_country=counts["by_country"],
        category_codes=codes(declared, proven, vocabulary),
        population_codes=tuple(
            code
            for population in (declared.populations if declared else ())
            if population.id in kinds
            for code in _named(population, vocabulary)
        ),
        categories=tuple(proven),
        category_labels=tuple(
            speech.text(each.label)
            for each in (declared.categories if declared else ())
            if each.id in proven
        ),
        systems=tuple(sorted({store.system for store in known})),
        processors=tuple(
            speech.say("processor", name=each.name, does=speech.text(each.does))
            for each in (declared.processors if declared else ())
            if stores & set(each.stores)
        ),
        as_processor=sum(each.people for each in proven_groups if each.role == "processor"),
        unread_rows=unmatched.get("unread_rows", 0),
        unknown_people=unmatched.get("unknown_people", 0),
        version=scope.version,
    )


def _named(kind: Category | PopulationKind, vocabulary: Vocabulary) -> tuple[str, ...]:
    return kind.cnil if vocabulary is Vocabulary.CNIL else kind.edpb


def codes(
    declared: DataMap | None, categories: Sequence[str], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return the authority's codes of data categories, in the data map's order."""
    return tuple(
        code
        for category in (declared.categories if declared else ())
        if category.id in categories
        for code in _named(category, vocabulary)
    )
