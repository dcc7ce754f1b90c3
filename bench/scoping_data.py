"""The made-up company of `bench/scoping.py`: the same files for the same arguments.

A directory, sessions and an access log over 30 days, drawn from hashes of the row number, so
that no seed is kept anywhere. Forty routes show eighteen categories; several may match.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

SINCE, UNTIL = datetime(2026, 11, 8, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
TOKENS, ASKED, ADDRESSES = 500, 20, 10
CATEGORIES = tuple(f"category_{number:02}" for number in range(18))
THINGS = (
    "profile", "orders", "invoices", "messages", "contacts", "notes", "files", "cards",
    "visits", "ratings", "claims", "trips", "photos", "letters", "badges", "alarms",
    "rooms", "plans", "skills", "teams",
)  # fmt: skip
FILES = {"csv": "log.csv", "ndjson": "log.ndjson.gz", "parquet": "log.parquet"}
COLUMNS = {
    "at": "ts", "token": "actor", "ip": "ip", "method": "verb", "path": "resource",
    "status": "status", "person": "user_id", "session": "session_id",
}  # fmt: skip
MAP_HEAD = """schema = 1
[organisation]
name = "Bench"
siren = "732829320"
sector = "J"
authority = "fr-cnil"
address = {lines = ["1 rue A"], postcode = "75001", city = "Paris", country = "FR"}
legal_representative = {name = "A"}
contact = {name = "B"}
dpo = {name = "C", email = "c@example.org"}
"""
PEOPLE = """CREATE VIEW people AS SELECT 'u' || i AS user_id,
    CASE WHEN i % 5 = 0 THEN upper('person' || i || '@example.org')
      ELSE 'person' || i || '@example.org' END AS email,
    ['fr', 'en', 'de'][i % 3 + 1] AS locale,
    ['FR', 'BE', 'DE', 'ES'][i % 4 + 1] AS country,
    CASE WHEN i % 20 = 7 THEN strftime(TIMESTAMP '2026-10-20' + to_minutes(i % 40000),
      '%Y-%m-%dT%H:%M:%SZ') END AS deleted_at FROM range({people}) AS t(i)"""
SESSIONS = """CREATE VIEW sessions AS SELECT 's' || i AS session_id,
    'u' || hash(16 * i + 12) % {people} AS user_id FROM range({sessions}) AS t(i)"""
LOG = """CREATE OR REPLACE VIEW log AS WITH dice AS (SELECT i,
    hash(16 * i + 1) % {people} AS who, hash(16 * i + 2) % 100 AS kind,
    hash(16 * i + 3) % {sessions} AS session FROM range({rows}) AS t(i))
