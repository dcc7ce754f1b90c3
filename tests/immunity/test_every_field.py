"""Whatever stands in a field, an address or a part of one, the desk answers in a sentence.

The fields are those of the forms that the pages show, found by reading the pages; what a
query may name is found in the source.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import Flask
from werkzeug.exceptions import HTTPException

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.filings import commands, reading
from breachdesk.filings.commands import Receipt
from breachdesk.filings.terms import Kind
from breachdesk.incidents import queries as incidents
from breachdesk.notices import commands as notices
from breachdesk.notices import queries as notice_queries
from conftest import someone
from every_address import ASKS, ENDING, ask, routes
from sources import sources
from web_face import Visit, freeze

ZERO, CONTROL, LONG = str(UUID(int=0)), "\x00\x1b[2J\x7f\u202e\ufffe", "a" * 70_000
TYPED = ("¿'\"(", "9" * 30, CONTROL, LONG)
CHOSEN = (*TYPED, "x", "-1", "²", "9" * 5000, ZERO)
"""What a hand can type, and what only a program can send in place of a choice of the page."""
OPEN_FORMS = ("/sign-in", "/genuine/", "/lists/")
PICKED = {"hidden", "radio", "checkbox"}
KEPT = {"csrf_token"}
LATE = {"delivery.move", "delivery.set_pace", "filings.record_receipt", "filings.edit"}


@dataclass
class Form:
    """A form as a page shows it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Finds the forms of a page that post, with what stands in their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("method") == "post"
            if self._inside:
                self.found.append(Form(told.get("action", "")))
        elif self._inside and tag in {"input", "textarea", "select", "button"}:
            self._select = told.get("name", "") if tag == "select" else ""
            if told.get("name"):
                self.found[-1].fields.setdefault(told["name"], told.get("value", ""))
                if tag in {"select", "button"} or told.get("type") in PICKED:
                    self.found[-1].chosen.add(told["name"])
        elif self._inside and tag == "option" and self._select:
            fields = self.found[-1].fields
            if not fields[self._select] or "selected" in told:
                fields[self._select] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


def endpoint_of(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(path, method="POST")[0])
    except HTTPException:
        return ""


def forms(app: Flask, values: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Form]]:
    """Yield a form for every address that a page posts to."""
    seen: set[tuple[str, frozenset[str]]] = set()
    for endpoint, method, path in routes(app, values):
        if method != "GET" or (ASKS.get(endpoint) != "read" and path not in OPEN_FORMS):
            continue
        page, answer = Forms(), ask(visit, endpoint, method, path, "")
        if answer.mimetype == "text/html":
            page.feed(answer.text)
        for form in page.found:
            where = endpoint_of(app, urlsplit(form.action or path).path)
            key = (where, frozenset(form.fields))
            if where and key not in seen and where not in ENDING:
                seen.add(key)
                yield where, Form(form.action or path, form.fields, form.chosen)


def go_on(desk: Desk, actor: Actor, values: dict[str, Any]) -> None:
    """Go on with the breach: a list is frozen, a filing is kept and acknowledged."""
    reference = values["reference"]
    with desk.transactions.open(actor) as tx:
        incident = incidents.by_reference(tx.session, reference)
        form = reading.read_forms(desk.templates, desk.home)[values["form_id"]]
        commands.draft(tx, incident, desk.law, form, Kind.INITIAL)
        commands.record_receipt(tx, incident, desk.law, form, Receipt("N-1", tx.now))
    for number in (8, 9):
        with desk.transactions.open(
            replace(someone("Awa", number), sees_every_incident=True)
        ) as tx:
            notice = notice_queries.by_id(tx.session, values["notice_id"])
            notices.approve(tx, notice, desk.law)
    freeze(desk, actor, reference)


def queried() -> list[str]:
    """Return every name that a page looks for in its query, and those that lead back."""
    named = {
        call.args[0].value
        for path, tree in sources("faces/web")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args
        if ast.unparse(call.func).endswith(("args.get", "args.getlist", "_place"))
        if isinstance(call.args[0], ast.Constant)
    }
    return sorted({*map(str, named), "q", "stage", "year", "status", "cause", "page", "after"})


def test_of_a_form_takes_anything_and_is_answered(
    app: Flask, values: dict[str, Any], ben: Visit, desk: Desk, actor: Actor
) -> None:
    token, found = ben.token(), list(forms(app, values, ben))
    go_on(desk, actor, values)
    found += forms(app, values, ben)
    fell, tried = set(), set()
    for where, form in found:
        for name in sorted(set(form.fields) - KEPT):
            if (where, name) in tried:
                continue
            tried.add((where, name))
            for garbage in CHOSEN if name in form.chosen else TYPED:
                data = {**form.fields, name: garbage, "csrf_token": token}
                answer = ben.client.post(form.action, data=data)
                answer.close()
                if answer.status_code >= 500:
                    fell.add((where, name, garbage[:20]))

    assert {where for where, _ in tried} >= LATE
    assert len(tried) > 100
    assert fell == set()


def test_of_a_query_takes_anything_and_is_answered(
    app: Flask, values: dict[str, Any], ben: Visit
) -> None:
    fell = set()
    for garbage in ("x", *TYPED[:3], "²", f"{'9' * 30}-{'9' * 30}"):
        asked = urlencode(dict.fromkeys(queried(), garbage))
        for endpoint, method, path in routes(app, values):
            if method == "GET":
                answer = ask(ben, endpoint, method, f"{path}?{asked}", "")
                fell |= {(endpoint, garbage)} if answer.status_code >= 500 else set()

    assert fell == set()


def test_of_an_address_takes_anything_and_is_answered(
    app: Flask, values: dict[str, Any], ben: Visit
) -> None:
    plain = {path for _, _, path in routes(app, values)}
    fell = set()
    for name in sorted(values):
        for garbage in ("¿'\"(", 9**30, "%00"):
            try:
                told = list(routes(app, {**values, name: garbage}))
            except (ValueError, TypeError):
                continue  # no address can be made of it
            for endpoint, method, path in told:
                if path not in plain and ASKS.get(endpoint) == "read" and method == "GET":
                    answer = ask(ben, endpoint, method, path, "")
                    fell |= {(endpoint, name)} if answer.status_code >= 500 else set()

    assert fell == set()
