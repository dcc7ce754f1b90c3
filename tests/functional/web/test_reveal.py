"""Affected people are masked until somebody says why they look; it is noted, and limited."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from conftest import ORGANISATION, FixedClock
from web_face import Visit, whole_breach

ASKED = {"version": "1", "ring": "proven", "reason": "Ms X asked on the telephone"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: what is masked does not depend on the kind."""
    return sqlite_url


@pytest.fixture
def place(desk: Desk, actor: Actor) -> str:
    return f"/incidents/{whole_breach(desk, actor)}/people/"


def looks(desk: Desk) -> list[AuditEntry]:
    """Return the looks at people that the trail notes for members, refusals too."""
    with desk.transactions.reading(ORGANISATION) as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    return [
        each
        for each in rows
        if "reason" in each.details or each.action == "refused"
        if each.action in {"scoping.list_people", "refused"}
    ]


class TestReveal:
    def test_shows_nobody_before_a_reason_is_given(
        self, ben: Visit, desk: Desk, place: str
    ) -> None:
        masked = ben.get(place).text
        without = ben.post(place, {**ASKED, "reason": " "})
        shown = ben.post(place, ASKED).text

        assert "••••" in masked
        assert "usr_" not in masked + without.text
        assert without.status_code == 422
        assert "••••" not in shown
        [entry] = looks(desk)
        assert entry.details["reason"] == ASKED["reason"]
        assert entry.details["ring"] == "proven"

    def test_asks_who_is_there_after_a_while(
        self, ben: Visit, desk: Desk, place: str, clock: FixedClock
    ) -> None:
        clock.pass_time(timedelta(minutes=20))

        assert ben.post(place, ASKED).status_code == 403
        assert looks(desk)[-1].action == "refused"

    def test_is_limited_and_the_refusal_noted(self, ben: Visit, desk: Desk, place: str) -> None:
        answers = [ben.post(place, ASKED).status_code for _ in range(61)]

        assert answers == [200] * 60 + [429]
        assert looks(desk)[-1].details["refusal"].startswith("reveal was tried too often")


class TestExport:
    def test_is_limited(self, ben: Visit) -> None:
        answers = []
        for _ in range(31):
            answer = ben.get("/register/register.json")
            answers.append(answer.status_code)
            answer.close()

        assert answers == [200] * 30 + [429]
