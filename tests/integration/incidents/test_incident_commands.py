"""An incident is logged and corrected, on both databases."""

from datetime import timedelta

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands, queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.errors import Unknown, Unusable
from conftest import NOW


class TestLog:
    def test_counts_references_up_within_the_year(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            later = commands.log(tx, IncidentDraft(title="Lost laptop", aware_at=NOW))

        assert (incident.reference, later.reference) == ("BD-2026-0001", "BD-2026-0002")

    def test_refuses_an_end_in_the_future_and_leaves_nothing(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        draft = IncidentDraft(
            title="Lost laptop", aware_at=NOW, ended_at=NOW + timedelta(seconds=1)
        )
        with pytest.raises(Unusable, match="in the future"), transactions.open(actor) as tx:
            commands.log(tx, draft)

        with transactions.reading(actor.organisation_id) as session:
            assert queries.count(session) == 0


class TestCorrect:
    def test_takes_a_day_alone_from_its_first_instant_and_forgets_that_with_an_hour(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        seen = []
        for told in ("2026-10-25", "2026-10-25T09:00:00+01:00"):
            with transactions.open(actor) as tx:
                found = queries.by_reference(tx.session, incident.reference)
                commands.correct(tx, found, {"aware_at": told}, "as far as we know")
                seen.append((found.aware_at.isoformat(), found.aware_day_only))

        assert seen == [
            ("2026-10-24T22:00:00+00:00", True),
            ("2026-10-25T08:00:00+00:00", False),
        ]

    def test_keeps_what_was_said_before(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        earlier = NOW - timedelta(hours=12, minutes=30)
        with transactions.open(actor) as tx:
            found = queries.by_reference(tx.session, incident.reference)
            commands.correct(
                tx, found, {"aware_at": earlier.isoformat()}, "the mail came first"
            )

        with transactions.reading(actor.organisation_id) as session:
            found = queries.by_reference(session, incident.reference)
            [correction] = queries.corrections_of(session, found.id)
            assert found.aware_at == earlier
            assert correction.was == {"value": incident.aware_at.isoformat()}
            assert correction.reason == "the mail came first"

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    def test_goes_on_from_what_another_said_meanwhile(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        """SQLite lets nobody begin a write before the one before is over."""
        with transactions.open(actor) as tx:
            found = queries.by_reference(tx.session, incident.reference)
            with transactions.open(actor) as other:
                same = queries.by_reference(other.session, incident.reference)
                commands.correct(other, same, {"summary": "theirs"}, "more is known")
                commands.tell(other, same, {"cause": "theirs"}, "more is known")
            assert found.summary == incident.summary
            assert commands.held(tx, found).summary == "theirs"
            commands.tell(tx, found, {"role": "mine"}, "more is known")

        with transactions.reading(actor.organisation_id) as session:
            found = queries.by_reference(session, incident.reference)
            assert found.summary == "theirs"
            assert found.facts == {**incident.facts, "cause": "theirs", "role": "mine"}

    @pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
    @pytest.mark.parametrize("told", ["correct", "tell"])
    def test_knows_what_another_said_meanwhile(
        self, transactions: Transactions, actor: Actor, incident: Incident, told: str
    ) -> None:
        act = {"correct": commands.correct, "tell": commands.tell}[told]
        field = {"correct": "summary", "tell": "cause"}[told]
        with transactions.open(actor) as tx:
            found = queries.by_reference(tx.session, incident.reference)
            with transactions.open(actor) as other:
                same = queries.by_reference(other.session, incident.reference)
                act(other, same, {field: "theirs"}, "more is known")
            act(tx, found, {field: "mine"}, "more is known")

        with transactions.reading(actor.organisation_id) as session:
            known = [each.was["value"] for each in queries.corrections_of(session, incident.id)]
            assert "theirs" in known

    def test_refuses_an_instant_without_offset(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Unusable, match="no offset"), transactions.open(actor) as tx:
            found = queries.by_reference(tx.session, incident.reference)
            commands.correct(tx, found, {"ended_at": "2026-11-19T06:30:00"}, "typed wrong")


class TestByReference:
    def test_names_the_incident_that_is_not_there(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        with (
            transactions.reading(actor.organisation_id) as session,
            pytest.raises(Unknown, match="BD-1999-0001"),
        ):
            queries.by_reference(session, "BD-1999-0001")
