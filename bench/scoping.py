"""How fast people are found in logs: against plain Python, and against bare DuckDB.

Run `python bench/scoping.py [--rows N] [--people N] [--format FORMAT]`. All read the same
generated files in the same run, in each format. Plain Python has no reader of Parquet, so
there it is timed on the same rows as CSV. The floors are DuckDB alone: a filter of the same
rows, and `count(*)`.
"""

import argparse
import csv
import gzip
import ipaddress
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.datamap import reading as datamaps
from breachdesk.datamap.terms import People
from breachdesk.scoping import reading

SAMPLE = Path(__file__).parents[1] / "samples" / "leadjet" / "datamap.toml"
SINCE, UNTIL = datetime(2026, 11, 8, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
SUCCESS = 2
ASKED = [f"tok_{number}" for number in range(20)]
NETWORK = "203.0.113.0/24"
LOGS = {"ndjson": "log.ndjson.gz", "csv": "log.csv", "parquet": "log.parquet"}
TOKENS = {"ndjson": "auth.token", "csv": "token", "parquet": "auth.token"}
READERS = {"ndjson": "read_json", "csv": "read_csv", "parquet": "read_parquet"}
PEOPLE = """COPY (SELECT 'u' || i AS user_id, 'person' || i || '@example.org' AS email,
    CASE WHEN i % 3 = 0 THEN 'BE' ELSE 'FR' END AS country FROM range({people}) AS t(i))
TO '{folder}/people.csv'"""
ROWS = """CREATE VIEW rows AS WITH dice AS (SELECT i, 'u' || hash(i, 1) % {people} AS person,
    CASE WHEN hash(i, 2) % 2000 = 0 THEN '203.0.113.' ELSE '198.51.' || hash(i, 3) % 256 || '.'
    END || hash(i, 4) % 256 AS ip, hash(i, 5) % 4 AS kind FROM range({rows}) AS t(i))
SELECT strftime(TIMESTAMP '2026-11-01' + to_milliseconds(i * 2592000000 // {rows}),
    '%Y-%m-%dT%H:%M:%S.%g+00:00') AS ts, 'tok_' || hash(i, 6) % 5000 AS token, ip,
    'GET' AS method, CASE kind WHEN 0 THEN '/api/v2/users/' || person
    WHEN 1 THEN '/api/v2/users/' || person || '/sessions'
    WHEN 2 THEN '/api/v2/users/' || person || '?full=1' ELSE '/health' END AS path,
    CASE WHEN hash(i, 7) % 20 = 0 THEN 404 ELSE 200 END AS status,
    CASE WHEN i = 0 THEN person END AS user_id FROM dice"""
QUESTION = f"""schema = 1
readable = []
[window]
from = {SINCE.isoformat()}
until = {UNTIL.isoformat()}
[intruder]
token = {json.dumps(ASKED)}
ip = ["{NETWORK}"]
[[evidence]]
files = ["%s"]
format = "%s"
map.at = "ts"
map.token = "%s"
map.ip = "ip"
map.method = "method"
map.path = "path"
map.status = "status"
map.person = "user_id"
[[directory]]
files = ["people.csv"]
store = "accounts"
map = {{person = "user_id", email = "email", country = "country"}}
"""


def generate(folder: Path, rows: int, people: int, forms: list[str]) -> None:
    """Write a directory and a log that are the same for the same arguments."""
    duck = duckdb.connect()
    duck.execute(PEOPLE.format(people=people, folder=folder))
    duck.execute(ROWS.format(rows=rows, people=people))
    nested = "SELECT * EXCLUDE (token), {'token': token} AS auth FROM rows"
    options = {"ndjson": "FORMAT json, COMPRESSION gzip", "parquet": "FORMAT parquet"}
    for form in {*forms, "csv"}:  # plain Python reads CSV instead of Parquet
        said = nested if form in options else "SELECT * FROM rows"
        option = options.get(form, "FORMAT csv")
        duck.execute(f"COPY ({said}) TO '{folder / LOGS[form]}' ({option})")


def ours(folder: Path, form: str) -> int:
    """Measure with the product; return how many people are proven."""
    datamap = datamaps.read(SAMPLE)
    question = QUESTION % (LOGS[form], form, TOKENS[form])
    (folder / "question.toml").write_text(question, encoding="utf-8")
    asked = reading.read(folder / "question.toml", datamap)
    population = DuckDBPopulation(folder / "work")
    with population.workplace() as workplace:
        found = population.measure(asked, datamap, workplace, lambda _done, _total: None)
    return int(found.counts["rings"]["proven"])


def rows_of(folder: Path, form: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a log."""
    if form == "ndjson":
        with gzip.open(folder / LOGS[form], "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                yield {**row, "token": row["auth"]["token"]}
    else:
        with (folder / LOGS["csv"]).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def plain_python(folder: Path, form: str) -> int:
    """Do the same row by row; return how many people are proven."""
    with (folder / "people.csv").open(encoding="utf-8") as file:
        known = {line.partition(",")[0] for line in file} - {"user_id"}
    tokens, network = set(ASKED), ipaddress.ip_network(NETWORK)
    patterns = [
        re.compile(route.pattern.regex)
        for route in datamaps.read(SAMPLE).routes
        if route.people is People.ONE and route.store == "accounts" and "GET" in route.methods
    ]
    proven: set[str] = set()
    for row in rows_of(folder, form):
        at = datetime.fromisoformat(row["ts"])
        address = ipaddress.ip_address(row["ip"])
        if not SINCE <= at < UNTIL or int(row["status"]) // 100 != SUCCESS:
            continue
        if row["token"] not in tokens and address not in network:
            continue
        path = row["path"].partition("?")[0]
        matches = (pattern.fullmatch(path) for pattern in patterns)
        proven.update(match[1] for match in matches if match and match[1] in known)
    return len(proven)


def bare_filter(folder: Path, form: str) -> int:
    """Read and filter the same log with DuckDB alone; return how many rows are left."""
    tokens = ", ".join(repr(each) for each in ASKED)
    statement = f"""SELECT count(path) FROM {READERS[form]}('{folder / LOGS[form]}')
        WHERE ts::TIMESTAMPTZ >= ? AND ts::TIMESTAMPTZ < ?
        AND ({TOKENS[form]} IN ({tokens}) OR starts_with(ip, '203.0.113.'))"""  # noqa: S608  (constants)
    found = duckdb.connect().execute(statement, [SINCE, UNTIL])
    return int((found.fetchone() or (0,))[0])


def bare_count(folder: Path, form: str) -> int:
    """Count the rows of the same log with DuckDB alone."""
    statement = f"SELECT count(*) FROM {READERS[form]}('{folder / LOGS[form]}')"  # noqa: S608  (constants)
    return int((duckdb.connect().execute(statement).fetchone() or (0,))[0])


def timed(what: Callable[[Path, str], int], folder: Path, form: str) -> tuple[float, int]:
    """Return how many seconds a way takes, and its answer."""
    started = time.perf_counter()
    found = what(folder, form)
    return time.perf_counter() - started, found


def compare(folder: Path, form: str, rows: int) -> None:
    """Run every way on one format and print the ratios."""
    ways = (bare_count, bare_filter, ours, plain_python)
    found = {way.__name__: timed(way, folder, form) for way in ways}
    print(LOGS[form])
    for way, (seconds, answer) in found.items():
        print(f"  {way:>12}  {seconds:8.2f} s  {rows / seconds:14,.0f} rows/s  found {answer}")
    mine, theirs = found["ours"], found["plain_python"]
    assert mine[1] == theirs[1], "the two do not find the same people"
    print(f"  faster than plain Python {theirs[0] / mine[0]:.1f}x", end="; ")
    print(f"slower than a bare filter {mine[0] / found['bare_filter'][0]:.1f}x", end=", ")
    print(f"than a bare count {mine[0] / found['bare_count'][0]:.1f}x")


def main() -> None:
    """Generate, run every way on every format, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--format", choices=LOGS, help="only this one")
    given = parser.parse_args()
    forms = [given.format] if given.format else list(LOGS)
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, given.rows, given.people, forms)
        for form in forms:
            compare(folder, form, given.rows)


if __name__ == "__main__":
    main()
