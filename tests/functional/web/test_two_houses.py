"""A DPO of several organisations moves between them in one session; nothing comes along."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.queries import sessions
from breachdesk.access.terms import MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.web.visit import SEAT
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries
from breachdesk.incidents.terms import IncidentDraft
from conftest import NOW, ORGANISATION, someone
from every_address import ASKS, all_rows, ask, routes, values_of
from web_face import Visit, invite, whole_breach

DRAFT = MemberDraft(
    email="dina@outside.example", name="Dina", roles=("outside_dpo",), language="en"
)
TYPED, VIEW = "half a sentence about the token", "late ones over there"
HERE = "A lost letter"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: what is carried along does not depend on the kind."""
    return sqlite_url


@pytest.fixture
def actor() -> Actor:
    return replace(someone("Awa Responder"), sees_every_incident=True)


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    """Return the breach of the organisation in which Dina has a seat."""
    return whole_breach(desk, actor)


@pytest.fixture
def home(desk: Desk, actor: Actor) -> Actor:
    """Return who acts in Dina's own organisation, whose first breach is called as theirs."""
    own = replace(actor, organisation_id=UUID(int=actor.organisation_id.int + 1))
    with desk.transactions.open(own) as tx:
        access.found(tx, "Outside & Co")
        incidents.log(tx, IncidentDraft(title=HERE, aware_at=NOW))
    return own


@pytest.fixture
def dina(app: Flask, desk: Desk, actor: Actor, home: Actor, reference: str) -> Visit:
    password = invite(desk.transactions, home, DRAFT)
    with desk.transactions.reading(home) as session:
        own = members.member(session, DRAFT.email)
    with desk.transactions.open(actor) as tx:
        access.give_seat(tx, own, ("outside_dpo",))
    visit = Visit(app)
    assert visit.sign_in(DRAFT.email, password).status_code == 303
    assert reference == "BD-2026-0001"  # both organisations have one of that name
    return visit


def go(visit: Visit, organisation: UUID) -> None:
    asked = {"organisation": str(organisation)}
    assert visit.post("/account/organisation", asked).status_code == 303


def seat_of(visit: Visit) -> str:
    found = re.search(r'data-member="([^"]+)"', visit.get("/").text)
    assert found is not None
    return found[1]


class TestMoving:
    def test_shows_nothing_of_the_one_in_the_other(
        self, app: Flask, desk: Desk, dina: Visit, actor: Actor, home: Actor, reference: str
    ) -> None:
        values: dict[str, Any] = values_of(desk, actor, reference)
        with desk.transactions.reading(actor) as session:
            title = queries.by_reference(session, reference).title
        place = f"/incidents/{reference}"
        go(dina, ORGANISATION)
        assert title in dina.get("/").text
        assert HERE not in dina.get("/").text
        kept = {"field": "correct/summary", "text": TYPED, "base": ""}
        assert dina.post(f"{place}/writing", kept).status_code == 200
        assert TYPED in dina.get(f"{place}/writing").text
        assert dina.post("/views", {"name": VIEW, "q": "token"}).status_code == 303

        go(dina, home.organisation_id)

        assert HERE in dina.get("/").text
        token = dina.token()
        for endpoint, method, path in routes(app, values):
            if method == "GET" and ASKS.get(endpoint) == "read":
                answer = ask(dina, endpoint, method, path, token)
                for hidden in (title, TYPED, VIEW, str(values["notice_id"])):
                    assert hidden not in answer.text.replace(path, ""), (endpoint, hidden)
                if str(values["notice_id"]) in path:
                    assert answer.status_code in {303, 404}, endpoint

    def test_leaves_the_pages_of_before_behind(
        self, dina: Visit, engine: Engine, home: Actor, reference: str
    ) -> None:
        place = f"/incidents/{reference}"
        go(dina, ORGANISATION)
        page = dina.get(f"{place}/correct").text
        seat = seat_of(dina)
        go(dina, home.organisation_id)
        before = all_rows(engine)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None

        form = {"csrf_token": found[1], "title": "Theirs", "reason": "typed over there"}
        assert dina.client.post(f"{place}/correct", data=form).status_code == 400
        for path in (place, f"{place}/part/timeline", "/writing", f"{place}/writing"):
            headers = {"HX-Request": "true", SEAT: seat}
            answer = dina.get(path, **headers)
            assert (path, answer.status_code, answer.text) == (path, 412, "")
        kept = {"csrf_token": dina.token(), "field": "f", "text": "Theirs", "base": ""}
        answer = dina.client.post(f"{place}/writing", data=kept, headers={SEAT: seat})
        assert answer.status_code == 412
        assert all_rows(engine) == before
        assert seat_of(dina) != seat

    def test_gives_each_its_own_calendar_and_none_where_the_seat_is_gone(
        self, desk: Desk, dina: Visit, actor: Actor, home: Actor
    ) -> None:
        feeds = {}
        for house in (ORGANISATION, home.organisation_id):
            go(dina, house)
            shown = dina.post("/clocks/feed", {"titles": "on"}).text
            found = re.search(r"/calendar/[\w-]+\.ics", shown)
            assert found is not None
            feeds[house] = found[0]
        theirs, own = (dina.get(feeds[h]).text for h in (ORGANISATION, home.organisation_id))
        assert HERE in own
        assert HERE not in theirs

        go(dina, ORGANISATION)
        with desk.transactions.open(actor) as tx:
            seat = sessions.seat_in(tx.session, _id(desk, home), ORGANISATION)
            assert seat is not None
            access.take_seat(tx, seat)

        assert dina.get(feeds[ORGANISATION]).status_code == 404
        assert dina.get(feeds[home.organisation_id]).status_code == 200
        assert HERE in dina.get("/").text  # at once, with the session that was turned there
        assert (
            dina.post("/account/organisation", {"organisation": str(ORGANISATION)}).status_code
            == 404
        )


def _id(desk: Desk, home: Actor) -> UUID:
    with desk.transactions.reading(home) as session:
        return members.member(session, DRAFT.email).id
