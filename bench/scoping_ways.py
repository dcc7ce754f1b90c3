"""One way to find people in a log, timed: `bench/scoping.py` runs each in a process of its own.

The answer is one line of JSON: seconds of the clock and of the processor, the memory at its
peak, and how many people or rows were found.
"""

import csv
import gzip
import ipaddress
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from scoping_data import (
    ADDRESSES,
    ASKED,
    COLUMNS,
    FILES,
    SINCE,
    THINGS,
    TOKENS,
    UNTIL,
)

from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.datamap import reading as datamaps
from breachdesk.kernel.vault import Vault
from breachdesk.scoping import reading
from breachdesk.scoping.terms import Question, Ring

SUCCESS = 2
TOLD_EVERY = 5.0
IPS = [f"203.0.113.{number}" for number in range(ADDRESSES)]
WINDOW = (
    f"ts::TIMESTAMPTZ >= TIMESTAMPTZ '{SINCE.isoformat()}' "
    f"AND ts::TIMESTAMPTZ < TIMESTAMPTZ '{UNTIL.isoformat()}'"
)
known_map = cache(datamaps.read)


def read(folder: Path, form: str) -> str:
    """Return the log as a relation of DuckDB."""
    return f"read_{'json' if form == 'ndjson' else form}('{folder / FILES[form]}')"


def run(statement: str) -> float:
    """Return the single number that a statement answers."""
    return float((duckdb.connect().execute(statement).fetchone() or (0,))[0])


def count(folder: Path, form: str) -> float:
    """Count the rows."""
    return run(f"SELECT count(*) FROM {read(folder, form)}")  # noqa: S608  (constants)


def columns(folder: Path, form: str) -> float:
    """Read the three columns that the filter needs, each value of them."""
    hashed = "bit_xor(hash(ts, actor, ip))"
    return run(f"SELECT {hashed} IS NOT NULL FROM {read(folder, form)}")  # noqa: S608  (constants)


