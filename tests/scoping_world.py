"""A small made-up company to measure: its data map, its question, its files."""

import contextlib
import gzip
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import scoping_oracle as oracle
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.datamap.terms import (
    Address,
    Category,
    Contact,
    DataMap,
    Organisation,
    People,
    PopulationKind,
    Retention,
    Role,
    Route,
    Store,
)
from breachdesk.scoping import reading
from breachdesk.scoping.terms import Measurement, Person, Ring, Watch

CATEGORIES = ("billing", "contact", "messages", "secrets")
STORES: list[dict[str, Any]] = [
    {"id": "accounts", "role": "controller", "categories": ["contact", "billing", "secrets"],
     "retention": {"keep": "P5Y", "after": "closed_at"}},
    {"id": "contacts", "role": "processor", "categories": ["contact", "messages"],
     "retention": {"keep": "P1M", "after": "synced_at"}},
    {"id": "papers", "role": "controller", "categories": ["billing"]},
]  # fmt: skip
ROUTES: list[dict[str, Any]] = [
    {"match": "/users/{user_id}", "people": "one", "store": "accounts",
     "categories": ["contact"]},
    {"match": "/users/{user_id}/bills/{bill_id}", "people": "one", "store": "accounts",
     "categories": ["billing"], "methods": ["GET", "POST"], "status": ["2xx", "304"]},
    {"match": "/users", "people": "some", "store": "accounts", "categories": ["contact"]},
    {"match": "/users/*", "people": "none"},
    {"match": "/contacts/{id}", "people": "one", "store": "contacts",
     "categories": ["messages"]},
    {"match": "/bills/{bill_id}/of/{year}", "people": "one", "store": "accounts",
     "categories": ["billing"]},
    {"match": "/export/accounts**", "people": "all", "store": "accounts",
     "categories": ["contact", "secrets"]},
    {"match": "/export/contacts/", "people": "all", "store": "contacts",
     "categories": ["contact"]},
    {"match": "/export/accounts/{user_id}", "people": "one", "store": "accounts",
     "categories": ["billing"]},
    {"match": "/contacts/*/cards", "people": "some", "store": "contacts",
     "categories": ["messages"]},
    {"match": "/caf\u00e9/{id}", "people": "one", "store": "papers", "categories": ["billing"]},
]  # fmt: skip
MAP: dict[str, Any] = {
    "stores": STORES,
    "routes": [{"store": None, "categories": [], **each} for each in ROUTES],
}
LOG_MAP = {
    "at": "ts", "token": "auth.token", "account": "auth.login", "user_agent": "ua",
    "ip": "addr",
    "method": "method", "path": "path", "status": "status", "person": "who",
}  # fmt: skip
FLAT_MAP = {name: column.replace(".", "_") for name, column in LOG_MAP.items()}
ACCOUNTS_MAP = {
    "person": "user_id", "email": "mail", "locale": "lang", "country": "country",
    "customer": "org", "erased_at": "deleted_at", "closed_at": "closed_at",
}  # fmt: skip
CONTACTS_MAP = {
    "person": "contact_id", "email": "mail", "locale": "lang", "country": "country",
    "customer": "org", "synced_at": "synced_at",
}  # fmt: skip
WINDOW = "[window]\nfrom = 2026-11-18T22:00:00+01:00\nuntil = 2026-11-20T06:30:00+01:00\n"


def datamap() -> DataMap:
    """Return the map that the oracle reads as plain data."""
    nobody = Contact("Nobody")
    address = Address(("1 rue A",), "75001", "Paris", "FR")
    return DataMap(
        organisation=Organisation(
            "A", "732829320", address, "J", nobody, nobody, nobody, "fr-cnil"
        ),
        categories=tuple(Category(each, {"fr": each, "en": each}) for each in CATEGORIES),
        populations=(PopulationKind("users", {"fr": "users", "en": "users"}),),
        stores=tuple(
            Store(
                each["id"],
                "api",
                "users",
                Role(each["role"]),
                tuple(each["categories"]),
                Retention(**each["retention"]) if "retention" in each else None,
            )
            for each in STORES
        ),
        routes=tuple(
            Route(
                each["match"],
                People(each["people"]),
                each.get("store"),
                tuple(each.get("categories", ())),
                tuple(each.get("methods", ("GET",))),
                tuple(each.get("status", ("2xx",))),
            )
            for each in ROUTES
        ),
    )


def toml(value: Any) -> str:
    """Return a plain value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def question(
    *,
    evidence: Iterable[Mapping[str, Any]] = (),
    directory: Iterable[Mapping[str, Any]] = (),
    intruder: Mapping[str, Any] | None = None,
    readable: Iterable[str] = (),
    window: str = WINDOW,
    sessions: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Return the text of a question."""
    parts = [f"schema = 1\nreadable = {toml(list(readable))}\n{window}"]
    if intruder is not None:
        parts.append("[intruder]")
        parts += [f"{key} = {toml(each)}" for key, each in intruder.items()]
    for name, tables in (
        ("evidence", evidence),
        ("directory", directory),
        ("sessions", sessions),
    ):
        for table in tables:
            parts.append(f"[[{name}]]")
            parts += [f"{key} = {toml(each)}" for key, each in table.items()]
    return "\n".join(parts) + "\n"


def ndjson(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> None:
    """Write rows, or lines as they are, packed if the name says so."""
    lines = [
        row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows
    ]
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@contextlib.contextmanager
def measured(
    folder: Path, text: str, held: DataMap | None = None, watch: Watch | None = None
) -> Iterator[tuple[Measurement, DuckDBPopulation]]:
    """Measure the question `text`, whose files lie in `folder`."""
    held = held or datamap()
    population = DuckDBPopulation(folder / "scoping")
    asked = reading.parse(text, folder / "question.toml", held)
    with population.workplace() as workplace:
        found = population.measure(asked, held, workplace, lambda _done, _total: None, watch)
        yield found, population


def measured_again(folder: Path, text: str) -> tuple[Measurement, list[Person]]:
    """Convert the logs of a question, and measure what they were converted to."""
    population = DuckDBPopulation(folder / "scoping")
    asked = reading.parse(text, folder / "question.toml", datamap())
    with population.workplace() as kept:
        logs = []
        for number, log in enumerate(asked.logs):
            (kept / str(number)).mkdir()
            made: dict[object, Path] = {}
            for each in population.convert(log, kept / str(number)):
                made[each.file] = each.path.rename(kept / f"{number}-{len(made)}.parquet")
            files = tuple(replace(file, imported=made.get(file)) for file in log.files)
            logs.append(replace(log, files=files))
        again = replace(asked, logs=tuple(logs))
        with population.workplace() as workplace:
            found = population.measure(again, datamap(), workplace, lambda _done, _total: None)
            return found, list(population.people(found.people, Ring.PROVEN))


def counts(folder: Path, text: str) -> dict[str, Any]:
    """Return the counts of a measure."""
    with measured(folder, text) as (found, _):
        return dict(found.counts)


def listed(folder: Path, text: str, ring: Ring = Ring.PROVEN) -> dict[str, Person]:
    """Return everyone of a ring by key."""
    with measured(folder, text) as (found, population):
        people = list(population.people(found.people, ring))
    assert len({each.person_key for each in people}) == len(people)
    return {each.person_key: each for each in people}


def expected(folder: Path, text: str) -> oracle.Result:
    """Return what the oracle finds."""
    return oracle.measure(tomllib.loads(text), MAP, folder)
