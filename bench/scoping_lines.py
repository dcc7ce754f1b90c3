"""How fast people are found in logs as servers and clouds write them, against plain Python.

Run `python bench/scoping_lines.py [--rows N] [--people N]`. The same requests are written as
*combined* lines and as events of CloudTrail, a line each and as a trail delivers them; each is
counted line by line, asked by the product, and by the program that one would write first. All
have to find the same people; both ends of every ratio are printed.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from ipaddress import ip_address, ip_network
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from scoping_data import MAP_HEAD, SINCE, UNTIL, Sizes, directory

from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.datamap import reading as datamaps
from breachdesk.scoping import reading
from breachdesk.scoping.terms import Ring

USERS, NETWORK, THING = [f"user_{number}" for number in range(20)], "203.0.113.0/24", "profile"
DELIVERED = 5_000
"""So many events lie in a file that a trail delivers."""
REQUESTS = """CREATE TABLE requests AS SELECT
    TIMESTAMP '2026-11-01' + to_seconds((i * (2592000 / {rows}))::BIGINT) AS said_at,
    'user_' || hash(8 * i + 1) % 500 AS login,
    CASE WHEN hash(8 * i + 2) % 2000 = 0 THEN '203.0.113.' || hash(8 * i + 3) % 10
      ELSE '198.51.' || hash(8 * i + 4) % 256 || '.' || hash(8 * i + 3) % 256 END AS ip,
    '/api/users/u' || hash(8 * i + 5) % {people} || ['/profile', '/orders', '/notes'][i % 3 + 1]
      AS path, CASE WHEN hash(8 * i + 6) % 20 = 0 THEN 404 ELSE 200 END AS status
    FROM range({rows}) AS t(i)"""
COMBINED = """ip || ' - ' || login || ' [' || strftime(said_at, '%d/%b/%Y:%H:%M:%S')
    || ' +0000] "GET ' || path || ' HTTP/1.1" ' || status || ' 5120 "https://app.example.org/" '
    || '"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"'"""
EVENT = """'{"eventVersion":"1.08","userIdentity":{"type":"IAMUser",'
    || '"principalId":"AIDAEXAMPLE",'
    || '"arn":"arn:aws:iam::123456789012:user/x","accessKeyId":"AKIAEXAMPLE","userName":"'
    || login || '"},"eventTime":"' || strftime(said_at, '%Y-%m-%dT%H:%M:%SZ')
    || '","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-3",'
    || '"sourceIPAddress":"' || ip || '","userAgent":"aws-cli/2.0",'
    || CASE WHEN status = 404 THEN '"errorCode":"NoSuchKey",' ELSE '' END
    || '"requestParameters":{"bucketName":"exports","key":"' || substring(path, 2)
    || '"},"responseElements":null,"readOnly":true}'"""
LINE = re.compile(r'(\S+) \S+ (.+?) \[([^]]+)\] "(\S+) (\S+)[^"]*" (\d{3}) \S+ "[^"]*" "[^"]*"')
FORMS = {
    "combined": ("combined", "access.log"),
    "combined, packed": ("combined", "access.log.gz"),
    "CloudTrail, lines": ("cloudtrail", "trail.ndjson"),
    "CloudTrail, packed": ("cloudtrail", "trail.ndjson.gz"),
    "CloudTrail, as delivered": ("cloudtrail", "trail/*.json.gz"),
}


def write(folder: Path, sizes: Sizes) -> None:
    """Write the requests in every form, the directory and a data map."""
    directory(folder, sizes)
    duck = duckdb.connect()
    duck.execute(REQUESTS.format(rows=sizes.rows, people=sizes.people))
    plain = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
    for said, name in ((COMBINED, "access.log"), (EVENT, "trail.ndjson")):
        for packed in ("none", "gzip"):
            path = folder / (name if packed == "none" else f"{name}.gz")
            duck.execute(
                f"COPY (SELECT {said} FROM requests) TO '{path}' "  # noqa: S608  (constants)
                f"({plain}, COMPRESSION {packed})"
            )
    (folder / "trail").mkdir()
    with (folder / "trail.ndjson").open(encoding="utf-8") as lines:
        for number in range(-(-sizes.rows // DELIVERED)):
            events = ",".join(line.rstrip("\n") for line in islice(lines, DELIVERED))
            with gzip.open(folder / "trail" / f"{number:05}.json.gz", "wt", 6) as file:
                file.write(f'{{"Records":[{events}]}}')
    routes = "".join(
        f'[[routes]]\nmatch = "{start}/users/{{user_id}}/{THING}"\nstore = "accounts"\n'
        'categories = ["seen"]\npeople = "one"\n'
        for start in ("/api", "/s3/exports/api")
    )
    (folder / "datamap.toml").write_text(
        f'{MAP_HEAD}[[categories]]\nid = "seen"\nlabel = {{fr = "vu", en = "seen"}}\n'
        '[[populations]]\nid = "users"\nlabel = {fr = "users", en = "users"}\n'
        '[[stores]]\nid = "accounts"\nsystem = "api"\npopulation = "users"\n'
        f'role = "controller"\ncategories = ["seen"]\n{routes}',
        encoding="utf-8",
    )


def lines(folder: Path, pattern: str) -> int:
    """Count the lines, or the events in documents."""
    path = folder / pattern
    relation = (
        f"read_csv('{path}', columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', "
        "escape = '', header = false, auto_detect = false)"
    )
    count = "count(*)"
    if "*" in pattern:
        relation, count = (
            f"read_json_objects('{path}')",
            "sum(json_array_length(json, 'Records'))",
        )
    found = duckdb.connect().execute(f"SELECT {count} FROM {relation}").fetchone()  # noqa: S608  (constants)
    return int((found or (0,))[0])


def measure(folder: Path, form: str, pattern: str) -> int:
    """Measure as the product does; return how many people are proven."""
    text = f"""schema = 1
