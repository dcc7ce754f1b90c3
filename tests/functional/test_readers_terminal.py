"""Who may see an incident, said on a terminal."""

import json
import os
from pathlib import Path

import pytest

from breachdesk.__main__ import run
from breachdesk.settings import shipped
from references import logged_today

FIRST = logged_today(1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))
    run(["incident", "log", str(shipped("samples") / "leadjet" / "incident.toml")])
    for name in ("in", "out"):
        run(["member", "invite", f"{name}@x.example", "--name", name, "--role", "responder"])


def told(capsys: pytest.CaptureFixture[str], *words: str, who: str = "") -> tuple[int, str]:
    """Run a command and return its code and what it said."""
    capsys.readouterr()
    os.environ.pop("BREACHDESK_ACTOR", None)
    if who:
        os.environ["BREACHDESK_ACTOR"] = who
    try:
        return run(list(words)), capsys.readouterr().out
    finally:
        os.environ.pop("BREACHDESK_ACTOR", None)


class TestReaders:
    def test_are_named_listed_and_all_again(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, said = told(capsys, "incident", "keep-to", FIRST, "in@x.example", "--json")
        assert code == 0
        document = json.loads(said)
        assert document["kept"] is True
        assert [each["email"] for each in document["readers"] if each["named"]] == [
            "in@x.example"
        ]
        assert "out@x.example" not in said

        assert told(capsys, "incident", "show", FIRST, who="in@x.example")[0] == 0
        hidden = told(capsys, "incident", "show", FIRST, who="out@x.example")
        never = told(capsys, "incident", "show", logged_today(9), who="out@x.example")
        assert (hidden[0], never[0]) == (2, 2)
        assert told(capsys, "incident", "list", who="out@x.example")[1].strip().endswith("yet.")

        assert told(capsys, "incident", "open-to-all", FIRST)[0] == 0
        assert told(capsys, "incident", "show", FIRST, who="out@x.example")[0] == 0
        assert "seen by every member" in told(capsys, "incident", "readers", FIRST)[1]

    def test_are_members(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert told(capsys, "incident", "keep-to", FIRST, "eve@x.example")[0] == 2
        assert told(capsys, "incident", "keep-to", FIRST)[0] == 2
