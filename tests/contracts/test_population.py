"""What every engine of the port Population must answer: the same as plain Python."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scoping_world as world
from breachdesk.adapters import evidence_stretches
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.scoping.terms import Measurement, Ring

KEYS = ("u1", "u2", "u3", "u 4", "u/5", "%31", "7", "x1", "c1", "c2", "nobody", "gone")
INSTANTS = (
    "2026-11-18T22:00:00+01:00",
    "2026-11-18T21:00:00Z",
    "2026-11-18T20:59:59.999999Z",
    "2026-11-19T12:00:00.123456+00:00",
    "2026-11-19T12:00:00.123457Z",
    "2026-11-19 13:00:00+0200",
    "2026-11-20T05:29:59.999999Z",
    "2026-11-20T05:30:00Z",
    "2026-11-19T10:00:00",
    "2026-10-25T02:30:00",
    "2026-03-29T02:30:00",
    "2026-11-19T23:00",
    "yesterday",
    "",
    "2026-02-30T10:00:00Z",
)
ADDRESSES = (
    "203.0.113.9",
    "::ffff:203.0.113.200",
    "::FFFF:cb00:7109",
    "2001:db8::1",
    "2001:0db8:0:0:0:0:0:1",
    "203.0.114.1",
    "198.51.100.7",
    "203.0.113.256",
    "nowhere",
)
PATHS = (
    "/users/{}",
    "/users/{}/",
    "/users/{}?a=1?b",
    "/users/{}/bills/9",
    "/users",
    "/users/",
    "/users//",
    "/contacts/{}",
    "/contacts/{}/cards",
    "/export/accounts",
    "/export/accounts.csv",
    "/export/accounts/{}",
    "/export/contacts/",
    "/export/contacts",
    "/bills/{}/of/2020",
    "/what",
    "/Users/{}",
    "/caf\u00e9/{}",
    "/caf%C3%A9/{}",
    "",
    "/",
)
MAILS = (
    "a@x.fr",
    "A@X.fr ",
    "b@x.fr",
    "\u00e9@x.fr",
    "e\u0301@x.fr",
    "stra\u00dfe@x.fr",
    "STRASSE@x.fr",
    "b+1@x.fr",
    None,
)
LEFT = (
    None,
    None,
    "2020-01-01T00:00:00Z",
    "2021-11-18T21:00:00Z",
    "2021-11-18T20:59:59Z",
    "2026-10-18T21:00:00Z",
    "2026-11-18T21:00:00Z",
    "2026-11-18T20:59:59Z",
    "2026-11-19T12:00:00.123456Z",
)

spelled = st.sampled_from(KEYS).map(lambda key: key.replace("/", "%2F").replace(" ", "%20"))
rows = st.fixed_dictionaries(
    {
        "ts": st.sampled_from(INSTANTS[:7]) | st.sampled_from(INSTANTS),
        "auth": st.fixed_dictionaries(
            {
                "token": st.sampled_from(("tok", "TOK", "tok ", None)),
                "login": st.sampled_from(("eve", "adam")),
            }
        ),
        "ua": st.sampled_from(("curl/8 (x_y)", "curl/8 (xzy)", "Firefox", "100%")),
        "addr": st.sampled_from(ADDRESSES[:-2]) | st.sampled_from(ADDRESSES),
        "method": st.sampled_from(("GET", "GET", "GET", "POST", "PUT")),
        "path": st.builds(str.format, st.sampled_from(PATHS), spelled),
        "status": st.sampled_from((200, 200, "204", 304, 404, "2xx", None)),
        "who": st.sampled_from((None, None, *KEYS)),
        "sid": st.sampled_from((None, None, "s1", "s2", "s3")),
        "mail": st.sampled_from((None, None, *MAILS)),
    }
)
ALL_OF_A_SESSION = {
    "session": "s9",
    "person": "u1",
    "ip": "192.0.2.9",
    "from": "2020-01-01T00:00:00Z",
    "until": "2020-01-01T00:00:00Z",
}
sessions = st.none() | st.lists(
    st.fixed_dictionaries(
        {
            "session": st.sampled_from(("s1", "s2")),
            "person": st.sampled_from(KEYS),
            "ip": st.sampled_from((None, *ADDRESSES[:6])),
            "from": st.sampled_from((None, *INSTANTS[:3])),
            "until": st.sampled_from((None, *INSTANTS[3:5])),
        }
    ),
    max_size=4,
)
broken = st.sampled_from(
    ("{", "[1]", "null", '{"ts": 1}', "   ", "", '{"ts": "2026-11-19T12:00:00Z"} x')
)
accounts = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(KEYS[:8]),
            "mail": st.sampled_from(MAILS),
            "lang": st.sampled_from(("fr", "en", None)),
            "country": st.sampled_from(("FR", "BE")),
            "org": st.sampled_from(("o1", "o2")),
            "deleted_at": st.sampled_from(LEFT),
            "closed_at": st.sampled_from(LEFT),
        }
    ),
    min_size=1,
    max_size=10,
)
contacts = st.lists(
    st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from(KEYS[7:10]),
            "mail": st.sampled_from(MAILS),
            "lang": st.sampled_from(("fr", None)),
            "country": st.sampled_from(("FR", "DE")),
            "org": st.sampled_from(("o1", "o2", None)),
            "synced_at": st.sampled_from(LEFT),
        }
    ),
    min_size=1,
    max_size=6,
)
leaked = st.lists(
    st.sampled_from(KEYS) | st.sampled_from([m for m in MAILS if m]) | st.just("  "), max_size=5
)
intruders = st.fixed_dictionaries(
    {},
    optional={
        "token": st.just(["tok"]),
        "ip": st.sampled_from((["203.0.113.0/24"], ["2001:db8::/64", "198.51.100.7"])),
        "account": st.just(["eve"]),
        "user_agent": st.sampled_from((["curl/8 (x_y)"], ["*x_y*"], ["100%"], ["F*x"])),
    },
).filter(bool)


TIMED = {"seconds": 0, "rows_per_second": 0}


def write(folder: Path, made: dict[str, Any], *, erasures: bool, zone: bool) -> str:
    """Write the files of one example and return its question."""
    world.ndjson(folder / "log-1.ndjson", made["rows"])
    world.ndjson(folder / "log-2.ndjson.gz", made["more"])
    # a column that no row has is refused, and that is another test's matter
    complete = {
        "ts": "2020-01-01T00:00:00Z",
        "auth": {"token": "t", "login": "l"},
        "ua": "u",
        "addr": "192.0.2.1",
        "method": "GET",
        "path": "/",
        "status": 200,
        "who": "w",
        "sid": "s",
        "mail": "m@x.fr",
    }
    world.ndjson(folder / "log-0.ndjson", [complete])
    world.ndjson(folder / "accounts.ndjson", made["accounts"])
    world.ndjson(folder / "contacts.ndjson", made["contacts"])
    (folder / "leak.txt").write_text("\n".join(made["leaked"]), "utf-8")
    columns = dict(world.LOG_MAP)
    if made["sessions"] is not None:
        columns |= {"session": "sid", "email": "mail"}
        world.ndjson(folder / "sessions.ndjson", [ALL_OF_A_SESSION, *made["sessions"]])
    log: dict[str, Any] = {"files": ["log-*"], "format": "ndjson", "map": columns}
    if zone:
        log["zone"] = "Europe/Paris"
    columns = dict(world.ACCOUNTS_MAP)
    if not erasures:
        del columns["erased_at"]
    return world.question(
        evidence=[log, {"people": "leak.txt", "categories": ["messages"]}],
        directory=[
            {"files": ["accounts.ndjson"], "store": "accounts", "map": columns},
            {"files": ["contacts.ndjson"], "store": "contacts", "map": world.CONTACTS_MAP},
        ],
        intruder=made["intruder"],
        readable=made["readable"],
        sessions=[
            {
                "files": ["sessions.ndjson"],
                "map": {name: name for name in ("session", "person", "ip", "from", "until")},
            }
        ]
        if made["sessions"] is not None
        else [],
    )


def in_columns(folder: Path, text: str) -> str:
    """Return the question of the same directories, kept as Parquet."""
    for name in ("accounts", "contacts"):
        duckdb.execute(
            f"COPY (FROM read_json('{folder / name}.ndjson', format = 'newline_delimited', "
            f"records = true)) TO '{folder / name}.parquet' (FORMAT parquet)"
        )
    return text.replace("accounts.ndjson", "accounts.parquet").replace(
        "contacts.ndjson", "contacts.parquet"
    )


def compared(counts: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Return the counts that the oracle knows, as it writes them."""
    for name in ("first_touch", "last_touch"):
        at = expected[name]
        expected[name] = None if at is None else at.isoformat()
    return {name: counts[name] for name in expected}


