"""Evidence that was damaged, packed twice or named oddly: refused, never counted as less."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

import scoping_world as world
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.errands import Evidence

AT = "2026-11-19T12:00:00Z"
HEADER = "ts,t,p\n"
COLUMNS = {"at": "ts", "token": "t", "path": "p"}
CSV = HEADER + "".join(f"{AT},tok,/users/u{n}\n" for n in range(3))


def asked(folder: Path, *names: str, form: str = "csv", **directory: Any) -> str:
    """Return a question about logs and a directory of three."""
    (folder / "people.csv").write_text("user_id,mail\nu0,a@x.fr\nu1,b@x.fr\nu2,c@x.fr\n")
    columns = {"person": "user_id", "email": "mail"}
    of = {"files": ["people.csv"], "store": "accounts", "map": columns}
    return world.question(
        evidence=[{"files": list(names), "format": form, "map": COLUMNS}],
        directory=[{**of, **directory}],
        intruder={"token": ["tok"]},
    )


def refused(folder: Path, *names: str, **changed: Any) -> str:
    """Return in which words a question is refused."""
    with pytest.raises(Unusable) as refusal:
        world.counts(folder, asked(folder, *names, **changed))
    return str(refusal.value)


def flipped(lines: int) -> bytes:
    """Return packed NDJSON in which one bit of a key fell over: rows like all others."""
    row = {"ts": AT, "t": "tok"}
    text = "".join(json.dumps({**row, "p": f"/users/u{n % 3}"}) + "\n" for n in range(lines))
    packed = bytearray(gzip.compress(text.encode(), 0))
    packed[packed.index(b"/users/u1") + len("/users/u")] ^= 1
    return bytes(packed)


class TestChecksums:
    def test_that_do_not_fit_are_seen(self, tmp_path: Path) -> None:
        (tmp_path / "a.ndjson.gz").write_bytes(flipped(3))

        said = refused(tmp_path, "a.ndjson.gz", form="ndjson")

        assert said == "a.ndjson.gz: is damaged: its checksum does not fit; fetch it again"

    def test_are_looked_at_however_large_the_file(self, tmp_path: Path) -> None:
        content = bytearray(flipped(400_000))
        assert len(content) > 16 << 20
        (tmp_path / "a.ndjson.gz").write_bytes(content)

        assert "is damaged" in refused(tmp_path, "a.ndjson.gz", form="ndjson")

    def test_are_looked_at_when_evidence_is_converted(self, tmp_path: Path) -> None:
        (tmp_path / "a.ndjson.gz").write_bytes(flipped(3))
        text = asked(tmp_path, "a.ndjson.gz", form="ndjson")
        question = reading.parse(text, tmp_path / "q.toml", world.datamap())
        population = DuckDBPopulation(tmp_path / "scoping")

        with (
            population.workplace() as folder,
            pytest.raises(Unusable, match=r"a\.ndjson\.gz: is damaged"),
        ):
            list(population.convert(question.logs[0], folder))


def test_what_is_damaged_among_columns_is_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        duckdb.execute(
            f"COPY (SELECT '{AT}' AS ts, 'tok' AS t, '/users/of {name}' AS p) "
            f"TO '{tmp_path / name}.parquet' (FORMAT parquet, COMPRESSION uncompressed)"
        )
    content = bytearray((tmp_path / "b.parquet").read_bytes())
    content[content.index(b"/users/of b") - 1] = 0xFF  # the length of the path
    (tmp_path / "b.parquet").write_bytes(content)

    assert refused(tmp_path, "a.parquet", "b.parquet", form="parquet").startswith("b.parquet: ")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_what_is_packed_twice_is_refused(tmp_path: Path, form: str) -> None:
    name = f"a.{form}.gz"
    (tmp_path / name).write_bytes(gzip.compress(gzip.compress(CSV.encode())))

    said = refused(tmp_path, name, form=form)

    assert said == f"{name}: holds what is packed with gzip; unpack it once more first"


class TestTables:
    def test_of_which_no_line_is_text_are_not_empty(self, tmp_path: Path) -> None:
        lines = "".join(f"{AT},tok,/users/u{n},été\n" for n in range(3))
        (tmp_path / "a.csv").write_bytes(f"ts,t,p,prénom\n{lines}".encode("latin-1"))

        said = refused(tmp_path, "a.csv")

        assert said == "a.csv: has no line that is UTF-8; save it anew as UTF-8"

    def test_without_names_of_columns_are_not_quoted(self, tmp_path: Path) -> None:
        """Their first line is about somebody, and a refusal is kept."""
        (tmp_path / "a.csv").write_text(CSV)
        (tmp_path / "nameless.csv").write_text("user_17,mail.of@x.fr\nu1,b@x.fr\n")

        said = refused(tmp_path, "a.csv", files=["nameless.csv"])

        assert said == (
            "nameless.csv:1: does not name its columns in its first line; "
            "none of 'user_id', 'mail' stands there"
        )

    def test_that_name_a_column_twice_are_refused_where_it_is_asked_for(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "a.csv").write_text(f"ts,t,p,x,x\n{AT},tok,/users/u0,1,2\n")
        (tmp_path / "b.csv").write_text(f"ts,t,p,p\n{AT},tok,/users/u0,/users/u1\n")

        assert world.counts(tmp_path, asked(tmp_path, "a.csv"))["rings"]["proven"] == 1
        said = refused(tmp_path, "b.csv")
        assert said == "b.csv:1: names the column 'p' twice; rename one of them"

    def test_of_a_database_that_name_a_column_twice_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text(CSV)
        twice = "SELECT 'u0' AS user_id, 'u1' AS user_id, '' AS mail"

        with pytest.raises(Unusable, match=r"\[0\]\.query: returns the column 'user_id' twice"):
            text = asked(tmp_path, "a.csv", sql="sqlite://", query=twice)
            world.counts(tmp_path, text.replace('files = ["people.csv"]\n', ""))


class TestNames:
    def test_that_are_no_text_are_refused_and_shown_on_no_page(self, tmp_path: Path) -> None:
        strange = tmp_path / os.fsdecode(b"l\xffg.csv")
        strange.write_text(CSV)
        (tmp_path / "a.csv").write_text(CSV)

        said = refused(tmp_path, "*g.csv")

        assert r"'l\udcffg.csv': its path is not UTF-8; rename it" in said
        shown = Evidence(tmp_path, tmp_path).pointed()
        assert "a.csv" in shown
        assert not any("\udcff" in name for name in shown)


def test_an_import_says_of_a_row_what_a_measure_says(tmp_path: Path) -> None:
    world.ndjson(tmp_path / "a.ndjson", [{"ts": AT, "t": "tok", "p": "/users/u0"}, "{"])
    rows = f"('{AT}', 'tok', '/users/u1'), ('', 'tok', '/users/u2'), (NULL, 'tok', '/')"
    duckdb.connect().execute(
        f"COPY (FROM (VALUES {rows}) AS v(ts, t, p)) TO '{tmp_path}/b.parquet' (FORMAT parquet)"
    )
    text = asked(tmp_path, "a.ndjson", "b.parquet", form="ndjson")

    direct = world.counts(tmp_path, text)
    again, _ = world.measured_again(tmp_path, text)

    assert direct["unread_examples"] == again.counts["unread_examples"]
    assert [(each["row"], each["reason"]) for each in direct["unread_examples"]] == [
        (2, "row"), (2, "instant"), (3, "instant"),
    ]  # fmt: skip


def test_a_row_with_two_faults_is_named_once(tmp_path: Path) -> None:
    said = (("nowhere", "200"), ("nowhere", "2xx"), ("192.0.2.1", "200"))
    rows = ", ".join(f"('{AT}', 'tok', '/users/u1', '{ip}', '{code}')" for ip, code in said)
    duckdb.connect().execute(
        f"COPY (FROM (VALUES {rows}) AS v(ts, t, p, addr, code)) "
        f"TO '{tmp_path}/a.parquet' (FORMAT parquet)"
    )
    text = asked(tmp_path, "a.parquet", form="parquet")
    wider = world.toml({**COLUMNS, "ip": "addr", "status": "code"})

    found = world.counts(tmp_path, text.replace(world.toml(COLUMNS), wider))

    assert found["unmatched"]["unread_rows"] == 2
    assert [(each["row"], each["reason"]) for each in found["unread_examples"]] == [
        (1, "address"), (2, "status"),
    ]  # fmt: skip
