"""What the world reports reaches each person's row once, in any order and by any way."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from breachdesk.adapters.sendgrid_logs import SendGridLogs
from breachdesk.adapters.sendgrid_mailer import SendGridMailer
from breachdesk.adapters.sendgrid_transport import Transport
from breachdesk.audit import queries as trail
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.models import Attempt, Campaign, Delivery, Event
from breachdesk.delivery.terms import Channel, Finding, Heard, Reader, Report, Slip, Word
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused, Unknown
from conftest import NOW, FixedClock
from fake_sendgrid import FakeSendGrid
from fakes import readers
from sendgrid_reports import events, shuffled

Freeze = Callable[..., UUID]
FATES = {
    "person1@example.org": ("processed", "delivered", "bounce"),
    "person2@example.org": ("dropped",),
    "person3@example.org": ("processed", "deferred"),
    "person4@example.org": ("processed", "delivered", "spamreport"),
    "person5@example.org": ("processed", "blocked"),
    "person6@example.org": ("processed", "delivered", "late bounce"),
}


@pytest.fixture
def send(
    transactions: Transactions, actor: Actor, clock: FixedClock, mailer: SendGridMailer
) -> Callable[..., None]:
    """Return what hands over all that waits; with `again`, also what has to be repeated."""

    def run(*, again: bool = False) -> None:
        errands.send_waiting(transactions, mailer, actor)
        if again:
            errands.sweep(transactions, mailer, actor)
            clock.pass_time(timedelta(minutes=2))
            errands.send_waiting(transactions, mailer, actor)

    return run


def unknown(transactions: Transactions, actor: Actor) -> list[Slip]:
    with transactions.reading(actor.organisation_id) as session:
        return queries.unknown(session)


class TestHear:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_is_the_same_in_any_order_and_for_repeats(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
        seed: int,
    ) -> None:
        freeze(readers(12))
        send()
        told = events(fake, FATES)

        heard = [hear(post) for post in shuffled(told, seed)]
        again = hear(told)

        found = report()
        assert (found.delivered, found.bounced, found.dropped) == (7, 3, 1)
        assert (found.accepted, found.people, found.whole) == (1, 12, True)
        assert sum(each.new for each in heard) == len(told)
        assert (again.new, again.strangers) == (0, 0)
        with transactions.reading(actor.organisation_id) as session:
            assert session.scalar(select(func.count(Event.id))) == len(told)
            assert trail.verify(session, transactions.vault, actor.organisation_id).whole
            kept = " ".join(session.scalars(select(Event.reason)))
        assert "person" not in kept
        assert "5.1.1" in kept

    def test_proves_an_attempt_nobody_knew_of(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
    ) -> None:
        fake.faults = ["500 after"]
        freeze([each for each in readers(8) if each.locale == "fr"][:2])
        send()
        assert report().in_doubt > 0
        clock.pass_time(timedelta(minutes=25))  # too late to be called back
        errands.sweep(transactions, mailer, actor)
        assert report().in_doubt > 0

        hear(events(fake))

        found = report()
        assert (found.in_doubt, found.delivered, found.people) == (0, 2, 2)
        assert found.campaigns[0]["state"] == "finished"

    def test_is_not_waited_for_where_the_logs_tell(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        transport: Transport,
        mailer: SendGridMailer,
        report: Callable[[], Report],
    ) -> None:
        fake.faults = ["500 after", "500 before"]
        freeze(readers(12)[::4] + readers(12)[1::4])  # two texts, so two requests
        send()
        clock.pass_time(timedelta(minutes=25))  # too late to be called back

        resolved = errands.sweep(transactions, mailer, actor, SendGridLogs(transport, clock))

        with transactions.reading(actor.organisation_id) as session:
            proofs = {(each.result, each.proof) for each in session.scalars(select(Attempt))}
        assert ("proved", "logged") in proofs
        assert resolved == 1
        assert (report().accepted, report().in_doubt) == (3, 3)

    def test_believes_no_request_that_the_logs_call_discarded(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        transport: Transport,
        mailer: SendGridMailer,
    ) -> None:
        fake.faults = ["500 after"]
        freeze(readers(12)[::4])  # one text, so one request
        send()
        [slip] = unknown(transactions, actor)
        assert mailer.recall(slip) is Finding.ABSENT  # and the sweeper dies, for long
        clock.pass_time(timedelta(minutes=25))

        errands.sweep(transactions, mailer, actor, SendGridLogs(transport, clock))
        send()
        clock.pass_time(timedelta(minutes=25))

        assert sorted(fake.book().values()) == [1, 1, 1]

    def test_leaves_strangers_alone(
        self,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(2))
        send()
        first, *_ = events(fake, {})
        foreign = {
            name: value
            for name, value in first.items()
            if not name.startswith("bd_") and name != "category"
        } | {"event": "bounce", "sg_message_id": "another-mail.1", "sg_event_id": "other"}
        unknown = first | {"bd_c": "BD-2026-0001-9", "sg_event_id": "nobody"}
        beyond = first | {"bd_n": "999", "sg_event_id": "beyond"}

        heard = hear([foreign, unknown, beyond])

        assert (heard.new, heard.strangers) == (0, 3)
        assert report().bounced == 0

    def test_may_be_done_by_nobody_else(
        self,
        transactions: Transactions,
    ) -> None:
        words: list[Word] = []
        assert errands.hear(transactions, "SendGrid", words) == Heard(0, 0, 0)


class TestReconcile:
    def test_asks_the_logs_after_silence(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        transport: Transport,
        report: Callable[[], Report],
    ) -> None:
        fake.fates = FATES | {"person6@example.org": ("processed", "delivered")}
        fake.faults = ["500 before"]
        freeze(readers(12))
        send(again=True)
        logs = SendGridLogs(transport, clock)
        assert errands.reconcile(transactions, logs, actor) == 0
        clock.pass_time(timedelta(hours=2))

        new = errands.reconcile(transactions, logs, actor)

        found = report()
        assert new == 12
        assert (found.delivered, found.bounced, found.dropped) == (8, 2, 1)
        clock.pass_time(timedelta(hours=2))
        assert errands.reconcile(transactions, logs, actor) == 0

    def test_does_not_count_what_was_called_back_as_dropped(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        transport: Transport,
        report: Callable[[], Report],
    ) -> None:
        fake.faults = ["500 after", "500 after", "500 after", "500 after"]
        freeze(readers(12))
        send(again=True)
        clock.pass_time(timedelta(hours=2))

        errands.reconcile(transactions, SendGridLogs(transport, clock), actor)

        assert (report().delivered, report().dropped) == (12, 0)


class TestSharedMailbox:
    """Two people read one mailbox, each a text of their own; logs know the address alone."""

    @pytest.fixture
    def couple(self) -> list[Reader]:
        one, other = readers(2)
        return [one, replace(other, address=one.address)]

    @pytest.mark.parametrize("faults", [("fine", "500 before"), ("500 before", "fine")])
    def test_takes_no_word_about_one_letter_for_the_other(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        couple: list[Reader],
        transport: Transport,
        report: Callable[[], Report],
        fake: FakeSendGrid,
        faults: tuple[str, ...],
    ) -> None:
        fake.faults = [*faults]
        freeze(couple)
        send()
        clock.pass_time(timedelta(hours=2))

        errands.reconcile(transactions, SendGridLogs(transport, clock), actor)

        assert sorted(fake.book().values()) == [1]
        assert (report().delivered, report().in_doubt) == (1, 1)

    def test_counts_both_as_not_reached_where_the_mailbox_is_gone(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        send: Callable[..., None],
        couple: list[Reader],
        fake: FakeSendGrid,
        hear: Callable[..., Heard],
        report: Callable[[], Report],
    ) -> None:
        freeze(couple)
        send()
        hear(events(fake))
        told = events(fake, {"person0@example.org": ("late bounce",)})[:1]

        hear(told)
        hear(told)

        assert (report().bounced, report().delivered) == (2, 0)
        with transactions.reading(actor.organisation_id) as session:
            kinds = session.scalars(select(Event.kind).where(Event.kind == "bounced")).all()
        assert len(kinds) == 2


class TestSilence:
    def is_noted_once_after_a_while(
        self, transactions: Transactions, actor: Actor, clock: FixedClock
    ) -> None:
        clock.pass_time(timedelta(minutes=45))
        assert errands.watch(transactions, actor) == 0
        clock.pass_time(timedelta(minutes=10))
        assert errands.watch(transactions, actor) == 1
        assert errands.watch(transactions, actor) == 0

    def test_halts_a_campaign_and_stands_on_the_trail_once(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        report: Callable[[], Report],
    ) -> None:
        freeze(readers(12))
        send()

        self.is_noted_once_after_a_while(transactions, actor, clock)

        assert report().campaigns[0]["state"] == "finished"
        with transactions.reading(actor.organisation_id) as session:
            [campaign] = queries.moving(session)
            going = queries.going(session, campaign, clock.now())
        assert going["silent_since"] == (NOW + timedelta(minutes=20)).isoformat()

    def test_is_noted_as_well_where_the_carrier_spoke_before(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        mailer: SendGridMailer,
        fake: FakeSendGrid,
        hear: Callable[..., Heard],
    ) -> None:
        freeze(readers(12))
        first = itertools.chain([False], itertools.repeat(True))
        errands.send_waiting(transactions, mailer, actor, stopping=lambda: next(first))
        clock.pass_time(timedelta(minutes=21))
        assert hear(events(fake, {})).new
        assert errands.watch(transactions, actor) == 0
        send()

        self.is_noted_once_after_a_while(transactions, actor, clock)

        hear(events(fake, {}))
        with transactions.reading(actor.organisation_id) as session:
            [campaign] = queries.moving(session)
            assert queries.going(session, campaign, clock.now())["silent_since"] is None
            assert campaign.alarmed_at is None


class TestElsewhere:
    def test_lists_who_must_be_told_otherwise_and_by_what(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        incident: Incident,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        hear: Callable[..., Heard],
    ) -> None:
        freeze(readers(12), usr_000009="a robot of ours")
        send()
        hear(events(fake, FATES))
        both = {Channel.SECOND_ADDRESS, Channel.LETTER}
        people = [(each.key, both if each.key < "usr_000003" else {Channel.LETTER})
                  for each in readers(12)]  # fmt: skip
        with transactions.open(actor) as tx:
            commands.tell_otherwise(
                tx, incident, ["usr_000005"], Channel.LETTER, clock.now(), "batch 1"
            )

        with transactions.reading(actor.organisation_id) as session:
            found = queries.elsewhere(session, transactions.vault, incident.id, people)
            by_person = {each.person: (each.standing, each.channel) for each in found}

        assert by_person == {
            "usr_000001": ("bounced", Channel.SECOND_ADDRESS),
            "usr_000002": ("dropped", Channel.SECOND_ADDRESS),
            "usr_000005": ("bounced", Channel.PUBLIC),
            "usr_000006": ("bounced", Channel.LETTER),
        }

    def test_is_recorded_with_what_proves_it(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        incident: Incident,
        freeze: Freeze,
    ) -> None:
        freeze(readers(2))
        later = clock.now() + timedelta(days=1)
        for people, at, evidence, error in (
            (["usr_000001"], clock.now(), " ", Refused),
            (["usr_000001"], later, "list", Refused),
            ([], clock.now(), "list", Refused),
            (["usr_999999"], clock.now(), "list", Unknown),
        ):
            with pytest.raises(error), transactions.open(actor) as tx:
                commands.tell_otherwise(tx, incident, people, Channel.PHONE, at, evidence)


class TestProof:
    def test_outlives_the_addresses_and_the_key(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        incident: Incident,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        hear: Callable[..., Heard],
    ) -> None:
        freeze(readers(12)[::4])  # one text, so one request
        fake.faults = ["429"]
        send()
        clock.pass_time(timedelta(minutes=1))
        send()
        hear(events(fake, FATES))
        with transactions.open(actor) as tx:
            before = commands.prove(tx, incident, "usr_000000")
            assert commands.forget_addresses(tx, incident) == 3
        transactions.vault.destroy_key(incident.id)

        with transactions.open(actor) as tx:
            after = commands.prove(tx, incident, "usr_000000")
        [told] = after.letters

        assert after.purged
        assert after.letters == before.letters
        assert (told.standing, told.informed_by) == ("delivered", "email")
        assert told.informed_at == clock.now()
        assert [each.result for each in told.attempts] == ["retry", "accepted"]
        assert [each.kind for each in told.events] == ["processed", "delivered"]
        with transactions.reading(actor.organisation_id) as session:
            assert not session.scalars(
                select(Delivery.id).where(Delivery.address_mark.is_not(None))
            ).first()

    def test_knows_no_strangers(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        freeze: Freeze,
    ) -> None:
        freeze(readers(1))
        with pytest.raises(Unknown), transactions.open(actor) as tx:
            commands.prove(tx, incident, "usr_999999")


class TestCallBack:
    def test_discards_what_the_carrier_still_holds(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
        fake: FakeSendGrid,
        mailer: SendGridMailer,
        report: Callable[[], Report],
    ) -> None:
        campaign_id = freeze(readers(12))
        send()
        with transactions.reading(actor.organisation_id) as session:
            [campaign] = queries.moving(session)
            going = queries.going(session, campaign, clock.now())
        assert going["can_be_called_back"] == 12
        clock.pass_time(timedelta(minutes=5))
        with transactions.open(actor) as tx:
            commands.cancel(tx, tx.session.get_one(Campaign, campaign_id), "the wrong text")

        people = errands.call_back(transactions, mailer, actor, campaign_id)

        found = report()
        assert (people, found.not_informed, found.reasons) == (12, 12, {"cancelled": 12})
        assert not fake.book()

    def test_comes_too_late_ten_minutes_before(
        self,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        freeze: Freeze,
        send: Callable[..., None],
    ) -> None:
        campaign_id = freeze(readers(12))
        send()
        clock.pass_time(timedelta(minutes=11))
        with (
            pytest.raises(Refused, match="nothing of it can be called back"),
            transactions.open(actor) as tx,
        ):
            commands.cancel(tx, tx.session.get_one(Campaign, campaign_id))