def unzipped(folder: Path, form: str) -> float:
    """Unpack and count lines, as a shell does."""
    line = f"gzip -dc {folder / FILES[form]} | wc -l"
    return float(subprocess.run(line, shell=True, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S602  (constants)


def bare(folder: Path, form: str) -> float:
    """Find the people with one statement written by hand: no list, no reason, no check."""
    tokens = ", ".join(f"'tok_{number}'" for number in range(ASKED))
    addresses = ", ".join(f"'{each}'" for each in IPS)
    cases = []
    for number, thing in enumerate(THINGS):
        users, things = 0, 0
        for bit in {number % 18, number * 7 % 18}:
            users |= 1 << bit
        things |= 1 << (number + 5) % 18
        for path, mask in ((f"users/[^/]+/{thing}", users), (f"{thing}/[^/]+", things)):
            test = f"regexp_full_match(path, '/api/v2/{path}')"
            cases.append(f"CASE WHEN {test} THEN {mask} ELSE 0 END")
    known = read(folder, "parquet" if form == "parquet" else "csv").replace("log.", "people.")
    return run(f"""WITH people AS (SELECT user_id, deleted_at::TIMESTAMPTZ AS gone
    FROM {known}),
mine AS MATERIALIZED (SELECT ts::TIMESTAMPTZ AS at_, user_id,
    split_part(resource, '?', 1) AS path FROM {read(folder, form)}
    WHERE {WINDOW} AND status BETWEEN 200 AND 299
    AND (actor IN ({tokens}) OR ip IN ({addresses}))),
masked AS (SELECT *, {" | ".join(cases)} AS mask FROM mine),
keyed AS (SELECT at_, mask, user_id AS key FROM masked WHERE mask <> 0 UNION
    SELECT at_, mask, regexp_extract(path, '/api/v2/[^/]+/([^/]+)', 1) FROM masked
    WHERE mask <> 0),
touched AS (SELECT p.user_id, bit_or(mask) AS mask, count(*) AS n, min(at_) AS first_at,
    max(at_) AS last_at FROM keyed AS k JOIN people AS p ON k.key = p.user_id
    WHERE p.gone IS NULL OR p.gone >= k.at_ GROUP BY p.user_id)
SELECT count(*) + 0 * sum(n) + 0 * bit_or(mask) FROM touched""")  # noqa: S608  (constants)


def asked(folder: Path, form: str, tokens: int, copies: int = 1) -> Question:
    """Return the question, asked of the log and of so many files less one that differ from it.

    Equal files would be read once: `scoping_data.others` writes each with rows of its own.
    """
    names = [FILES[form], *(f"{number}-{FILES[form]}" for number in range(1, copies))]
    known = "parquet" if form == "parquet" else "csv"
    mapped = ", ".join(
        f'{field} = "{column}"' for field, column in COLUMNS.items() if field != "session"
    )
    text = f"""schema = 1
[window]
from = {SINCE.isoformat()}
until = {UNTIL.isoformat()}
[intruder]
token = {json.dumps([f"tok_{number}" for number in range(tokens)])}
ip = {json.dumps(IPS)}
[[evidence]]
files = {json.dumps(names)}
format = "{form}"
map = {{{mapped}}}
[[directory]]
files = ["people.{known}"]
store = "accounts"
map = {{person = "user_id", email = "email", locale = "locale", country = "country",
  erased_at = "deleted_at"}}
""".replace(",\n  erased", ", erased")
    return reading.parse(text, folder / "question.toml", known_map(folder / "datamap.toml"))


def measure(folder: Path, form: str, tokens: int = ASKED, copies: int = 1) -> float:
    """Measure as the product does, and seal the list."""
    question = asked(folder, form, tokens, copies)
    population = DuckDBPopulation(folder / "work")
    told = Told()
    with population.workplace() as workplace, TemporaryDirectory(dir=folder) as vaulted:
        found = population.measure(
            question, known_map(folder / "datamap.toml"), workplace, told
        )
        vault = Vault(Path(vaulted), bytes(32))
        vault.make_key(told.incident)
        vault.store_list(told.incident, "people", found.people)
    return float(found.counts["rings"][Ring.PROVEN.value])


class Told:
    """Says on standard error how far a measure is, every few seconds."""

    def __init__(self) -> None:
        """Begin now."""
        import uuid  # noqa: PLC0415  (only here)

        self.incident = uuid.UUID(int=1)
        self._last = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        """Hear of a step."""
        now = time.perf_counter()
        if now - self._last > TOLD_EVERY:
            print(f"    step {done} of {total}", file=sys.stderr)
            self._last = now


def engine(folder: Path, form: str) -> float:
    """Find the people as the product does, without reasons, list, digests of files and seal."""
    return _found(folder, asked(folder, form, ASKED))


def _found(folder: Path, question: Question) -> float:
    from breachdesk.adapters import (  # noqa: PLC0415  (timed with its import)
        duckdb_directory,
        duckdb_evidence,
        duckdb_exports,
        duckdb_leaks,
        duckdb_members,
        duckdb_rings,
        duckdb_touches,
    )
    from breachdesk.adapters.duckdb_engine import Engine  # noqa: PLC0415  (the same)

    datamap = known_map(folder / "datamap.toml")
    with TemporaryDirectory(dir=folder) as name:
        duck = Engine(Path(name), duckdb_evidence.paths_of(question))
        duckdb_directory.load(duck, question, datamap)
        alone = duckdb_members.find(duck)
        duck.run(duckdb_evidence.REQUESTS)
        duckdb_evidence.load_log(duck, 0, question.logs[0], question)
        duckdb_leaks.load(duck, question.lists)
        duckdb_exports.load(duck, question, datamap)
        duckdb_touches.find(duck, question, datamap, alone=alone)
        duckdb_exports.find(duck, question)
        duckdb_leaks.find(duck, question, datamap)
        duckdb_rings.find(duck, question, datamap, alone=alone)
        found = float(duck.one("SELECT count(*) FROM touched")[0])
        duck.close()
    return found


def everyone(folder: Path, form: str, copies: int = 1) -> float:
    """Measure when every token is the intruder's: everyone in the window is touched."""
    return measure(folder, form, TOKENS, copies)


def convert(folder: Path, form: str) -> float:
    """Import the log; return its rows."""
    question = asked(folder, form, ASKED)
    population = DuckDBPopulation(folder / "work")
    with population.workplace() as workplace:
        for made in population.convert(question.logs[0], workplace):
            (folder / f"{FILES[form]}.imported").unlink(missing_ok=True)
            (folder / f"{FILES[form]}.imported").hardlink_to(made.path)
    return float(made.rows)


def imported(folder: Path, form: str) -> float:
    """Find the people in what the log was converted to."""
    question = asked(folder, form, ASKED)
    [log] = question.logs
    [file] = log.files
    made = replace(file, imported=folder / f"{FILES[form]}.imported")
    return _found(folder, replace(question, logs=(replace(log, files=(made,)),)))


def rows_of(folder: Path, form: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a log."""
    if form == "ndjson":
        with gzip.open(folder / FILES[form], "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)
    else:
        with (folder / FILES["csv"]).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def told(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows, and say now and then how many a second."""
    started = last = time.perf_counter()
    for number, row in enumerate(rows, start=1):
        yield row
        if number % 100_000 == 0 and time.perf_counter() - last > TOLD_EVERY:
            last = time.perf_counter()
            print(f"    {number / (last - started):,.0f} rows/s", file=sys.stderr)


def python(folder: Path, form: str) -> float:
    """Do the same row by row, as one would write it down first; none may be lost unseen."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        known = {
            row["user_id"]: datetime.fromisoformat(row["deleted_at"])
            if row["deleted_at"]
            else None
            for row in csv.DictReader(file)
        }
    tokens = {f"tok_{number}" for number in range(ASKED)}
    addresses = {ipaddress.ip_address(each) for each in IPS}
    routes = [
        (re.compile(route.pattern.regex), set(route.categories))
        for route in known_map(folder / "datamap.toml").routes
    ]
    touched: dict[str, tuple[set[str], int, datetime, datetime]] = {}
    unread = 0
    for row in told(rows_of(folder, form)):
        try:
            at, status = datetime.fromisoformat(row["ts"]), int(row["status"])
            address = ipaddress.ip_address(row["ip"])
        except ValueError:
            unread += 1
            continue
        if not SINCE <= at < UNTIL or status // 100 != SUCCESS:
            continue
        if row["actor"] not in tokens and address not in addresses:
            continue
        path = row["resource"].partition("?")[0]
        for pattern, categories in routes:
            if (match := pattern.fullmatch(path)) is None:
                continue
            for key in {match[1], row["user_id"]} - {None, ""}:
                if key in known and ((gone := known[key]) is None or gone >= at):
                    seen, n, first, last = touched.get(key, (set(), 0, at, at))
                    touched[key] = (seen | categories, n + 1, min(first, at), max(last, at))
    assert not unread, f"{unread} rows could not be read"
    return float(len(touched))


def polars(folder: Path, form: str) -> float:
    """Find the people with Polars, which knows nothing of the product."""
    import polars as pl  # noqa: PLC0415  (heavy, and only here)

    path = folder / FILES[form]
    log = (
        pl.scan_parquet(path)
        if form == "parquet"
        else pl.scan_csv(path)
        if form == "csv"
        else pl.scan_ndjson(path)
    )
    if form != "parquet":
        log = log.with_columns(pl.col("ts").str.to_datetime(time_zone="UTC", strict=False))
    mine = log.filter(
        pl.col("ts").is_between(SINCE, UNTIL, closed="left"),
        pl.col("status") // 100 == SUCCESS,
        pl.col("actor").is_in([f"tok_{n}" for n in range(ASKED)]) | pl.col("ip").is_in(IPS),
    ).with_columns(pl.col("resource").str.split("?").list.first())
    things = "|".join(THINGS)
    users = pl.col("resource").str.extract(rf"^/api/v2/users/([^/]+)/(?:{things})$")
    others = pl.col("resource").str.extract(rf"^/api/v2/(?:{things})/([^/]+)$")
    keyed = mine.with_columns(key=pl.coalesce(users, others)).filter(
        pl.col("key").is_not_null()
    )
    keys = pl.concat(
        [keyed.select("ts", "key"), keyed.select("ts", pl.col("user_id").alias("key"))]
    )
    people = pl.scan_csv(folder / "people.csv").with_columns(
        pl.col("deleted_at").str.to_datetime(time_zone="UTC")
    )
    found = keys.join(people, left_on="key", right_on="user_id").filter(
        pl.col("deleted_at").is_null() | (pl.col("deleted_at") >= pl.col("ts"))
    )
    return float(found.select(pl.col("key").n_unique()).collect(engine="streaming").item())


WAYS: dict[str, Callable[..., float]] = {
    "count": count, "columns": columns, "gzip": unzipped, "bare": bare, "engine": engine,
    "measure": measure, "everyone": everyone, "import": convert, "imported": imported,
    "python": python, "polars": polars,
}  # fmt: skip


def main() -> None:
    """Run one way and say what it took."""
    way, folder, form, *more = sys.argv[1:]
    started, used = time.perf_counter(), _processor()
    options = {name.removeprefix("--"): int(value) for name, value in map(_pair, more)}
    found = float(WAYS[way](Path(folder), form, **options))
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,))
    said = {
        "wall": time.perf_counter() - started,
        "cpu": _processor() - used,
        "memory": peak / 1024,
        "found": found,
    }
    print(json.dumps(said))


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _processor() -> float:
    """Return the seconds of the processor, of this process and those it waited for."""
    spent = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return sum(each.ru_utime + each.ru_stime for each in spent)


if __name__ == "__main__":
    main()
