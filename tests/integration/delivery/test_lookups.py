"""A freeze finds people and mailboxes by their own indexes, and never reads a whole list."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event, select

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction, Transactions
from breachdesk.delivery import queries
from breachdesk.delivery.commands.writing import written_to
from breachdesk.delivery.models import Campaign, Delivery
from breachdesk.kernel.database import sample
from fakes import readers

PEOPLE, ASKED = 3000, 5
"""One in six hundred; of a million a freeze asks for one in a thousand at a time."""
BY_MAILBOX = "ix_deliveries_campaign_id_deliveries_address_mark"
BY_PERSON = "uq_deliveries_incident_id_letter_person_mark_seq"
Asking = Callable[[Transaction, Campaign, list[Delivery]], object]


def mailboxes(tx: Transaction, campaign: Campaign, some: list[Delivery]) -> object:
    return written_to(tx, campaign, [each.address_mark or "" for each in some])


def people(tx: Transaction, campaign: Campaign, some: list[Delivery]) -> object:
    marks = {each.person_mark for each in some}
    return queries.known(tx.session, campaign.incident_id, campaign.letter, marks)


class TestLookups:
    @pytest.mark.parametrize(
        ("ask", "index"),
        [(mailboxes, BY_MAILBOX), (people, BY_PERSON)],
        ids=["mailbox", "person"],
    )
    def test_go_by_an_index_of_their_own(
        self,
        engine: Engine,
        transactions: Transactions,
        actor: Actor,
        freeze: Callable[..., UUID],
        ask: Asking,
        index: str,
    ) -> None:
        campaign_id = freeze(readers(PEOPLE), separate=True)

        plans = [_plan(transactions, actor, campaign_id, ask)]
        _look_over(engine)
        plans.append(_plan(transactions, actor, campaign_id, ask))

        for plan in plans:
            assert index in plan or _automatic(index) in plan
            assert "Seq Scan on deliveries" not in plan
            assert "SCAN deliveries" not in plan


def _automatic(index: str) -> str:
    """Return how SQLite calls the index of a constraint: it forgets the name of the latter."""
    return "sqlite_autoindex_deliveries_2" if index == BY_PERSON else index


def _look_over(engine: Engine) -> None:
    """Let the database learn how long its tables are."""
    sample(engine)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


def _plan(transactions: Transactions, actor: Actor, campaign_id: UUID, ask: Asking) -> str:
    """Return how the database answers what a freeze asks of some people, who are all found."""
    with transactions.open(actor) as tx:
        campaign = tx.session.get_one(Campaign, campaign_id)
        of_it = select(Delivery).where(Delivery.campaign_id == campaign_id).limit(ASKED)
        some = list(tx.session.scalars(of_it))
        connection = tx.session.connection()
        with _noting(connection) as asked:
            found = ask(tx, campaign, some)
        assert isinstance(found, list | dict)
        assert len(found) == len(some) == ASKED
        [(statement, parameters)] = asked
        explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)


@contextmanager
def _noting(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Note every statement, as the driver is given it."""
    noted: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        noted.append((given[2], given[3]))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(connection, "before_cursor_execute", note)
