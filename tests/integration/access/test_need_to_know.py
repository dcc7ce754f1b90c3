"""An incident kept for named members is nowhere for anyone else: in no table, by no query."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from breachdesk.access import commands, queries
from breachdesk.access.terms import MemberDraft
from breachdesk.audit import queries as audit
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import models as delivery
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.keeping import queries as keeping
from breachdesk.keeping.errands import purging
from breachdesk.keeping.terms import Retention
from breachdesk.kernel import sight
from breachdesk.kernel.errors import Forbidden, Unknown
from breachdesk.kernel.tables import Table
from breachdesk.kernel.vault import Vault
from conftest import NOW, ORGANISATION, FixedClock, every_module, someone
from web_face import desk_of, whole_breach

DRAFT = IncidentDraft(title="Kept for few", aware_at=NOW)
AUDITOR = ("ada", "auditor")


def member(transactions: Transactions, actor: Actor, name: str, *roles: str) -> Actor:
    draft = MemberDraft(email=f"{name}@example.org", name=name, roles=roles)
    with transactions.open(actor) as tx:
        return queries.actor(commands.invite(tx, draft)[0])


@pytest.fixture
def actor() -> Actor:
    """Return the desk's own hand, which sees every incident."""
    return replace(someone("Awa Responder"), sees_every_incident=True)


@pytest.fixture
def few(transactions: Transactions, actor: Actor) -> Incident:
    """Return an incident that is kept for the test's actor alone."""
    inside = member(transactions, actor, "inside", "responder")
    with transactions.open(actor) as tx:
        kept = incidents.log(tx, DRAFT)
        commands.restrict(tx, kept, [queries.member(tx.session, "inside@example.org")])
    assert not inside.sees_every_incident
    return kept


class TestRestrict:
    def test_hides_it_from_the_rest_and_not_from_those_named_or_who_see_all(
        self, transactions: Transactions, actor: Actor, few: Incident, incident: Incident
    ) -> None:
        sees = {}
        for name, role in (("eve", "responder"), ("dina", "dpo"), ("adam", "administrator")):
            who = member(transactions, actor, name, role)
            with transactions.reading(who) as session:
                sees[role] = {row.reference for row in session.scalars(select(Incident))}
        with transactions.reading(ORGANISATION) as session:
            inside = queries.actor(queries.member(session, "inside@example.org"))
        with transactions.reading(inside) as session:
            sees["inside"] = {row.reference for row in session.scalars(select(Incident))}

        both = {few.reference, incident.reference}
        assert sees == {
            "responder": {incident.reference},
            "dpo": both,
            "administrator": both,
            "inside": both,
        }

    def test_hides_numbers_and_rows_by_id_and_joins(
        self, transactions: Transactions, actor: Actor, few: Incident
    ) -> None:
        eve = member(transactions, actor, "eve", "responder")
        with transactions.reading(eve) as session:
            assert session.scalar(select(func.count(Incident.id))) == 0
            assert session.get(Incident, few.id) is None
            with pytest.raises(Unknown):
                incident_queries.by_reference(session, few.reference)
            assert few.id not in set(session.scalars(select(AuditEntry.subject_id)))

    def test_lets_nobody_write_what_they_cannot_see(
        self, transactions: Transactions, actor: Actor, few: Incident
    ) -> None:
        eve = member(transactions, actor, "eve", "responder")
        with pytest.raises(Forbidden), transactions.open(eve) as tx:
            incidents.add_to_timeline(tx, few, NOW, "I was here")

    def test_still_numbers_and_chains_what_others_log(
        self, transactions: Transactions, actor: Actor, few: Incident, vault: Vault
    ) -> None:
        eve = member(transactions, actor, "eve", "responder")
        with transactions.open(eve) as tx:
            logged = incidents.log(tx, DRAFT)

        assert logged.number == few.number + 1
        with transactions.reading(ORGANISATION) as session:
            assert audit.verify(session, vault, ORGANISATION).whole

    def test_holds_for_what_is_left_of_it_once_it_went(
        self, transactions: Transactions, actor: Actor, few: Incident, clock: FixedClock
    ) -> None:
        eve, ada = (member(transactions, actor, *each) for each in (("eve", "legal"), AUDITOR))
        with transactions.open(actor) as tx:
            logged = incidents.log(tx, DRAFT)
            incidents.close(tx, incident_queries.by_reference(tx.session, few.reference))
        clock.pass_time(timedelta(days=2000))
        purging.purge(transactions, actor, Retention(), Path("nowhere"), by_hand=True)

        told = {}
        for who in (eve, ada):
            with transactions.reading(who) as session:
                told[who.name] = (
                    {each.subject_id for each in session.scalars(select(AuditEntry))},
                    [each.reference for each in keeping.purges(session)],
                )
        assert few.id in told["ada"][0]
        assert told["ada"][1] == [few.reference, few.reference]
        assert few.id not in told["eve"][0]
        assert logged.id in told["eve"][0]
        assert told["eve"][1] == []

    def test_can_be_lifted(
        self, transactions: Transactions, actor: Actor, few: Incident
    ) -> None:
        eve = member(transactions, actor, "eve", "responder")
        with transactions.open(actor) as tx:
            commands.unrestrict(tx, few)

        with transactions.reading(eve) as session:
            assert incident_queries.by_reference(session, few.reference).id == few.id

    def test_keeps_whoever_restricts_inside(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        ruth = member(transactions, actor, "ruth", "responder")
        other = member(transactions, actor, "other", "responder")
        with transactions.open(ruth) as tx:
            mine = incident_queries.by_reference(tx.session, incident.reference)
            commands.restrict(tx, mine, [queries.by_id(tx.session, other.member_id)])

        with transactions.reading(ruth) as session:
            assert session.get(Incident, incident.id) is not None


class TestEveryTable:
    def test_that_names_an_incident_is_guarded(self) -> None:
        every_module("models")
        guarded = {owner.__tablename__ for owner in sight.of_incidents(0)}
        by_column = {
            name
            for name, found in Table.metadata.tables.items()
            if {"incident_id", "campaign_id", "notice_id"} & set(found.columns.keys())
        }

        assert by_column <= guarded
        deep = {each.__tablename__ for each in (Incident, delivery.Chunk, delivery.Event)}
        assert deep <= guarded

    def test_of_a_whole_breach_is_empty_for_whom_it_is_hidden(
        self, transactions: Transactions, actor: Actor, tmp_path: Path, clock: FixedClock
    ) -> None:
        clock.pass_time(timedelta(hours=3))
        reference = whole_breach(desk_of(transactions, tmp_path), actor)
        inside = member(transactions, actor, "inside", "responder")
        eve = member(transactions, actor, "eve", "responder")
        filled = {
            owner.__tablename__
            for owner in sight.of_incidents(0)
            if self.rows(transactions, eve, owner)
        }
        assert len(filled) >= 7

        with transactions.open(actor) as tx:
            kept = incident_queries.by_reference(tx.session, reference)
            commands.restrict(tx, kept, [queries.by_id(tx.session, inside.member_id)])

        known = [o for o in sight.of_incidents(0) if o.__tablename__ != "incident_readers"]
        left = {o.__tablename__: self.rows(transactions, eve, o) for o in known}
        assert left == dict.fromkeys(left, 0)
        assert all(
            self.rows(transactions, inside, o) for o in known if o.__tablename__ in filled
        )

    @staticmethod
    def rows(transactions: Transactions, who: Actor, owner: type[Table]) -> int:
        with transactions.reading(who) as session:
            return session.scalar(select(func.count(owner.id))) or 0
