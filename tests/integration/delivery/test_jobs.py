"""The clock sends what waits, for every organisation, in one process at a time."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS, Transactions
from breachdesk.delivery import queries
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import Outcome, Parcel
from breachdesk.desk import Desk
from breachdesk.faces.jobs import timetable
from breachdesk.faces.jobs.runner import Leader, run_in_background
from breachdesk.incidents.models import Incident
from fakes import NotedMailer, readers

PATIENCE = 30


class Announcing(NotedMailer):
    """Says when so many messages have left."""

    def __init__(self, messages: int) -> None:
        super().__init__()
        self._messages = messages
        self.done = threading.Event()

    def post(self, parcel: Parcel) -> Outcome:
        outcome = super().post(parcel)
        if len(self.messages) >= self._messages:
            self.done.set()
        return outcome


def desk_with(transactions: Transactions, mailer: Mailer, home: Path) -> Desk:
    """Return as much of a desk as jobs need."""
    pieces = SimpleNamespace(transactions=transactions, mailer=mailer, home=home, witness=None)
    return cast("Desk", pieces)


class TestRunInBackground:
    def test_sends_what_waits_and_stops_when_asked(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        freeze: Callable[..., UUID],
        tmp_path: Path,
    ) -> None:
        freeze(readers(40))
        mailer = Announcing(40)

        stop = run_in_background(desk_with(transactions, mailer, tmp_path), actor)
        sent = mailer.done.wait(PATIENCE)
        stop()

        assert sent
        with transactions.reading(actor.organisation_id) as session:
            assert queries.report(session, incident.id).accepted == 40


class TestLeader:
    def test_is_one_at_a_time_and_another_when_it_resigns(
        self, transactions: Transactions, actor: Actor, tmp_path: Path
    ) -> None:
        desk = desk_with(transactions, NotedMailer(), tmp_path)
        first, second = Leader(desk, actor), Leader(desk, actor)

        assert [first.leads(), second.leads(), first.leads()] == [True, False, True]
        first.resign()
        assert second.leads()
        second.resign()


class TestTimetable:
    def test_asks_a_job_that_is_about_to_stop_to_leave_the_rest(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Callable[..., UUID],
        tmp_path: Path,
    ) -> None:
        freeze(readers(4))
        mailer = NotedMailer()

        timetable.send(desk_with(transactions, mailer, tmp_path), actor, lambda: True)

        assert mailer.messages == []

    def test_gives_senders_no_right_but_to_send(
        self, transactions: Transactions, actor: Actor, tmp_path: Path
    ) -> None:
        [sender] = timetable.senders(desk_with(transactions, NotedMailer(), tmp_path), actor)

        assert sender.organisation_id == actor.organisation_id
        assert sender.permits < actor.permits

    @pytest.mark.parametrize("name", sorted(timetable.SENDERS))
    def test_names_commands_that_there_are(self, name: str) -> None:
        assert name in COMMANDS
