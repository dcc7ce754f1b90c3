"""Reminders are given once: on time, late once, to others too, and after a correction."""

import email
import email.policy
from collections.abc import Callable
from datetime import timedelta

import pytest

from breachdesk.access import commands as access
from breachdesk.access.terms import MemberDraft
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Mailer
from breachdesk.delivery.terms import Finding, Outcome, Result, Slip, Ticket
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.law.terms import Law
from breachdesk.obligations import commands as obligations
from breachdesk.reminders import commands, queries
from breachdesk.reminders.models import Reminder
from breachdesk.reminders.terms import Stage
from conftest import NOW, FixedClock
from fakes import FaultyMailer, NotedMailer

HOUR = timedelta(hours=1)
AUTHORITY = "gdpr.33.authority"
Rows = Callable[[], list[Reminder]]
Give = Callable[[Mailer], int]
pytestmark = pytest.mark.usefixtures("breach")


def to_whom(mailer: NotedMailer) -> list[str]:
    return [address.partition("@")[0] for address, _ in mailer.messages]


class TestGive:
    def test_reminds_whoever_keeps_the_deadlines_at_each_step_once(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        mailer = NotedMailer()
        hours = []
        for hour in range(0, 72, 2):
            if give(mailer):
                hours.append(hour)
            assert give(mailer) == 0
            clock.pass_time(2 * HOUR)

        # aware on a Friday at 10:00 in Paris, due on a Monday: no last office hour
        assert [row.step for row in rows() if not row.escalated] == [
            "PT48H", "PT24H", "PT12H", "PT6H", "PT2H",
        ]  # fmt: skip
        assert [hour for hour in hours if hour in {24, 48, 60, 66, 70}] == [24, 48, 60, 66, 70]
        assert {row.member_id for row in rows() if not row.escalated} == {
            staff["dpo"].member_id
        }
        assert len(mailer.messages) == len(rows())

    def test_gives_one_late_reminder_after_downtime_and_never_twice(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        clock.pass_time(61 * HOUR)
        mailer = NotedMailer()

        assert [give(mailer), give(mailer)] == [1, 0]
        assert [row.step for row in rows()] == ["PT12H"]
        assert rows()[0].member_id == staff["dpo"].member_id

    def test_speaks_once_even_where_the_deadline_has_passed_meanwhile(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        clock.pass_time(80 * HOUR)
        mailer = NotedMailer()

        assert [give(mailer), give(mailer)] == [1, 0]
        assert [row.step for row in rows()] == ["PT2H"]
        text = words(mailer)
        assert "The deadline passed 8\N{NO-BREAK SPACE}h 00\N{NO-BREAK SPACE}min ago" in text
        assert "reasons for the delay" in text

    def test_says_which_duty_of_what_by_when_and_where_to_act(
        self, give: Give, staff: dict[str, Actor], clock: FixedClock, breach: Incident
    ) -> None:
        assert staff
        clock.pass_time(24 * HOUR + timedelta(minutes=30))
        mailer = NotedMailer()
        give(mailer)

        text = words(mailer)
        for part in (
            "Notify the breach to the supervisory authority (GDPR art. 33(1))",
            f"Incident: {breach.reference}, Stolen <token>",
            "Monday 23 November 2026 at 10:00 (+01:00), Europe/Paris",
            "Left: 47\N{NO-BREAK SPACE}h 30\N{NO-BREAK SPACE}min",
            f"/incidents/{breach.reference}",
            f"breachdesk reminder acknowledge {breach.reference} {AUTHORITY}",
        ):
            assert part in text

    def test_tells_others_too_where_nobody_acknowledges_in_time(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        mailer = NotedMailer()
        clock.pass_time(24 * HOUR)
        give(mailer)
        clock.pass_time(12 * HOUR - timedelta(seconds=1))
        assert give(mailer) == 0
        clock.pass_time(timedelta(seconds=1))

        assert [give(mailer), give(mailer)] == [1, 0]
        assert to_whom(mailer) == ["dpo", "legal"]
        assert [row.escalated for row in rows()] == [False, True]
        assert rows()[1].member_id == staff["legal"].member_id
        assert "Personne n’a encore accusé réception" in words(mailer)

    def test_tells_nobody_else_once_somebody_has_seen_it(
        self,
        give: Give,
        rows: Rows,
        staff: dict[str, Actor],
        clock: FixedClock,
        transactions: Transactions,
        law: Law,
        breach: Incident,
    ) -> None:
        mailer = NotedMailer()
        clock.pass_time(24 * HOUR)
        give(mailer)
        with transactions.open(staff["dpo"]) as tx:
            commands.acknowledge(tx, breach, law, AUTHORITY)
        clock.pass_time(13 * HOUR)

        assert give(mailer) == 0
        assert rows()[0].acknowledged_by == "Dora"
        clock.pass_time(11 * HOUR)
        assert give(mailer) == 1  # the next step speaks again

    def test_reaches_somebody_where_no_one_has_the_role(
        self, give: Give, transactions: Transactions, actor: Actor, clock: FixedClock
    ) -> None:
        alone = MemberDraft(email="com@leadjet.example", name="C", roles=("communication",))
        with transactions.open(actor) as tx:
            access.invite(tx, alone)
        clock.pass_time(24 * HOUR)
        mailer = NotedMailer()

        assert give(mailer) == 1
        assert to_whom(mailer) == ["com"]

    def test_follows_a_corrected_awareness_and_leaves_the_old_deadline(
        self,
        give: Give,
        rows: Rows,
        staff: dict[str, Actor],
        clock: FixedClock,
        transactions: Transactions,
        actor: Actor,
        law: Law,
        breach: Incident,
    ) -> None:
        assert staff
        mailer = NotedMailer()
        clock.pass_time(25 * HOUR)
        give(mailer)
        with transactions.open(actor) as tx:
            found = incident_queries.by_reference(tx.session, breach.reference)
            incidents.correct(tx, found, {"aware_at": NOW - 24 * HOUR}, "found in the log")

        assert [give(mailer), give(mailer)] == [1, 0]
        assert {(row.step, row.due) for row in rows()} == {
            ("PT48H", NOW + 72 * HOUR),
            ("PT24H", NOW + 48 * HOUR),
        }
        assert "The deadline was corrected" in words(mailer)
        with transactions.reading(actor.organisation_id) as session:
            shown = queries.clocks(session, law)
            [seen] = queries.unacknowledged(session, shown).values()
        assert [row.due for row in seen] == [NOW + 48 * HOUR]

    @pytest.mark.parametrize("end", ["fulfilled", "waived", "closed"])
    def test_falls_silent_when_there_is_nothing_left_to_do(
        self,
        give: Give,
        staff: dict[str, Actor],
        clock: FixedClock,
        transactions: Transactions,
        actor: Actor,
        law: Law,
        breach: Incident,
        end: str,
    ) -> None:
        assert staff
        clock.pass_time(24 * HOUR)
        with transactions.open(actor) as tx:
            found = incident_queries.by_reference(tx.session, breach.reference)
            if end == "fulfilled":
                obligations.fulfil(tx, found, AUTHORITY, tx.now, "receipt 12")
            elif end == "waived":
                obligations.waive(tx, found, law, AUTHORITY, "no risk")
            else:
                incidents.close(tx, found)

        assert give(NotedMailer()) == 0

    def test_leaves_whole_trails_without_addresses(
        self,
        give: Give,
        staff: dict[str, Actor],
        clock: FixedClock,
        transactions: Transactions,
        actor: Actor,
    ) -> None:
        assert staff
        clock.pass_time(24 * HOUR)
        give(NotedMailer())

        with transactions.reading(actor.organisation_id) as session:
            assert trail.verify(session, transactions.vault, actor.organisation_id).whole
            ids = [row.id for row in session.query(Reminder)]
            entries = trail.trail_of(session, ids)
        assert {entry.action for entry in entries} == {"reminders.claim", "reminders.settle"}
        assert not [entry for entry in entries if "@" in str(entry.details)]


class TestMailersWord:
    @pytest.mark.parametrize(
        ("result", "leaves"),
        [
            (Result.RETRY, False),
            (Result.BLOCKED, False),
            (Result.UNKNOWN, False),
            (Result.UNKNOWN, True),
            (Result.RECALLED, False),
        ],
    )
    def test_is_heeded_until_the_reminder_has_left_once(
        self,
        give: Give,
        rows: Rows,
        staff: dict[str, Actor],
        clock: FixedClock,
        result: Result,
        leaves: bool,
    ) -> None:
        assert staff
        mailer = FaultyMailer([(result, leaves)])
        clock.pass_time(24 * HOUR)
        for _ in range(4):
            give(mailer)
            clock.pass_time(timedelta(minutes=10))

        assert to_whom(mailer) == ["dpo"]
        assert [row.stage for row in rows()] == [Stage.GIVEN.value]

    def test_sends_it_to_others_where_the_carrier_refuses(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        mailer = FaultyMailer([(Result.REFUSED, False)])
        clock.pass_time(24 * HOUR)

        assert [give(mailer), give(mailer), give(mailer)] == [0, 1, 0]
        assert to_whom(mailer) == ["legal"]
        assert sorted(row.stage for row in rows()) == [
            Stage.GIVEN.value,
            Stage.REFUSED.value,
        ]

    def test_drops_what_never_left_once_its_duty_is_done(
        self,
        give: Give,
        rows: Rows,
        staff: dict[str, Actor],
        clock: FixedClock,
        transactions: Transactions,
        actor: Actor,
        breach: Incident,
    ) -> None:
        assert staff
        mailer = FaultyMailer([(Result.BLOCKED, False)])
        clock.pass_time(24 * HOUR)
        give(mailer)
        with transactions.open(actor) as tx:
            obligations.fulfil(tx, breach, AUTHORITY, tx.now, "receipt 12")
        clock.pass_time(HOUR)
        give(mailer)

        assert [row.stage for row in rows()] == [Stage.SUPERSEDED.value]
        assert mailer.messages == []

    def test_that_cannot_tell_is_asked_again_and_nothing_is_repeated(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        mailer = FaultyMailer([(Result.UNKNOWN, True)])
        mailer.can_tell = False
        clock.pass_time(24 * HOUR)
        for _ in range(3):
            give(mailer)
            clock.pass_time(HOUR)
        assert [row.stage for row in rows()] == [Stage.CLAIMED.value]
        clock.pass_time(9 * HOUR)

        assert give(mailer) == 2  # others hear of it, and the same reader that we cannot tell
        assert give(mailer) == 0
        assert sorted(to_whom(mailer)) == ["dpo", "dpo", "legal"]
        told = [words(mailer, number) for number in range(3)]
        assert [("cannot tell whether" in text) for text in told] == [False, True, False]
        assert sorted((row.step, row.stage) for row in rows()) == [
            ("PT48H", Stage.DOUBTFUL.value),
            ("PT48H", Stage.GIVEN.value),
            ("PT48H.again", Stage.GIVEN.value),
        ]

    def test_that_tells_late_ends_the_doubt(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        mailer = FaultyMailer([(Result.UNKNOWN, True)])
        mailer.can_tell = False
        clock.pass_time(24 * HOUR)
        give(mailer)
        mailer.can_tell = True
        clock.pass_time(HOUR)
        give(mailer)

        assert [row.stage for row in rows()] == [Stage.GIVEN.value]
        assert to_whom(mailer) == ["dpo"]

    def test_that_never_told_is_followed_up_once(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        mailer = FaultyMailer([(Result.UNKNOWN, False)])
        mailer.can_tell = False
        clock.pass_time(24 * HOUR)
        give(mailer)
        clock.pass_time(timedelta(hours=5, minutes=50))
        give(mailer)
        clock.pass_time(timedelta(hours=6, minutes=20))
        give(mailer)

        assert sorted(to_whom(mailer)) == ["dpo", "legal"]
        assert {row.step for row in rows()} == {"PT48H", "PT48H.again"}

    def test_names_the_ticket_that_was_kept_before_the_first_byte(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        mailer = TicketMailer([(Result.UNKNOWN, True)])
        clock.pass_time(24 * HOUR)
        give(mailer)
        [row] = rows()
        clock.pass_time(timedelta(minutes=5))
        give(mailer)

        assert row.ticket == "batch-1"
        assert [slip.ticket.name for slip in mailer.asked] == ["batch-1"]

    def test_is_waited_for_where_nothing_can_be_prepared(
        self, give: Give, rows: Rows, staff: dict[str, Actor], clock: FixedClock
    ) -> None:
        assert staff
        mailer = TicketMailer([])
        mailer.closed = True
        clock.pass_time(24 * HOUR)
        assert (give(mailer), rows()) == (0, [])
        mailer.closed = False

        assert give(mailer) == 1


class TicketMailer(FaultyMailer):
    """Gives a ticket before each posting, as a carrier that can hold its post back."""

    def __init__(self, orders: list[tuple[Result, bool]]) -> None:
        super().__init__(orders)
        self.asked: list[Slip] = []
        self.closed = False
        self._tickets = 0

    def prepare(self) -> Ticket | Outcome:
        if self.closed:
            return Outcome(Result.RETRY)
        self._tickets += 1
        return Ticket(f"batch-{self._tickets}", NOW + 48 * HOUR)

    def recall(self, slip: Slip) -> Finding:
        self.asked.append(slip)
        return super().recall(slip)


def words(mailer: NotedMailer, number: int = -1) -> str:
    """Return the plain text of a message, the latest if none is named, as it is shown."""
    message = email.message_from_bytes(mailer.messages[number][1], policy=email.policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
