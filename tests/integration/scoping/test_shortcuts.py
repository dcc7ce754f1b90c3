"""What is understood quickly is what the rules understand; mixed files are one and the same."""

import csv
import random
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import scoping_world as world
from breachdesk.adapters import duckdb_values
from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_files import Source
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.terms import Format

SHAPES = (
    "2026-11-19T12:00:00Z", "2026-11-19T12:00:00.123Z", "2026-11-19T12:00:00+01:00",
    "2026-11-19T12:00:00.123456Z", "2026-11-19T12:00:00.123-0330",
    "2026-11-19T12:00:00.123456+23:59", "2026-02-29T24:00:00Z", "1795035600", "",
)  # fmt: skip
LATE, EARLY = "2026-11-19T12:00:00Z", "2020-01-01T00:00:00Z"
ODD = ("2026-11-19T14:30:00,5+02:30", "20261119T120000Z", "\t2026-11-19T12:00:00Z ")
UNREAD = (
    "2026-2-9T2:00:00.123Z",
    "2026-2-9T12:00:00.1234Z",
    "2026-11-19T 2:00:00.123Z",
    "2026-11-19T12:00:00. 23Z",
)
FIELDS = ("ts", "addr", "status", "auth_token", "auth_login", "ua", "method", "path", "who")
rows = st.tuples(
    st.sampled_from((LATE, LATE, EARLY, *SHAPES, *ODD, *UNREAD)),
    st.sampled_from(("192.0.2.1", "192.0.2.10", "", "::ffff:192.0.2.1", " 192.0.2.1", "no")),
    st.sampled_from(("200", "404", "201", " 204", "", "1e2")),
    st.sampled_from(("tok", "t", "", " ")),
    st.just("l"),
    st.just("u"),
    st.sampled_from(("GET", "")),
    st.sampled_from(("/users/u1", "/users/u2", "")),
    st.sampled_from(("", "u3")),
)


@st.composite
def nearly(draw: st.DrawFn) -> str:
    """Return an instant in which some characters are others."""
    text = list(draw(st.sampled_from(SHAPES)))
    for place in draw(st.lists(st.integers(0, max(len(text) - 1, 0)), max_size=3)):
        if text:
            other = st.sampled_from("0123456789 -+:.,TZz\t") | st.characters(codec="utf-8")
            text[place] = draw(other)
    return "".join(text)


class TestInstants:
    @settings(deadline=None, max_examples=25)
    @given(st.lists(nearly(), min_size=20, max_size=60, unique=True))
    @example([*SHAPES, *ODD, *UNREAD])
    def test_are_those_of_the_rules_or_left_to_them(self, texts: list[str]) -> None:
        with TemporaryDirectory() as name:
            engine = Engine(Path(name), [])
            source = Source((), Format.CSV, "", {})
            moment = duckdb_values.moment(engine, source, "at", "said", None)
            duck = duckdb.connect()
            duck.execute("SET TimeZone = 'UTC'; CREATE TABLE texts (said VARCHAR)")
            duck.executemany("INSERT INTO texts VALUES (?)", [[each] for each in texts])
            found = duck.execute(f"SELECT said, {moment} FROM texts").fetchall()  # noqa: S608  (our own expression)
            engine.close()

        assert len(found) == len(texts)
        for said, at in found:
            assert at is None or at.replace(tzinfo=UTC) == rules.moment(said, None)


class TestLogs:
    @settings(deadline=None, max_examples=8)
    @given(
        st.lists(rows, min_size=1, max_size=25), st.sampled_from(["192.0.2.1", "192.0.2.0/28"])
    )
    def test_of_mixed_rows_are_read_as_plain_python_reads_them(
        self, several: list[tuple[str, ...]], ip: str
    ) -> None:
        with TemporaryDirectory() as name:
            folder = Path(name)
            with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([FIELDS, *several])
            people = [
                {"user_id": f"u{n}", "mail": None, "deleted_at": None} for n in range(1, 5)
            ]
            world.ndjson(folder / "people.ndjson", people)
            columns = {"person": "user_id", "email": "mail", "erased_at": "deleted_at"}
            text = world.question(
                evidence=[{"files": ["log.csv"], "format": "csv", "map": world.FLAT_MAP}],
                directory=[{"files": ["people.ndjson"], "store": "accounts", "map": columns}],
                intruder={"token": ["tok"], "ip": [ip]},
            )
            counts = world.counts(folder, text)
            again, _ = world.measured_again(folder, text)

        read = [each for each in several if understood(each)]
        assert counts["rows_read"] == again.counts["rows_read"] == len(read)
        assert counts["unmatched"]["unread_rows"] == len(several) - len(read)
        assert counts["rings"] == again.counts["rings"]
        assert counts["rings"]["proven"] == len(reached(read, ip))


def understood(row: tuple[str, ...]) -> bool:
    """Tell whether the rules understand a row."""
    at, address, status, *_ = row
    return (
        rules.moment(at, None) is not None
        and rules.status(status) is not None
        and (not address or rules.address(address) is not None)
    )


