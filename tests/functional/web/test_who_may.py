"""Every address of the web face, for every role: generated from the map of the application.

What an address asks stands in tests/cases/who_may.toml, what a role may in roles.toml. The
answers are looked at, and the database before and after: a refusal changes nothing but the
trail.
"""

import hashlib
import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from breachdesk.access import commands as access
from breachdesk.access.reading import read_proof, read_roles
from breachdesk.access.terms import MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import COMMANDS
from breachdesk.desk import Desk
from breachdesk.faces.web.security import OPEN
from breachdesk.incidents import queries as incidents
from conftest import all_commands, someone
from web_face import Visit, first_notice, invite, whole_breach

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "who_may.toml").read_text("utf-8"))
ASKS: dict[str, str] = CASES["asks"]
FORMS: dict[str, dict[str, str]] = CASES["forms"]
KEPT_BY_THE_DOOR = {
    "audit_entries",
    "allowances",
    "challenges",
    "web_sessions",
    "alembic_version",
}
ENDING = {"access.sign_out", "access.change_password"}
"""These end the session that asks."""
NOWHERE = UUID("01935000-0000-7000-8000-000000000000")
BLIND = ("responder", "communication", "legal", "approver")
"""Roles that do not see every incident, and between them may do nearly everything."""


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """Return a fresh SQLite database: who may what does not depend on the kind."""
    path = tmp_path / "breachdesk.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def actor() -> Actor:
    return replace(someone("Awa Responder"), sees_every_incident=True)


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return whole_breach(desk, actor)


@pytest.fixture
def values(desk: Desk, actor: Actor, reference: str) -> dict[str, Any]:
    """Return what stands in each part of an address: the breach, and what hangs on it."""
    return {
        "reference": reference,
        "notice_id": UUID(first_notice(desk, actor, reference)),
        "duty": "gdpr.33.authority",
        "form_id": "cnil-2023",
        "act": "fulfil",
        "passkey_id": NOWHERE,
        "session_id": NOWHERE,
        "subject": NOWHERE,
        "number": 1,
        "key": "x",
        "part": "html",
    }


def routes(app: Flask, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield endpoint, method and address of every route of the application."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.endpoint):
        given = {name: _value(rule, name, values) for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, adapter.build(rule.endpoint, given, method)


def _value(rule: Rule, name: str, values: dict[str, Any]) -> Any:
    converter = rule._converters[name]  # noqa: SLF001  (what an address may hold is asked nowhere else)
    choices = getattr(converter, "items", None)
    if choices and values.get(name) not in choices:
        return min(choices)
    return values.get(name, "x")


def ask(visit: Visit, endpoint: str, method: str, path: str, token: str) -> TestResponse:
    if method == "GET":
        answer = visit.get(path)
    else:
        form = {"csrf_token": token, **FORMS.get(endpoint, {})}
        answer = visit.client.post(path, data=form)
    answer.get_data()
    answer.close()
    return answer


def come_in(app: Flask, desk: Desk, actor: Actor, name: str, roles: tuple[str, ...]) -> Visit:
    visit = Visit(app)
    draft = MemberDraft(email=f"{name}@example.org", name=name, roles=roles, language="en")
    password = invite(desk.transactions, actor, draft)
    assert visit.sign_in(draft.email, password).status_code == 303
    return visit


def all_rows(engine: Engine) -> str:
    """Return a digest of every row but those that the door and the trail keep."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        for name in sorted(set(names) - KEPT_BY_THE_DOOR):
            for row in connection.execute(text(f'SELECT * FROM "{name}" ORDER BY id')):  # noqa: S608  (our own tables)
                digest.update(repr(row).encode())
    return digest.hexdigest()


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
    @pytest.mark.parametrize("role", sorted(read_roles()))
    def test_may_what_its_commands_say_and_nothing_else(
        self,
        app: Flask,
        desk: Desk,
        engine: Engine,
        actor: Actor,
        values: dict[str, Any],
        role: str,
    ) -> None:
        visit = come_in(app, desk, actor, "somebody", (role,))
        token = visit.token()
        mine = read_roles()[role].commands | {"open", "read"}
        every = [each for each in routes(app, values) if ASKS.get(each[0]) not in ENDING]
        before = all_rows(engine)
        for endpoint, method, path in every:
            if ASKS.get(endpoint, "read") not in mine:
                answer = ask(visit, endpoint, method, path, token)
                told = (endpoint, method, answer.status_code)
                assert answer.status_code in {400, 403, 404, 409, 422}, told
        assert all_rows(engine) == before
        for endpoint, method, path in every:
            if ASKS.get(endpoint, "read") in mine:
                answer = ask(visit, endpoint, method, path, token)
                told = (endpoint, method, answer.status_code)
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
            if reference in path:
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
