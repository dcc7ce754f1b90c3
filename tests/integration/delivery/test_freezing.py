"""A list of people becomes chunks: once each, sealed, only with an approved text."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands, queries
from breachdesk.delivery.models import Campaign, Chunk, Delivery
from breachdesk.delivery.terms import Reader, Report
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.notices.models import Notice
from breachdesk.settings import shipped
from fakes import NotedMailer, addresses, persons, readers

CATEGORIES = ("connection_logs", "identification_contact")
LAW = read_packs(None)
DATAMAP = shipped("samples") / "leadjet" / "datamap.toml"
Freeze = Callable[..., UUID]


class TestFreeze:
    def test_goes_from_a_scope_and_an_approved_notice_to_an_mbox_full_of_letters(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        report: Callable[[], Report],
    ) -> None:
        people = persons(20)
        with transactions.open(actor) as tx:
            campaign = commands.freeze(tx, incident, notice, people, LAW)
            assert campaign.state == "frozen"
            commands.start(tx, campaign)
        mailer = NotedMailer()
        errands.send_waiting(transactions, mailer, actor)

        told = report()
        assert (told.people, told.accepted, told.messages) == (20, 20, 20)
        assert sorted(addresses(mailer)) == sorted(str(each.email) for each in people)
        letters = [content for _, content in mailer.messages]
        assert not [each for each in letters if b"-bdt." in each or b"-bdh." in each]

    def test_refuses_a_list_of_which_nobody_is_left(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        report: Callable[[], Report],
    ) -> None:
        with transactions.open(actor) as tx:
            commands.freeze(tx, incident, notice, persons(20), LAW)

        with (
            pytest.raises(Refused, match="all 20 people of the list are in the ledger"),
            transactions.open(actor) as tx,
        ):
            commands.freeze(tx, incident, notice, persons(20), LAW)
        assert len(report().campaigns) == 1

    def test_refuses_what_two_did_not_approve_and_leaves_nothing(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        measure: Callable[[int], None],
        draft: Callable[[], Notice],
    ) -> None:
        assert notice.version == 1
        measure(22)
        later = draft()

        with pytest.raises(Refused, match="not approved yet"), transactions.open(actor) as tx:
            commands.freeze(tx, incident, later, persons(20), LAW)
        with transactions.reading(actor.organisation_id) as session:
            assert not queries.campaigns_of(session, incident.id)

    def test_refuses_a_notice_whose_facts_have_changed_since(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        measure: Callable[[int], None],
    ) -> None:
        measure(22)

        with (
            pytest.raises(Refused, match=r"changed since the approval \(scope_digest\)"),
            transactions.open(actor) as tx,
        ):
            commands.freeze(tx, incident, notice, persons(20), LAW)

    def test_leaves_those_to_their_controller_whose_data_we_hold_as_processor(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        notice: Notice,
        report: Callable[[], Report],
    ) -> None:
        with transactions.open(actor) as tx:
            commands.freeze(tx, incident, notice, persons(3, role="processor"), LAW)

        assert report().reasons == {"customer_informs": 3}


class TestFreezing:
    def test_writes_down_why_someone_is_not_written_to(
        self, freeze: Freeze, report: Callable[[], Report]
    ) -> None:
        people = [
            *readers(2),
            Reader("a", None, "fr", "controller", ("identification_contact",)),
            Reader("b", "  ", "fr", "controller", ("identification_contact",)),
            Reader("c", "x@y, z@y", "fr", "controller", ("identification_contact",)),
            Reader("d", "d@example.org", "fr", "controller", ("identification_contact",)),
        ]
        freeze(people, d="told by telephone")

        told = report()
        assert (told.people, told.not_informed) == (6, 6)
        assert told.reasons == {
            "waiting": 2, "no_address": 2, "unusable_address": 1, "excluded": 1,
        }  # fmt: skip

    def test_counts_a_person_once_who_is_listed_twice(
        self, freeze: Freeze, report: Callable[[], Report]
    ) -> None:
        freeze([*readers(1500), *readers(1500), *readers(1, start=1499)])

        assert report().people == 1500

    def test_refuses_two_truths_about_one_person(self, freeze: Freeze) -> None:
        [person] = readers(1)
        other = Reader(person.key, person.address, "en", "controller", person.categories)

        with pytest.raises(Unusable, match="twice, with different data") as raised:
            freeze([person, *readers(1500, start=1), other])
        assert person.key not in str(raised.value)

    def test_refuses_to_pass_over_someone_without_a_text(self, freeze: Freeze) -> None:
        [person] = readers(1)
        other = Reader("x", person.address, "en", "controller", ("payment_cards",))

        with pytest.raises(Refused, match="1 people have no approved text"):
            freeze([person, other])

    @pytest.mark.parametrize("apart", [0, 1500])
    def test_writes_one_letter_where_it_says_the_same_to_all_of_a_mailbox(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
        apart: int,
    ) -> None:
        one, other = ("identification_contact",), ("connection_logs", "identification_contact")
        people = [
            Reader("a", "family@example.org", "fr", "controller", one),
            *readers(apart),
            Reader("b", " Family@EXAMPLE.org", "fr", "controller", one),
            Reader("c", "family@example.org", "fr", "controller", other),
        ]
        freeze(people)
        mailer = NotedMailer()
        errands.send_waiting(transactions, mailer, actor)

        told = report()
        assert (told.accepted, told.messages, told.whole) == (3 + apart, 2 + apart, True)
        assert list(addresses(mailer)).count("family@example.org") == 2

    def test_writes_to_each_apart_when_asked_and_never_twice_in_a_chunk(
        self,
        transactions: Transactions,
        actor: Actor,
        freeze: Freeze,
        report: Callable[[], Report],
    ) -> None:
        one = ("identification_contact",)
        people = [Reader(key, "f@example.org", "fr", "controller", one) for key in "abc"]
        freeze(people, separate=True)
        mailer = NotedMailer()
        errands.send_waiting(transactions, mailer, actor)

        assert (report().accepted, report().messages) == (3, 3)
        assert [len(chunk) for chunk in mailer.chunks.values()] == [1, 1, 1]

    def test_passes_over_whoever_an_earlier_campaign_reaches(
        self, freeze: Freeze, report: Callable[[], Report]
    ) -> None:
        freeze(readers(10))
        freeze(readers(15))

        told = report()
        assert told.people == 15
        assert [each["people"] for each in told.campaigns] == [10, 5]

    def test_leaves_no_person_in_clear_in_the_database(
        self, transactions: Transactions, actor: Actor, freeze: Freeze, engine: Engine
    ) -> None:
        freeze(readers(30))
        errands.send_waiting(transactions, NotedMailer(), actor)

        with engine.connect() as connection:
            for table in ("campaigns", "chunks", "deliveries", "attempts", "audit_entries"):
                content = str(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608  (ours)
                assert not re.search(r"person\d|example\.org|usr_", content), table

    def test_seals_each_chunk_with_at_most_a_thousand_messages(
        self, transactions: Transactions, actor: Actor, freeze: Freeze
    ) -> None:
        campaign_id = freeze(readers(9000))

        with transactions.reading(actor.organisation_id) as session:
            chunks = session.scalars(
                select(Chunk).where(Chunk.campaign_id == campaign_id)
            ).all()
            numbers = session.scalars(select(Delivery.message)).all()
            campaign = session.get_one(Campaign, campaign_id)
        assert sorted(each.messages for each in chunks) == [250] * 4 + [1000] * 8
        assert all(each.people == each.messages for each in chunks)
        assert {*numbers} == {*range(1, campaign.messages + 1)}
