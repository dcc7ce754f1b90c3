"""A desk with a whole breach, on SQLite: what is shown here does not depend on the kind."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from conftest import FixedClock, someone
from every_address import values_of
from web_face import ENGLISH, Visit, desk_of, invite, whole_breach


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def actor() -> Actor:
    return replace(someone("Awa Responder"), sees_every_incident=True)


@pytest.fixture
def desk(transactions: Transactions, clock: FixedClock, tmp_path: Path) -> Desk:
    clock.pass_time(timedelta(hours=3))  # the sample's breach was qualified by then
    return desk_of(transactions, tmp_path)


@pytest.fixture
def app(desk: Desk) -> Flask:
    return create_app(desk, bytes(32))


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return whole_breach(desk, actor)


@pytest.fixture
def values(desk: Desk, actor: Actor, reference: str) -> dict[str, Any]:
    return values_of(desk, actor, reference)


@pytest.fixture
def password(desk: Desk, actor: Actor) -> str:
    return invite(desk.transactions, actor, ENGLISH)


@pytest.fixture
def ben(app: Flask, password: str) -> Visit:
    visit = Visit(app)
    assert visit.sign_in(ENGLISH.email, password).status_code == 303
    return visit
