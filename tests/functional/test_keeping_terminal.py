"""What an administrator types to keep the desk: back up, restore, hold, purge, rotate."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from breachdesk.__main__ import run
from references import logged_today

INCIDENT = 'title = "Lost laptop"\naware_at = 2026-11-20T09:00:00+01:00\n'
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """Return what runs a command in a home, and returns its code and what it said."""
    for name in [each for each in os.environ if each.startswith("BREACHDESK_")]:
        monkeypatch.delenv(name)

    def speak(words: str, home: str = "one") -> tuple[int, str, str]:
        monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / home))
        code = run(words.format(here=tmp_path).split())
        said = capsys.readouterr()
        return code, said.out, said.err

    (tmp_path / "incident.toml").write_text(INCIDENT)
    return speak


class TestTerminal:
    def test_says_first_that_a_file_is_no_backup(self, say: Say, tmp_path: Path) -> None:
        (tmp_path / "hostname").write_text("desk\n")
        code, _, err = say("restore {here}/hostname", "empty")

        assert code == 2
        assert "hostname: is not a backup of this program" in err
        assert "backup.key" not in err

    def test_backs_up_and_restores_in_another_home(self, say: Say, tmp_path: Path) -> None:
        say("incident log {here}/incident.toml")
        code, out, _ = say("backup {here}/desk.bak --json")
        told = json.loads(out)
        assert (code, told["verified"], told["rows"]["incidents"]) == (0, True, 1)

        key = f"--key-file {tmp_path}/one/secrets/backup.key"
        code, _, err = say(f"restore {{here}}/desk.bak {key}", "two")
        assert (code, "must lie in its place before" in err) == (1, True)
        shutil.copy(tmp_path / "one/secrets/master.key", tmp_path / "two/secrets/master.key")
        code, out, _ = say(f"restore {{here}}/desk.bak {key} --json", "two")
        told = json.loads(out)
        assert (code, told["whole"], told["rows"]["incidents"]) == (0, True, 1)
        code, out, _ = say("incident list --json", "two")
        assert [each["title"] for each in json.loads(out)] == ["Lost laptop"]

        code, _, err = say(f"restore {{here}}/desk.bak {key}", "two")
        assert (code, '--replace "Organisation"' in err) == (1, True)
        assert say(f"restore {{here}}/desk.bak {key} --replace Organisation", "two")[0] == 0

    @pytest.mark.parametrize(
        ("words", "code", "says"),
        [
            ("backup {here}/nowhere/x", 2, "nowhere is not a folder"),
            ("backup {here}/x --key-file {here}/incident.toml --passphrase", 2, "name one"),
            ("backup {here}/x --passphrase-file {here}/empty", 2, "shorter than 12"),
            ("backup {here}/x --key-file {here}/empty", 2, "fewer than 32 bytes"),
            ("restore {here}/incident.toml --key-file {here}/incident.toml", 2, "not a backup"),
            ("hold BD-2026-0009 --reason x", 2, "there is no incident"),
            ("vault rotate --json extra", 2, "unexpected extra argument"),
            ("trail verify --anchor {here}/incident.toml", 2, "holds no head"),
        ],
    )
    def test_says_what_it_cannot_use(
        self, say: Say, tmp_path: Path, words: str, code: int, says: str
    ) -> None:
        (tmp_path / "empty").touch()
        ended, _, err = say(words)

        assert (ended, says in err) == (code, True), err
        assert not (tmp_path / "x").exists()

    def test_holds_lists_rotates_and_anchors(self, say: Say, tmp_path: Path) -> None:
        say("incident log {here}/incident.toml")
        assert json.loads(say(f"hold {logged_today(1)} --reason claim --json")[1])["standing"]
        assert [each["hold"] for each in json.loads(say("kept --json")[1])] == ["claim"] * 2
        lifted = json.loads(say(f"hold {logged_today(1)} --lift --reason over --json")[1])
        assert (lifted["standing"], lifted["lifted_for"]) == (False, "over")
        assert json.loads(say("purge --dry-run --json")[1]) == {
            "dry_run": True, "would_go": [],
        }  # fmt: skip

        before = json.loads(say("vault show --json")[1])["master"]
        rotated = json.loads(say("vault rotate --json")[1])
        assert (rotated["former"], rotated["wrapped"] > 0) == (before, True)
        assert rotated["master"] != before

        (tmp_path / "head").write_text("kept on paper:\n" + say("trail head")[1])
        assert json.loads(say("trail anchor --json")[1])["anchored"]
        told = json.loads(say("trail verify --anchor {here}/head --json")[1])
        assert (told["whole"], told["anchors"]) == (True, 2)
        (tmp_path / "head").write_text(say("trail head")[1].replace("sha256:", "sha256:0"))
        code, out, err = say("trail verify --anchor {here}/head --json")
        assert (code, json.loads(out)["whole"]) == (1, False)
        assert "is not the one that was anchored" in err

    def test_examines_and_shows_the_settings(self, say: Say) -> None:
        say("incident log {here}/incident.toml")
        code, out, err = say("doctor --json")
        told = json.loads(out)
        assert (code, told["well"]) == (1, False)
        assert [each["name"] for each in told["findings"] if each["state"] == "failing"] == [
            "backup"
        ]
        assert "there was never one; run `breachdesk backup FILE`" in err
        assert json.loads(say("settings --json")[1])["keep_register"] == "P5Y"