def reached(several: list[tuple[str, ...]], ip: str) -> set[str]:
    """Return whom the intruder reached, row by row and by the rules alone."""
    network, found = rules.network(ip), set()
    assert network is not None
    since, until = map(datetime.fromisoformat, ("2026-11-18T21:00Z", "2026-11-20T05:30Z"))
    for at, address, status, token, _, _, method, path, who in several:
        instant, code = rules.moment(at, None), rules.status(status)
        assert instant is not None
        assert code is not None
        mine = token == "tok" or rules.within(address, [network])
        if mine and since <= instant < until and method == "GET" and code // 100 == 2 and path:
            found |= {path.removeprefix("/users/"), who} - {""}
    return found


class TestDirectories:
    def written(self, folder: Path, gone: list[list[str | None]]) -> dict[str, Any]:
        """Write a directory of some files, and a log of requests for everybody in it."""
        keys = []
        for number, several in enumerate(gone):
            some = [
                {"id": f"u{number}-{n}", "gone": each, "mail": None}
                for n, each in enumerate(several)
            ]
            world.ndjson(folder / f"people-{number}.ndjson", some)
            keys += [each["id"] for each in some]
        logged = [{"ts": LATE, "t": "tok", "p": f"/users/{key}"} for key in keys]
        world.ndjson(folder / "log.ndjson", logged)
        columns = {"person": "id", "email": "mail", "erased_at": "gone"}
        return {"files": ["people-*"], "store": "accounts", "map": columns}

    def proven(self, folder: Path, directory: dict[str, Any]) -> set[str]:
        columns = {"at": "ts", "token": "t", "path": "p"}
        log = {"files": ["log.ndjson"], "format": "ndjson", "map": columns}
        intruder = {"token": ["tok"]}
        text = world.question(evidence=[log], directory=[directory], intruder=intruder)
        return set(world.listed(folder, text))

    def test_may_write_instants_in_other_ways_half_way(self, tmp_path: Path) -> None:
        order = random.Random(7)  # noqa: S311  (a draw that is the same each time)
        early = [EARLY, "20200101T000000Z", "2020-01-01", "1577836800"]
        late = [None, LATE, "20261119T120000Z", "2026-11-19", "2026-11-19T13:00:00,0+01:00"]
        gone = [[order.choice(early + late) for _ in range(40)] for _ in range(3)]

        people = self.proven(tmp_path, self.written(tmp_path, gone))

        assert people == {
            f"u{number}-{n}"
            for number, several in enumerate(gone)
            for n, each in enumerate(several)
            if each in late
        }

    def test_name_the_file_and_row_that_cannot_be_understood(self, tmp_path: Path) -> None:
        directory = self.written(tmp_path, [[None, EARLY], [None, LATE, "some day", "never"]])

        with pytest.raises(Unusable, match=r"people-1\.ndjson.*: row 3 holds no instant"):
            self.proven(tmp_path, directory)

    def test_name_the_file_and_row_without_a_key(self, tmp_path: Path) -> None:
        directory = self.written(tmp_path, [[None, EARLY], [None]])
        world.ndjson(tmp_path / "people-1.ndjson", [{"id": "u1", "gone": EARLY}, {"id": ""}])

        with pytest.raises(
            Unusable, match=r"people-1\.ndjson.*: row 2 is broken or has no key"
        ):
            self.proven(tmp_path, directory)


def test_the_rules_know_the_instants_that_the_tests_write() -> None:
    late = datetime(2026, 11, 19, 12, tzinfo=UTC)

    assert [rules.moment(each, None) for each in ODD[1:]] == [late, late]
    assert [rules.moment(each, None) for each in UNREAD] == [None] * len(UNREAD)


class TestColumns:
    @pytest.mark.parametrize("times", [1, 30])
    def test_with_an_address_that_is_none_are_told_however_often_the_others_come(
        self, tmp_path: Path, times: int
    ) -> None:
        plain = [
            (EARLY, f"192.0.2.{n}", "200", "t", "l", "u", "GET", "/", "") for n in range(9)
        ]
        several = [*plain * times, (EARLY, "no", "200", "t", "l", "u", "GET", "/", "")]
        with (tmp_path / "log.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([FIELDS, *several])
        copied = f"COPY (FROM read_csv('{tmp_path}/log.csv', all_varchar = true))"
        duckdb.connect().execute(f"{copied} TO '{tmp_path}/log.parquet' (FORMAT parquet)")
        world.ndjson(
            tmp_path / "people.ndjson", [{"user_id": "u1", "mail": None, "deleted_at": None}]
        )
        columns = {"person": "user_id", "email": "mail", "erased_at": "deleted_at"}
        text = world.question(
            evidence=[{"files": ["log.parquet"], "format": "parquet", "map": world.FLAT_MAP}],
            directory=[{"files": ["people.ndjson"], "store": "accounts", "map": columns}],
            intruder={"token": ["tok"]},
        )

        counts = world.counts(tmp_path, text)

        assert counts["rows_read"] == len(plain) * times
        assert counts["unmatched"]["unread_rows"] == 1
        [unread] = counts["unread_examples"]
        assert (unread["row"], unread["reason"]) == (len(several), "address")
