"""Questions as people write them, and every way in which they are refused."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import scoping_world as world
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.terms import Format, Question

DIRECTORY = {"files": ["accounts.csv"], "store": "accounts", "map": world.ACCOUNTS_MAP}
LOG = {"files": ["a.ndjson"], "format": "ndjson", "map": world.LOG_MAP}
INTRUDER = {"token": ["tok"], "ip": ["203.0.113.0/24", "2001:db8::1"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("accounts.csv", "a.ndjson", "b.ndjson", "leak.txt", "access.log", "x.txt"):
        (tmp_path / name).touch()
    return tmp_path


def read(folder: Path, **parts: Any) -> Question:
    text = world.question(
        **{"directory": [DIRECTORY], "evidence": [LOG], "intruder": INTRUDER, **parts}
    )
    return reading.parse(text, folder / "q.toml", world.datamap())


def refused(folder: Path, text: str) -> str:
    with pytest.raises(Unusable) as refusal:
        reading.parse(text, folder / "q.toml", world.datamap())
    return " / ".join(str(each) for each in refusal.value.problems)


class TestReading:
    def test_keeps_window_intruder_and_files(self, folder: Path) -> None:
        question = read(folder, readable=["papers"])

        assert question.window.since == datetime(2026, 11, 18, 21, tzinfo=UTC)
        assert question.window.until == datetime(2026, 11, 20, 5, 30, tzinfo=UTC)
        assert question.intruder.ip == ("203.0.113.0/24", "2001:db8::1")
        assert question.readable == ("papers",)
        assert [file.name for file in question.logs[0].files] == ["a.ndjson"]
        assert question.directories[0].store == "accounts"

    def test_expands_globs_in_order_and_names_a_file_once(self, folder: Path) -> None:
        question = read(folder, evidence=[{**LOG, "files": ["*.ndjson", "a.nd*"]}])

        assert [file.name for file in question.logs[0].files] == ["a.ndjson", "b.ndjson"]

    def test_takes_absolute_paths(self, folder: Path) -> None:
        question = read(folder, evidence=[{**LOG, "files": [str(folder / "*.ndjson")]}])

        assert len(question.logs[0].files) == 2

    def test_knows_the_columns_of_the_combined_format(self, folder: Path) -> None:
        log = {"files": ["access.log"], "format": "combined", "map": {"person": "ident"}}

        question = read(folder, evidence=[log])

        assert question.logs[0].columns["path"] == "path"
        assert question.logs[0].columns["person"] == "ident"

    def test_needs_no_intruder_for_a_list(self, folder: Path) -> None:
        leak = {"people": "leak.txt", "categories": ["contact"]}

        question = read(folder, evidence=[leak], intruder=None)

        assert question.lists[0].categories == ("contact",)
        assert question.intruder.empty

    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("a.ndjson.gz", Format.NDJSON),
            ("a.JSONL", Format.NDJSON),
            ("a.csv.zst", Format.CSV),
            ("a.parquet", Format.PARQUET),
            ("a.log", None),
            ("a", None),
        ],
    )
    def test_reads_a_file_by_its_own_ending(self, name: str, form: Format | None) -> None:
        assert reading.format_of(Path(name), None) is form

    def test_believes_the_ending_before_the_format(self) -> None:
        assert reading.format_of(Path("a.csv"), Format.NDJSON) is Format.CSV
        assert reading.format_of(Path("a.log"), Format.NDJSON) is Format.NDJSON


class TestRefusals:
    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            ({"intruder": {}}, "q.toml:7: intruder: is empty"),
            ({"intruder": {"token": [""]}}, "q.toml:8: intruder.token[0]: is not a text"),
            (
                {"intruder": {"ip": ["203.0.113"]}},
                "intruder.ip[0]: '203.0.113' is not an address",
            ),
            ({"intruder": {"tokens": ["x"]}}, "intruder.tokens: is not a key here"),
            ({"readable": ["cellar"]}, "q.toml:2: readable[0]: the data map has no store"),
            ({"evidence": [{**LOG, "files": ["c.ndjson"]}]}, "there is no such file"),
            ({"evidence": [{**LOG, "files": ["c-*.ndjson"]}]}, "there is no such file"),
            ({"evidence": [{**LOG, "files": ["s3://b/a.ndjson"]}]}, "on another machine"),
            (
                {"evidence": [{**LOG, "format": "xml"}]},
                "q.toml:12: evidence[0].format: is 'xml'",
            ),
            ({"evidence": [{**LOG, "zone": "Europe/Pari"}]}, "is not a time zone"),
            ({"evidence": [{**LOG, "map": {"path": "p"}}]}, "map.at: is missing"),
            (
                {"evidence": [{**LOG, "map": {**world.LOG_MAP, "when": "x"}}]},
                "map.when: is not",
            ),
            ({"evidence": [{"files": ["x.txt"], "map": world.LOG_MAP}]}, "format: is missing"),
            (
                {"evidence": [{"files": ["x.txt"], "format": "combined", "map": {"at": "ts"}}]},
                "`map` may only add",
            ),
            (
                {
                    "evidence": [
                        {"files": ["x.txt"], "format": "combined", "map": {"token": "t"}}
                    ]
                },
                "'t' is not a column",
            ),
            ({"evidence": [{"people": "leak.txt"}]}, "categories: is missing"),
            (
                {"evidence": [{"people": "leak.txt", "categories": ["x"]}]},
                "has no category 'x'",
            ),
            ({"directory": []}, "directory: is missing"),
            ({"directory": [{**DIRECTORY, "store": "cellar"}]}, "has no store 'cellar'"),
            ({"directory": [{**DIRECTORY, "files": ["x.txt"]}]}, "x.txt is not .csv"),
            ({"directory": [{**DIRECTORY, "map": {"email": "m"}}]}, "map.person: is missing"),
            (
                {"directory": [{**DIRECTORY, "sql": "postgresql://x", "query": "SELECT 1"}]},
                "directory[0].files: stands beside `sql`",
            ),
            (
                {"directory": [{**DIRECTORY, "query": "SELECT 1"}]},
                "directory[0].sql: is missing",
            ),
            (
                {"directory": [{**DIRECTORY, "sheet": "People"}]},
                "directory[0].sheet: is given, but none of the files is a workbook",
            ),
        ],
    )
    def test_say_file_line_and_field(
        self, folder: Path, parts: dict[str, Any], said: str
    ) -> None:
        text = world.question(
            **{"directory": [DIRECTORY], "evidence": [LOG], "intruder": INTRUDER, **parts}
        )

        assert said in refused(folder, text)

    @pytest.mark.parametrize(
        ("since", "until", "said"),
        [
            ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z", "not before `until`"),
            ("2026-11-20T01:00:00+01:00", "2026-11-20T00:00:00Z", "not before `until`"),
            ("2026-11-20T00:00:00", "2026-11-21T00:00:00Z", "has no offset; write it like"),
            ("2026-11-20", "2026-11-21T00:00:00Z", "is not an instant"),
            ('"2026-11-20T00:00:00"', "2026-11-21T00:00:00Z", "has no offset"),
        ],
    )
    def test_say_what_is_wrong_with_a_window(
        self, folder: Path, since: str, until: str, said: str
    ) -> None:
        window = f"[window]\nfrom = {since}\nuntil = {until}\n"
        text = world.question(directory=[DIRECTORY], intruder=INTRUDER, window=window)

        assert said in refused(folder, text)
        assert "q.toml:4: window.from" in refused(folder, text)

    @pytest.mark.parametrize(
        "schema", ["", "schema = 2\n", 'schema = "1"\n', "schema = true\n"]
    )
    def test_take_no_other_schema(self, folder: Path, schema: str) -> None:
        text = world.question(directory=[DIRECTORY]).replace("schema = 1\n", schema)

        assert "schema: is" in refused(folder, text)

    def test_take_no_other_key(self, folder: Path) -> None:
        text = "colour = 1\n" + world.question(directory=[DIRECTORY])

        assert "q.toml:1: colour: is not a key here" in refused(folder, text)

    def test_say_where_it_is_no_toml(self, folder: Path) -> None:
        assert "q.toml:3: is not TOML" in refused(folder, "schema = 1\nwindow = [\n= 3")

    def test_come_all_at_once(self, folder: Path) -> None:
        text = world.question(
            directory=[{**DIRECTORY, "store": "x"}], readable=["y"], intruder={"ip": ["z"]}
        )

        assert refused(folder, text).count(" / ") == 2
