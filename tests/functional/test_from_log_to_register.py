"""The whole journey, as a program runs it: the sums close, the proof holds, nothing leaks."""

import csv
import gzip
import json
import mailbox
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from breachdesk import __main__ as command
from references import logged_today

SMALL = ("--people", "300", "--log-rows", "4000", "--no-serve", "--json")
SMALLEST = ("--people", "60", "--log-rows", "600", "--no-serve", "--json")
Run = tuple[int, str, str]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DATABASE_URL", "MAILER", "ORGANISATION", "ACTOR", "LISTEN"):
        monkeypatch.delenv(f"BREACHDESK_{name}", raising=False)


def run(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREACHDESK_HOME", str(home))
        code = command.run(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Run the demonstration once, in a process of its own."""
    home = tmp_path_factory.mktemp("demo") / "home"
    done = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "breachdesk", "demo", *SMALL, "--home", str(home)],
        check=True,
        capture_output=True,
        text=True,
    )
    return home, json.loads(done.stdout)


def letters(home: Path) -> Iterator[Message]:
    boxes = list((home / "outbox" / "people").glob("*.mbox"))
    assert len(boxes) == 1
    box = mailbox.mbox(boxes[0])
    yield from box
    box.close()


def directory(home: Path) -> Iterator[dict[str, str]]:
    for path in (home / "demo").glob("*.csv.gz"):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


class TestJourney:
    def test_closes_its_sums(self, demo: tuple[Path, dict[str, Any]]) -> None:
        made = demo[1]
        report = made["delivery"]
        informed = sum(report[name] for name in ("accepted", "delivered"))
        reasons = sum(report["reasons"].values())

        assert made["scope"]["rings"]["proven"] == report["people"] > 0
        assert report["people"] == informed + report["not_informed"]
        assert reasons == report["not_informed"]
        assert [report[name] for name in ("bounced", "dropped", "in_doubt")] == [0, 0, 0]

    def test_writes_each_mailbox_once(self, demo: tuple[Path, dict[str, Any]]) -> None:
        home, made = demo
        written = Counter(letter["To"] for letter in letters(home))

        assert sum(written.values()) == made["delivery"]["messages"]
        assert set(written.values()) == {1}
        assert {each["email"] for each in directory(home)} >= set(written)

    def test_writes_french_and_english_in_two_parts(
        self, demo: tuple[Path, dict[str, Any]]
    ) -> None:
        found = list(letters(demo[0]))

        assert {letter["Content-Language"] for letter in found} == {"fr", "en"}
        assert {
            tuple(part.get_content_type() for part in letter.walk()) for letter in found
        } == {("multipart/alternative", "text/plain", "text/html")}

    def test_drafts_every_section_of_the_form(self, demo: tuple[Path, dict[str, Any]]) -> None:
        document = json.loads(Path(demo[1]["filing"]).read_text("utf-8"))

        assert {field["section"] for field in document["fields"]} == set(range(1, 15))
        assert demo[1]["filing_missing"] == document["missing"]

    def test_writes_its_line_in_the_register(self, demo: tuple[Path, dict[str, Any]]) -> None:
        home, made = demo
        with Path(made["register"]).open(encoding="utf-8-sig", newline="") as file:
            [line] = csv.DictReader(file)

        assert line["number"] == made["incident"]["reference"]
        assert int(line["people_count"]) == made["scope"]["rings"]["proven"]
        assert json.loads((home / "documents" / "register.json").read_text("utf-8"))

    def test_keeps_no_address_in_clear_but_where_it_must(
        self, demo: tuple[Path, dict[str, Any]]
    ) -> None:
        home = demo[0]
        addresses = {each["email"].strip().lower() for each in directory(home)} - {""}
        kept = [
            path
            for path in home.rglob("*")
            if path.is_file() and path.relative_to(home).parts[0] not in {"demo", "outbox"}
        ]
        leaks = [
            (path.name, address)
            for path in kept
            for content in [path.read_bytes().lower()]
            for address in addresses
            if address.encode() in content
        ]

        assert len(addresses) > 100
        assert leaks == []

    def test_keeps_its_passwords_nowhere(self, demo: tuple[Path, dict[str, Any]]) -> None:
        home, made = demo
        passwords = [each["password"].encode() for each in made["sign_in"]]
        files = [path for path in home.rglob("*") if path.is_file()]

        assert len(passwords) == 2
        assert not [p for p in files for word in passwords if word in p.read_bytes()]

    def test_keeps_its_home_to_its_owner(self, demo: tuple[Path, dict[str, Any]]) -> None:
        home = demo[0]

        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "secrets" / "master.key").stat().st_mode) == 0o600


class TestTrail:
    def test_is_whole_until_a_row_is_touched(
        self, demo: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        home, made = demo
        code, out, _ = run(capsys, home, "trail", "verify", "--json")
        assert (code, json.loads(out)["entries"]) == (0, made["trail"]["entries"])

        with sqlite3.connect(home / "breachdesk.sqlite") as connection:
            change = "UPDATE audit_entries SET actor = ? WHERE sequence = 7"
            [was] = connection.execute(
                "SELECT actor FROM audit_entries WHERE sequence = 7"
            ).fetchone()
            connection.execute(change, ("Mallory",))
        connection.close()
        code, out, err = run(capsys, home, "trail", "verify", "--json")
        assert (code, json.loads(out)["whole"]) == (1, False)
        assert "entry 7 was altered" in err

        with sqlite3.connect(home / "breachdesk.sqlite") as connection:
            connection.execute(change, (was,))
        connection.close()
        assert run(capsys, home, "trail", "verify")[0] == 0


class TestAgain:
    @pytest.mark.parametrize("after", [2, 5, 11])
    def test_ends_well_after_being_killed_at_any_step(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], after: int
    ) -> None:
        arguments = [sys.executable, "-m", "breachdesk", "demo", *SMALLEST, "--home", "home"]
        with subprocess.Popen(  # noqa: S603  (our own command)
            arguments,
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as killed:
            assert killed.stderr is not None
            for _ in range(after):
                killed.stderr.readline()
            killed.kill()
        home = tmp_path / "home"
        code, out, err = run(capsys, home, "demo", *SMALLEST)
        made = json.loads(out)

        assert code == 0
        assert "starting afresh" in err
        assert made["delivery"]["people"] == made["scope"]["rings"]["proven"]
        assert run(capsys, home, "trail", "verify")[0] == 0

    def test_leaves_a_desk_alone_that_it_did_not_make(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(capsys, tmp_path / "real", "incident", "list")[0] == 0
        code, _, err = run(capsys, tmp_path / "real", "demo", *SMALL)

        assert code == 1
        assert "did not make" in err
        assert err.count("\n") == 1

    def test_makes_no_home_for_numbers_too_small(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, _, err = run(capsys, tmp_path / "none", "demo", "--people", "0", "--no-serve")

        assert (code, "at least 10 people" in err) == (2, True)
        assert not (tmp_path / "none").exists()

    def test_leaves_a_demo_alone_in_which_somebody_logged_a_breach(
        self,
        demo: tuple[Path, dict[str, Any]],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        own = tmp_path / "own.toml"
        own.write_text('title = "Lost laptop"\naware_at = 2026-11-20T09:00:00+01:00\n', "utf-8")
        code, out, _ = run(capsys, demo[0], "incident", "log", str(own), "--json")
        assert (code, json.loads(out)["reference"]) == (0, logged_today(2))

        code, _, err = run(capsys, demo[0], "demo", *SMALL)
        assert (code, logged_today(2) in err) == (1, True)


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("BREACHDESK_HOMME", "x", "BREACHDESK_HOMME is not a setting"),
            ("BREACHDESK_MAILER", "pigeon", "BREACHDESK_MAILER is 'pigeon'"),
            ("BREACHDESK_DATABASE_URL", "mysql://x/y", "mysql is not supported"),
            ("BREACHDESK_DATABASE_URL", "nonsense", "is not a database address"),
            ("BREACHDESK_TEMPLATES", "nowhere", "is not a folder"),
            ("BREACHDESK_HTTPS", "perhaps", "BREACHDESK_HTTPS is 'perhaps'"),
            ("BREACHDESK_ORGANISATION", "Nobody", "there is no organisation 'Nobody'"),
            ("BREACHDESK_ACTOR", "x@example.org", "is not a member"),
        ],
    )
    def test_that_are_wrong_are_told_in_one_line(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        name: str,
        value: str,
        said: str,
    ) -> None:
        monkeypatch.setenv(name, value)
        code, out, err = run(capsys, tmp_path / "home", "incident", "list")

        assert (code, out) == (2, "")
        assert said in err
        assert err.count("\n") == 1


class TestIncidentLog:
    @pytest.mark.parametrize(
        ("told", "said"),
        [
            ("", "title: is missing"),
            ("title = 'x'\naware_at = 2026-11-20T09:00:00", "no offset"),
            (
                "title = 'x'\naware_at = 2026-10-25T02:30:00",
                "02:30:00+02:00 or 2026-10-25T02:30:00+01:00",
            ),
            (
                "title = 'x'\naware_at = 2026-03-29T02:30:00",
                "01:30:00+01:00 or 2026-03-29T03:30:00+02:00",
            ),
            (
                "title = 'x'\naware_at = 2026-11-20T09:00:00Z\nended_at = 2999-11-20T09:00:00Z",
                "in the future",
            ),
            ("title = 'x'\naware_at = 2026-11-20T09:00:00Z\ncausse = 'x'", "cause"),
            ("title = 'x'\naware_at = 2026-11-20T09:00:00Z\nzone = 'Paris'", "not a time zone"),
            ("title = 'x'\naware_at =", "incident.toml"),
        ],
    )
    def test_refuses_what_cannot_be_and_logs_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], told: str, said: str
    ) -> None:
        file = tmp_path / "incident.toml"
        file.write_text(told, "utf-8")
        code, out, err = run(capsys, tmp_path / "home", "incident", "log", str(file))

        assert (code, out) == (2, "")
        assert said in err
        assert "incident.toml" in err
        assert json.loads(run(capsys, tmp_path / "home", "incident", "list", "--json")[1]) == []

    @pytest.mark.parametrize(
        ("told", "warned"),
        [
            ("aware_at = 2999-11-20T09:00:00Z", "awareness lies in the future"),
            ("aware_at = 2019-11-20T09:00:00Z", "awareness lies more than a year back"),
            (
                "aware_at = 2026-11-20T09:00:00Z\nstarted_at = 2026-11-20T10:00:00Z",
                "awareness lies before the start",
            ),
            ("aware_at = 2026-11-20", "the hour of awareness is not known"),
        ],
    )
    def test_warns_of_an_odd_awareness_and_logs_it_all_the_same(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], told: str, warned: str
    ) -> None:
        file = tmp_path / "incident.toml"
        file.write_text(f"title = 'x'\n{told}", "utf-8")
        code, out, err = run(capsys, tmp_path / "home", "incident", "log", str(file), "--json")

        assert code == 0
        assert any(warned in each for each in json.loads(out)["warnings"])
        assert f"warning: {warned}" in err

    def test_takes_the_first_instant_of_a_day_whose_hour_nobody_knows(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "incident.toml"
        file.write_text("title = 'x'\naware_at = 2026-11-20\nrole = 'controller'", "utf-8")
        out = run(capsys, tmp_path / "home", "incident", "log", str(file), "--json")[1]

        clock = next(c for c in json.loads(out)["clocks"] if c["duty"] == "gdpr.33.authority")
        assert clock["due"] == "2026-11-23T00:00:00+01:00"
        assert "00:00 of that day is taken" in clock["explanation"]

    def test_answers_with_the_clocks_that_run(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "incident.json"
        told = {"title": "Lost laptop", "aware_at": "2026-11-20T09:00:00+01:00"}
        file.write_text(json.dumps(told), "utf-8")
        code, out, _ = run(capsys, tmp_path / "home", "incident", "log", str(file), "--json")
        clocks = {each["duty"]: each["due"] for each in json.loads(out)["clocks"]}

        assert code == 0
        assert clocks["gdpr.33.authority"] == "2026-11-23T09:00:00+01:00"
