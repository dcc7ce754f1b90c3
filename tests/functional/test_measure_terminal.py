"""A measure, said on a terminal in every language that readers have."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from breachdesk.__main__ import run
from breachdesk.settings import shipped
from references import logged_today


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREACHDESK_HOME", str(tmp_path / "home"))
    run(["incident", "log", str(shipped("samples") / "leadjet" / "incident.toml")])


WORDS = ("incident", "measure", logged_today(1), "--phase", "after", "--en", "Revoked.")


def test_is_kept_in_each_language_it_is_told_in(tmp_path: Path) -> None:
    assert run([*WORDS, "--text", "de=Gesperrt: 1=1", "--text", "nl=Ingetrokken."]) == 0
    with closing(sqlite3.connect(tmp_path / "home" / "breachdesk.sqlite")) as database:
        [(kept,)] = database.execute("SELECT text FROM incident_measures").fetchall()
    assert json.loads(kept) == {"en": "Revoked.", "de": "Gesperrt: 1=1", "nl": "Ingetrokken."}


@pytest.mark.parametrize("told", ["Gesperrt.", "Deutsch=Gesperrt.", "=Gesperrt."])
def test_names_its_language(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*WORDS, "--text", told]) == 2
    assert "write it like de=TEXT" in capsys.readouterr().err
