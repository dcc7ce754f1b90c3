import json
from pathlib import Path
from typing import Any

import pytest

from breachdesk.__main__ import run

AWARE = "2026-11-20T16:45:00+01:00"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(["law", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["law", *arguments]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.usefixtures("home")
class TestDeadlines:
    def test_answer_as_the_interfaces_promise(self, capsys: pytest.CaptureFixture[str]) -> None:
        [authority] = answered(
            capsys, "deadlines", "--aware", AWARE, "--pack", "eu-gdpr",
            "--fact", "role=controller", "--fact", "risk=risk",
        )  # fmt: skip

        assert authority["duty"] == "gdpr.33.authority"
        assert authority["article"] == "GDPR art. 33(1)"
        assert authority["addressee"] == "supervisory_authority"
        assert authority["due"] == "2026-11-23T16:45:00+01:00"
        assert authority["readings"] == {
            "strict": "2026-11-23T16:45:00+01:00",
            "hour_rounded": "2026-11-23T17:00:00+01:00",
            "working_days_touched": "2026-11-23T17:00:00+01:00",
            "working_days_full": "2026-11-25T00:00:00+01:00",
        }
        assert "Monday 23 November 2026 at 16:45" in authority["explanation"]

    def test_open_no_home(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        answered(capsys, "deadlines", "--aware", AWARE)

        assert not home.exists()

    def test_answer_in_the_zone_asked_for(self, capsys: pytest.CaptureFixture[str]) -> None:
        [authority, *_] = answered(
            capsys, "deadlines", "--aware", AWARE, "--pack", "eu-gdpr", "--zone", "UTC"
        )

        assert authority["due"] == "2026-11-23T15:45:00+00:00"
        assert authority["readings"]["working_days_touched"] is None
        assert authority["readings"]["working_days_full"] is None
        assert "No calendar of public holidays is at hand for UTC" in authority["explanation"]

    def test_show_every_pack_in_force_the_soonest_first(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = answered(capsys, "deadlines", "--aware", AWARE)
        due = [each["due"] for each in found if each["due"]]

        assert due == sorted(due)
        assert all(each["due"] is None for each in found[len(due) :])
        assert {each["status"] for each in found} == {"in_force"}

    def test_read_a_file_line_by_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "instants.txt"
        file.write_text(f"{AWARE}\n\n 2026-11-17T10:20:00+01:00 \n", "utf-8")

        first, second = answered(
            capsys, "deadlines", "--aware", f"@{file}", "--pack", "eu-gdpr"
        )

        assert (first["aware"], second["aware"]) == (AWARE, "2026-11-17T10:20:00+01:00")
        assert second["deadlines"][0]["due"] == "2026-11-20T10:20:00+01:00"

    def test_are_said_to_a_person_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["law", "deadlines", "--aware", AWARE, "--pack", "eu-gdpr"]) == 0
        said = capsys.readouterr().out

        assert "Mon 23 Nov 2026 16:45 +0100" in said
        assert "without undue delay" in said

    def test_are_none_before_there_was_a_law(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["law", "deadlines", "--aware", "1970-01-01T00:00:00Z"]) == 0

        assert "Nothing is owed" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--aware", "2026-11-20T16:45:00"), "no offset; write it like 2026-"),
            (("--aware", "yesterday"), "is not an instant; write it like 2026-"),
            (("--aware", "9999-12-31T00:00:00+00:00"), "no instant to count from"),
            (("--aware", AWARE, "--zone", "Mars/Base"), "'Mars/Base' is not a time zone"),
            (
                ("--aware", AWARE, "--pack", "eu-gdrp"),
                "no law pack 'eu-gdrp'; these are: ch-dpa",
            ),
            (("--aware", AWARE, "--fact", "colour=red"), "no fact 'colour'; these are: attack"),
            (("--aware", AWARE, "--fact", "insured=perhaps"), "it is yes or no"),
            (("--aware", AWARE, "--fact", "risk=high", "--fact", "risk=risk"), "told twice"),
            (("--aware", "@/no/such/file"), "/no/such/file: cannot be read as text"),
            ((), "Missing option '--aware'"),
        ],
    )
    def test_refuse_what_cannot_be_used(
        self, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
    ) -> None:
        assert said in refused(capsys, "deadlines", *arguments)

    def test_name_the_line_of_a_file_that_cannot_be_used(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "instants.txt"
        file.write_text(f"{AWARE}\n2026-11-20T16:45:00\n", "utf-8")

        assert f"{file}:2: the time" in refused(capsys, "deadlines", "--aware", f"@{file}")


@pytest.mark.usefixtures("home")
class TestCheck:
    def test_finds_our_packs_sound(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = answered(capsys, "check")

        assert found["problems"] == []
        assert "eu-gdpr" in {pack["id"] for pack in found["packs"]}

    def test_reads_the_folder_that_the_setting_names(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (tmp_path / "bad.toml").write_text("schema = 1\n", "utf-8")
        monkeypatch.setenv("BREACHDESK_LAW", str(tmp_path))

        assert "bad.toml:1: pack: is missing" in refused(capsys, "deadlines", "--aware", AWARE)

    def test_says_to_a_person_that_all_is_sound(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["law", "check"]) == 0

        assert "The law is sound; version sha256:" in capsys.readouterr().out

    def test_tells_every_problem_to_a_program(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "bad.toml").write_text('schema = 1\n\n[pack]\nid = "bad"\n', "utf-8")

        assert run(["law", "check", str(tmp_path), "--json"]) == 2
        problems = json.loads(capsys.readouterr().out)["problems"]

        assert {
            "file": "bad.toml",
            "line": 3,
            "field": "pack.title",
            "problem": "is missing",
        } in (problems)

    def test_refuses_what_is_no_folder(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "is not a folder" in refused(capsys, "check", str(tmp_path / "nowhere"))
