"""A served desk with a whole breach in it, and one Chromium for all tests."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waitress import create_server

from addresses import Sample
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.desk import Desk
from breachdesk.faces.web.context import create_app
from conftest import FixedClock
from served import FLAGS, Served
from web_face import (
    ENGLISH,
    FRENCH,
    describe_data,
    desk_of,
    first_notice,
    invite,
    whole_breach,
)

expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the Chromium on the path. Without one these tests fail: they are never skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found is not None, "install Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a fresh SQLite database: what a browser sees does not depend on the kind."""
    return sqlite_url


@pytest.fixture
def desk(transactions: Transactions, clock: FixedClock, tmp_path: Path) -> Desk:
    """Return the desk that is served."""
    clock.pass_time(timedelta(hours=3))  # the sample's breach was qualified by then
    return desk_of(transactions, tmp_path)


@pytest.fixture
def app(desk: Desk) -> Flask:
    return create_app(desk, bytes(32))


@pytest.fixture
def members(desk: Desk, actor: Actor) -> dict[str, str]:
    """Let two people in; return their passwords by address."""
    return {draft.email: invite(desk.transactions, actor, draft) for draft in (FRENCH, ENGLISH)}


@pytest.fixture
def bare(desk: Desk, app: Flask, actor: Actor, members: dict[str, str]) -> Iterator[Served]:
    """Serve a desk that knows its data and nothing of any breach."""
    describe_data(desk, actor)
    with serving(app) as address:
        yield Served(address, "", members)


@pytest.fixture
def served(desk: Desk, app: Flask, actor: Actor, members: dict[str, str]) -> Iterator[Served]:
    """Serve a desk with a whole breach on a free port of this machine."""
    reference = whole_breach(desk, actor)
    with serving(app) as address:
        yield Served(address, reference, members)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve a desk while the block runs; yield its address."""
    server = create_server(app, listen="127.0.0.1:0", threads=4)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=10)
    server.trigger.pull_trigger(server.close)  # in its own thread, which may be looking at it
    thread.join(timeout=10)


@pytest.fixture
def sample(served: Served, desk: Desk, actor: Actor) -> Sample:
    """Return what the addresses of the breach are made of."""
    return Sample(served.reference, first_notice(desk, actor, served.reference))


EXPECTED = re.compile(
    r"Failed to load resource: .*(INTERNET_DISCONNECTED|status of (400|401|422))"
)
"""What Chromium notes of a network that a test cut, or of an answer that refuses."""


def is_ours(said: str) -> bool:
    """Tell whether a line of the console is a fault of the page."""
    return EXPECTED.match(said) is None


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    """Return a page whose every complaint is noted: none may be left at the end."""
    context = chromium.new_context(
        base_url=served.address, locale="fr-FR", viewport={"width": 1280, "height": 900}
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [each for each in complaints if is_ours(each)] == []