[window]
from = {SINCE.isoformat()}
until = {UNTIL.isoformat()}
[intruder]
account = {json.dumps(USERS)}
ip = ["{NETWORK}"]
[[evidence]]
files = ["{pattern}"]
format = "{form}"
[[directory]]
files = ["people.parquet"]
store = "accounts"
map = {{person = "user_id", email = "email", erased_at = "deleted_at"}}
"""
    held = datamaps.read(folder / "datamap.toml")
    question = reading.parse(text, folder / "question.toml", held)
    population = DuckDBPopulation(folder / "work")
    with population.workplace() as workplace:
        found = population.measure(question, held, workplace, lambda _done, _total: None)
    assert found.counts["unmatched"]["unread_rows"] == 0
    return int(found.counts["rings"][Ring.PROVEN.value])


def rows_of(folder: Path, form: str, pattern: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield instant, address, account, path and status of each request, as text."""
    for path in sorted(folder.glob(pattern)):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as file:
            if form == "combined":
                for line in file:
                    found = LINE.match(line)
                    assert found is not None
                    ip, login, at, _, asked, status = found.groups()
                    at = datetime.strptime(at, "%d/%b/%Y:%H:%M:%S %z").isoformat()
                    yield at, ip, login, asked, status
            else:
                events = json.load(file)["Records"] if "*" in pattern else map(json.loads, file)
                for event in events:
                    status = "400" if event.get("errorCode") else "200"
                    key = "/" + event["requestParameters"]["key"]
                    login = event["userIdentity"]["userName"]
                    yield event["eventTime"], event["sourceIPAddress"], login, key, status


def python(folder: Path, form: str, pattern: str) -> int:
    """Do the same row by row, as one would write it down first."""
    relation = f"'{folder / 'people.parquet'}'"
    known = {
        key: datetime.fromisoformat(gone) if gone else None
        for key, gone in duckdb.execute(
            f"SELECT user_id, deleted_at FROM {relation}"  # noqa: S608  (our own file)
        ).fetchall()
    }
    network, users, path = (
        ip_network(NETWORK),
        set(USERS),
        re.compile(rf"/api/users/([^/]+)/{THING}"),
    )
    touched = set()
    for at, ip, login, asked, status in rows_of(folder, form, pattern):
        instant, address = datetime.fromisoformat(at), ip_address(ip)
        if not SINCE <= instant < UNTIL or status != "200":
            continue
        if login not in users and address not in network:
            continue
        if (found := path.fullmatch(asked)) and found[1] in known:
            gone = known[found[1]]
            if gone is None or gone >= instant:
                touched.add(found[1])
    return len(touched)


def timed(way: Callable[[], int]) -> tuple[float, int]:
    """Return the seconds of the clock that a way took, and what it found."""
    started = time.perf_counter()
    found = way()
    return time.perf_counter() - started, found


def main() -> None:
    """Write every form, ask each way, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--people", type=int, default=50_000)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, Sizes(given.rows, given.people))
        people = set()
        for label, (form, pattern) in FORMS.items():
            size = sum(each.stat().st_size for each in folder.glob(pattern))
            floor, rows = timed(partial(lines, folder, pattern))
            ours, found = timed(partial(measure, folder, form, pattern))
            plain, same = timed(partial(python, folder, form, pattern))
            assert rows == given.rows, (label, rows)
            people |= {found, same}
            print(
                f"{label}: {rows:,} rows, {size >> 20} MB, {found:,} people, "
                f"{rows / ours:,.0f} rows/s\n"
                f"  plain Python / measure    {plain:.2f} / {ours:.2f} s = {plain / ours:.1f}\n"
                f"  measure / counted lines   {ours:.2f} / {floor:.2f} s = {ours / floor:.1f}",
                flush=True,
            )
        if len(people) > 1:
            sys.exit(f"they do not find the same people: {people}")


if __name__ == "__main__":
    main()
