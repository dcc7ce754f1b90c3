"""A naive measure in plain Python, written from the interfaces and not from the engine.

It reads small files whole, loops over rows and people, and knows no SQL.
"""

import calendar
import csv
import gzip
import io
import ipaddress
import json
import re
import unicodedata
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

COMBINED = re.compile(
    r'(?P<ip>\S+) \S+ (?P<account>.+?) \[(?P<at>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" '
    r'(?P<status>\d{3}) (?:\d+|-) "(?:[^"\\]|\\.)*" "(?P<user_agent>(?:[^"\\]|\\.)*)"'
)


class Broken(Exception):
    """This line is unread."""


@dataclass
class Someone:
    stores: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def erased(self, store: str | None = None) -> datetime | None:
        rows = self.stores.get(store or "") or [r for s in self.stores.values() for r in s]
        instants = [row["erased"] for row in rows]
        return None if None in instants else max(instants)


@dataclass
class Result:
    counts: dict[str, Any]
    proven: dict[str, set[str]]
    reachable: set[str]
    population: set[str]
    touches: dict[str, tuple[datetime, datetime]]
    ours: set[str]
    customers: dict[str, set[str]]
    nobodys: set[str]


def measure(  # noqa: C901, PLR0912, PLR0915  (one loop that reads like the interfaces)
    question: dict[str, Any], datamap: dict[str, Any], folder: Path
) -> Result:
    since, until = question["window"]["from"], question["window"]["until"]
    people, doubled = read_people(question, datamap, folder)
    by_store = {
        store: [k for k, p in people.items() if store in p.stores]
        for store in (each["id"] for each in datamap["stores"])
    }
    rows_read = unread = unmatched = 0
    pairs: set[tuple[int, str]] = set()
    categories: dict[str, set[str]] = defaultdict(set)
    stores_touched: dict[str, set[str]] = defaultdict(set)
    instants: dict[str, list[datetime]] = defaultdict(list)
    opened: set[str] = set(question.get("readable", []))
    unknown: set[str] = set()
    number = 0
    sessions = read_sessions(question, folder)

    def touch(key: str, route: dict[str, Any], at: datetime) -> None:
        erased = people[key].erased(route["store"])
        if erased is not None and erased < at:
            return
        pairs.add((number, key))
        categories[key].update(route["categories"])
        # what a route showed of somebody whom its store does not hold lies where they are
        own = {route["store"]} & set(people[key].stores)
        stores_touched[key] |= own or set(people[key].stores)
        instants[key].append(at)

    for evidence in question.get("evidence", []):
        if "people" in evidence:
            continue
        for raw in raw_rows(evidence, folder):
            number += 1
            try:
                row = understand(raw, evidence)
            except Broken:
                unread += 1
                continue
            rows_read += 1
            if not (since <= row["at"] < until and is_intruder(row, question["intruder"])):
                continue
            fitting = [
                (r, c)
                for r in datamap["routes"]
                for c in [fits(r, row["path"])]
                if c is not None
            ]
            lost = not fitting
            for route, captures in fitting:
                if not applies(route, row):
                    continue
                if route["people"] == "some":
                    opened.add(route["store"])
                elif route["people"] == "all":
                    for key in by_store[route["store"]]:
                        touch(key, route, row["at"])
                elif route["people"] == "one":
                    keys = {
                        captured(route, captures, question) or "",
                        row.get("person") or "",
                    } - {""}
                    mail = row.get("email")
                    at_address = match(mail, people, key=False) if mail else set()
                    if mail and not at_address:
                        unknown.add(normal(mail))
                    known = keys or row.get("session") or mail
                    keys |= {
                        s["person"]
                        for s in sessions
                        if s["session"] == row.get("session")
                        or (not known and signed_in(s, row))
                    }
                    lost = lost or not (keys or mail)
                    for key in keys | at_address:
                        if key in people:
                            touch(key, route, row["at"])
                        else:
                            unknown.add(key)
            unmatched += lost
    proven = {key for _, key in pairs}
    records = len(pairs)
    for evidence in question.get("evidence", []):
        for line in list_lines(evidence, folder):
            named = match(line, people)
            records += bool(named)
            if not named:
                unknown.add(normal(line) if "@" in line else line.strip())
            for key in named:
                erased = people[key].erased()
                if erased is None or erased >= since:
                    proven.add(key)
                    categories[key].update(evidence["categories"])
                    stores_touched[key].update(people[key].stores)
    theirs, nobodys = customers(proven, people, stores_touched, datamap)
    controllers = {each["id"] for each in datamap["stores"] if each["role"] == "controller"}
    reachable, population, excluded, held = rings(people, proven, opened, since)
    counts = {
        "rings": {
            "proven": len(proven), "reachable": len(reachable), "population": len(population),
        },
        "by_category": tally(c for k in proven for c in categories[k]),
        "by_country": tally(v for k in proven for v in [detail(people[k], "country")] if v),
        "by_locale": tally(v for k in proven for v in [detail(people[k], "locale")] if v),
        "by_customer": {
            "count": len(theirs), "largest": max(map(len, theirs.values()), default=0),
        },
        "records": records,
        "first_touch": min((i for k in proven for i in instants[k]), default=None),
        "last_touch": max((i for k in proven for i in instants[k]), default=None),
        "excluded": excluded,
        "held_past_retention": held,
        "unmatched": {
            "rows": unmatched, "unknown_people": len(unknown), "unread_rows": unread,
        },
        "duplicates": doubled,
        "rows_read": rows_read,
    }  # fmt: skip
    spans = {k: (min(v), max(v)) for k, v in instants.items() if v}
    return Result(
        counts, {k: categories[k] for k in proven}, reachable, population, spans,
        {k for k in proven if stores_touched[k] & controllers}, theirs, nobodys,
    )  # fmt: skip


