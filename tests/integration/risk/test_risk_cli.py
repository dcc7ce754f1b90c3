"""The terminal: pure where it only assesses, one document or one line where it signs."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from breachdesk import __main__ as program
from breachdesk import settings
from breachdesk.__main__ import run
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.terms import IncidentDraft

Say = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "home"
    monkeypatch.setenv("BREACHDESK_HOME", str(place))
    return place


@pytest.fixture
def say(home: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Return a function that runs a command: its exit code, its JSON, its standard error."""
    assert not home.exists()

    def speak(*words: str) -> tuple[int, Any, str]:
        code = run([*words, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return speak


@pytest.fixture
def reference(home: Path) -> str:
    terminal = program.terminal(settings.read({"BREACHDESK_HOME": str(home)}))
    draft = IncidentDraft(
        title="Stolen token",
        aware_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        facts={"cause": "stolen_token", "data_categories": ["messages_content"]},
    )
    with terminal.transaction() as tx:
        return incidents.log(tx, draft).reference


def written(tmp_path: Path, text: str, name: str = "facts.yaml") -> str:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


class TestAssess:
    def test_answers_as_promised_and_makes_no_home(
        self, say: Say, home: Path, tmp_path: Path
    ) -> None:
        code, answer, _ = say("risk", "assess", written(tmp_path, "cause: hacking\n"))

        assert code == 0
        assert not home.exists()
        assert (answer["level"], answer["rule"]) == ("risk", "holder.hostile")
        assert (answer["notify_authority"], answer["notify_people"]) == (True, False)
        assert isinstance(answer["reason"], str)
        assert answer["enisa"]["band"] in {"low", "medium", "high", "very_high"}
        assert set(answer["severity"]) == {"cnil"}
        assert "data_categories" in answer["unknown"]

    def test_names_file_line_field_and_nearest_word_in_one_line(
        self, say: Say, tmp_path: Path
    ) -> None:
        path = written(tmp_path, "malicious: true\ndata_categories: [helth]\n")

        code, answer, err = say("risk", "assess", path)

        assert (code, answer) == (2, None)
        assert err == (
            f"breachdesk: {path}:2: data_categories: "
            "'helth' is not a known category; the nearest is 'health'\n"
        )

    def test_tells_a_processor_its_duty(self, say: Say, tmp_path: Path) -> None:
        _, answer, _ = say(
            "risk", "assess", written(tmp_path, '{"role": "processor"}', "f.json")
        )

        assert answer["duty"] == "gdpr.33.controller"
        assert (answer["notify_authority"], answer["notify_people"]) == (False, False)

    def test_tells_a_person_in_sentences_what_decides_and_what_to_find_out(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told = "role: processor\nprotection: encrypted\nexfiltration: confirmed\n"

        assert run(["risk", "assess", written(tmp_path, told)]) == 0

        out = capsys.readouterr().out
        assert out.startswith("risk  (holder.hostile)\n")
        assert "authority: not due; people: not due; duty: gdpr.33.controller" in out
        assert "To find out: " in out
        assert "key_safe" in out
        assert not home.exists()


class TestWords:
    def test_lists_the_vocabulary_for_programs_and_people(
        self, say: Say, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, words, _ = say("risk", "words")

        assert words["containment"] == {
            "kind": "word",
            "words": ["returned", "confirmed", "requested", "none"],
            "default": "none",
        }
        assert run(["risk", "words"]) == 0
        assert "key_safe (flag, default None)" in capsys.readouterr().out


class TestSign:
    def test_signs_shows_and_sees_changed_facts(
        self, say: Say, reference: str, tmp_path: Path
    ) -> None:
        code, signed, _ = say("risk", "sign", reference)
        other = written(tmp_path, "cause: misdirected_email\nrole: processor\n")
        say("risk", "sign", reference, "--facts", other, "--data-set", "customers")

        _, shown, _ = say("risk", "show", reference)

        assert (code, signed["level"], signed["version"]) == (0, "high", 1)
        assert shown["combined"]["level"] == "high"
        assert [row["data_set"] for row in shown["assessments"]] == ["", "customers"]
        assert [row["stale"] for row in shown["assessments"]] == [False, False]

        learnt = written(tmp_path, '{"data_categories": ["health"]}', "learnt.json")
        say("incident", "tell", reference, learnt, "--reason", "the logs say so")
        _, shown, _ = say("risk", "show", reference)

        assert [row["changed"] for row in shown["assessments"]] == [["data_categories"]] * 2

    def test_refuses_to_depart_from_the_rules_without_a_reason(
        self, say: Say, reference: str
    ) -> None:
        code, answer, err = say("risk", "sign", reference, "--level", "risk")

        assert (code, answer) == (1, None)
        assert err == "breachdesk: the rules say high; to sign risk, give a reason\n"

    def test_keeps_a_ground_of_article_34_3(self, say: Say, reference: str) -> None:
        say("risk", "sign", reference, "--relief", "c", "--relief-reason", "no addresses")

        _, shown, _ = say("risk", "show", reference)

        assert shown["combined"]["public_communication"] is True
        assert shown["assessments"][0]["relief"] == "c"

    def test_names_an_incident_that_is_not_there(self, say: Say, reference: str) -> None:
        code, _, err = say("risk", "show", f"{reference}0")

        assert code == 2
        assert f"{reference}0" in err
