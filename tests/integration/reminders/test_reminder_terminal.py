"""The commands of the terminal, and what is asked of the database for many incidents."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event

from breachdesk import __main__ as program
from breachdesk import settings
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.faces.cli.commands import cli
from breachdesk.faces.jobs import timetable
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.law.terms import Law
from breachdesk.obligations import commands as obligation_commands
from breachdesk.obligations import queries as obligations
from conftest import NOW

AUTHORITY = "gdpr.33.authority"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def run(home: Path, *arguments: str) -> str:
    """Run a command and return its answer; what it raises is raised."""
    terminal = program.terminal(settings.read({"BREACHDESK_HOME": str(home)}))
    done = CliRunner().invoke(
        cli, arguments, obj=terminal, catch_exceptions=False, standalone_mode=False
    )
    if done.exception is not None:
        raise done.exception
    return done.stdout


class TestTerminal:
    def test_lists_and_acknowledges_what_the_clock_gave(self, home: Path) -> None:
        logged = home.parent / "incident.toml"
        logged.write_text(
            'title = "Stolen token"\naware_at = 2020-03-02T09:00:00+01:00\n', "utf-8"
        )
        reference = json.loads(run(home, "incident", "log", str(logged), "--json"))["reference"]
        assert "None was given yet" in run(home, "reminder", "list", reference)
        with pytest.raises(Refused, match="waits for a word"):
            run(home, "reminder", "acknowledge", reference, AUTHORITY)

        terminal = program.terminal(settings.read({"BREACHDESK_HOME": str(home)}))
        assert timetable.remind(terminal.desk, terminal.actor, bool) >= 1
        found = json.loads(run(home, "reminder", "list", reference, "--json"))
        [authority] = [each for each in found if each["duty"] == AUTHORITY]
        assert authority["stage"] == "given"
        assert authority["due"] == "2020-03-05T08:00:00+00:00"
        [box] = (home / "outbox" / "staff").iterdir()
        assert box.name.startswith(f"{reference}-reminders-")

        done = json.loads(run(home, "reminder", "acknowledge", reference, AUTHORITY, "--json"))
        assert done == {"reference": reference, "duty": AUTHORITY, "acknowledged": 1}
        assert "seen by Owner of the home" in run(home, "reminder", "list", reference)
        with pytest.raises(Unknown):
            run(home, "reminder", "acknowledge", reference, "gdpr.1.nothing")
        with pytest.raises(Unknown):
            run(home, "reminder", "list", "BD-1999-0001")

    def test_opens_a_feed_once_and_closes_it(self, home: Path) -> None:
        with pytest.raises(Refused, match="no calendar feed"):
            run(home, "reminder", "feed", "--revoke")
        first = json.loads(run(home, "reminder", "feed", "--json"))["path"]
        second = json.loads(run(home, "reminder", "feed", "--titles", "--json"))["path"]

        assert first != second
        assert first.startswith("/calendar/")
        assert first.endswith(".ics")
        assert "Closed." in run(home, "reminder", "feed", "--revoke")


class TestOfMany:
    def test_answers_as_one_by_one_in_as_many_statements_as_for_one(
        self, engine: Engine, transactions: Transactions, actor: Actor, law: Law
    ) -> None:
        for number in range(5):
            draft = IncidentDraft(
                title=f"Breach {number}",
                aware_at=NOW,
                facts={"role": ("controller", "processor")[number % 2]},
            )
            with transactions.open(actor) as tx:
                logged = incidents.log(tx, draft)
                told = {"insured": (number % 2 == 0,)}
                obligation_commands.tell(tx, logged if number else None, law, told)
                if number > 2:
                    obligation_commands.fulfil(
                        tx, logged, "fr.lopmi.complaint", NOW, "complaint 7"
                    )
        noted: list[str] = []
        with transactions.reading(actor.organisation_id) as session:
            found = queries.open_ones(session)
            alone = {each.id: obligations.of(session, law, each) for each in found}

            def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
                noted.append(statement)

            event.listen(engine, "before_cursor_execute", note)
            together = obligations.of_many(session, law, found)
            several = len(noted)
            obligations.of_many(session, law, found[:1])
            event.remove(engine, "before_cursor_execute", note)

        assert together == alone
        assert len({len(each) for each in together.values()}) > 1
        assert len(noted) == 2 * several
        assert several == 4