def customers_lists(found: Measurement, population: DuckDBPopulation) -> dict[str, set[str]]:
    """Return who is proven on each customer's own list, of the customers that have anybody."""
    theirs = {}
    for number, customer in enumerate(found.customers):
        own = found.people.parent / f"own-{number}.parquet"
        population.cut(found.people, customer, own)
        people = list(population.people(own, Ring.PROVEN))
        assert all((each.customer, each.role) == (customer, "processor") for each in people)
        assert all(each.why for each in people)
        theirs[customer] = {each.person_key for each in people}
    return {customer: people for customer, people in theirs.items() if people}


class TestAgainstPlainPython:
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        made=st.fixed_dictionaries(
            {
                "rows": st.lists(rows | rows | rows | broken, max_size=14),
                "more": st.lists(rows, max_size=8),
                "accounts": accounts,
                "contacts": contacts,
                "leaked": leaked,
                "intruder": intruders,
                "readable": st.sampled_from(([], ["contacts"], ["accounts"], ["papers"])),
                "sessions": sessions,
            }
        ),
        erasures=st.booleans(),
        zone=st.booleans(),
        columns=st.booleans(),
        stretch=st.sampled_from((None, 1, 400)),
    )
    def test_finds_the_same_people(
        self,
        made: dict[str, Any],
        *,
        erasures: bool,
        zone: bool,
        columns: bool,
        stretch: int | None,
    ) -> None:
        with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            folder = Path(name)
            if stretch is not None:  # as if the packed log were large
                patch.setattr(evidence_stretches, "LARGE", 0)
                patch.setattr(evidence_stretches, "STRETCH", stretch)
            text = write(folder, made, erasures=erasures, zone=zone)
            plain = world.expected(folder, text)
            if columns:
                text = in_columns(folder, text)
            with world.measured(folder, text) as (found, population):
                rings = {ring: list(population.people(found.people, ring)) for ring in Ring}
                theirs = customers_lists(found, population)
            later, listed = world.measured_again(folder, text)

            assert later.result == found.result
            assert {**later.counts, **TIMED} == {**found.counts, **TIMED}
            assert listed == rings[Ring.PROVEN]
            counts = dict(found.counts)
            proven = {each.person_key: each for each in rings[Ring.PROVEN]}
            assert compared(counts, plain.counts) == plain.counts
            assert {key: set(each.categories) for key, each in proven.items()} == plain.proven
            assert {
                key: (each.first_touch, each.last_touch)
                for key, each in proven.items()
                if each.first_touch
            } == plain.touches
            ours = {key for key, each in proven.items() if each.role == "controller"}
            assert ours == plain.ours
            assert theirs == plain.customers
            assert {key: each["proven"] for key, each in found.customers.items()} == {
                key: len(theirs.get(key, ())) for key in found.customers
            }
            assert counts["without_customer"]["proven"] == len(plain.nobodys)
            # nobody falls between: we tell them, or alert whom we hold them for
            assert ours.union(plain.nobodys, *theirs.values()) == set(proven)
            assert {each.person_key for each in rings[Ring.REACHABLE]} == plain.reachable
            assert {each.person_key for each in rings[Ring.POPULATION]} == plain.population
            assert (
                counts["rings"]["population"] + sum(counts["excluded"].values())
                == (counts["directory"])
            )
            for ring in Ring:
                groups = [each for each in found.groups if each.ring is ring]
                keys = [each.person_key for each in rings[ring]]
                assert sum(each.people for each in groups) == len(keys)
                assert keys == sorted(set(keys))


class TestWorkplace:
    def test_is_private_and_gone_afterwards(self, tmp_path: Path) -> None:
        population = DuckDBPopulation(tmp_path / "scoping")

        with population.workplace() as folder:
            (folder / "people").write_text("x")
            assert folder.stat().st_mode & 0o777 == 0o700
            with population.workplace() as other:
                assert other != folder
            assert (folder / "people").exists()

        assert list((tmp_path / "scoping").iterdir()) == []

    def test_is_gone_when_the_work_stops_half_way(self, tmp_path: Path) -> None:
        population = DuckDBPopulation(tmp_path / "scoping")

        with pytest.raises(KeyboardInterrupt), population.workplace():
            raise KeyboardInterrupt

        assert list((tmp_path / "scoping").iterdir()) == []

    def test_removes_what_a_killed_process_left(self, tmp_path: Path) -> None:
        left = tmp_path / "scoping" / "left"
        left.mkdir(parents=True)
        (left / "people").write_text("x")

        with DuckDBPopulation(tmp_path / "scoping").workplace():
            assert not left.exists()
