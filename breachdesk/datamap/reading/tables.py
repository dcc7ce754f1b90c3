"""The tables of the data map, each read into its term."""

from breachdesk.datamap.reading import values
from breachdesk.datamap.reading.fields import Check, Fields
from breachdesk.datamap.terms import (
    Address,
    Category,
    Contact,
    DataMap,
    Label,
    NotHeld,
    Organisation,
    People,
    PopulationKind,
    Processor,
    Retention,
    Role,
    Route,
    Store,
)
from breachdesk.datamap.terms.numbers import is_siret

SCHEMA = 1
_NOBODY = Contact("")


def data_map(file: Fields) -> DataMap:
    """Read the whole document; what is wrong stands in the sheet afterwards."""
    file.known.append("schema")
    schema = file.table.get("schema")
    if schema is None:
        file.refuse("schema", f"is missing; expected {SCHEMA}")
    elif type(schema) is not int or schema != SCHEMA:
        file.refuse("schema", f"is {schema!r}; expected {SCHEMA}")
    found = file.within("organisation", "[organisation]")
    read = DataMap(
        organisation=_organisation(found or Fields(file.sheet, ("organisation",), {})),
        categories=tuple(_category(each) for each in file.each("categories")),
        populations=tuple(_population(each) for each in file.each("populations")),
        stores=tuple(_store(each) for each in file.each("stores")),
        routes=tuple(_route(each) for each in file.each("routes")),
        not_held=tuple(_not_held(each) for each in file.each("not_held")),
        processors=tuple(_processor(each) for each in file.each("processors")),
    )
    for key in ("categories", "populations", "stores"):
        if not file.table.get(key):
            file.refuse(key, f"is missing; expected at least one table under [[{key}]]")
    file.end()
    return read


def _organisation(fields: Fields) -> Organisation:
    siren = fields.wanted("siren", values.siren)
    organisation = Organisation(
        name=fields.text("name"),
        siren=siren,
        address=_address(fields),
        sector=fields.wanted("sector", values.sector),
        legal_representative=_contact(fields, "legal_representative"),
        contact=_contact(fields, "contact"),
        dpo=_contact(fields, "dpo"),
        authority=fields.text(
            "authority", values.authority, expected="an authority's pack id, as fr-cnil"
        ),
        siret=fields.text_or("siret") or None,
        vat_number=fields.text_or("vat_number", check=values.vat_number) or None,
        headcount=fields.count_or_none("headcount"),
        zone=fields.text_or("zone", check=values.zone) or None,
        languages=fields.texts_or("languages", check=values.language),
        domains=fields.texts_or("domains", check=values.domain),
    )
    siret = organisation.siret
    if siret and not is_siret(siret, siren or siret[:9]):
        fields.refuse(
            "siret",
            f"{siret!r} is not a SIRET of {siren or siret[:9]}: "
            "the SIREN and five digits more, whose Luhn sum holds",
        )
    dpo = fields.table.get("dpo", {})
    if isinstance(dpo, dict) and "email" not in dpo:
        fields.sheet.refuse(
            (*fields.place, "dpo", "email"),
            "is missing; every notice names it (GDPR art. 34(2))",
        )
    fields.end()
    return organisation


def _address(fields: Fields) -> Address:
    inner = _wanted(fields, "address")
    if inner is None:
        return Address((), "", "", "")
    address = Address(
        lines=inner.texts("lines", expected='a list of texts, as ["1 rue ..."]'),
        postcode=inner.text("postcode"),
        city=inner.text("city"),
        country=inner.text("country", values.country, expected="a country, as FR"),
    )
    inner.end()
    return address


def _wanted(fields: Fields, key: str) -> Fields | None:
    """Return the table under `key`; without it people can be found, but not all be told."""
    if not fields.given(key):
        fields.wanted(key)
    return fields.within_or_none(key)


def _contact(fields: Fields, key: str) -> Contact:
    inner = _wanted(fields, key)
    if inner is None:
        return _NOBODY
    contact = Contact(
        name=inner.text("name"),
        email=inner.text_or("email", check=values.email),
        phone=inner.text_or("phone", check=values.phone),
        role=inner.text_or("role"),
    )
    inner.end()
    return contact


def _category(fields: Fields) -> Category:
    category_id = fields.text("id", values.identifier)
    category = Category(
        id=category_id,
        label=fields.label("label", category_id),
        cnil=fields.texts_or("cnil", check=values.code("data", "cnil")),
        edpb=fields.texts_or("edpb", check=values.code("data", "edpb")),
    )
    fields.end()
    return category


def _population(fields: Fields) -> PopulationKind:
    population_id = fields.text("id", values.identifier)
    population = PopulationKind(
        id=population_id,
        label=fields.label("label", population_id),
        cnil=fields.texts_or("cnil", check=values.code("people", "cnil")),
        edpb=fields.texts_or("edpb", check=values.code("people", "edpb")),
        minors=fields.flag("minors", otherwise=False),
        account=fields.flag("account", otherwise=True),
    )
    fields.end()
    return population


def _store(fields: Fields) -> Store:
    role = fields.text("role", _one_of(Role), expected=_words(Role))
    store = Store(
        id=fields.text("id", values.identifier),
        system=fields.text("system"),
        population=fields.text("population", expected="the id of a population"),
        role=Role(role or "controller"),
        categories=fields.texts("categories", expected="ids of categories"),
        retention=_retention(fields),
    )
    fields.end()
    return store


def _retention(fields: Fields) -> Retention | None:
    inner = fields.within_or_none("retention")
    if inner is None:
        return None
    retention = Retention(
        keep=inner.text("keep", values.period, expected="an ISO 8601 period, as P5Y"),
        after=inner.text("after", values.column, expected="a column of the directory"),
    )
    inner.end()
    return retention


def _route(fields: Fields) -> Route:
    people = People(fields.text("people", _one_of(People), expected=_words(People)) or "one")
    nobody = people is People.NONE
    route = Route(
        match=fields.text("match", values.pattern, expected="a path, as /users/{user_id}"),
        people=people,
        store=fields.text_or("store") or None,
        categories=fields.texts_or("categories")
        if nobody
        else fields.texts("categories", expected="ids of categories"),
        methods=fields.texts_or("methods", ("GET",), values.method),
        status=fields.texts_or("status", ("2xx",), values.status),
    )
    if nobody and fields.given("store"):
        fields.refuse("store", 'is given, but people = "none" shows nobody\'s data: drop one')
    if not nobody and not fields.given("store"):
        fields.refuse("store", "is missing; expected the id of a store")
    for key in ("methods", "status"):
        if fields.table.get(key) == []:
            fields.refuse(
                key, "is empty, so the route would never match; leave it out or fill it"
            )
    fields.end()
    return route


def _not_held(fields: Fields) -> NotHeld:
    not_held = NotHeld(what=fields.text("what"), why=_why(fields))
    fields.end()
    return not_held


def _processor(fields: Fields) -> Processor:
    processor = Processor(
        name=fields.text("name"),
        does=fields.label("does"),
        country=fields.text("country", values.country, expected="a country, as FR"),
        stores=fields.texts("stores", expected="ids of stores"),
        safeguard=fields.text_or("safeguard"),
    )
    fields.end()
    return processor


def _why(fields: Fields) -> Label:
    if isinstance(fields.table.get("why"), dict):
        return fields.label("why")
    why = fields.text("why", expected="a reason")
    return {"fr": why, "en": why}


def _one_of(words: type[Role] | type[People]) -> Check:
    return values.choice(tuple(word.value for word in words))


def _words(words: type[Role] | type[People]) -> str:
    return ", ".join(word.value for word in words)