SELECT strftime(TIMESTAMP '2026-11-01' + to_microseconds(i * (2592000000000 // {rows})),
        '%Y-%m-%dT%H:%M:%S.%gZ') AS ts,
    'tok_' || hash(16 * i + 6) % {tokens} AS actor,
    CASE WHEN hash(16 * i + 4) % 2000 = 0 THEN '203.0.113.' || hash(16 * i + 5) % {addresses}
      ELSE '198.' || hash(16 * i + 11) % 64 || '.' || hash(16 * i + 9) % 256 || '.'
      || hash(16 * i + 5) % 7 END AS ip,
    CASE WHEN kind < 92 THEN 'GET' ELSE 'POST' END AS verb,
    CASE {paths} END || CASE WHEN kind % 7 = 0 THEN '?page=' || kind ELSE '' END AS resource,
    CASE WHEN hash(16 * i + 8) % 20 = 0 THEN 404 ELSE 200 END AS status,
    CASE WHEN i = 0 OR kind % 4 = 1 THEN 'u' || who END AS user_id,
    CASE WHEN i = 0 OR kind % 4 = 2 THEN 's' || session END AS session_id,
    hash(16 * i + 10) % 100000 AS bytes FROM dice"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything there is."""

    rows: int
    people: int

    @property
    def sessions(self) -> int:
        """Return how many sessions there were."""
        return self.people * 3 // 2


def directory(folder: Path, sizes: Sizes) -> None:
    """Write `people.csv`, `people.parquet`, `sessions.csv` and `sessions.parquet`."""
    duck = duckdb.connect()
    duck.execute(PEOPLE.format(people=sizes.people))
    duck.execute(SESSIONS.format(people=sizes.people, sessions=sizes.sessions))
    for table in ("people", "sessions"):
        for form in ("csv", "parquet"):
            duck.execute(f"COPY {table} TO '{folder / table}.{form}' (FORMAT {form})")


def log(folder: Path, sizes: Sizes, form: str) -> Path:
    """Write the log in one format, unless it is there; return where."""
    path = folder / FILES[form]
    if path.exists():
        return path
    duck = duckdb.connect()
    cases = (
        "".join(f" WHEN kind % 40 = {number} THEN '{_path(number)}'" for number in range(40))
        .replace("{who}", "' || who || '")
        .replace("{i}", "' || i || '")
    )
    duck.execute(LOG.format(
        rows=sizes.rows, people=sizes.people, sessions=sizes.sessions, tokens=TOKENS,
        addresses=ADDRESSES, paths=cases,
    ))  # fmt: skip
    options = {"ndjson": "FORMAT json, COMPRESSION gzip", "csv": "FORMAT csv"}
    typed = "SELECT * REPLACE (ts::TIMESTAMPTZ AS ts) FROM log"
    duck.execute(
        f"COPY ({typed if form == 'parquet' else 'FROM log'}) TO '{path}' "
        f"({options.get(form, 'FORMAT parquet, COMPRESSION zstd')})"
    )
    return path


def others(folder: Path, copies: int) -> None:
    """Write copies of the Parquet log of which no row is one of another's, unless there.

    Each is a few milliseconds later, so that no file is left out as the same, and asks about
    people who are some places on.
    """
    duck = duckdb.connect()
    plain, people = folder / FILES["parquet"], folder / "people.parquet"
    for number in range(1, copies):
        path = folder / f"{number}-{FILES['parquet']}"
        if path.exists():
            continue
        many = f"(SELECT count(*) FROM '{people}')"  # noqa: S608  (our own file)
        moved = f"'u' || (substring(user_id, 2)::BIGINT + {number * 7919}) % {many}"
        later = f"ts + to_milliseconds({number}) AS ts, {moved} AS user_id"
        duck.execute(
            f"COPY (SELECT * REPLACE ({later}) FROM '{plain}') TO '{path}' "  # noqa: S608  (the same)
            "(FORMAT parquet, COMPRESSION zstd)"
        )


def _path(number: int) -> str:
    """Return what the requests of a kind ask for; half name a person, a fifth nothing known."""
    thing = THINGS[number % len(THINGS)]
    if number < len(THINGS):
        return f"/api/v2/users/u{{who}}/{thing}"
    return f"/static/{thing}/{{i}}.js" if number % 5 == 0 else f"/api/v2/{thing}/{{i}}"


def datamap(folder: Path) -> Path:
    """Write the data map: a store, forty routes, eighteen categories."""
    path = folder / "datamap.toml"
    parts = [MAP_HEAD]
    parts += [
        f'[[categories]]\nid = "{each}"\nlabel = {{fr = "{each}", en = "{each}"}}'
        for each in CATEGORIES
    ]
    parts.append('[[populations]]\nid = "users"\nlabel = {fr = "users", en = "users"}')
    every = ", ".join(f'"{each}"' for each in CATEGORIES)
    parts.append(
        '[[stores]]\nid = "accounts"\nsystem = "api"\npopulation = "users"\n'
        f'role = "controller"\ncategories = [{every}]'
    )
    for number, thing in enumerate(THINGS):
        two = dict.fromkeys((CATEGORIES[number % 18], CATEGORIES[number * 7 % 18]))
        several = ", ".join(f'"{each}"' for each in two)
        for match, shown in (
            (f"/api/v2/users/{{user_id}}/{thing}", several),
            (f"/api/v2/{thing}/{{id}}", f'"{CATEGORIES[(number + 5) % 18]}"'),
        ):
            parts.append(
                f'[[routes]]\nmatch = "{match}"\nmethods = ["GET", "POST"]\n'
                f'store = "accounts"\ncategories = [{shown}]\npeople = "one"'
            )
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")
    return path