def tally(values: Iterator[str]) -> dict[str, dict[str, int]]:
    return {value: {"proven": n} for value, n in sorted(Counter(values).items())}


# -- directories -----------------------------------------------------------------------------


def read_people(
    question: dict[str, Any], datamap: dict[str, Any], folder: Path
) -> tuple[dict[str, Someone], int]:
    people: dict[str, Someone] = defaultdict(Someone)
    stores = {each["id"]: each for each in datamap["stores"]}
    for directory in question["directory"]:
        columns, store = directory["map"], stores[directory["store"]]
        zone = ZoneInfo(directory["zone"]) if "zone" in directory else None
        retention = store.get("retention")
        for raw in rows_of(directory, folder):
            row = {field: raw.get(column) for field, column in columns.items()}
            erased = instant(row.get("erased_at"), zone) if row.get("erased_at") else None
            over = None
            if retention and row.get(retention["after"]):
                over = later(instant(row[retention["after"]], zone), retention["keep"])
            people[str(row["person"])].stores[store["id"]].append({
                **row, "erased": erased, "over": over,
                "gone": erased if "erased_at" in columns else over,
                "by_retention": "erased_at" not in columns,
            })  # fmt: skip
    doubled = sum(len(rows) > 1 for p in people.values() for rows in p.stores.values())
    return dict(people), doubled


def rings(
    people: dict[str, Someone], proven: set[str], opened: set[str], since: datetime
) -> tuple[set[str], set[str], dict[str, int], int]:
    def latest(rows: list[dict[str, Any]], name: str) -> datetime | None:
        values = [row[name] for row in rows]
        return None if None in values else max(values)

    def there(rows: list[dict[str, Any]]) -> bool:
        gone = latest(rows, "gone")
        return gone is None or gone >= since

    def past(rows: list[dict[str, Any]]) -> bool:
        over = latest(rows, "over")
        return over is not None and over < since

    reachable, population = set(proven), set(proven)
    excluded = {"erased_before_window": 0, "retention_over": 0}
    for key, person in people.items():
        inside = {store for store, rows in person.stores.items() if there(rows)}
        if inside:
            population.add(key)
        if inside & opened:
            reachable.add(key)
        if not inside and key not in proven:
            late = any(row["by_retention"] for rows in person.stores.values() for row in rows)
            excluded["retention_over" if late else "erased_before_window"] += 1
    held = sum(any(past(rows) for rows in people[key].stores.values()) for key in proven)
    return reachable, population, excluded, held


