"""Closed by default: who may see what, which forms are ours, what browsers may do."""

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.exceptions import MethodNotAllowed, SecurityError

from breachdesk.access.terms import Stage
from breachdesk.faces.web.assets import ENDPOINT
from breachdesk.faces.web.visit import SEAT, find_visitor, held, typed, visitor

OPEN = frozenset(
    {
        ENDPOINT,
        "healthz",
        "access.sign_in",
        "access.let_in",
        "access.ask_factor",
        "access.pass_factor",
        "access.ask_for_passkey",
        "access.enter_by_passkey",
        "access.go_elsewhere",
        "access.come_back",
        "carriers.sendgrid",
        "clocks.calendar",
        "genuine.ask",
        "genuine.check",
        "lists.ask",
        "lists.fetch",
    }
)
"""Every endpoint that can be reached without signing in; all others cannot."""
ENROLLING = frozenset(
    {
        "account.show",
        "account.begin_codes",
        "account.confirm_codes",
        "account.ask_for_new_passkey",
        "account.add_passkey",
        "access.sign_out",
    }
)
"""What is reached by whoever has only to add the second factor that is asked for."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NEVER_KEPT = {"Cache-Control": "no-store"}
TLS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
"""For a file that is handed out: opened in a browser all the same, it can do nothing."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def protect(app: Flask) -> None:
    """Close every page, guard every form, and send every answer with its headers."""
    app.before_request(_know_host)
    app.before_request(_refuse_nul)
    app.before_request(find_visitor)
    app.before_request(_know_seat)
    CSRFProtect(app)
    app.before_request(_close)
    app.after_request(_add_headers)
    app.add_url_rule("/healthz", "healthz", _healthz)


def headers(*, https: bool) -> dict[str, str]:
    """Return what an answer carries that the server gives before the desk is asked."""
    return HEADERS | NEVER_KEPT | (TLS_ALONE if https else {})


def _know_host() -> ResponseReturnValue | None:
    """Refuse a request for a name that is not ours, before anything is looked up for it."""
    if isinstance(request.routing_exception, SecurityError):
        return Response("This host is not served here.\n", 400, mimetype="text/plain")
    return None


def _refuse_nul() -> ResponseReturnValue | None:
    """Refuse the one character that no database keeps, wherever it stands."""
    told = (*request.args.values(), *request.form.values(), *request.cookies.values())
    if "\0" in request.path or any("\0" in text for text in told):
        return Response("The request holds a NUL character.\n", 400, mimetype="text/plain")
    return None


def _know_seat() -> ResponseReturnValue | None:
    """Give a page that was made for another seat, in a tab left open, nothing of this one."""
    found = visitor()
    if found is not None and request.headers.get(SEAT, found.seat) != found.seat:
        return Response(status=412)
    return None


def _close() -> ResponseReturnValue | None:
    """Ask who is there, unless the page is open or they signed in."""
    if visitor() is not None or request.endpoint in OPEN:
        return None
    if "HX-Request" in request.headers:
        return Response(status=401)  # a part of a page: the page says that the session ended
    lacking = held()
    if lacking is not None and lacking.stage == Stage.ENROL and request.endpoint in ENROLLING:
        return None
    if lacking is not None:
        enrols = lacking.stage == Stage.ENROL
        return redirect(url_for("account.show" if enrols else "access.ask_factor"), 303)
    if request.method in SAFE:
        where = request.full_path.rstrip("?")
        # an address that takes forms alone shows nothing to come back to
        nowhere = where == "/" or isinstance(request.routing_exception, MethodNotAllowed)
        return redirect(url_for("access.sign_in", after=None if nowhere else where), 303)
    # the form was ours (its token was checked before): hand back what was typed
    return render_template("access/ended.html", typed=typed()), 401


def _add_headers(response: Response) -> Response:
    for name, value in {**HEADERS, **g.get("headers", {})}.items():
        response.headers[name] = value
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        response.headers["Content-Security-Policy"] = FILE_POLICY
    if request.endpoint != ENDPOINT:
        response.headers.update(NEVER_KEPT)
    if request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.update(TLS_ALONE)
    return response


def _healthz() -> ResponseReturnValue:
    """Say that the process answers; says nothing about what it holds."""
    return Response("ok\n", mimetype="text/plain")
