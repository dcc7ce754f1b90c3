import csv
import gzip
import json
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from breachdesk.faces.cli.demo_inputs import DemoInputs, generate
from breachdesk.faces.cli.demo_traffic import INTRUDER, ORDINARY, STOLEN_TOKEN
from breachdesk.kernel.errors import Unusable

SAMPLES = Path(__file__).parents[3] / "samples"


def make(folder: Path, *, people: int = 600, rows: int = 5_000, seed: int = 1) -> DemoInputs:
    return generate(
        folder,
        samples=SAMPLES,
        people=people,
        log_rows=rows,
        seed=seed,
        progress=lambda _done, _total: None,
    )


def contents(inputs: DemoInputs) -> list[bytes]:
    return [
        path.read_bytes()
        for path in (
            *inputs.directory,
            *inputs.logs,
            inputs.question,
            inputs.incident,
            inputs.datamap,
        )
    ]


def lines(inputs: DemoInputs) -> list[str]:
    return [
        line
        for path in inputs.logs
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(gzip.decompress(path.read_bytes()).decode().splitlines()))


def readable(inputs: DemoInputs) -> list[dict[str, object]]:
    found = []
    for line in lines(inputs):
        try:
            row = json.loads(line)
            datetime.fromisoformat(row["ts"])
        except ValueError:
            continue
        if isinstance(row["status"], int):
            found.append(row)
    return found


class TestGenerate:
    def test_gives_the_same_bytes_for_the_same_seed(self, tmp_path: Path) -> None:
        assert contents(make(tmp_path / "a")) == contents(make(tmp_path / "b"))

    def test_gives_others_for_another_seed(self, tmp_path: Path) -> None:
        first, second = make(tmp_path / "a"), make(tmp_path / "b", seed=2)

        assert lines(first) != lines(second)
        assert rows_of(first.directory[0]) != rows_of(second.directory[0])

    def test_gives_that_many_people_and_rows(self, tmp_path: Path) -> None:
        inputs = make(tmp_path)
        accounts, contacts = (rows_of(path) for path in inputs.directory)

        assert len({row["user_id"] for row in accounts}) == 420
        assert len({row["contact_id"] for row in contacts}) == 180
        assert len(accounts) + len(contacts) == 602
        assert len(lines(inputs)) == 5_000
        assert 0 < 5_000 - len(readable(inputs)) < 5

    def test_gives_exactly_the_sample_for_the_samples_seed(self, tmp_path: Path) -> None:
        inputs = make(tmp_path, people=30, rows=200, seed=4505)

        for path in inputs.directory:
            shipped = SAMPLES / "leadjet" / path.stem
            assert gzip.decompress(path.read_bytes()) == shipped.read_bytes()
        for path in inputs.logs:
            shipped = SAMPLES / "leadjet" / "logs" / path.stem
            assert gzip.decompress(path.read_bytes()) == shipped.read_bytes()

    def test_asks_the_samples_question_of_its_own_files(self, tmp_path: Path) -> None:
        inputs = make(tmp_path)
        question = tomllib.loads(inputs.question.read_text(encoding="utf-8"))
        sample = tomllib.loads((SAMPLES / "leadjet" / "question.toml").read_text("utf-8"))

        assert question["window"] == sample["window"]
        assert question["intruder"] == sample["intruder"]
        named = [name for each in question["directory"] for name in each["files"]]
        assert [tmp_path / name for name in named] == list(inputs.directory)
        assert sorted(tmp_path.glob(question["evidence"][0]["files"][0])) == list(inputs.logs)

    def test_stays_inside_its_folder_and_leaves_nothing_half_written(
        self, tmp_path: Path
    ) -> None:
        inputs = make(tmp_path / "demo")
        files = {path for path in tmp_path.rglob("*") if path.is_file()}

        assert files == {
            *inputs.directory,
            *inputs.logs,
            inputs.question,
            inputs.incident,
            inputs.datamap,
        }

    def test_takes_the_place_of_what_was_there(self, tmp_path: Path) -> None:
        make(tmp_path, rows=20_000)
        (tmp_path / "accounts.csv.gz.partial").write_bytes(b"half")

        assert contents(make(tmp_path)) == contents(make(tmp_path / "fresh"))

    def test_tells_how_far_it_is(self, tmp_path: Path) -> None:
        told: list[tuple[int, int]] = []
        generate(
            tmp_path,
            samples=SAMPLES,
            people=600,
            log_rows=5_000,
            seed=1,
            progress=lambda done, total: told.append((done, total)),
        )

        assert told == [(2_000, 5_600), (4_000, 5_600), (5_600, 5_600)]

    @pytest.mark.parametrize(("people", "rows"), [(9, 100), (10, 99), (0, 0)])
    def test_refuses_too_few(self, people: int, rows: int, tmp_path: Path) -> None:
        with pytest.raises(Unusable, match="needs at least"):
            make(tmp_path / "demo", people=people, rows=rows)

        assert not (tmp_path / "demo").exists()

    def test_tells_a_story_even_with_the_fewest(self, tmp_path: Path) -> None:
        inputs = make(tmp_path, people=10, rows=100)
        calls = [row["path"] for row in readable(inputs) if "203.0.113" in str(row)]

        assert any("/users/usr_" in str(path) for path in calls)
        assert any("/contacts/export" in str(path) for path in calls)


class TestPeople:
    def test_have_invented_mailboxes_only(self, tmp_path: Path) -> None:
        rows = [row for path in make(tmp_path).directory for row in rows_of(path)]
        mailboxes = [row["email"] for row in rows]

        assert all(not each or each.lower().endswith(".example") for each in mailboxes)
        assert "" in mailboxes
        assert any(each != each.lower() for each in mailboxes)
        assert any(not row["name"].isascii() for row in rows)

    def test_include_those_who_left_and_those_who_should_have(self, tmp_path: Path) -> None:
        accounts = rows_of(make(tmp_path, people=3_000).directory[0])
        window = tuple(
            tomllib.loads((tmp_path / "question.toml").read_text("utf-8"))["window"].values()
        )
        left = [
            datetime.fromisoformat(row["deleted_at"]) for row in accounts if row["deleted_at"]
        ]

        assert any(at < window[0] for at in left)
        assert any(window[0] <= at < window[1] for at in left)
        assert any(at >= window[1] for at in left)
        assert any(
            "" < row["closed_at"] < "2021-11" and not row["deleted_at"] for row in accounts
        )
        assert {row["lang"] for row in accounts} == {"fr", "en", "de", "es", "it", "nl"}


class TestTraffic:
    def test_has_the_token_in_its_owners_hands_before_the_window(self, tmp_path: Path) -> None:
        inputs = make(tmp_path)
        window = tomllib.loads(inputs.question.read_text(encoding="utf-8"))["window"]

        for row in readable(inputs):
            at = datetime.fromisoformat(str(row["ts"]))
            inside = window["from"] <= at < window["until"]
            strange = str(row["remote_addr"]).removeprefix("::ffff:").startswith("203.0.113.")
            assert inside or not strange
            if STOLEN_TOKEN in str(row["auth"]):
                assert strange if inside else at < window["from"]

    def test_runs_in_the_order_of_time(self, tmp_path: Path) -> None:
        instants = [str(row["ts"]) for row in readable(make(tmp_path))]

        assert instants == sorted(instants)

    @pytest.mark.parametrize("kinds", [INTRUDER, ORDINARY])
    def test_shares_a_thousand_among_its_kinds(
        self, kinds: tuple[tuple[int, str, str, int, bool], ...]
    ) -> None:
        assert sum(kind[0] for kind in kinds) == 1_000