def detail(person: Someone, name: str) -> Any:
    rows = [row for store in sorted(person.stores) for row in person.stores[store]]
    return next((row[name] for row in rows if row.get(name)), None)


def customers(
    proven: set[str], people: dict[str, Someone], touched: dict[str, set[str]],
    datamap: dict[str, Any],
) -> tuple[dict[str, set[str]], set[str]]:  # fmt: skip
    """Return whom each customer has, and whom we hold for nobody knows whom."""
    processors = {each["id"] for each in datamap["stores"] if each["role"] == "processor"}
    found: dict[str, set[str]] = defaultdict(set)
    nobodys = set()
    for key in proven:
        held = [
            row.get("customer") or ""
            for store in touched[key] & processors
            for row in people[key].stores[store]
        ]
        for customer in filter(None, held):
            found[customer].add(key)
        if held and not any(held):
            nobodys.add(key)
    return found, nobodys


def later(at: datetime, keep: str) -> datetime:
    years, months, days = (
        int(m[1]) if (m := re.search(rf"(\d+){unit}", keep)) else 0 for unit in "YMD"
    )
    month = at.month - 1 + months + 12 * years
    year, month = at.year + month // 12, month % 12 + 1
    day = min(at.day, calendar.monthrange(year, month)[1])
    return at.replace(year=year, month=month, day=day) + timedelta(days=days)


# -- evidence --------------------------------------------------------------------------------


def raw_rows(evidence: dict[str, Any], folder: Path) -> Iterator[Any]:
    for path in files_of(evidence["files"], folder):
        if evidence["format"] == "ndjson":
            for line in read_bytes(path).split(b"\n"):
                if line.strip():
                    yield line
        elif evidence["format"] == "csv":
            yield from csv.DictReader(io.StringIO(read_bytes(path).decode(), newline=""))
        else:
            for line in read_bytes(path).split(b"\n"):
                if line.strip():
                    yield line


def understand(raw: Any, evidence: dict[str, Any]) -> dict[str, Any]:  # noqa: C901  (as above)
    zone = ZoneInfo(evidence["zone"]) if "zone" in evidence else None
    if evidence["format"] == "ndjson":
        try:
            document = json.loads(raw)
        except ValueError:
            raise Broken from None
        if not isinstance(document, dict):
            raise Broken
        row: dict[str, Any] = {f: text(dig(document, c)) for f, c in evidence["map"].items()}
    elif evidence["format"] == "csv":
        if None in raw or None in raw.values():
            raise Broken
        row = {f: raw[c] or None for f, c in evidence["map"].items()}
    else:
        row = combined(raw)
    if not row.get("at"):
        raise Broken
    row["at"] = instant(row["at"], zone)
    if "status" in row:
        if not re.fullmatch(r"\d{3}", str(row["status"] or "").strip()):
            raise Broken
        row["status"] = int(row["status"])
    if row.get("ip"):
        try:
            row["ip"] = plain_address(row["ip"])
        except ValueError:
            raise Broken from None
    return row


def combined(raw: bytes) -> dict[str, Any]:
    found = COMBINED.fullmatch(raw.decode().rstrip("\r"))
    if found is None:
        raise Broken
    method, path, *_ = (*str(found["request"]).split(" "), "", "")
    row = {
        name: None if found[name] == "-" else found[name]
        for name in ("ip", "account", "user_agent", "status")
    }
    try:
        at = datetime.strptime(found["at"], "%d/%b/%Y:%H:%M:%S %z").isoformat()
    except ValueError:
        raise Broken from None
    return {**row, "at": at, "method": method, "path": path}


