"""The page of what is kept until when, and the holds that are set and lifted on it."""

from datetime import timedelta

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.keeping.errands import purging
from conftest import FixedClock
from web_face import Visit, log_breach


@pytest.fixture
def closed(desk: Desk, actor: Actor) -> str:
    reference = log_breach(desk, actor)
    with desk.transactions.open(actor) as tx:
        incidents.close(tx, incident_queries.by_reference(tx.session, reference))
    return reference


class TestKept:
    def test_shows_until_when_and_lets_a_hold_be_set_and_lifted(
        self, ben: Visit, awa: Visit, desk: Desk, actor: Actor, closed: str, clock: FixedClock
    ) -> None:
        page = ben.get("/kept/").text
        assert "after closing; nobody was told" in page
        assert "5 years" in page
        assert "due to go" not in page
        clock.pass_time(timedelta(days=6 * 366))
        due = purging.due(desk.transactions, actor, desk.retention)
        assert len(due) == 2

        clock.pass_time(-timedelta(days=6 * 366))  # whoever signed in is signed in still
        answer = ben.post(f"/kept/{closed}/hold", {"reason": "claim 26/1234"})
        assert answer.status_code == 303
        assert "claim 26/1234" in ben.get("/kept/").text
        clock.pass_time(timedelta(days=6 * 366))
        assert purging.due(desk.transactions, actor, desk.retention) == ()
        clock.pass_time(-timedelta(days=6 * 366))

        assert ben.post(f"/kept/{closed}/lift", {"reason": ""}).status_code == 422
        lifted = ben.post(f"/kept/{closed}/lift", {"reason": "settled"})
        assert lifted.status_code == 303
        assert "claim 26/1234" not in ben.get("/kept/").text
        assert "Ce qui est conservé, jusqu’à quand" in awa.get("/kept/").text

    def test_refuses_fields_it_does_not_know(self, ben: Visit, closed: str) -> None:
        told = {"reason": "x", "lifted_by": "Mallory"}
        assert ben.post(f"/kept/{closed}/hold", told).status_code == 422
