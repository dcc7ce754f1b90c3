"""Every address of the web face, asked by somebody: for the tests that walk through all."""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from breachdesk.access.terms import MemberDraft
from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.notices import queries as notices
from web_face import Visit, first_notice, invite

CASES = tomllib.loads((Path(__file__).parent / "cases" / "who_may.toml").read_text("utf-8"))
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


def values_of(desk: Desk, actor: Actor, reference: str) -> dict[str, Any]:
    """Return what stands in each part of an address: the breach, and what hangs on it."""
    notice_id = UUID(first_notice(desk, actor, reference))
    with desk.transactions.reading(actor) as session:
        key = notices.variants_of(session, notice_id)[0].key
    return {
        "reference": reference,
        "notice_id": notice_id,
        "duty": "gdpr.33.authority",
        "form_id": "cnil-2023",
        "act": "fulfil",
        "passkey_id": NOWHERE,
        "session_id": NOWHERE,
        "identity": NOWHERE,
        "campaign_id": NOWHERE,
        "subject": NOWHERE,
        "number": 1,
        "key": key,
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
        names = connection.scalars(
            text(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        )
        for name in sorted(set(names) - KEPT_BY_THE_DOOR):
            for row in connection.execute(text(f'SELECT * FROM "{name}" ORDER BY id')):  # noqa: S608  (our own tables)
                digest.update(repr(row).encode())
    return digest.hexdigest()
