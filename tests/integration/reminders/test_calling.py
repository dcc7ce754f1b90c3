"""A desk elsewhere is called at each step, once, and falls silent when somebody has seen it."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.terms import Finding, Outcome, Parcel, Result, Slip
from breachdesk.incidents.models import Incident
from breachdesk.law.terms import Law
from breachdesk.reminders import commands, errands
from breachdesk.reminders.models import Reminder
from breachdesk.reminders.terms import WEBHOOK, Plan, Stage
from conftest import FixedClock
from fakes import NotedMailer

HOUR = timedelta(hours=1)
AUTHORITY = "gdpr.33.authority"


class NotedCalls(NotedMailer):
    """Notes every call that left; the first may stay without an answer."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__()
        self.calls: list[tuple[UUID, dict[str, object]]] = []
        self._silent = silent

    def post(self, parcel: Parcel) -> Outcome:
        self.calls.append((parcel.slip.chunk, json.loads(parcel.text)))
        silent, self._silent = self._silent, False
        return Outcome(Result.UNKNOWN if silent else Result.ACCEPTED)

    def recall(self, slip: Slip) -> Finding:
        del slip
        return Finding.CANNOT_TELL


@pytest.fixture
def run(
    transactions: Transactions, actor: Actor, law: Law, plan: Plan, renderer: JinjaRenderer
) -> Callable[[NotedMailer, NotedCalls], int]:
    def give(mailer: NotedMailer, calls: NotedCalls) -> int:
        carriers = errands.Carriers(mailer, calls)
        return errands.give(transactions, carriers, renderer, actor, law, plan)

    return give


class TestCalls:
    def test_go_out_once_a_step_beside_the_mail(
        self,
        run: Callable[[NotedMailer, NotedCalls], int],
        rows: Callable[[], list[Reminder]],
        staff: dict[str, Actor],
        breach: Incident,
        clock: FixedClock,
    ) -> None:
        assert staff
        mailer, calls = NotedMailer(), NotedCalls()
        for _ in range(2):
            clock.pass_time(24 * HOUR)
            run(mailer, calls)
            run(mailer, calls)

        assert [told["step"] for _, told in calls.calls] == ["PT48H", "PT24H"]
        [first, _] = calls.calls
        assert first[1]["id"] == str(first[0])
        assert first[1]["incident"] == {"reference": breach.reference, "drill": False}
        assert first[1]["seconds_left"] == 48 * 3600
        assert breach.title not in json.dumps(first[1])
        assert {row.stage for row in rows() if row.member_id == WEBHOOK} == {Stage.GIVEN.value}

    def test_without_an_answer_are_followed_up_and_not_repeated(
        self,
        run: Callable[[NotedMailer, NotedCalls], int],
        rows: Callable[[], list[Reminder]],
        staff: dict[str, Actor],
        breach: Incident,
        clock: FixedClock,
    ) -> None:
        assert staff
        assert breach
        mailer, calls = NotedMailer(), NotedCalls(silent=True)
        clock.pass_time(24 * HOUR)
        for _ in range(14):
            run(mailer, calls)
            clock.pass_time(HOUR)

        assert [(told["step"], told["again"]) for _, told in calls.calls] == [
            ("PT48H", False),
            ("PT48H", True),
        ]
        assert len({chunk for chunk, _ in calls.calls}) == 2
        stages = {row.step: row.stage for row in rows() if row.member_id == WEBHOOK}
        assert stages == {"PT48H": "doubtful", "PT48H.again": "given"}

    def test_stop_spreading_once_somebody_has_seen_one(
        self,
        run: Callable[[NotedMailer, NotedCalls], int],
        staff: dict[str, Actor],
        breach: Incident,
        clock: FixedClock,
        transactions: Transactions,
        law: Law,
    ) -> None:
        mailer, calls = NotedMailer(), NotedCalls(silent=True)
        clock.pass_time(24 * HOUR)
        run(mailer, calls)
        with transactions.open(staff["dpo"]) as tx:
            assert commands.acknowledge(tx, breach, law, AUTHORITY)
        clock.pass_time(13 * HOUR)
        run(mailer, calls)

        assert len(calls.calls) == 1
        assert len(mailer.messages) == 1
