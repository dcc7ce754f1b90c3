"""Evidence as an intruder would leave it: a clear outcome each, and nobody lost in silence."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import scoping_world as world
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.reading.files import Shelf

HEADER = "ts,t,p,who\n"
ROW = "2026-11-19T12:00:00Z,tok,/users/u{},\n"
COLUMNS = {"at": "ts", "token": "t", "path": "p", "person": "who"}
PLAIN = {"at": "ts", "token": "t", "path": "p"}
ACCENT = "é".encode("latin-1")


def asked(folder: Path, *names: str, form: str = "csv", **changed: Any) -> str:
    people = "".join(f"u{n},u{n}@x.fr\n" for n in range(5))
    (folder / "people.csv").write_text(f"user_id,mail\n{people}")
    return world.question(
        evidence=[{"files": list(names), "format": form, "map": COLUMNS, **changed}],
        directory=[
            {"files": ["people.csv"], "store": "accounts",
             "map": {"person": "user_id", "email": "mail"}}
        ],
        intruder={"token": ["tok"]},
    )  # fmt: skip


def outcome(folder: Path, *names: str, **changed: Any) -> tuple[int, int, int]:
    """Return how many rows were read, how many lines were not, how many people are proven."""
    counts = world.counts(folder, asked(folder, *names, **changed))
    return (
        counts["rows_read"],
        counts["unmatched"]["unread_rows"],
        counts["rings"]["proven"],
    )


def rows(*numbers: int) -> str:
    return HEADER + "".join(ROW.format(number) for number in numbers)


def zipped(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("../../a.csv", content)
    return sink.getvalue()


def tarred(content: bytes, *, mode: str = "w") -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode) as archive:  # type: ignore[call-overload]  # a mode of a few
        member = tarfile.TarInfo("../../a.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return sink.getvalue()


class TestBytes:
    def test_of_another_encoding_among_utf8_are_counted(self, tmp_path: Path) -> None:
        broken = ROW.format(1).encode().replace(b",\n", b",caf" + ACCENT + b"\n")
        (tmp_path / "a.csv").write_bytes(rows(0, 2).encode() + broken)

        assert outcome(tmp_path, "a.csv") == (2, 1, 2)

    @pytest.mark.parametrize("packed", [False, True])
    def test_of_another_encoding_matter_only_where_they_are_asked_for(
        self, tmp_path: Path, *, packed: bool
    ) -> None:
        """A row is not lost because of a column that says nothing of anybody."""
        odd = ROW.format(1).encode().replace(b",\n", b",caf" + ACCENT + b"\n")
        content = rows(0, 2).encode() + odd
        name = "a.csv.gz" if packed else "a.csv"
        (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)

        assert outcome(tmp_path, name, map=PLAIN) == (3, 0, 3)
        assert outcome(tmp_path, name) == (2, 1, 2)

    def test_of_another_encoding_in_ndjson_are_counted(self, tmp_path: Path) -> None:
        row = '{"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u%d", "ua": "caf%s"}\n'
        (tmp_path / "a.ndjson").write_bytes(
            (row % (0, "é")).encode() + (row % (1, "é")).encode("latin-1")
        )

        assert outcome(tmp_path, "a.ndjson", form="ndjson", map=PLAIN) == (1, 1, 1)

    def test_of_another_encoding_in_a_combined_log_are_counted(self, tmp_path: Path) -> None:
        line = (
            "192.0.2.1 - tok [19/Nov/2026:13:00:00 +0100] "
            '"GET /users/u{} HTTP/1.1" 200 1 "-" "{}"\n'
        )
        (tmp_path / "access.log").write_bytes(
            line.format(1, "x").encode() + line.format(2, "caf").encode()[:-2] + ACCENT + b'"\n'
        )
        text = asked(tmp_path, "access.log", form="combined").replace(
            f"map = {world.toml(COLUMNS)}\n", ""
        )
        counts = world.counts(tmp_path, text.replace("token =", "account ="))

        assert (counts["rows_read"], counts["unmatched"]["unread_rows"]) == (1, 1)

    def test_of_nothing_are_counted_or_read(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(rows(0, 1) + ROW.format(2).replace(",\n", ",a\0b\n"))

        read, unread, proven = outcome(tmp_path, "a.csv")

        assert read + unread == 3
        assert proven == read

    def test_of_nothing_in_ndjson_are_counted_or_read(self, tmp_path: Path) -> None:
        row = '{"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1", "who": "%s"}\n'
        (tmp_path / "a.ndjson").write_text(row % "" + row % "\0" + "\0\0\0\n")

        read, unread, proven = outcome(tmp_path, "a.ndjson", form="ndjson")

        assert read + unread == 3
        assert proven == 1

    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
    def test_of_utf16_are_read(self, tmp_path: Path, encoding: str, *, packed: bool) -> None:
        mark = "\ufeff" if encoding.endswith("be") else ""
        content = (mark + rows(0, 1).replace("\n", "\r\n")).encode(encoding)
        name = "a.csv.gz" if packed else "a.csv"
        (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)

        assert outcome(tmp_path, name) == (2, 0, 2)
        people = world.listed(tmp_path, asked(tmp_path, name))
        assert people["u1"].why[0].startswith(f"{name} row 2")

    def test_of_a_mark_and_carriage_returns_are_no_part_of_a_value(
        self, tmp_path: Path
    ) -> None:
        text = "\ufeff" + rows(0, 1).replace("\n", "\r\n")
        (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
        world.ndjson(
            tmp_path / "b.ndjson",
            ['\ufeff{"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u2"}\r'],
        )

        assert outcome(tmp_path, "a.csv") == (2, 0, 2)
        assert outcome(tmp_path, "b.ndjson", form="ndjson", map=PLAIN) == (1, 0, 1)


class TestFiles:
    @pytest.mark.parametrize("ending", ["gz", "zst"])
    def test_cut_off_are_refused_by_name(self, tmp_path: Path, ending: str) -> None:
        path = tmp_path / f"a.csv.{ending}"
        (tmp_path / "whole.csv").write_text(rows(*range(9999)))
        kind = {"gz": "gzip", "zst": "zstd"}[ending]
        duckdb.connect().execute(
            f"COPY (FROM read_csv('{tmp_path}/whole.csv', all_varchar = true)) TO '{path}' "
            f"(FORMAT csv, COMPRESSION {kind})"
        )
        assert outcome(tmp_path, path.name)[:2] == (9999, 0)
        path.write_bytes(path.read_bytes()[:-40])

        with pytest.raises(Unusable, match=rf"a\.csv\.{ending}: is cut off or is not {kind}"):
            outcome(tmp_path, path.name)

    @pytest.mark.parametrize(
        ("name", "pack", "said"),
        [
            ("a.csv", zipped, "is a zip archive"),
            ("a.csv", tarred, "is an archive of files"),
            (
                "a.csv.gz",
                lambda content: tarred(content, mode="w:gz"),
                "is an archive of files",
            ),
            ("a.csv.gz", zipped, "is a zip archive"),
            ("a.csv", gzip.compress, "is packed with gzip"),
            ("a.csv", bz2.compress, "is packed with bzip2"),
            ("a.csv", lzma.compress, "is packed with xz"),
            ("a.csv", lambda content: b"PAR1" + content, "is a Parquet file"),
            ("a.csv", lambda content: b"SQLite format 3\0" + content, "is a SQLite database"),
        ],
    )
    def test_that_are_something_else_are_refused(
        self, tmp_path: Path, name: str, pack: Callable[[bytes], bytes], said: str
    ) -> None:
        (tmp_path / name).write_bytes(pack(rows(0, 1).encode() * 20))

        with pytest.raises(Unusable, match=rf"{name}: {said}"):
            outcome(tmp_path, name)

    def test_that_grow_beyond_measure_are_refused(self, tmp_path: Path) -> None:
        zeros = bytes(1 << 20)
        with gzip.open(tmp_path / "a.csv.gz", "wb") as sink:
            sink.write(HEADER.encode())
            for _ in range(80):
                sink.write(zeros)

        with pytest.raises(Unusable, match=r"a\.csv\.gz: unpacks to more than 250 times"):
            outcome(tmp_path, "a.csv.gz")

    def test_that_say_they_grow_beyond_measure_are_refused(self, tmp_path: Path) -> None:
        claims = b"\x28\xb5\x2f\xfd" + bytes([0b11100000]) + (1 << 40).to_bytes(8, "little")
        repeated = (1 << 1 | 100_000 << 3 | 1).to_bytes(3, "little") + b"y"
        (tmp_path / "a.csv.zst").write_bytes(claims + repeated)

        with pytest.raises(Unusable, match=r"a\.csv\.zst: unpacks to more than 250 times"):
            outcome(tmp_path, "a.csv.zst")

    def test_that_only_repeat_themselves_are_read(self, tmp_path: Path) -> None:
        text = HEADER + ROW.format(1) * 20_000
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))

        assert outcome(tmp_path, "a.csv.gz") == (20_000, 0, 1)

    def test_of_the_same_bytes_are_counted_once_and_said(self, tmp_path: Path) -> None:
        for name in ("a.csv", "b.csv", "copy of a.csv"):
            (tmp_path / name).write_text(rows(0, 1) if "a" in name else rows(2, 3))

        found = world.counts(tmp_path, asked(tmp_path, "a.csv", "b.csv", "copy of a.csv"))

        assert found["repeated_files"] == [["copy of a.csv", "a.csv"]]
        assert found["rows_read"] == found["records"] == 4

    def test_without_a_row_are_no_rows(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("")
        (tmp_path / "b.csv").write_text(HEADER)
        (tmp_path / "c.ndjson").write_text("")

        assert outcome(tmp_path, "a.csv", "b.csv", "c.ndjson") == (0, 0, 0)

    @pytest.mark.parametrize(
        "address", ["s3://logs/a.csv", "https://x.example/a.csv", "gs://a/b"]
    )
    def test_on_another_machine_are_refused(self, tmp_path: Path, address: str) -> None:
        with pytest.raises(Unusable, match="lies on another machine, which is not supported"):
            reading.parse(asked(tmp_path, address), tmp_path / "q.toml", world.datamap())

    def test_packed_with_zstd_are_walked_block_by_block(self, tmp_path: Path) -> None:
        duckdb.connect().execute(
            f"COPY (SELECT '2026-11-19T12:00:00Z' AS ts, 'tok' AS t, '/users/u' || i AS p, "  # noqa: S608  (of our own)
            f"hash(i) AS who FROM range(300000) AS r(i)) TO '{tmp_path}/a.csv.zst' "
            "(FORMAT csv, COMPRESSION zstd)"
        )
        whole = (tmp_path / "a.csv.zst").read_bytes()
        skipped = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"

        (tmp_path / "a.csv.zst").write_bytes(skipped + whole)
        assert outcome(tmp_path, "a.csv.zst") == (300_000, 0, 5)
        for left in (len(whole) // 2, len(whole) - 1, 9):
            (tmp_path / "a.csv.zst").write_bytes(whole[:left])
            with pytest.raises(Unusable, match=r"a\.csv\.zst: is cut off or is not zstd"):
                outcome(tmp_path, "a.csv.zst")


class TestRows:
    def test_whose_column_changes_its_type_half_way_are_read(self, tmp_path: Path) -> None:
        lines: list[dict[str, Any] | str] = [
            {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u0", "who": 7},
            {"ts": 1795089600, "t": "tok", "p": "/users/u1", "who": "seven"},
            {"ts": "1795089600123", "t": "tok", "p": "/users/u2", "who": None},
            {"ts": {"at": 1}, "t": ["tok"], "p": "/users/u3", "who": True},
        ]
        world.ndjson(tmp_path / "a.ndjson", lines)

        assert outcome(tmp_path, "a.ndjson", form="ndjson") == (3, 1, 3)

    def test_whose_status_becomes_text_half_way_are_counted(self, tmp_path: Path) -> None:
        many = "".join("2026-11-19T12:00:00Z,tok,/users/u1,200\n" for _ in range(30_000))
        (tmp_path / "a.csv").write_text(
            "ts,t,p,s\n" + many + "2026-11-19T12:00:00Z,tok,/users/u2,OK\n"
        )

        found = outcome(tmp_path, "a.csv", map={**PLAIN, "status": "s"})

        assert found == (30_000, 1, 1)

    @pytest.mark.parametrize("form", ["csv", "ndjson"])
    def test_of_ten_megabytes_are_read(self, tmp_path: Path, form: str) -> None:
        long = "y" * 10_000_000
        if form == "csv":
            (tmp_path / "a.csv").write_text(
                rows(0) + ROW.format(1).replace(",\n", f",{long}\n")
            )
        else:
            row = {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1", "who": long}
            world.ndjson(tmp_path / "a.ndjson", [{**row, "p": "/users/u0", "who": ""}, row])

        assert outcome(tmp_path, f"a.{form}", form=form) == (2, 0, 2)

    def test_of_fifty_megabytes_are_read_where_a_row_lacks_a_column(
        self, tmp_path: Path
    ) -> None:
        row = {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1"}
        world.ndjson(tmp_path / "a.ndjson", [{**row, "who": "y" * 50_000_000}, row])

        assert outcome(tmp_path, "a.ndjson", form="ndjson") == (2, 0, 1)

    @pytest.mark.parametrize("megabytes", [17, 31, 33, 40])
    def test_longer_than_any_row_are_counted(self, tmp_path: Path, megabytes: int) -> None:
        with (tmp_path / "a.csv").open("w") as sink:
            sink.write(rows(0))
            sink.write("y" * (megabytes << 20) + "\n")
            sink.write(ROW.format(1))

        assert outcome(tmp_path, "a.csv") == (2, 1, 2)

    def test_longer_than_can_be_told_are_refused(self, tmp_path: Path) -> None:
        with (tmp_path / "a.csv").open("w") as sink:
            sink.write(rows(0))
            sink.seek(300 << 20)
            sink.write("\n" + ROW.format(1))

        with pytest.raises(Unusable, match="a line of more than 128 MiB"):
            outcome(tmp_path, "a.csv")


class TestColumns:
    @pytest.mark.parametrize("nothing", ["NULL", "''"])
    def test_of_the_intruder_that_say_nothing_prove_nobody(
        self, tmp_path: Path, nothing: str
    ) -> None:
        at = "'2026-11-19T12:00:00Z'"
        said = [(at, "'200'", 0), (nothing, "'200'", 1), (at, nothing, 2)]
        values = ", ".join(f"({t}, 'tok', '/users/u{n}', {s})" for t, s, n in said)
        duckdb.connect().execute(
            f"COPY (FROM (VALUES {values}) AS v(ts, t, p, s)) "
            f"TO '{tmp_path}/a.parquet' (FORMAT parquet)"
        )
        columns = {**PLAIN, "status": "s"}

        assert outcome(tmp_path, "a.parquet", form="parquet", map=columns) == (1, 2, 1)


class TestPaths:
    def test_on_the_disk_follow_links_and_name_what_they_found(self, tmp_path: Path) -> None:
        (tmp_path / "real.csv").write_text(rows(0))
        (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
        (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
        (tmp_path / "zero.csv").symlink_to("/dev/zero")

        assert outcome(tmp_path, "link.csv") == (1, 0, 1)
        for name in ("loop.csv", "zero.csv"):
            with pytest.raises(Unusable, match="there is no such file"):
                outcome(tmp_path, name)

    @pytest.mark.parametrize(
        ("pattern", "said"),
        [
            ("../a.csv", "leads out of the evidence"),
            ("/etc/passwd", "leads out of the evidence"),
            ("logs/../../a.csv", "leads out of the evidence"),
            ("..\\a.csv", "leads out of the evidence"),
            ("~/a.csv", "there is no such file"),
            ("b.csv", "there is no such file"),
            ("s3://x/a.csv", "lies on another machine"),
        ],
    )
    def test_on_a_page_lead_nowhere_else(self, tmp_path: Path, pattern: str, said: str) -> None:
        (tmp_path / "b.csv").write_text(rows(0))
        shelf = Shelf({"a.csv": tmp_path / "a.csv", "people.csv": tmp_path / "people.csv"})

        with pytest.raises(Unusable, match=said):
            reading.parse(asked(tmp_path, pattern), tmp_path / "q.toml", world.datamap(), shelf)

    def test_on_a_page_ask_no_database(self, tmp_path: Path) -> None:
        text = asked(tmp_path, "a.csv").replace(
            'files = ["people.csv"]', 'sql = "sqlite://"\nquery = "SELECT 1"'
        )
        shelf = Shelf({"a.csv": tmp_path / "a.csv"})

        with pytest.raises(Unusable, match="which only the terminal may"):
            reading.parse(text, tmp_path / "q.toml", world.datamap(), shelf)

    def test_on_a_page_are_matched_by_name(self, tmp_path: Path) -> None:
        names = ("logs/a.csv", "logs/b.csv.gz", "people.csv")
        shelf = Shelf({name: tmp_path / f"{n}.csv" for n, name in enumerate(names)})

        found = reading.parse(
            asked(tmp_path, "logs/*", "logs/a.csv"), tmp_path / "q.toml", world.datamap(), shelf
        )

        assert [each.name for each in found.logs[0].files] == ["logs/a.csv", "logs/b.csv.gz"]

    @pytest.mark.parametrize("name", ["log[1].csv", "log?.csv", "lo*.csv", "[l]og/a.csv"])
    def test_mean_themselves_though_others_fit_them(self, tmp_path: Path, name: str) -> None:
        for each, numbers in (("log1.csv", (0, 1)), ("log/a.csv", (2,)), (name, (3, 4))):
            (tmp_path / each).parent.mkdir(exist_ok=True)
            (tmp_path / each).write_text(rows(*numbers))
        text = asked(tmp_path, "l*.csv", "*/a.csv")

        found = world.listed(tmp_path, text)
        again, imported = world.measured_again(tmp_path, text)

        assert sorted(found) == ["u0", "u1", "u2", "u3", "u4"]
        assert found["u3"].why[0].startswith(f"{name} row 1, ")
        assert [each.person_key for each in imported] == sorted(found)
        assert again.counts["rows_read"] == 5

    @pytest.mark.parametrize("form", ["csv", "ndjson", "parquet", "combined"])
    def test_say_nothing_of_the_rows_in_a_file(self, tmp_path: Path, form: str) -> None:
        folder = tmp_path / "ts=2020-01-01" / "p=x" / "c2=y" / "line=1" / "read_from_file=z"
        folder.mkdir(parents=True)
        path = folder / f"a.{form}"
        if form == "csv":
            path.write_text(rows(0))
        elif form == "combined":
            path.write_text(
                '203.0.113.9 - - [19/Nov/2026:12:00:00 +0000] "GET /users/u0 H" 200 1 "-" "-"\n'
            )
        else:
            row = "'2026-11-19T12:00:00Z' AS ts, 'tok' AS t, '/users/u0' AS p, '' AS who"
            kind = {"ndjson": "json"}.get(form, form)
            duckdb.connect().execute(f"COPY (SELECT {row}) TO '{path}' (FORMAT {kind})")
        text = asked(tmp_path, "**/a.*", form=form)
        if form == "combined":
            text = text.replace(f"map = {world.toml(COLUMNS)}\n", "")
            text = text.replace('token = ["tok"]', 'ip = ["203.0.113.9"]')

        assert list(world.listed(tmp_path, text)) == ["u0"]


def test_a_home_may_be_called_anything(tmp_path: Path) -> None:
    home = tmp_path / "ring=2" / "row=7" / "instant=0"
    home.mkdir(parents=True)
    (home / "a.csv").write_text(rows(0, 1))

    found, imported = world.measured_again(home, asked(home, "a.csv"))

    assert (
        [each.person_key for each in imported]
        == ["u0", "u1"]
        == [*world.listed(home, asked(home, "a.csv"))]
    )
    assert found.counts["rows_read"] == 2


def test_a_shelf_of_json_is_no_shelf_of_people(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Records": []}))
    text = asked(tmp_path, "a.json", form="cloudtrail").replace(
        f"map = {world.toml(COLUMNS)}\n", ""
    )

    assert world.counts(tmp_path, text)["rows_read"] == 0
