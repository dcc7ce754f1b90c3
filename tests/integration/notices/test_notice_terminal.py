"""`breachdesk notice` on both databases."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from breachdesk.access import commands as access
from breachdesk.access.terms import MemberDraft
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.desk import Desk
from breachdesk.faces.cli.notice import NothingDrafted, notice
from breachdesk.faces.cli.terminal import Terminal
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Unusable
from breachdesk.law.terms import Law
from breachdesk.notices.commands import ApprovedAlready
from breachdesk.settings import shipped

MEMBERS = ("ada@leadjet.example", "bela@leadjet.example")


class OnDatabase(Terminal):
    """A terminal that needs no more of its desk than what notices need."""

    def __init__(self, transactions: Transactions, actor: Actor, law: Law) -> None:
        templates = shipped("templates")
        desk = cast(
            "Desk",
            SimpleNamespace(
                transactions=transactions,
                law=law,
                templates=templates,
                renderer=JinjaRenderer(templates),
                witness=None,
            ),
        )
        self.open_desk = lambda: desk
        self.find_actor = lambda _: actor


Run = Callable[..., Result]


@pytest.fixture
def run(transactions: Transactions, actor: Actor, law: Law, ready: Incident) -> Run:
    """Return what runs one command on the incident."""
    with transactions.open(actor) as tx:
        for email in MEMBERS:
            access.invite(tx, MemberDraft(email=email, name=email, roles=("approver",)))

    def once(command: str, *options: str) -> Result:
        terminal = OnDatabase(transactions, actor, law)
        return CliRunner().invoke(notice, [command, ready.reference, *options], obj=terminal)

    return once


def document(result: Result) -> dict[str, Any]:
    assert result.exception is None, result.exception
    answered: dict[str, Any] = json.loads(result.stdout)
    return answered


class TestNotice:
    def test_goes_from_draft_to_approved(self, run: Run) -> None:
        drafted = document(run("draft", "--json"))
        assert drafted["missing"] == []
        assert drafted["recipients"] == 767
        assert [each["people"] for each in drafted["variants"]] == [25, 700, 40, 2]
        assert drafted["stage"] == "draft"

        approvals = [
            document(run("approve", "--as", email, "--json"))["stage"] for email in MEMBERS
        ]

        assert approvals == ["draft", "approved"]
        checked = document(run("check", "--json"))
        assert checked["may_be_sent"] is True
        assert {each["member"] for each in checked["approvals"]} == set(MEMBERS)
        assert checked["changed"] == []

    def test_refuses_the_same_member_twice(self, run: Run) -> None:
        run("draft")
        assert run("approve").exception is None

        assert isinstance(run("approve").exception, ApprovedAlready)

    def test_tells_what_is_missing_and_how_to_say_it(self, run: Run) -> None:
        checked = document(
            run("draft", "--language", "fr", "--happened", "fr=Un vol.", "--json")
        )
        assert checked["missing"] == []
        assert checked["languages"] == ["fr"]

        lacking = document(
            run(
                "draft",
                "--language",
                "de",
                "--happened",
                "de=Ein Diebstahl.",
                "--json",
            )
        )

        assert {each["code"] for each in lacking["missing"]} == {"measures"}
        assert lacking["missing"][0]["language"] == "de"
        assert lacking["missing"][0]["sentence"]["fr"]
        assert "missing: measures (de)" in run("check").stdout

    def test_reads_words_from_a_file(self, run: Run, tmp_path: Path) -> None:
        words = tmp_path / "words.toml"
        words.write_text(
            'schema = 1\n[fr]\nwhat_happened = "Un accès a été volé."\n'
            '[en]\nwhat_happened = "An access was stolen."\n',
            "utf-8",
        )

        run("draft", "--words", str(words))

        assert "Un accès a été volé." in run("preview", "--language", "fr").stdout
        shown = document(run("preview", "--language", "en", "--json"))
        assert "An access was stolen." in shown["text"]
        assert shown["html"].startswith("<!DOCTYPE html>")
        key = shown["variant"]
        assert run("preview", "--variant", key, "--format", "html").stdout == (
            shown["html"] + "\n"
        )

    def test_refuses_words_without_a_language(self, run: Run) -> None:
        refused = run("draft", "--happened", "Un vol.").exception

        assert isinstance(refused, Unusable)
        assert "fr=TEXT" in str(refused)

    @pytest.mark.parametrize("command", ["check", "preview", "approve"])
    def test_needs_a_draft(self, command: str, run: Run) -> None:
        refused = run(command).exception

        assert isinstance(refused, NothingDrafted)
        assert "breachdesk notice draft" in str(refused)
