"""Builds the web face of a desk; gives each request its member, its instant, its reading."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias, cast

from flask import Flask, current_app, g, request
from flask.templating import Environment as FlaskEnvironment
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy.orm import Session

from breachdesk.access import queries as access
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction
from breachdesk.desk import Desk
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION

COOKIE = "breachdesk"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LARGEST_REQUEST = 1 << 20
TRANSLATIONS = Path(__file__).with_name("translations")

Row: TypeAlias = Any
"""A row of a station: a page reads it; its class is known to the station alone."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in member of this request."""

    actor: Actor
    organisation: str
    language: str
    zone: str


class PageEnvironment(ImmutableSandboxedEnvironment, FlaskEnvironment):
    """Renders pages, which people may edit, in a sandbox: a page can read and nothing else."""


class WebFace(Flask):
    """A Flask application whose pages are rendered in a sandbox."""

    jinja_environment = PageEnvironment


def create_app(
    desk: Desk, secret: bytes, *, hosts: Sequence[str] = LOOPBACK, https: bool = False
) -> Flask:
    """Return the web face of `desk`.

    `secret` signs the forms. Requests for a host that is not in `hosts` are refused. With
    `https` the cookies are sent over TLS alone.
    """
    from breachdesk.faces.web import (  # noqa: PLC0415  (they read this module)
        errors,
        language,
        routes,
        security,
        words,
    )

    app = WebFace(
        "breachdesk.faces.web",
        template_folder=str(desk.templates / "pages"),
        static_folder=str(Path(__file__).with_name("static")),
    )
    app.secret_key = secret
    app.config.update(
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME="breachdesk_forms",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        TRUSTED_HOSTS=list(hosts),
        WTF_CSRF_TIME_LIMIT=None,  # a long text must not be lost because its form grew old
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["desk"] = desk
    Babel(app, locale_selector=language.chosen)
    Bootstrap5(app)
    app.teardown_request(_end_reading)
    security.protect(app)
    errors.explain(app)
    language.speak(app)
    words.name(app)
    for blueprint in routes.BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def desk() -> Desk:
    """Return the desk that is served."""
    return cast("Desk", current_app.extensions["desk"])


def now() -> datetime:
    """Return the instant of this request: one for the whole page."""
    if "now" not in g:
        g.now = desk().transactions.clock.now()
    return cast("datetime", g.now)


def visitor() -> Visitor | None:
    """Return who is signed in, or None."""
    return cast("Visitor | None", g.get("visitor"))


def member() -> Visitor:
    """Return who is signed in. Only for pages that are closed to everyone else."""
    found = visitor()
    if found is None:
        raise LookupError("a closed page was reached without a member")
    return found


def reading() -> Session:
    """Return the one session in which this request reads its member's organisation."""
    if "reading" not in g:
        opened = desk().transactions.reading(member().actor.organisation_id)
        g.reading = (opened, opened.__enter__())
    return cast("Session", g.reading[1])


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Run one command as the member who is signed in."""
    with desk().transactions.open(member().actor) as tx:
        yield tx


def sent(known: Collection[str]) -> dict[str, Any]:
    """Return the fields of the form that were filled in.

    Raises Unusable for a field that this form does not have.
    """
    for name in request.form:
        if name not in known and name != "csrf_token":
            raise Unusable(Problem("is not known here", field=name))
    return {
        name: text
        for name, text in request.form.items()
        if name != "csrf_token" and text.strip()
    }


def find_visitor() -> None:
    """Look up who is behind the cookie, once for the request."""
    token = request.cookies.get(COOKIE)
    if not token or request.endpoint in {"static", "bootstrap.static"}:
        return
    with desk().transactions.reading(EVERY_ORGANISATION) as session:
        found = access.session_of(session, token, now())
        if found is None:
            return
        signed_in = found[1]
        g.visitor = Visitor(
            actor=access.actor(signed_in),
            organisation=access.organisation_of(session, signed_in.organisation_id).name,
            language=signed_in.language,
            zone=signed_in.zone,
        )


def _end_reading(error: BaseException | None) -> None:
    del error
    if "reading" in g:
        g.pop("reading")[0].__exit__(None, None, None)
