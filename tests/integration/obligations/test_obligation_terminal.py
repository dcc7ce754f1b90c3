"""The terminal lists obligations, explains them and writes decisions, on both databases."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.desk import Desk
from breachdesk.faces.cli.obligations import clocks, obligation
from breachdesk.faces.cli.terminal import Terminal
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.law.reading import read_packs

LAW = read_packs()
AUTHORITY = "gdpr.33.authority"


class OnDatabase(Terminal):
    """A terminal that needs of its desk no more than the door to the database."""

    def __init__(self, transactions: Transactions, actor: Actor) -> None:
        desk = cast("Desk", SimpleNamespace(transactions=transactions))
        self.open_desk = lambda: desk
        self.find_actor = lambda _: actor
        self.read_law = lambda: LAW


@pytest.fixture
def terminal(transactions: Transactions, actor: Actor) -> Terminal:
    return OnDatabase(transactions, actor)


def run(terminal: Terminal, *arguments: str) -> Result:
    return CliRunner().invoke(obligation, arguments, obj=terminal)


def answered(terminal: Terminal, *arguments: str) -> Any:
    result = run(terminal, *arguments, "--json")
    assert result.exception is None
    return json.loads(result.stdout)


class TestList:
    def test_answers_the_soonest_first_in_the_zone_of_the_incident(
        self, terminal: Terminal, incident: Incident
    ) -> None:
        found = answered(terminal, "list", incident.reference)
        due = [each["due"] for each in found if each["due"]]

        assert due == sorted(due)
        [authority] = [each for each in found if each["duty"] == AUTHORITY]
        assert authority["due"] == "2026-11-22T22:00:00+01:00"
        assert authority["state"] == "open"

    def test_shows_what_is_presumed_away_where_asked(
        self, terminal: Terminal, incident: Incident
    ) -> None:
        usual = {each["duty"] for each in answered(terminal, "list", incident.reference)}
        every = {
            each["duty"] for each in answered(terminal, "list", incident.reference, "--all")
        }

        assert "dora.19.initial" in every - usual
        assert usual < every

    def test_says_to_a_person_until_when(self, terminal: Terminal, incident: Incident) -> None:
        said = run(terminal, "list", incident.reference).stdout

        assert "Sun 22 Nov 2026 22:00 +0100" in said
        assert "without undue delay" in said
        assert "not running yet" in said

    def test_refuses_an_unknown_incident(self, terminal: Terminal) -> None:
        assert isinstance(run(terminal, "list", "BD-1999-0001").exception, Unknown)

    def test_gives_the_clocks_of_a_logged_incident(
        self, terminal: Terminal, incident: Incident
    ) -> None:
        with terminal.reading() as session:
            running = clocks(session, LAW, incident)

        assert AUTHORITY in {clock["duty"] for clock in running}


class TestExplain:
    def test_says_why_in_both_languages(self, terminal: Terminal, incident: Incident) -> None:
        said = run(terminal, "explain", incident.reference, AUTHORITY).stdout

        assert "72 heures écoulées" in said
        assert "72 hours, as they pass" in said

    @pytest.mark.parametrize(
        ("duty", "said"), [("gdpr.35.x", "no duty"), ("nis2.23.final", "arise")]
    )
    def test_refuses_what_is_not_owed(
        self, terminal: Terminal, incident: Incident, duty: str, said: str
    ) -> None:
        wrong = run(terminal, "explain", incident.reference, duty).exception

        assert isinstance(wrong, Unusable)
        assert said in str(wrong)


class TestDecisions:
    def test_are_written_and_answered(self, terminal: Terminal, incident: Incident) -> None:
        name = incident.reference
        done = answered(
            terminal, "fulfil", name, AUTHORITY,
            "--at", "2026-11-20T08:30:00Z", "--evidence", "Receipt 1",
        )  # fmt: skip
        waived = answered(
            terminal, "waive", name, "fr.lopmi.complaint", "--reason", "Not insured."
        )
        back = answered(
            terminal, "reopen", name, "fr.lopmi.complaint", "--reason", "Insured after all."
        )
        late = answered(
            terminal,
            "explain-delay",
            name,
            "fr.lopmi.complaint",
            "--reason",
            "Counsel was away.",
        )

        assert (done["state"], done["fulfilled"][0]["evidence"]) == ("met", "Receipt 1")
        assert (waived["state"], waived["waived_for"]) == ("waived", "Not insured.")
        assert (back["state"], back["waived_for"]) == ("open", None)
        assert late["delay_reason"] == "Counsel was away."

    def test_refuse_an_instant_without_offset(
        self, terminal: Terminal, incident: Incident
    ) -> None:
        wrong = run(
            terminal, "fulfil", incident.reference, AUTHORITY,
            "--at", "2026-11-20T08:30:00", "--evidence", "Receipt 1",
        ).exception  # fmt: skip

        assert isinstance(wrong, Unusable)
        assert "has no offset" in str(wrong)


class TestTell:
    def test_changes_what_is_owed(self, terminal: Terminal, incident: Incident) -> None:
        name = incident.reference
        told = answered(terminal, "tell", name, "--fact", "insured=no")
        without = {each["duty"] for each in answered(terminal, "list", name)}
        answered(terminal, "tell", name, "--fact", "insured=unknown")
        again = {each["duty"] for each in answered(terminal, "list", name)}

        assert told["facts"] == {"insured": [False]}
        assert again - without == {"fr.lopmi.complaint"}

    def test_tells_what_the_organisation_is(
        self, terminal: Terminal, incident: Incident
    ) -> None:
        answered(terminal, "tell", "--fact", "financial_entity=yes")

        owed = {each["duty"] for each in answered(terminal, "list", incident.reference)}
        assert "dora.19.initial" in owed
