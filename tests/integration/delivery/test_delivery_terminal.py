"""The terminal freezes, sends, stops and tells, with the exit codes that were promised."""

import json
import mailbox
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from breachdesk.adapters.file_mailer import FileMailer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.terms import Result as Outcome
from breachdesk.desk import Desk
from breachdesk.faces.cli.delivery import delivery
from breachdesk.faces.cli.terminal import Terminal
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Refused, Unknown
from breachdesk.law.reading import read_packs
from breachdesk.notices.models import Notice
from breachdesk.scoping.terms import Person, Ring
from conftest import NOW, FixedClock
from fakes import FaultyMailer, persons


class Listed:
    """A population that lists people of our own making."""

    def workplace(self) -> "Listed":
        return self

    def __enter__(self) -> Path:
        return self.folder

    def __exit__(self, *fault: object) -> None:
        pass

    def __init__(self, folder: Path, people: list[Person]) -> None:
        self.folder, self._people = folder, people

    def people(
        self, listed: Path, ring: Ring, customer: str | None = None, *, mixed: bool = False
    ) -> Iterator[Person]:
        assert (listed.exists(), ring, customer) == (True, Ring.PROVEN, None)
        assert mixed
        return iter(self._people)


class OnDatabase(Terminal):
    """A terminal whose desk has what delivery needs."""

    def __init__(self, transactions: Transactions, actor: Actor, home: Path) -> None:
        (home / "place").mkdir()
        desk = SimpleNamespace(
            transactions=transactions,
            law=read_packs(None),
            population=Listed(home / "place", persons(20)),
            mailer=FileMailer(home / "outbox"),
        )
        self.open_desk = lambda: cast("Desk", desk)
        self.find_actor = lambda _: actor


@pytest.fixture
def terminal(transactions: Transactions, actor: Actor, tmp_path: Path) -> Terminal:
    return OnDatabase(transactions, actor, tmp_path)


def run(terminal: Terminal, *arguments: str) -> Result:
    return CliRunner().invoke(delivery, arguments, obj=terminal)


def document(result: Result) -> Any:
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


