"""What changes between the freezing of a list and its start."""

from collections.abc import Callable

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands as delivery
from breachdesk.delivery import queries as ledger
from breachdesk.delivery.terms import Reader
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law
from breachdesk.notices import commands
from breachdesk.notices.queries import NoticeRow
from conftest import someone

Draft = Callable[..., NoticeRow]
PEOPLE = [
    Reader(key, f"{key}@example.org", "fr", "controller", ("identification_contact",))
    for key in ("a", "b")
]


class TestFrozenList:
    @pytest.fixture
    def freeze(
        self, transactions: Transactions, actor: Actor, law: Law, ready: Incident, draft: Draft
    ) -> Callable[[], None]:
        """Return what drafts the notice, has it approved by two, and freezes the list."""

        def run() -> None:
            notice = draft()
            for number in (3, 4):
                with transactions.open(someone(f"Member {number}", number)) as tx:
                    commands.approve(tx, notice, law)
            with transactions.open(actor) as tx:
                delivery.freeze(tx, ready, notice, PEOPLE, law)

        return run

    def test_does_not_start_once_a_fact_is_another_and_can_be_frozen_anew(
        self,
        transactions: Transactions,
        actor: Actor,
        law: Law,
        ready: Incident,
        freeze: Callable[[], None],
    ) -> None:
        freeze()
        measure = MeasureDraft(
            phase=Phase.AFTER, text={"fr": "Nouvelles clés", "en": "New keys"}, done_at=None
        )
        with transactions.open(actor) as tx:
            incidents.add_measure(tx, ready, measure)

        with (
            pytest.raises(Refused, match=r"\(measures\); cancel .* then draft it again"),
            transactions.open(actor) as tx,
        ):
            [old] = ledger.campaigns_of(tx.session, ready.id)
            delivery.start(tx, old, law)

        with transactions.open(actor) as tx:
            [old] = ledger.campaigns_of(tx.session, ready.id)
            delivery.cancel(tx, old, "a new measure")
        freeze()
        with transactions.open(actor) as tx:
            new = ledger.campaigns_of(tx.session, ready.id)[-1]
            assert delivery.start(tx, new, law).messages == len(PEOPLE)

    def test_starts_while_the_facts_stand(
        self,
        transactions: Transactions,
        actor: Actor,
        law: Law,
        ready: Incident,
        freeze: Callable[[], None],
    ) -> None:
        freeze()

        with transactions.open(actor) as tx:
            [campaign] = ledger.campaigns_of(tx.session, ready.id)
            assert delivery.start(tx, campaign, law).state == "sending"
