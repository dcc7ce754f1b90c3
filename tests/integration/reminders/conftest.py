"""Members with roles, a plan, and a bench on which reminders are given."""

from collections.abc import Callable
from pathlib import Path

import pytest

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.terms import MemberDraft
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery.ports import Mailer
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Law
from breachdesk.obligations import commands as obligations
from breachdesk.reminders import errands, queries
from breachdesk.reminders.models import Reminder
from breachdesk.reminders.reading import read_plan
from breachdesk.reminders.terms import Plan
from conftest import NOW

TEMPLATES = Path(__file__).parents[3] / "templates"
AUTHORITY = "gdpr.33.authority"
DPO = MemberDraft(email="dpo@leadjet.example", name="Dora", roles=("dpo",), language="en")
LEGAL = MemberDraft(email="legal@leadjet.example", name="Léo", roles=("legal",))
WRITER = MemberDraft(email="com@leadjet.example", name="Coco", roles=("communication",))


@pytest.fixture(scope="session")
def law() -> Law:
    return read_packs(None)


@pytest.fixture
def plan() -> Plan:
    return read_plan(TEMPLATES)


@pytest.fixture
def renderer() -> JinjaRenderer:
    return JinjaRenderer(TEMPLATES)


@pytest.fixture
def staff(transactions: Transactions, actor: Actor) -> dict[str, Actor]:
    """Let an officer, a lawyer and a writer in; return them as actors by their role."""
    with transactions.open(actor) as tx:
        return {
            draft.roles[0]: members.actor(access.invite(tx, draft)[0])
            for draft in (DPO, LEGAL, WRITER)
        }


@pytest.fixture
def breach(transactions: Transactions, actor: Actor, law: Law) -> Incident:
    """Return a breach of which we became aware this very instant, with one dated duty."""
    draft = IncidentDraft(
        title="Stolen <token>", aware_at=NOW, facts={"role": "controller", "malicious": True}
    )
    with transactions.open(actor) as tx:
        logged = incidents.log(tx, draft)
        obligations.tell(tx, logged, law, {"insured": (False,)})
        return logged


@pytest.fixture
def give(
    transactions: Transactions, actor: Actor, law: Law, plan: Plan, renderer: JinjaRenderer
) -> Callable[[Mailer], int]:
    """Return what gives the reminders that are due."""

    def run(mailer: Mailer) -> int:
        return errands.give(transactions, errands.Carriers(mailer), renderer, actor, law, plan)

    return run


@pytest.fixture
def rows(
    transactions: Transactions, actor: Actor, breach: Incident
) -> Callable[[], list[Reminder]]:
    """Return what lists the reminders of the breach."""

    def read() -> list[Reminder]:
        with transactions.reading(actor.organisation_id) as session:
            return list(queries.of_incidents(session, [breach.id]))

    return read
