"""What a scanner can send to the desk: every route with what it takes, found by walking it."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from uuid import UUID

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule, UnicodeConverter, UUIDConverter

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from breachdesk.faces.web import routes
from every_address import FORMS

SCAN = {"Scan": "undo"}
PER_ROUTE = 12
"""So many addresses of a route are walked: the same page of another breach has other forms."""
TOKEN, MARK = "csrf_token", "*"
DOORS = ("/", "/sign-in", "/genuine/", "/lists/")
CARRIER = "carriers.sendgrid"
QUERIED = frozenset({"customer", "kind", "whole", "page", "after", "rows"})
"""What the page of a form looks for in its query: it is tried there."""
OTHERS = re.compile(r"[-_](de|es|it|nl)$")
"""Fields that stand once for each language go one way: those of two are tried."""
MOMENT = "2026-11-20T10:00"
FILLED = {
    "at": MOMENT, "happened_at": MOMENT, "done_at": MOMENT, "filed_at": MOMENT,
    "after": "/", "year": "2026", "version": "1", "page": "1", "before": "1", "kind": "",
    "reason": "by a scan", "why": "by a scan", "text": "by a scan", "text_fr": "Par un essai",
    "text_en": "by a scan", "lessons": "by a scan", "left_open": "by a scan", "ring": "proven",
    "note": "by a scan", "title": "by a scan", "name": "by a scan", "evidence": "by a scan",
    "number": "N-1", "person": "u1", "people": "u1", "q": "a", "told": "552100554",
    "instead": "by a scan", "answer": "{}", "code": "ABCD-EFGH", "word": "abcd",
    "channel": "letter", "decision": "informed", "language": "en", "zone": "Europe/Paris",
    "titles": "on", "ground": "a", "data_set": "customers",
}  # fmt: skip
"""What is sent where a page shows an empty field: a form that is taken goes deepest."""
EVENT = {
    "email": "a@example.org", "event": "bounce", "type": "bounce", "status": "5.1.1",
    "reason": "550 5.1.1 no such user", "bounce_classification": "Invalid Address",
    "sg_event_id": "abc", "sg_message_id": "R.recvd", "bd_c": "BD-2026-0001-1",
    "bd_k": str(UUID(int=1)), "bd_n": "1", "bd_a": "1",
}  # fmt: skip
"""What a carrier reports, as JSON."""


@dataclass(frozen=True)
class Target:
    """One address with all that is sent to it.

    `tried` are the names that are tested; without any, every place that bears a mark is.
    """

    endpoint: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    marks: int = 0

    @property
    def address(self) -> str:
        """Return path and query."""
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")


class Page(HTMLParser):
    """Where a page leads, and its forms: method, action, what stands in the fields."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self._inside, self._select = False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, forms and fields; of radio buttons the first."""
        told = {name: value or "" for name, value in attrs}
        self.links += [told[each] for each in ("href", "src", "hx-get") if told.get(each)]
        if tag == "form":
            self._inside = True
            method = told.get("method", "get").upper()
            self.forms.append((method, told.get("action", ""), {}))
        elif self._inside and tag in {"input", "textarea", "select", "button"}:
            self._select = told.get("name", "") if tag == "select" else ""
            name, fields = told.get("name", ""), self.forms[-1][2]
            if name and not fields.get(name):
                fields[name] = told.get("value", "")
        elif self._inside and tag == "option" and self._select:
            fields = self.forms[-1][2]
            if not fields[self._select] or "selected" in told:
                fields[self._select] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave a form."""
        self._inside = self._inside and tag != "form"


def url_map() -> MapAdapter:
    """Return every route of the web face."""
    app = Flask("breachdesk.faces.web", static_folder=None)
    CSRFProtect(app)
    for blueprint in routes.BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app.url_map.bind("127.0.0.1")


@dataclass
class Walk:
    """A walk through a served desk, in which every route is looked for."""

    port: int
    cookie: str
    pages: dict[str, list[str]] = field(default_factory=dict)
    queries: dict[str, dict[str, str]] = field(default_factory=dict)
    forms: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=dict)
    map: MapAdapter = field(default_factory=url_map)
    token: str = ""

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None
    ) -> tuple[int, str, set[str]]:
        """Return status, text and the names that were looked for; nothing is left behind."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=180)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        body = urlencode(form) if form else None
        connection.request(method, path, body, {"Cookie": self.cookie, **SCAN, **kind})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        names = answer.headers.get("Scan-Names", "").split(",")
        connection.close()
        return answer.status, text, set(filter(None, names))

    def match(self, path: str, method: str) -> tuple[Rule, Mapping[str, object]] | None:
        """Return the route of a path and what stands in its parts."""
        try:
            return self.map.match(path, method=method, return_rule=True)
        except HTTPException:
            return None

    def walk(self) -> None:
        """Follow every link to a route that was not seen often enough."""
        waiting = [*DOORS]
        while waiting:
            address = waiting.pop(0)
            path = urlsplit(address).path
            found = self.match(path, "GET")
            known = self.pages.setdefault(found[0].endpoint, []) if found else []
            if found is None or path in known or len(known) >= PER_ROUTE:
                continue
            known.append(path)
            _, text, names = self.ask("GET", address)
            self._note(path, dict.fromkeys(names, ""))
            if text.lstrip().startswith("<"):
                waiting += self._read(address, Page(text))

    def _read(self, address: str, page: Page) -> Iterator[str]:
        for link in page.links:
            parts = urlsplit(urljoin(address, link))
            if not (parts.netloc or parts.scheme):
                self._note(parts.path, dict(parse_qsl(parts.query)))
                yield parts._replace(fragment="").geturl()
        for method, action, fields in page.forms:
            where = urljoin(address, action).partition("#")[0]
            self.token = fields.get(TOKEN, self.token)
            if method == "GET":
                self._note(urlsplit(where).path, fields)
            elif found := self.match(urlsplit(where).path, "POST"):
                self.forms.setdefault(found[0].endpoint, []).append((where, fields))

    def _note(self, path: str, told: Mapping[str, str]) -> None:
        if found := self.match(path, "GET"):
            kept = self.queries.setdefault(found[0].endpoint, {})
            kept |= {name: kept.get(name) or value for name, value in told.items()}

    def unseen(self) -> Iterator[tuple[str, str, str]]:
        """Yield endpoint, method and an address of each route to which no page led."""
        seen = [
            found[1]
            for address in chain(
                *self.pages.values(),
                (where for each in self.forms.values() for where, _ in each),
            )
            for method in ("GET", "POST")
            if (found := self.match(urlsplit(address).path, method))
        ]
        for rule in sorted(self.map.map.iter_rules(), key=lambda each: each.endpoint):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                if rule.endpoint not in (self.pages if method == "GET" else self.forms):
                    near = max(seen, key=lambda told: len(rule.arguments & set(told)))
                    parts = {name: _part(rule, name, near) for name in rule.arguments}
                    yield rule.endpoint, method, self.map.build(rule.endpoint, parts, method)


