import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from click.testing import CliRunner, Result

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import queries
from breachdesk.desk import Desk
from breachdesk.faces.cli.datamap import datamap
from breachdesk.faces.cli.terminal import Terminal
from breachdesk.kernel.errors import Unusable

SAMPLE = Path(__file__).parents[3] / "samples" / "leadjet" / "datamap.toml"
WRONG = SAMPLE.read_text(encoding="utf-8").replace('siren = "123456782"', 'siren = "123456789"')


class OnDatabase(Terminal):
    """A terminal that needs no more of its desk than the door to the database."""

    def __init__(self, transactions: Transactions, actor: Actor) -> None:
        desk = cast("Desk", SimpleNamespace(transactions=transactions))
        self.open_desk = lambda: desk
        self.find_actor = lambda _: actor


@pytest.fixture
def terminal(transactions: Transactions, actor: Actor) -> Terminal:
    return OnDatabase(transactions, actor)


def run(terminal: Terminal, *arguments: str) -> Result:
    return CliRunner().invoke(datamap, arguments, obj=terminal)


class TestCheck:
    def test_answers_problems_as_a_document_and_refuses(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        path = tmp_path / "map.toml"
        path.write_text(WRONG, encoding="utf-8")
        result = run(terminal, "check", str(path), "--json")

        document = json.loads(result.stdout)
        assert isinstance(result.exception, Unusable)
        assert document["warnings"] == []
        assert document["problems"] == [
            {
                "file": str(path),
                "line": 7,
                "field": "organisation.siren",
                "problem": "'123456789' is not a SIREN: nine digits whose Luhn sum holds",
            }
        ]

    def test_finds_the_sample_good(self, terminal: Terminal) -> None:
        result = run(terminal, "check", str(SAMPLE), "--json")

        assert result.exit_code == 0
        assert json.loads(result.stdout) == {"problems": [], "warnings": []}


class TestImport:
    def test_says_what_is_new_and_then_that_nothing_is(self, terminal: Terminal) -> None:
        first = json.loads(run(terminal, "import", str(SAMPLE), "--json").stdout)
        again = json.loads(run(terminal, "import", str(SAMPLE), "--json").stdout)

        assert first["version"] == again["version"] == 1
        assert "passage" in first["added"]["stores"]
        assert again["added"] == again["removed"] == again["changed"] == {}

    def test_changes_nothing_when_there_is_a_problem(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        path = tmp_path / "map.toml"
        path.write_text(WRONG, encoding="utf-8")
        result = run(terminal, "import", str(path), "--json")

        assert isinstance(result.exception, Unusable)
        assert len(json.loads(result.stdout)["problems"]) == 1
        with terminal.reading() as session:
            assert queries.current_version(session) is None
