"""What `scope inspect` prints can be measured as it stands."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types

import scoping_world as world
from breachdesk.__main__ import run
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.reading import guessing
from breachdesk.scoping.terms import File, Inspection, Kind
from product_rows import AUDIT, ENTRY, EVENT, READ, TRAIL

PEOPLE = "user_id,email,lang,country,org_id,deleted_at\n" + "".join(
    f"u{n},u{n}@x.fr,fr,FR,o{n % 2},{'2020-01-01T00:00:00Z' if n == 9 else ''}\n"
    for n in range(10)
)
ROWS = [
    {"ts": f"2026-11-19T12:00:0{n}Z", "auth": {"token_id": "tok", "login": "eve"},
     "remote_addr": f"203.0.113.{n}", "method": "GET", "path": f"/users/u{n}", "status": 200,
     "ua": "curl/8.5", "user_id": None, "bytes": 17 * n}
    for n in range(6)
]  # fmt: skip
CSV = "time;client_ip;session;verb;uri;code\n" + "".join(
    f"2026-11-19 13:00:0{n};203.0.113.{n};tok;GET;/users/u{n};200\n" for n in range(6)
)
COMBINED = "".join(
    f"203.0.113.{n} - eve [19/Nov/2026:13:00:00 +0100] "
    f'"GET /users/u{n} HTTP/1.1" 200 1 "-" "x"\n'
    for n in range(6)
)


def ndjson(path: Path) -> None:
    world.ndjson(path, ROWS)


def parquet(path: Path) -> None:
    ndjson(path.with_suffix(".ndjson"))
    duckdb.connect().execute(
        f"COPY (FROM read_json('{path.with_suffix('.ndjson')}')) TO '{path}' (FORMAT parquet)"
    )


def workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes")
        sheet = book.add_worksheet("People")
        for number, line in enumerate(PEOPLE.splitlines()):
            sheet.write_row(number, 0, line.split(","))


def trail(path: Path) -> None:
    path.write_bytes(gzip.compress(json.dumps({"Records": [TRAIL, TRAIL]}).encode()))


def inspected(folder: Path, name: str, sheet: str | None = None) -> Inspection:
    population = DuckDBPopulation(folder / "scoping")
    sample = population.sample(File((folder / name).resolve(), name), sheet)
    return guessing.inspect(sample, name, world.datamap(), sheet)


class TestLogs:
    @pytest.mark.parametrize(
        ("name", "make", "form", "zone"),
        [
            ("a.ndjson", ndjson, "ndjson", None),
            ("a.jsonl.gz", ndjson, "ndjson", None),
            ("a.log", ndjson, "ndjson", None),
            ("a.parquet", parquet, "parquet", None),
            ("a.csv", lambda path: path.write_text(CSV), "csv", "Europe/Paris"),
            ("a.txt", lambda path: path.write_text(CSV, "utf-16"), "csv", "Europe/Paris"),
            ("access.log", lambda path: path.write_text(COMBINED), "combined", None),
        ],
    )
    def test_are_measured_as_they_are_guessed(
        self,
        tmp_path: Path,
        name: str,
        make: Callable[[Path], Any],
        form: str,
        zone: str | None,
    ) -> None:
        make(tmp_path / name)
        (tmp_path / "people.csv").write_text(PEOPLE)

        log, people = inspected(tmp_path, name), inspected(tmp_path, "people.csv")
        asked = world.question(intruder={"ip": ["203.0.113.0/24"]})
        counts = world.counts(tmp_path, asked + log.block + people.block)

        assert (log.kind, log.format, log.zone) == (Kind.LOG, form, zone)
        assert people.kind is Kind.DIRECTORY
        assert people.map["person"] == "user_id"
        assert counts["rings"]["proven"] == counts["rows_read"] == 6
        assert counts["by_country"] == {"FR": {"proven": 6}}
        assert counts["excluded"]["erased_before_window"] == 1

    @pytest.mark.parametrize(
        ("name", "content", "form"),
        [
            ("a.json", json.dumps({"Records": [TRAIL]}, indent=1), "cloudtrail"),
            ("a.ndjson", json.dumps(TRAIL) + "\n" + json.dumps(TRAIL), "cloudtrail"),
            ("a.json", json.dumps([ENTRY, ENTRY]), "gcp_audit"),
            ("a.jsonl", json.dumps(ENTRY), "gcp_audit"),
            ("a.json", json.dumps([EVENT], indent=2), "okta"),
            (
                "a.csv",
                AUDIT.format(n=1, at="2026-11-19 12:00:00 UTC", address="[local]", message="x")
                + AUDIT.format(
                    n=2, at="2026-11-19 12:00:00 UTC", address="[local]", message=READ
                ),
                "pgaudit",
            ),
        ],
    )
    def test_of_known_products_are_known(
        self, tmp_path: Path, name: str, content: str, form: str
    ) -> None:
        (tmp_path / name).write_text(content)

        found = inspected(tmp_path, name)

        assert (found.format, found.map) == (form, {})
        asked = world.question(intruder={"account": ["eve"]})
        (tmp_path / "people.csv").write_text(PEOPLE)
        people = inspected(tmp_path, "people.csv")
        assert world.counts(tmp_path, asked + found.block + people.block)["rows_read"] > 0

    def test_say_what_would_not_be_read(self, tmp_path: Path) -> None:
        broken = [
            {**ROWS[0], "ts": "yesterday"},
            {**ROWS[0], "remote_addr": "nowhere"},
            {**ROWS[0], "status": "fine"},
        ]
        world.ndjson(tmp_path / "a.ndjson", [*ROWS * 10, *broken, "{broken"])

        found = inspected(tmp_path, "a.ndjson")

        assert found.unread == (
            (64, "is no JSON object"),
            (61, "ts holds no instant that can be understood"),
            (62, "remote_addr holds no address"),
            (63, "status holds no status"),
        )

    def test_show_nobody(self, tmp_path: Path) -> None:
        (tmp_path / "people.csv").write_text(PEOPLE.replace("u1@x.fr", "jeanne.martin@x.fr"))

        shown = json.dumps([dict(row) for row in inspected(tmp_path, "people.csv").rows])

        assert "jeanne" not in shown
        assert "martin" not in shown
        assert '"country": "FR"' in shown


class TestPeople:
    def test_in_workbooks_are_found_on_their_sheet(self, tmp_path: Path) -> None:
        workbook(tmp_path / "people.xlsx")

        found = inspected(tmp_path, "people.xlsx", "People")

        assert 'sheet = "People"' in found.block
        assert "the workbook has several sheets: Notes, People" in found.doubts
        ndjson(tmp_path / "a.ndjson")
        log = inspected(tmp_path, "a.ndjson")
        asked = world.question(intruder={"token": ["tok"]})
        assert world.counts(tmp_path, asked + log.block + found.block)["directory"] == 10

    def test_on_a_list_are_a_list(self, tmp_path: Path) -> None:
        (tmp_path / "leak.txt").write_text("u1@x.fr\nu2@x.fr\n")
        (tmp_path / "people.csv").write_text(PEOPLE)

        found, people = inspected(tmp_path, "leak.txt"), inspected(tmp_path, "people.csv")

        assert found.kind is Kind.PEOPLE
        counts = world.counts(tmp_path, world.question() + found.block + people.block)
        assert counts["rings"]["proven"] == 2

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("taken.txt", "/users/u1\nhttps://files.example/users/u2?a=1\n"),
            ("keys.csv", "Key,Size\nusers/u1,1\nusers/u2,2\n"),
        ],
    )
    def test_of_whom_files_were_taken_are_found_by_the_files(
        self, tmp_path: Path, name: str, content: str
    ) -> None:
        (tmp_path / name).write_text(content)
        (tmp_path / "people.csv").write_text(PEOPLE)

        found, people = inspected(tmp_path, name), inspected(tmp_path, "people.csv")

        assert found.kind is Kind.EXPORTED
        counts = world.counts(tmp_path, world.question() + found.block + people.block)
        assert counts["rings"]["proven"] == 2
        assert counts["exported"]["unmatched"] == 0

    def test_in_a_log_without_instants_are_no_files_that_were_taken(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "log.csv").write_text("when,token,path\nhier,tok,/a/1\nhier,tok,/a/2\n")

        assert inspected(tmp_path, "log.csv").kind is not Kind.EXPORTED

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("a.csv", "", "is empty"),
            ("a.csv", "1,2,3\n4,5,6\n", "has no first line that names its columns"),
            ("a.csv", "\nat,token\n1,2\n3,4\n", "has no first line that names its columns"),
            ("a.json", '{"a": [1,\n2]}', "is one JSON document"),
            ("a.json", "[1, 2", "is not JSON that can be read"),
            ("a.parquet", "no", "Parquet"),
        ],
    )
    def test_in_files_that_are_none_are_refused(
        self, tmp_path: Path, name: str, content: str, said: str
    ) -> None:
        (tmp_path / name).write_text(content)

        with pytest.raises(Unusable, match=said):
            inspected(tmp_path, name)


class TestTerminal:
    def test_prints_what_can_be_pasted(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))
        ndjson(tmp_path / "a.ndjson")
        (tmp_path / "people.csv").write_text(PEOPLE)
        printed = []
        for name in ("a.ndjson", "people.csv"):
            assert run(["scope", "inspect", str(tmp_path / name)]) == 0
            printed.append(capsys.readouterr().out.replace('"STORE"', '"accounts"'))

        asked = world.question(intruder={"token": ["tok"]}) + "\n".join(printed)
        question = reading.parse(asked, tmp_path / "q.toml", world.datamap())
        assert len(question.logs) == len(question.directories) == 1

        assert run(["scope", "inspect", str(tmp_path / "a.ndjson"), "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert (document["kind"], document["map"]["token"]) == ("evidence", "auth.token_id")
        assert run(["scope", "inspect", str(tmp_path / "none.csv")]) == 2