def _part(rule: Rule, name: str, near: Mapping[str, object]) -> object:
    """Return what stands in a part of an address: as near by, else anything of its kind."""
    converter = rule._converters[name]  # noqa: SLF001  (what an address may hold is asked nowhere else)
    if choices := getattr(converter, "items", None):
        return min(choices)
    otherwise: object = "x"
    if isinstance(converter, UUIDConverter):
        otherwise = UUID(int=0)
    elif not isinstance(converter, UnicodeConverter):
        otherwise = 1
    return near.get(name, otherwise)


def targets(walk: Walk) -> Iterator[Target]:
    """Yield all that can be tried: queries, forms, reports, headers, parts of addresses."""
    found = [*_queries(walk), *_forms(walk), *_unseen(walk)]
    yield from found
    event = {name: f"{value}{MARK}" for name, value in EVENT.items()}
    body = json.dumps([{**event, "timestamp": 1795400000, "category": [f"x{MARK}"]}])
    kind = {"Content-Type": "application/json"}
    path = "/carriers/sendgrid/events"
    yield Target(CARRIER, "POST", path, body=body, headers=kind, marks=body.count(MARK))
    told = ("User-Agent", "Referer", "Accept-Language", "HX-Target", "Desk-Live", "Cookie")
    marked = dict.fromkeys(told[:-1], f"fr{MARK}")
    cookies = {"Cookie": walk.cookie.replace(";", f"{MARK};") + MARK}
    yield Target("headers", "GET", "/", headers=marked | cookies, marks=len(told) + 1)
    seen: set[tuple[str, str, str]] = set()
    for target in found:
        matched = walk.match(target.path, target.method)
        for name, value in matched[1].items() if matched else ():
            key = (target.endpoint, target.method, name)
            converter = matched[0]._converters[name] if matched else None  # noqa: SLF001  (as above)
            if type(converter) is UnicodeConverter and key not in seen:
                seen.add(key)
                path = target.path.replace(f"/{value}", f"/{value}{MARK}", 1)
                yield Target(target.endpoint, target.method, path, form=target.form, marks=1)


def _queries(walk: Walk) -> Iterator[Target]:
    """Yield each page that looks for something in its query."""
    for endpoint, names in sorted(walk.queries.items()):
        if names and walk.pages.get(endpoint):
            query = {name: value or FILLED.get(name, "") for name, value in names.items()}
            path = walk.pages[endpoint][0]
            yield Target(endpoint, "GET", path, query=query, tried=tuple(sorted(names)))


def _forms(walk: Walk) -> Iterator[Target]:
    """Yield each form with every field that it may hold, those that no page shows included."""
    for endpoint, found in sorted(walk.forms.items()):
        shown = {frozenset(fields): (where, fields) for where, fields in reversed(found)}
        seen: set[str] = {TOKEN}
        for where, fields in sorted(shown.values(), key=lambda each: -len(each[1])):
            target = _filled(walk, endpoint, where, fields, seen)
            seen |= set(target.tried)
            if target.tried:
                yield target


def _unseen(walk: Walk) -> Iterator[Target]:
    """Yield what the routes take to which no page led."""
    for endpoint, method, path in walk.unseen():
        if method == "POST":
            yield _filled(walk, endpoint, path, {TOKEN: walk.token}, {TOKEN})
        else:
            names = walk.ask("GET", path)[2]
            query = {name: FILLED.get(name, "") for name in sorted(names)}
            yield Target(endpoint, "GET", path, query=query, tried=tuple(sorted(names)))


def _filled(
    walk: Walk, endpoint: str, where: str, fields: Mapping[str, str], seen: set[str]
) -> Target:
    """Return a form with something in every field; tried are those not `seen` elsewhere."""
    usual = FORMS.get(endpoint, {})
    names = (walk.ask("POST", where, {**usual, **fields})[2] - QUERIED) | set(fields)
    form = {
        name: fields.get(name) or usual.get(name) or FILLED.get(name, "")
        for name in sorted(names)
    }
    tried = (name for name in form if name not in seen and not OTHERS.search(name))
    return Target(endpoint, "POST", where, form=form, tried=tuple(tried))