class TestDelivery:
    def test_goes_from_approved_to_told(
        self, terminal: Terminal, incident: Incident, notice: Notice, tmp_path: Path
    ) -> None:
        reference = incident.reference
        frozen = document(run(terminal, "freeze", reference, "--json"))
        sent = document(run(terminal, "send", reference, "--json"))
        again = document(run(terminal, "send", reference, "--json"))
        told = document(run(terminal, "report", reference, "--json"))

        assert (frozen["people"], frozen["reasons"]) == (20, {"waiting": 20})
        assert sent == again == told
        assert (told["accepted"], told["messages"], told["chunks"]) == (20, 20, {"accepted": 2})
        box = mailbox.mbox(tmp_path / "outbox" / "people" / f"{frozen['campaign']}.mbox")
        assert len(box) == 20
        box.close()
        assert notice.id

    def test_pauses_resumes_and_cancels(
        self, terminal: Terminal, incident: Incident, notice: Notice
    ) -> None:
        reference = incident.reference
        run(terminal, "freeze", reference)
        cancelled = document(
            run(terminal, "cancel", reference, "--why", "wrong list", "--json")
        )
        over = run(terminal, "cancel", reference)

        assert cancelled["reasons"] == {"cancelled": 20}
        assert cancelled["campaigns"][0]["why"] == "wrong list"
        assert isinstance(over.exception, Refused)
        assert notice.id

    def test_holds_a_frozen_list_until_it_is_resumed(
        self, terminal: Terminal, incident: Incident, notice: Notice, tmp_path: Path
    ) -> None:
        reference = incident.reference
        run(terminal, "freeze", reference)
        held = document(run(terminal, "pause", reference, "--why", "a doubt", "--json"))
        refused = run(terminal, "send", reference)
        outbox = list((tmp_path / "outbox").rglob("*.mbox"))
        resumed = document(run(terminal, "resume", reference, "--json"))
        sent = document(run(terminal, "send", reference, "--json"))

        assert (held["campaigns"][0]["state"], held["reasons"]) == ("paused", {"waiting": 20})
        assert "is paused: a doubt; go on with: " in str(refused.exception)
        assert f"delivery resume {reference}" in str(refused.exception)
        assert outbox == []
        assert resumed["campaigns"][0]["state"] == "frozen"
        assert sent["accepted"] == 20
        assert notice.id

    def test_says_how_a_draft_comes_to_be_approved(
        self,
        terminal: Terminal,
        incident: Incident,
        notice: Notice,
        draft: Callable[[], Notice],
    ) -> None:
        step = MeasureDraft(phase=Phase.AFTER, text={"fr": "Accès coupé."}, done_at=NOW)
        with terminal.transaction() as tx:
            incidents.add_measure(tx, incident, step)
        assert draft().version == notice.version + 1
        early = run(terminal, "freeze", incident.reference)

        assert isinstance(early.exception, Refused)
        assert "not approved yet" in str(early.exception)
        assert f"notice approve {incident.reference} --as" in str(early.exception)

    def test_says_what_to_do_about_people_in_doubt(
        self, terminal: Terminal, incident: Incident, notice: Notice, clock: FixedClock
    ) -> None:
        mailer = FaultyMailer([(Outcome.UNKNOWN, False)])
        mailer.can_tell = False
        vars(terminal.desk)["mailer"] = mailer
        reference = incident.reference
        run(terminal, "freeze", reference)
        first = run(terminal, "send", reference, "--json")
        again = run(terminal, "send", reference, "--json")
        clock.pass_time(timedelta(days=2))
        later = run(terminal, "send", reference, "--json")

        assert document(first)["in_doubt"] > 0
        assert f"of {document(first)['in_doubt']} people nobody knows yet" in first.stderr
        assert f"run later: breachdesk delivery send {reference}" in again.stderr
        assert f"breachdesk delivery settle {reference} DECISION" in later.stderr
        assert notice.id

    def test_says_why_a_campaign_stopped(
        self, terminal: Terminal, incident: Incident, notice: Notice, tmp_path: Path
    ) -> None:
        run(terminal, "freeze", incident.reference)
        (tmp_path / "outbox").write_text("a file in the way")
        stopped = run(terminal, "send", incident.reference)
        (tmp_path / "outbox").unlink()
        resumed = document(run(terminal, "resume", incident.reference, "--json"))
        told = document(run(terminal, "send", incident.reference, "--json"))

        assert isinstance(stopped.exception, Refused)
        assert "the outbox cannot be written" in str(stopped.exception)
        assert resumed["campaigns"][0]["state"] == "sending"
        assert told["accepted"] == 20
        assert notice.id

    @pytest.mark.parametrize(
        ("arguments", "fault"),
        [
            (("report", "BD-2026-9999"), Unknown),
            (("freeze", "BD-2026-0001"), Refused),
            (("send", "BD-2026-0001"), Refused),
            (("resume", "BD-2026-0001"), Refused),
            (("decide", "BD-2026-0001", "informed", "--reason", "x"), Refused),
        ],
    )
    def test_refuses_in_one_sentence(
        self,
        terminal: Terminal,
        incident: Incident,
        arguments: tuple[str, ...],
        fault: type[Exception],
    ) -> None:
        result = run(terminal, *arguments)

        assert incident.reference == "BD-2026-0001"
        assert type(result.exception) is fault
        assert "\n" not in str(result.exception)

    def test_reports_nobody_where_nothing_was_frozen(
        self, terminal: Terminal, incident: Incident
    ) -> None:
        told = document(run(terminal, "report", incident.reference, "--json"))

        assert told["people"] == sum(
            told[each]
            for each in (
                "accepted", "delivered", "bounced", "dropped", "in_doubt", "not_informed",
            )
        )  # fmt: skip
        assert told["campaigns"] == []
        assert "0 people" in run(terminal, "report", incident.reference).stdout
