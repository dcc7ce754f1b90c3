"""Builds the web face of a desk."""

from collections.abc import Sequence
from pathlib import Path
from traceback import format_tb
from types import TracebackType

from flask import Flask, request
from flask.templating import Environment as FlaskEnvironment
from flask_babel import Babel
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breachdesk.desk import Desk
from breachdesk.faces.web import (
    assets,
    charts,
    datamap,
    errors,
    journey,
    language,
    library,
    routes,
    security,
    uploads,
    words,
)
from breachdesk.faces.web.visit import end_reading

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
TRANSLATIONS = Path(__file__).with_name("translations")


Fault = tuple[type, BaseException, TracebackType] | tuple[None, None, None]
"""What Python knows of a fault: its kind, itself, and where it arose."""


class PageEnvironment(ImmutableSandboxedEnvironment, FlaskEnvironment):
    """Renders pages, which people may edit, in a sandbox: a page can read and nothing else."""


class WebFace(Flask):
    """A Flask application whose pages are rendered in a sandbox."""

    jinja_environment = PageEnvironment
    request_class = uploads.DeskRequest

    def log_exception(self, exc_info: Fault) -> None:
        """Log where a fault of ours arose and of what kind: its words may repeat a secret."""
        kind, _, places = exc_info
        told = "".join(format_tb(places))
        name = kind.__name__ if kind else "?"
        self.logger.error("%s at %s %s\n%s", name, request.method, request.endpoint, told)


def create_app(
    desk: Desk, secret: bytes, *, hosts: Sequence[str] = LOOPBACK, https: bool = False
) -> Flask:
    """Return the web face of `desk`.

    `secret` signs the forms. Requests for a host that is not in `hosts` are refused. With
    `https` the cookies are sent over TLS alone.
    """
    app = WebFace(
        "breachdesk.faces.web",
        template_folder=str(desk.templates / "pages"),
        static_folder=None,  # assets serves them, compressed
    )
    app.secret_key = secret
    app.config.update(
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        MAX_CONTENT_LENGTH=uploads.LARGEST_REQUEST,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME="__Host-breachdesk_forms" if https else "breachdesk_forms",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        TRUSTED_HOSTS=list(hosts),
        WTF_CSRF_TIME_LIMIT=None,  # a long text must not be lost because its form grew old
    )
    app.jinja_env.undefined = StrictUndefined
    del app.jinja_env.globals[
        "config"
    ]  # it holds what signs the forms; a page needs none of it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["desk"] = desk
    Babel(app, locale_selector=language.chosen)
    assets.serve(app)
    app.teardown_request(end_reading)
    security.protect(app)
    errors.explain(app)
    language.speak(app)
    words.name(app)
    app.add_template_global(charts.points)
    app.add_template_global(library.glossary)
    app.add_template_global(journey.next_deadline)
    app.add_template_filter(datamap.period)
    for blueprint in routes.BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
