"""The terminal: runbooks listed, started, ticked and skipped."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from breachdesk import __main__ as program
from breachdesk import settings
from breachdesk.__main__ import run
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft

AWARE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Say = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def say(home: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Return a function that runs a command: its exit code, its JSON, its standard error."""
    assert not home.exists()

    def speak(*words: str) -> tuple[int, Any, str]:
        code = run([*words, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return speak


def logged(home: Path, **facts: Any) -> str:
    terminal = program.terminal(settings.read({"BREACHDESK_HOME": str(home)}))
    with terminal.transaction() as tx:
        draft = IncidentDraft(title="Something", aware_at=AWARE, facts=facts)
        return incidents.log(tx, draft).reference


class TestRunbook:
    def test_goes_from_cause_to_ticked_tasks(self, say: Say, home: Path) -> None:
        reference = logged(home, cause="stolen_token")

        _, started, _ = say("runbook", "start", reference)
        say("runbook", "tick", reference, "revoke-token", "--note", "answers 401")
        say("runbook", "skip", reference, "keep-machine", "--reason", "no machine")
        _, tasks, _ = say("runbook", "tasks", reference)

        assert started["runbook"] == "stolen-api-token"
        by_step = {task["step"]: task for task in tasks}
        revoked = by_step["revoke-token"]
        assert (revoked["stage"], revoked["note"]) == ("done", "answers 401")
        assert datetime.fromisoformat(revoked["due_at"]) == AWARE + timedelta(minutes=30)
        assert by_step["keep-machine"]["stage"] == "skipped"
        assert by_step["note-the-hour"]["stage"] == "open"

    def test_lists_what_there_is(self, say: Say) -> None:
        code, found, _ = say("runbook", "list")

        assert code == 0
        assert "stolen-api-token" in [each["id"] for each in found]

    def test_asks_for_a_name_where_no_runbook_is_for_the_cause(
        self, say: Say, home: Path
    ) -> None:
        reference = logged(home, cause="outage")

        code, _, err = say("runbook", "start", reference)
        named, started, _ = say("runbook", "start", reference, "ransomware")
        wrong, _, _ = say("runbook", "start", reference, "ransomwar")

        assert code == 2
        assert "no runbook is for the cause 'outage'" in err
        assert (named, started["runbook"], wrong) == (0, "ransomware", 2)

    def test_shows_tasks_to_a_reader_in_either_language(
        self, say: Say, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        reference = logged(home, cause="ransomware")
        say("runbook", "start", reference)

        assert run(["runbook", "tasks", reference, "--lang", "fr"]) == 0

        assert "Appeler à l’aide." in capsys.readouterr().out
