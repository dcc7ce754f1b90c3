"""A runbook becomes tasks once; each is ticked or skipped by somebody, at an instant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.kernel.states import NotFromHere
from breachdesk.runbooks import commands, queries, reading, rules
from breachdesk.runbooks.models import Task
from breachdesk.runbooks.terms import Runbook
from breachdesk.settings import shipped

KNOWN = reading.read_all(shipped("runbooks"))


@pytest.fixture
def runbook(incident: Incident) -> Runbook:
    found = rules.matching(KNOWN, incident.facts)
    assert found is not None
    return found


def tasks(transactions: Transactions, actor: Actor, incident: Incident) -> list[Task]:
    with transactions.reading(actor.organisation_id) as session:
        return list(queries.tasks_of(session, incident.id))


class TestStart:
    def test_makes_a_task_of_every_step_in_order(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        with transactions.open(actor) as tx:
            started = commands.start(tx, incident, runbook)

        kept = tasks(transactions, actor, incident)
        assert [each.step for each in kept] == [step.id for step in runbook.steps]
        assert [each.id for each in started] == [each.id for each in kept]
        assert {each.stage for each in kept} == {"open"}
        assert rules.due_at(incident.aware_at, kept[0].within_seconds) == (
            incident.aware_at + runbook.steps[0].within
        )

    def test_started_again_adds_only_what_is_new(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        first, *rest = runbook.steps
        with transactions.open(actor) as tx:
            commands.start(tx, incident, replace(runbook, steps=tuple(rest)))
        with transactions.open(actor) as tx:
            commands.tick(tx, queries.task(tx.session, incident.id, rest[0].id))
        for _ in range(2):
            with transactions.open(actor) as tx:
                commands.start(tx, incident, runbook)

        kept = tasks(transactions, actor, incident)
        assert sorted(each.step for each in kept) == sorted(step.id for step in runbook.steps)
        assert [each.step for each in kept if each.stage == "done"] == [rest[0].id]
        with transactions.reading(actor.organisation_id) as session:
            trail = audit.trail_of(session, [incident.id])
        added = [entry.details["added"] for entry in trail if entry.action == "runbooks.start"]
        assert added[:2] == [[], [first.id]]

    def test_is_refused_for_a_closed_incident(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        with transactions.open(actor) as tx:
            closed = incidents.close(tx, tx.session.merge(incident))

        with pytest.raises(commands.NotOpen), transactions.open(actor) as tx:
            commands.start(tx, closed, runbook)


class TestTick:
    def test_keeps_who_when_and_what_was_found(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        with transactions.open(actor) as tx:
            commands.start(tx, incident, runbook)
        with transactions.open(actor) as tx:
            task = queries.task(tx.session, incident.id, "revoke-token")
            commands.tick(tx, task, " answers 401 now ")

        with transactions.reading(actor.organisation_id) as session:
            done = queries.task(session, incident.id, "revoke-token", runbook.id)
            trail = audit.trail_of(session, [done.id])
        assert (done.stage, done.note) == ("done", "answers 401 now")
        assert (done.closed_by, done.closed_at) == (actor.name, transactions.clock.now())
        assert [entry.action for entry in trail] == ["runbooks.tick"]

    def test_is_refused_twice(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        with transactions.open(actor) as tx:
            commands.start(tx, incident, runbook)
            task = queries.task(tx.session, incident.id, "revoke-token")
            commands.tick(tx, task)

        with pytest.raises(NotFromHere), transactions.open(actor) as tx:
            commands.tick(tx, tx.session.merge(task))


class TestSkip:
    def test_needs_a_reason_and_can_still_be_done(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        with transactions.open(actor) as tx:
            commands.start(tx, incident, runbook)
        with pytest.raises(Unusable, match="for a reason"), transactions.open(actor) as tx:
            commands.skip(tx, queries.task(tx.session, incident.id, "keep-machine"), "  ")
        with transactions.open(actor) as tx:
            task = queries.task(tx.session, incident.id, "keep-machine")
            assert commands.skip(tx, task, "no machine was involved").stage == "skipped"
            assert commands.tick(tx, task, "there was one").stage == "done"


class TestTask:
    def test_is_named_without_doubt(
        self, transactions: Transactions, actor: Actor, incident: Incident, runbook: Runbook
    ) -> None:
        with transactions.open(actor) as tx:
            for each in KNOWN:
                commands.start(tx, incident, each)

        with transactions.reading(actor.organisation_id) as session:
            with pytest.raises(Unknown, match="no task 'nothing'"):
                queries.task(session, incident.id, "nothing")
            with pytest.raises(Unusable, match="several runbooks"):
                queries.task(session, incident.id, "sign-risk")
            found = queries.task(session, incident.id, "sign-risk", runbook.id)
        assert timedelta(seconds=found.within_seconds) == timedelta(hours=24)
