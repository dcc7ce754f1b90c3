"""Every address of the web face, for every role: generated from the map of the application.

What an address asks stands in tests/cases/who_may.toml, what a role may in roles.toml. The
answers are looked at, and the database before and after: a refusal changes nothing but the
trail.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine

from breachdesk.access import commands as access
from breachdesk.access.reading import read_proof, read_roles
from breachdesk.access.terms import MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS
from breachdesk.desk import Desk
from breachdesk.faces.web.security import OPEN
from breachdesk.incidents import queries as incidents
from conftest import all_commands, someone
from every_address import ASKS, ENDING, all_rows, ask, come_in, routes, values_of
from web_face import Visit, whole_breach

BLIND = ("responder", "communication", "legal", "approver")
"""Roles that do not see every incident, and between them may do nearly everything."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: who may what does not depend on the kind."""
    return sqlite_url


@pytest.fixture
def actor() -> Actor:
    return replace(someone("Awa Responder"), sees_every_incident=True)


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return whole_breach(desk, actor)


@pytest.fixture
def values(desk: Desk, actor: Actor, reference: str) -> dict[str, Any]:
    return values_of(desk, actor, reference)


class TestTable:
    def test_has_a_line_for_every_address_and_no_other(
        self, app: Flask, values: dict[str, Any]
    ) -> None:
        assert set(ASKS) == {endpoint for endpoint, _, _ in routes(app, values)}

    def test_names_commands_that_exist_and_opens_what_is_open(self) -> None:
        named = set(ASKS.values()) - {"open", "read"}

        assert named <= all_commands()
        assert {name for name, asks in ASKS.items() if asks == "open"} == OPEN
        assert set(COMMANDS) >= read_proof().commands


class TestEveryRole:
    def test_may_what_its_commands_say_and_nothing_else(
        self, app: Flask, desk: Desk, engine: Engine, actor: Actor, values: dict[str, Any]
    ) -> None:
        every = [each for each in routes(app, values) if ASKS.get(each[0]) not in ENDING]
        for role in sorted(read_roles()):
            visit = come_in(app, desk, actor, role, (role,))
            mine, token = read_roles()[role].commands | {"open", "read"}, visit.token()
            before = all_rows(engine)
            for endpoint, method, path in every:
                if ASKS.get(endpoint, "read") not in mine:
                    answer = ask(visit, endpoint, method, path, token)
                    told = (role, endpoint, method, answer.status_code)
                    assert answer.status_code in {400, 403, 404, 409, 422}, told
            assert all_rows(engine) == before
            for endpoint, method, path in every:
                if ASKS.get(endpoint, "read") in mine:
                    answer = ask(visit, endpoint, method, path, token)
                    told = (role, endpoint, method, answer.status_code)
                    assert answer.status_code < 500, told
                    assert answer.status_code not in {401, 403}, told


class TestStranger:
    def test_is_asked_to_sign_in_and_changes_nothing(
        self, app: Flask, engine: Engine, values: dict[str, Any]
    ) -> None:
        visit = Visit(app)
        token, before = visit.token(), all_rows(engine)
        for endpoint, method, path in routes(app, values):
            if ASKS.get(endpoint, "read") != "open":
                answer = ask(visit, endpoint, method, path, token)
                expected = 303 if method == "GET" else 401
                assert (endpoint, answer.status_code) == (endpoint, expected)
        assert all_rows(engine) == before


class TestNeedToKnow:
    def test_holds_on_every_page_feed_list_export_and_number(
        self,
        app: Flask,
        desk: Desk,
        engine: Engine,
        actor: Actor,
        values: dict[str, Any],
        reference: str,
    ) -> None:
        visit = come_in(app, desk, actor, "outside", BLIND)
        shown = visit.post("/clocks/feed", {"titles": "on"}).text
        feed = re.search(r"/calendar/[\w-]+\.ics", shown)
        assert feed is not None
        assert reference in visit.get(feed[0]).text
        with desk.transactions.open(actor) as tx:
            kept = incidents.by_reference(tx.session, reference)
            draft = MemberDraft(email="inside@example.org", name="In", roles=("responder",))
            access.restrict(tx, kept, [access.invite(tx, draft)[0]])

        self.sees_nothing(visit, engine, routes(app, values), (reference, kept.title))
        assert reference not in visit.get(feed[0]).text

    @staticmethod
    def sees_nothing(
        visit: Visit,
        engine: Engine,
        addresses: Iterator[tuple[str, str, str]],
        hidden: tuple[str, ...],
        *,
        logs: bool = True,
    ) -> None:
        token, reference = visit.token(), hidden[0]
        every = sorted(addresses, key=lambda each: reference not in each[2])
        before = all_rows(engine)
        for endpoint, method, path in every:
            if reference not in path and before:
                assert all_rows(engine) == before  # nothing under its address changed anything
                before = ""
            if ASKS.get(endpoint, "read").startswith("access.") and not endpoint.startswith(
                "readers."
            ):
                continue  # one's own account
            if endpoint == "incidents.log" and not logs:
                continue  # their own first incident is called as ours
            answer = ask(visit, endpoint, method, path, token)
            told = (endpoint, method, answer.status_code)
            leads_back = answer.status_code == 303 and reference in answer.location
            if reference in path and not leads_back:  # to a page that is not there for them
                assert answer.status_code in {403, 404, 422}, told
            found = [each for each in hidden if each in answer.text and each not in path]
            assert found == [], told


class TestAnotherOrganisation:
    def test_sees_and_changes_nothing_of_ours(
        self,
        app: Flask,
        desk: Desk,
        engine: Engine,
        values: dict[str, Any],
        reference: str,
        actor: Actor,
    ) -> None:
        with desk.transactions.reading(actor) as session:
            title = incidents.by_reference(session, reference).title
        other = replace(actor, organisation_id=UUID(int=actor.organisation_id.int + 1))
        with desk.transactions.open(other) as tx:
            access.found(tx, "Elsewhere")
        every_role = tuple(read_roles())
        visit = come_in(app, desk, other, "elsewhere", every_role)

        every = routes(app, values)
        TestNeedToKnow.sees_nothing(visit, engine, every, (reference, title), logs=False)
