"""What only shows when the tables are seen together: dead references, and what looks wrong."""

import re
from collections.abc import Iterable
from typing import Any

from breachdesk.datamap.reading.fields import Sheet, nearest
from breachdesk.datamap.reading.places import Place
from breachdesk.datamap.reading.values import EEA
from breachdesk.datamap.terms import (
    Category,
    DataMap,
    People,
    PopulationKind,
    Role,
    Route,
    Store,
)

_WRONG_TSA = re.compile(r"TSA\s*80751", re.IGNORECASE)


def check_references(found: DataMap, sheet: Sheet) -> None:
    """Refuse ids that are declared twice, and names of what is declared nowhere."""
    categories = _ids("categories", found.categories, sheet)
    populations = _ids("populations", found.populations, sheet)
    stores = _ids("stores", found.stores, sheet)
    for index, store in enumerate(found.stores):
        place: Place = ("stores", index)
        _resolve("population", store.population, populations, (*place, "population"), sheet)
        _resolve_categories(store.categories, categories, place, sheet)
    for index, route in enumerate(found.routes):
        place = ("routes", index)
        if route.store:
            _resolve("store", route.store, stores, (*place, "store"), sheet)
        _resolve_categories(route.categories, categories, place, sheet)
    for index, processor in enumerate(found.processors):
        for at, store_id in enumerate(processor.stores):
            _resolve("store", store_id, stores, ("processors", index, "stores", at), sheet)


def doubt_address(value: Any, place: Place, sheet: Sheet) -> None:
    """Warn where any text has the CNIL's address with two digits swapped."""
    if isinstance(value, str) and _WRONG_TSA.search(value):
        sheet.warn(
            place,
            "has the CNIL's address wrong: TSA 80751 is not its, write TSA 80715 "
            "(3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07)",
        )
    elif isinstance(value, dict):
        for key, inner in value.items():
            doubt_address(inner, (*place, key), sheet)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            doubt_address(inner, (*place, index), sheet)


def look_for_doubts(found: DataMap, sheet: Sheet) -> None:
    """Warn of what can be meant but seldom is."""
    _doubt_codes(found, sheet)
    _doubt_stores(found, sheet)
    _doubt_denials(found, sheet)
    _doubt_routes(found, sheet)
    _doubt_transfers(found, sheet)


def _ids(key: str, declared: Iterable[Any], sheet: Sheet) -> list[str]:
    ids: list[str] = []
    for index, each in enumerate(declared):
        if each.id and each.id in ids:
            first = ids.index(each.id)
            sheet.refuse((key, index, "id"), f"{each.id!r} is already {key}[{first}]")
        ids.append(each.id)
    return ids


def _resolve_categories(
    named: Iterable[str], declared: list[str], place: Place, sheet: Sheet
) -> None:
    for index, category in enumerate(named):
        _resolve("category", category, declared, (*place, "categories", index), sheet)


def _resolve(kind: str, named: str, declared: list[str], place: Place, sheet: Sheet) -> None:
    if named and named not in declared:
        known = [each for each in declared if each]
        sheet.refuse(place, f"{named!r} is not a declared {kind}; {nearest(named, known)}")


def _doubt_codes(found: DataMap, sheet: Sheet) -> None:
    kinds: tuple[tuple[str, tuple[Category | PopulationKind, ...]], ...] = (
        ("categories", found.categories),
        ("populations", found.populations),
    )
    for key, declared in kinds:
        for index, each in enumerate(declared):
            for name, codes in (("cnil", each.cnil), ("edpb", each.edpb)):
                if not codes:
                    sheet.warn(
                        (key, index, name),
                        f"{each.id!r} has no {name.upper()} code: a filing will miss it",
                    )


def _doubt_stores(found: DataMap, sheet: Sheet) -> None:
    used = {store.population for store in found.stores}
    for index, population in enumerate(found.populations):
        if population.id not in used:
            sheet.warn(("populations", index, "id"), f"no store is about {population.id!r}")
    for index, store in enumerate(found.stores):
        if store.retention is None:
            sheet.warn(
                ("stores", index, "retention"),
                f"{store.id!r} has no retention: nobody ever leaves it (GDPR art. 5(1)(e))",
            )


def _doubt_transfers(found: DataMap, sheet: Sheet) -> None:
    for index, processor in enumerate(found.processors):
        if processor.country not in EEA and not processor.safeguard:
            sheet.warn(
                ("processors", index, "safeguard"),
                f"{processor.name!r} is outside the EEA ({processor.country}): "
                "say what the transfer rests on (GDPR art. 44 to 49)",
            )


def _doubt_denials(found: DataMap, sheet: Sheet) -> None:
    denials = {each.what.casefold(): index for index, each in enumerate(found.not_held)}
    denied = {
        category.id: denials[name.casefold()]
        for category in found.categories
        for name in (category.id, *category.label.values())
        if name.casefold() in denials
    }
    kinds: tuple[tuple[str, tuple[Store | Route, ...]], ...] = (
        ("stores", found.stores),
        ("routes", found.routes),
    )
    for key, holders in kinds:
        for index, holder in enumerate(holders):
            for at, category in enumerate(holder.categories):
                if category in denied:
                    sheet.warn(
                        (key, index, "categories", at),
                        f"{category!r} is here, but not_held[{denied[category]}] denies it",
                    )


def _doubt_routes(found: DataMap, sheet: Sheet) -> None:
    held = {store.id: store.categories for store in found.stores}
    processors = {store.id for store in found.stores if store.role is Role.PROCESSOR}
    for index, route in enumerate(found.routes):
        place: Place = ("routes", index)
        for at, category in enumerate(route.categories):
            if route.people is People.NONE:
                sheet.warn((*place, "categories", at), 'has no effect: people = "none"')
            elif category not in held.get(route.store or "", ()):
                sheet.warn(
                    (*place, "categories", at),
                    f"{category!r} is shown, but the store {route.store!r} does not list it",
                )
        if route.people is People.ALL and route.store in processors:
            sheet.warn(
                (*place, "people"),
                f"shows everyone in {route.store!r}, the people of every customer at once",
            )
        _doubt_shadows(found.routes, index, sheet)


def _doubt_shadows(routes: tuple[Route, ...], index: int, sheet: Sheet) -> None:
    """Every route that matches applies, so one inside another may do nothing of its own."""
    route = routes[index]
    for at, other in enumerate(routes):
        if at == index or not _always_together(other, route):
            continue
        if route.people is People.NONE and other.people is not People.NONE:
            sheet.warn(
                ("routes", index, "match"),
                f"takes nothing away: whatever fits it also fits routes[{at}], which applies",
            )
        elif _adds_nothing(route, other) and (at < index or not _adds_nothing(other, route)):
            sheet.warn(
                ("routes", index, "match"), f"is shadowed: routes[{at}] already says as much"
            )


def _always_together(broad: Route, narrow: Route) -> bool:
    """Say whether `broad` applies to every row that `narrow` applies to."""
    statuses = set(broad.status)
    return (
        set(narrow.methods) <= set(broad.methods)
        and all(status in statuses or f"{status[0]}xx" in statuses for status in narrow.status)
        and broad.pattern.covers(narrow.pattern)
    )


def _adds_nothing(route: Route, beside: Route) -> bool:
    same_reach = (
        route.people is beside.people and route.pattern.captures == beside.pattern.captures
    ) or beside.people is People.ALL
    return (
        route.store == beside.store
        and set(route.categories) <= set(beside.categories)
        and same_reach
    )