def dig(document: Any, column: str) -> Any:
    if column in document:
        return document[column]
    for step in column.split("."):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def instant(said: Any, zone: ZoneInfo | None) -> datetime:
    try:
        at = datetime.fromisoformat(str(said).strip())
    except ValueError:
        raise Broken from None
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if zone is None:
        raise Broken
    # A local time is plain if going to UTC and back again finds it, whatever the fold.
    ways = {at.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    if len(ways) > 1:
        raise Broken
    return ways.pop()


def plain_address(said: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(said.strip())
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def is_intruder(row: dict[str, Any], intruder: dict[str, list[str]]) -> bool:
    if row.get("token") in intruder.get("token", []):
        return True
    if row.get("account") in intruder.get("account", []):
        return True
    if row.get("ip") and any(
        row["ip"] in ipaddress.ip_network(each) for each in intruder.get("ip", [])
    ):
        return True
    return row.get("user_agent") is not None and any(
        re.fullmatch(".*".join(map(re.escape, each.split("*"))), row["user_agent"], re.DOTALL)
        for each in intruder.get("user_agent", [])
    )


# -- routes ----------------------------------------------------------------------------------


def fits(route: dict[str, Any], path: str | None) -> dict[str, str] | None:
    path = (path or "").split("?", 1)[0]
    if path.endswith("/") and not route["match"].endswith("/"):
        path = path[:-1]
    pattern = ""
    for part in re.split(r"(\{\w+\}|\*\*|\*)", route["match"]):
        if part.startswith("{"):
            pattern += f"(?P<{part[1:-1]}>[^/]+)"
        else:
            pattern += {"**": ".*", "*": "[^/]*"}.get(part, re.escape(part))
    found = re.fullmatch(pattern, path, re.DOTALL)
    return None if found is None else found.groupdict()


def applies(route: dict[str, Any], row: dict[str, Any]) -> bool:
    methods, statuses = route.get("methods", ["GET"]), route.get("status", ["2xx"])
    if "method" in row and row["method"] not in methods:
        return False
    return "status" not in row or any(
        re.fullmatch(each.replace("x", "."), str(row["status"])) for each in statuses
    )


def captured(
    route: dict[str, Any], captures: dict[str, str], question: dict[str, Any]
) -> str | None:
    for directory in question["directory"]:
        if directory["store"] == route["store"] and directory["map"]["person"] in captures:
            return urllib.parse.unquote(captures[directory["map"]["person"]])
    if len(captures) == 1:
        return urllib.parse.unquote(*captures.values())
    return None


# -- lists and files -------------------------------------------------------------------------


def list_lines(evidence: dict[str, Any], folder: Path) -> Iterator[str]:
    if "people" in evidence:
        for line in read_bytes(folder / evidence["people"]).decode().split("\n"):
            if line.strip():
                yield line


def read_sessions(question: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    found = []
    for part in question.get("sessions", []):
        for raw in rows_of(part, folder):
            row = {field: raw.get(column) for field, column in part["map"].items()}
            for name in ("from", "until"):
                row[name] = instant(row[name], None) if row.get(name) else None
            found.append(row)
    return found


def signed_in(session: dict[str, Any], row: dict[str, Any]) -> bool:
    since, until = session["from"], session["until"]
    return (
        bool(session.get("ip") and row.get("ip") and since)
        and plain_address(session["ip"]) == row["ip"]
        and since <= row["at"]
        and (until is None or row["at"] < until)
    )


def match(line: str, people: dict[str, Someone], *, key: bool = True) -> set[str]:
    for name in (line, line.strip()) if key else ():
        if name in people:
            return {name}
    wanted = normal(line)
    return {
        key
        for key, person in people.items()
        for rows in person.stores.values()
        for row in rows
        if row.get("email") and normal(row["email"]) == wanted
    }


def normal(email: str) -> str:
    local, _, domain = unicodedata.normalize("NFC", email.strip()).casefold().rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def rows_of(part: dict[str, Any], folder: Path) -> Iterator[dict[str, Any]]:
    for path in files_of(part["files"], folder):
        content = read_bytes(path).decode()
        if ".csv" in path.name:
            for row in csv.DictReader(io.StringIO(content, newline="")):
                yield {name: value or None for name, value in row.items()}
        else:
            for line in content.splitlines():
                yield {name: text(value) for name, value in json.loads(line).items()}


def files_of(patterns: list[str], folder: Path) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern)})


def read_bytes(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
