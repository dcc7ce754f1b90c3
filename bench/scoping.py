"""How fast people are found in logs: against plain Python, and against a bare count.

Run `python bench/scoping.py [--rows N] [--people N]`. All three read the same generated files
in the same run. It prints rows a second and two ratios: how many times faster than plain
Python, and how many times slower than a bare filter in DuckDB, which is the floor.
"""

import argparse
import ipaddress
import json
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.datamap import reading as datamaps
from breachdesk.datamap.terms import People
from breachdesk.scoping import reading

SAMPLE = Path(__file__).parents[1] / "samples" / "leadjet" / "datamap.toml"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SINCE, UNTIL = datetime(2026, 11, 8, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
DAYS = 30
SUCCESS = 2
TOKENS = 5000
ASKED = [f"tok_{number}" for number in range(20)]
NETWORK = "203.0.113.0/24"
PATHS = ("/api/v2/users/{}", "/api/v2/users/{}/sessions", "/api/v2/users/{}?full=1", "/health")
QUESTION = f"""schema = 1
readable = []
[window]
from = {SINCE.isoformat()}
until = {UNTIL.isoformat()}
[intruder]
token = {json.dumps(ASKED)}
ip = ["{NETWORK}"]
[[evidence]]
files = ["log.ndjson"]
format = "ndjson"
map.at = "ts"
map.token = "auth.token"
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


def generate(folder: Path, rows: int, people: int, seed: int = 1) -> None:
    """Write a directory and a log that are the same for the same arguments."""
    dice = random.Random(seed)
    with (folder / "people.csv").open("w", encoding="utf-8") as file:
        file.write("user_id,email,country\n")
        for number in range(people):
            file.write(f"u{number},person{number}@example.org,{'FR' if number % 3 else 'BE'}\n")
    step = timedelta(days=DAYS) / rows
    with (folder / "log.ndjson").open("w", encoding="utf-8") as file:
        for number in range(rows):
            user = f"u{dice.randrange(people)}"
            third = (
                "203.0.113" if dice.randrange(2000) == 0 else f"198.51.{dice.randrange(256)}"
            )
            row = {
                "ts": (BEGIN + number * step).isoformat(timespec="milliseconds"),
                "auth": {"token": f"tok_{dice.randrange(TOKENS)}"},
                "ip": f"{third}.{dice.randrange(256)}",
                "method": "GET",
                "path": dice.choice(PATHS).format(user),
                "status": 200 if dice.randrange(20) else 404,
                "user_id": None,
            }
            file.write(json.dumps(row) + "\n")


def ours(folder: Path) -> int:
    """Measure with the product; return how many people are proven."""
    datamap = datamaps.read(SAMPLE)
    (folder / "question.toml").write_text(QUESTION, encoding="utf-8")
    asked = reading.read(folder / "question.toml", datamap)
    population = DuckDBPopulation(folder / "work")
    with population.workplace() as workplace:
        found = population.measure(asked, datamap, workplace, lambda _done, _total: None)
    return int(found.counts["rings"]["proven"])


def naive(folder: Path) -> int:
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
    with (folder / "log.ndjson").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            at = datetime.fromisoformat(row["ts"])
            address = ipaddress.ip_address(row["ip"])
            if not SINCE <= at < UNTIL or int(row["status"]) // 100 != SUCCESS:
                continue
            if row["auth"]["token"] not in tokens and address not in network:
                continue
            path = row["path"].partition("?")[0]
            matches = (pattern.fullmatch(path) for pattern in patterns)
            proven.update(match[1] for match in matches if match and match[1] in known)
    return len(proven)


def floor(folder: Path) -> int:
    """Read and filter the same log with DuckDB alone; return how many rows are left."""
    columns = (
        "{ts: 'TIMESTAMPTZ', auth: 'STRUCT(token VARCHAR)', ip: 'VARCHAR', path: 'VARCHAR'}"
    )
    tokens = ", ".join(repr(each) for each in ASKED)
    statement = f"""SELECT count(path) FROM read_json(?, format = 'newline_delimited',
        columns = {columns}) WHERE ts >= ? AND ts < ?
        AND (auth.token IN ({tokens}) OR starts_with(ip, '203.0.113.'))"""  # noqa: S608  (constants)
    log = str(folder / "log.ndjson")
    found = duckdb.connect().execute(statement, [log, SINCE, UNTIL])
    return int((found.fetchone() or (0,))[0])


def timed(what: Callable[[Path], int], folder: Path) -> tuple[float, int]:
    """Return how many seconds a way takes, and its answer."""
    started = time.perf_counter()
    found = what(folder)
    return time.perf_counter() - started, found


def main() -> None:
    """Generate, run the three ways, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=50_000)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, given.rows, given.people)
        found = {way.__name__: timed(way, folder) for way in (floor, ours, naive)}
    for way, (seconds, answer) in found.items():
        print(
            f"{way:>6}  {seconds:8.2f} s  {given.rows / seconds:12,.0f} rows/s  found {answer}"
        )
    assert found["ours"][1] == found["naive"][1], "the two do not find the same people"
    print(f"faster than plain Python: {found['naive'][0] / found['ours'][0]:.1f}x")
    print(f"slower than a bare filter: {found['ours'][0] / found['floor'][0]:.1f}x")


if __name__ == "__main__":
    main()
