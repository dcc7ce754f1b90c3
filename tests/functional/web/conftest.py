"""A served desk on both databases, and two members at their browsers."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from conftest import FixedClock
from web_face import ENGLISH, FRENCH, Visit, desk_of, invite


@pytest.fixture
def desk(transactions: Transactions, clock: FixedClock, tmp_path: Path) -> Desk:
    clock.pass_time(timedelta(hours=3))  # the sample's breach was qualified by then
    return desk_of(transactions, tmp_path)


@pytest.fixture
def app(desk: Desk) -> Flask:
    return create_app(desk, bytes(32))


@pytest.fixture
def stranger(app: Flask) -> Visit:
    return Visit(app)


@pytest.fixture
def password(desk: Desk, actor: Actor) -> str:
    """Return the password of the French-speaking member."""
    return invite(desk.transactions, actor, FRENCH)


@pytest.fixture
def awa(app: Flask, password: str) -> Visit:
    """Return a French-speaking member who is signed in."""
    visit = Visit(app)
    assert visit.sign_in(FRENCH.email, password).status_code == 303
    return visit


@pytest.fixture
def ben(app: Flask, desk: Desk, actor: Actor) -> Visit:
    """Return an English-speaking member who is signed in."""
    visit = Visit(app)
    password = invite(desk.transactions, actor, ENGLISH)
    assert visit.sign_in(ENGLISH.email, password).status_code == 303
    return visit
