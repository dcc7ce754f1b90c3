"""Every format, compression and way of being broken, on real files."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import scoping_world as world
from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.kernel.errors import Unusable

HEADER = "ts,auth_token,auth_login,ua,addr,method,path,status,who\n"
LINE = '2026-11-19T12:00:00Z,tok,eve,"a ""b"", c",192.0.2.1,GET,/users/u{},200,\n'
COMBINED = (
    '192.0.2.1 - eve [19/Nov/2026:13:00:00 +0100] "GET /users/u{}?a HTTP/1.1" 200 1 "-" "x"\n'
)
LOG = {"format": "csv", "map": world.FLAT_MAP}


def asked(folder: Path, log: dict[str, Any], **changed: Any) -> str:
    """Write a directory of five and return the question about one log."""
    (folder / "people.csv").write_text(
        "user_id,mail,lang\n" + "".join(f"u{n},u{n}@x.fr,fr\n" for n in range(5))
    )
    columns = {"person": "user_id", "email": "mail", "locale": "lang"}
    directory = {"files": ["people.csv"], "store": "accounts", "map": columns}
    return world.question(
        evidence=[log],
        directory=[{**directory, **changed}],
        intruder={"token": ["tok"], "account": ["eve"]},
    )


def read(folder: Path, log: dict[str, Any]) -> tuple[int, int, int]:
    """Return how many rows were read, lines were not, and people are proven."""
    counts = world.counts(folder, asked(folder, log))
    return (
        counts["rows_read"],
        counts["unmatched"]["unread_rows"],
        counts["rings"]["proven"],
    )


class TestCsv:
    def test_reads_quotes(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(HEADER + LINE.format(0) + LINE.format(1))

        assert read(tmp_path, {**LOG, "files": ["a.csv"]}) == (2, 0, 2)

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_finds_the_delimiter_behind_a_byte_order_mark(
        self, tmp_path: Path, delimiter: str
    ) -> None:
        text = "\ufeff" + (HEADER + LINE.format(0)).replace(", c", "").replace(",", delimiter)
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.replace("\n", "\r\n").encode()))

        assert read(tmp_path, {**LOG, "files": ["a.csv.gz"]}) == (1, 0, 1)

    def test_counts_lines_that_are_no_rows(self, tmp_path: Path) -> None:
        text = HEADER + LINE.format(0) + "x,y\n\n" + LINE.format(1)
        broken = LINE.format(2).encode().replace(b"eve", b"\xff")
        long = LINE.format(2).replace("\n", ",more\n")
        (tmp_path / "a.csv").write_bytes(text.encode() + broken + long.encode())

        assert read(tmp_path, {**LOG, "files": ["a.csv"]}) == (2, 3, 2)

    def test_loses_no_line_to_a_quote_that_never_closes(self, tmp_path: Path) -> None:
        stray = LINE.format(4).replace('"a ""b"", c"', '"a')
        (tmp_path / "a.csv").write_text(
            HEADER + LINE.format(0) + stray + "".join(LINE.format(n) for n in (1, 2, 3))
        )

        assert read(tmp_path, {**LOG, "files": ["a.csv"]}) == (4, 1, 4)
        people = world.listed(tmp_path, asked(tmp_path, {**LOG, "files": ["a.csv"]}))
        assert all(each.why[0].startswith("a.csv row ") for each in people.values())

    def test_reads_a_row_over_several_lines(self, tmp_path: Path) -> None:
        stray = LINE.format(4).replace('"a ""b"", c"', '"a')
        (tmp_path / "a.csv").write_text(
            HEADER + LINE.format(0).replace(", c", "\nc") + stray + LINE.format(1)
        )

        assert read(tmp_path, {**LOG, "files": ["a.csv"]}) == (2, 1, 2)

    def test_needs_its_columns(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(HEADER.replace("who", "whom") + LINE.format(0))

        with pytest.raises(
            Unusable, match=r"a\.csv: has no column 'who'; the nearest is 'whom'"
        ):
            read(tmp_path, {**LOG, "files": ["a.csv"]})

    @pytest.mark.parametrize("before", ["\n", "\r\n", "\n" * 300, '"\n'])
    def test_names_its_columns_in_its_first_line(self, tmp_path: Path, before: str) -> None:
        (tmp_path / "a.csv").write_text(f"{before}at,token,path\n2026-11-19T12:00:00Z,tok,/x\n")
        log = {
            "files": ["a.csv"], "format": "csv",
            "map": {"at": "at", "token": "token", "path": "path"},
        }  # fmt: skip

        with pytest.raises(Unusable, match=r"a\.csv:1: does not name its columns"):
            world.counts(tmp_path, asked(tmp_path, log))

    def test_may_be_empty(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(HEADER)
        (tmp_path / "b.csv").write_text("")

        assert read(tmp_path, {**LOG, "files": ["a.csv", "b.csv"]}) == (0, 0, 0)


class TestCombined:
    def test_knows_its_fields(self, tmp_path: Path) -> None:
        text = COMBINED.format(0) + "\n" + COMBINED.format(1).replace("\n", "\r\n")
        (tmp_path / "access.log.gz").write_bytes(gzip.compress(text.encode()))

        assert read(tmp_path, {"files": ["access.log.gz"], "format": "combined"}) == (2, 0, 2)

    @pytest.mark.parametrize(
        "broken",
        [
            "nonsense\n",
            COMBINED.format(1).replace("Nov", "Foo"),
            COMBINED.format(1).replace("192.0.2.1", "host.example"),
            COMBINED.format(1).replace(' "x"', ""),
            COMBINED.format(1)[:60] + "\n",
        ],
    )
    def test_counts_lines_that_are_no_rows(self, tmp_path: Path, broken: str) -> None:
        (tmp_path / "access.log").write_text(COMBINED.format(0) + broken)

        assert read(tmp_path, {"files": ["access.log"], "format": "combined"}) == (1, 1, 1)

    @pytest.mark.parametrize(
        ("request_line", "key"),
        [
            ("GET /users/u 4 HTTP/1.1", "u 4"),
            ("GET /users/u  4 HTTP/2.0", "u  4"),
            ("GET /users/u4  HTTP/1.1", "u4"),
            ("GET  /users/u4 HTTP/1.1", "u4"),
            ("GET /users/u4", "u4"),
        ],
    )
    def test_takes_a_path_with_spaces_whole(
        self, tmp_path: Path, request_line: str, key: str
    ) -> None:
        row = COMBINED.format(0).replace("GET /users/u0?a HTTP/1.1", request_line)
        (tmp_path / "access.log").write_text(row)
        text = asked(tmp_path, {"files": ["access.log"], "format": "combined"})
        (tmp_path / "people.csv").write_text(f"user_id,mail,lang\n{key},x@x.fr,fr\n")

        assert list(world.listed(tmp_path, text)) == [key]

    def test_counts_a_request_that_is_none_as_unmatched(self, tmp_path: Path) -> None:
        row = COMBINED.format(0).replace("GET /users/u0?a HTTP/1.1", "-")
        (tmp_path / "access.log").write_text(row)

        counts = world.counts(
            tmp_path, asked(tmp_path, {"files": ["access.log"], "format": "combined"})
        )

        assert counts["rows_read"] == counts["unmatched"]["rows"] == 1


class TestParquet:
    @pytest.mark.parametrize(
        ("instant", "zone", "read_rows"),
        [
            ("TIMESTAMPTZ '2026-11-19 12:00:00Z'", None, 3),
            ("TIMESTAMP '2026-11-19 12:00:00'", None, 0),
            ("TIMESTAMP '2026-11-19 12:00:00'", "Europe/Paris", 3),
            ("TIMESTAMP_NS '2026-11-19 12:00:00.123456789'", "Europe/Paris", 3),
            ("TIMESTAMP_NS '2026-11-20 06:29:59.999999999'", "Europe/Paris", 3),
            ("TIMESTAMP '2026-10-25 02:30:00'", "Europe/Paris", 0),
            ("'2026-11-18 21:30:00+00'::TIMESTAMPTZ_NS", None, 3),
            ("'2026-11-18 21:30:00+00'::TIMESTAMPTZ_NS", "Europe/Paris", 3),
            ("'2026-11-20 05:29:59.999999999+00'::TIMESTAMPTZ_NS", None, 3),
            ("'2026-11-19T12:00:00Z'", None, 3),
            ("1795089600", None, 3),
            ("1795089600123.0::DOUBLE", None, 3),
        ],
    )
    def test_has_instants_of_many_types(
        self, tmp_path: Path, instant: str, zone: str | None, read_rows: int
    ) -> None:
        parquet(tmp_path / "a.parquet", instant)
        log = {"files": ["a.parquet"], "format": "parquet", "map": world.LOG_MAP}
        if zone:
            log["zone"] = zone

        assert read(tmp_path, log) == (read_rows, 3 - read_rows, read_rows)

    def test_needs_its_columns(self, tmp_path: Path) -> None:
        parquet(tmp_path / "a.parquet", "'2026-11-19T12:00:00Z'")
        log = {
            "files": ["a.parquet"],
            "format": "parquet",
            "map": {**world.LOG_MAP, "token": "auth.tokens"},
        }

        with pytest.raises(Unusable, match=r"has no column 'auth\.tokens'"):
            read(tmp_path, log)


def parquet(path: Path, instant: str) -> None:
    """Write three rows whose instants are the SQL `instant`."""
    duckdb.connect().execute(
        f"COPY (SELECT {instant} AS ts, {{'token': 'tok', 'login': 'x'}} AS auth, 'x' AS ua, "  # noqa: S608  (of our own)
        "'192.0.2.1' AS addr, 'GET' AS method, '/users/u' || i AS path, 200 AS status, "
        f"'u' || i AS who FROM range(3) AS t(i)) TO '{path}' (FORMAT parquet)"
    )


def cut_off(path: Path) -> None:
    world.ndjson(path, [{"ts": str(number) * 9} for number in range(20_000)])
    path.write_bytes(path.read_bytes()[:-200])


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("name", "make", "said"),
        [
            ("a.ndjson.gz", cut_off, "is cut off or is not gzip"),
            ("a.ndjson.gz", lambda path: path.write_text("{}"), "is cut off or is not gzip"),
            ("a.ndjson.zst", lambda path: path.write_text("{}"), "zstd"),
            ("a.parquet", lambda path: path.write_text("PAR1"), "is not a whole Parquet file"),
        ],
    )
    def test_are_named(
        self, tmp_path: Path, name: str, make: Callable[[Path], object], said: str
    ) -> None:
        make(tmp_path / name)

        with pytest.raises(Unusable, match=said) as refusal:
            read(tmp_path, {"files": [name], "format": "ndjson", "map": world.LOG_MAP})
        assert refusal.value.problems[0].file == name

    def test_may_hold_a_line_of_ten_megabytes(self, tmp_path: Path) -> None:
        row = {
            "ts": "2026-11-19T12:00:00Z",
            "t": "tok",
            "p": "/users/u1",
            "x": "y" * 10_000_000,
        }
        world.ndjson(tmp_path / "a.ndjson", [row, {**row, "x": "", "p": "/users/u2"}])
        columns = {"at": "ts", "token": "t", "path": "p"}

        log = {"files": ["a.ndjson"], "format": "ndjson", "map": columns}

        assert read(tmp_path, log) == (2, 0, 2)

    def test_may_hold_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        row = b'{"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1", "x": "%s"}\n'
        (tmp_path / "a.ndjson").write_bytes(row % b"\xe9" + row % b"e")
        columns = {"at": "ts", "token": "t", "path": "p"}

        log = {"files": ["a.ndjson"], "format": "ndjson", "map": columns}

        assert read(tmp_path, log) == (1, 1, 1)

    def test_of_any_length_keep_the_numbers_of_their_rows(self, tmp_path: Path) -> None:
        rows = 120_000
        world.ndjson(
            tmp_path / "a.ndjson",
            [
                {
                    "ts": "2026-11-19T12:00:00Z",
                    "t": f"tok_{number}",
                    "p": f"/users/u{number % 5}",
                    "x": "y" * 200,
                }
                for number in range(rows)
            ],
        )
        columns = {"at": "ts", "token": "t", "path": "p"}
        log = {"files": ["a.ndjson"], "format": "ndjson", "map": columns}
        numbers = [rows * part // 5 + part for part in range(5)]
        tokens = [f"tok_{number}" for number in numbers] + [f"no_{n}" for n in range(40)]

        text = asked(tmp_path, log).replace('["tok"]', json.dumps(tokens))
        people = world.listed(tmp_path, text)

        assert {key: each.why[0].split(",")[0] for key, each in people.items()} == {
            f"u{number % 5}": f"a.ndjson row {number + 1}" for number in numbers
        }

    def test_of_ndjson_need_their_columns_in_some_row(self, tmp_path: Path) -> None:
        world.ndjson(tmp_path / "a.ndjson", [{"ts": "x", "p": "/", "auth": {"token": "t"}}])
        columns = {"at": "ts", "token": "auth.tokn", "path": "p"}

        with pytest.raises(
            Unusable, match=r"evidence\[0\]\.map\.token: has no column 'auth.tokn'"
        ):
            read(tmp_path, {"files": ["a.ndjson"], "format": "ndjson", "map": columns})


class TestNdjson:
    @pytest.mark.parametrize(
        ("row", "columns"),
        [
            ({"at": 1, "t": "tok", "T": "x"}, {"token": "t", "account": "T"}),
            ({"a": {"t": "tok"}}, {"token": "a.t", "account": "a"}),
            ({"a.t": "tok"}, {"token": "a.t"}),
            ({"filename": "tok", "file": "eve"}, {"token": "filename", "account": "file"}),
            ({'odd "k': "tok"}, {"token": 'odd "k'}),
        ],
    )
    def test_may_name_its_columns_oddly(
        self, tmp_path: Path, row: dict[str, Any], columns: dict[str, str]
    ) -> None:
        whole = {**row, "ts": "2026-11-19T12:00:00Z", "p": "/users/u1"}
        world.ndjson(tmp_path / "a.ndjson", [whole, "{", {"ts": "2026-11-19T12:00:00Z"}])
        columns = {**columns, "at": "ts", "path": "p"}

        log = {"files": ["a.ndjson"], "format": "ndjson", "map": columns}

        assert read(tmp_path, log) == (2, 1, 1)


class TestDirectories:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("user_id,mail,lang\nu1,a\n", "people.csv:2: is not a row"),
            ("user_id,mail,lang\nu1,a,b\n,a,b\n", "row 2 is broken or has no key"),
            ("user,mail,lang\n", "has no column 'user_id'; the nearest is 'user'"),
        ],
    )
    def test_must_be_whole(self, tmp_path: Path, content: str, said: str) -> None:
        (tmp_path / "a.ndjson").write_text("")
        text = asked(
            tmp_path, {"files": ["a.ndjson"], "format": "ndjson", "map": world.LOG_MAP}
        )
        (tmp_path / "people.csv").write_text(content)

        with pytest.raises(Unusable) as refusal:
            world.counts(tmp_path, text)
        assert said in str(refusal.value)
        assert "a,b" not in str(refusal.value)

    def test_need_instants_with_an_offset(self, tmp_path: Path) -> None:
        (tmp_path / "a.ndjson").write_text("")
        log = {"files": ["a.ndjson"], "format": "ndjson", "map": world.LOG_MAP}
        columns = {"person": "user_id", "erased_at": "mail"}
        text = asked(tmp_path, log, map=columns)
        (tmp_path / "people.csv").write_text(
            "user_id,mail\nu1,2026-01-01T00:00:00Z\nu2,2026-01-01T00:00:00\n"
        )

        with pytest.raises(Unusable, match=r"people\.csv: mail: row 2 holds no instant"):
            world.counts(tmp_path, text)
        zoned = asked(tmp_path, log, map=columns, zone="Europe/Paris")
        (tmp_path / "people.csv").write_text("user_id,mail\nu2,2026-01-01T00:00:00\n")
        assert world.counts(tmp_path, zoned)["excluded"]["erased_before_window"] == 1


class TestSandbox:
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        (tmp_path / "seen[1]'*.csv").write_text("a\n1\n")
        (tmp_path / "other.csv").write_text("a\n1\n")
        (tmp_path / "work").mkdir()
        opened = Engine(tmp_path / "work", [tmp_path / "seen[1]'*.csv"])
        yield opened
        opened.close()

    def test_sees_what_it_was_given(self, engine: Engine, tmp_path: Path) -> None:
        path = str(tmp_path / "seen[1]'*.csv").replace("'", "''")

        assert engine.rows(f"SELECT a FROM read_csv('{path}')") == [(1,)]  # noqa: S608

    @pytest.mark.parametrize(
        "statement",
        [
            "FROM read_csv('{folder}/other.csv')",
            "FROM read_csv('{folder}/work/../other.csv')",
            "FROM read_text('/etc/hostname')",
            "COPY (SELECT 1) TO '{folder}/out.csv'",
            "ATTACH '{folder}/other.db'",
            "LOAD httpfs",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "SET memory_limit = '100GB'",
            "SET lock_configuration = false",
        ],
    )
    def test_opens_to_nothing_else(
        self, engine: Engine, tmp_path: Path, statement: str
    ) -> None:
        with pytest.raises(duckdb.Error):
            engine.run(statement.format(folder=tmp_path))

    def test_does_not_write_its_folder_into_the_statements(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        engine.lend("lent", {"a": "VARCHAR"}, [["x"]])

        assert engine.rows("FROM lent") == [("x",)]
        assert str(tmp_path / "work") not in "".join(engine.statements)
