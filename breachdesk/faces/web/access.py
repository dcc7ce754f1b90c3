"""Signing in and out."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from breachdesk.access import commands, errands, queries
from breachdesk.access.terms import LONGEST_PASSWORD, SESSION_LIFE
from breachdesk.faces.web import said
from breachdesk.faces.web.language import ZONES
from breachdesk.faces.web.visit import (
    COOKIE,
    address,
    desk,
    member,
    now,
    reading,
    sent,
    transaction,
)
from breachdesk.kernel.errors import Unusable

pages = Blueprint("access", __name__)


@pages.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask who is there."""
    return render_template("access/sign_in.html", problem=None, email="")


@pages.post("/sign-in")
def let_in() -> ResponseReturnValue:
    """Begin a session, or say that address and password do not match, whatever the cause."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        token = errands.sign_in(desk().transactions, email, password, address())
    except commands.TooMany as error:
        return _door(email, 429, error.seconds)
    if token is None:
        return _door(email, 422)
    session.clear()  # forms of before are not forms of the member
    response = make_response(redirect(_own_path(request.args.get("after", "")), 303))
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_LIFE,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure,
    )
    return response


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    with transaction() as tx:
        found = queries.session_of(tx.session, request.cookies.get(COOKIE, ""), now())
        if found is not None:
            commands.sign_out(tx, found[0])
    session.clear()
    response = make_response(redirect(url_for(".sign_in"), 303))
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return response


@pages.get("/preferences")
def preferences() -> ResponseReturnValue:
    """Ask in which language and zone the desk is to speak."""
    typed = {"language": member().language, "zone": member().zone}
    return render_template("access/preferences.html", typed=typed, problems={}, zones=ZONES)


@pages.post("/preferences")
def prefer() -> ResponseReturnValue:
    """Keep the member's language and zone."""
    told = {"language": "", "zone": "", **sent(("language", "zone"))}
    try:
        with transaction() as tx:
            found = queries.session_of(tx.session, request.cookies.get(COOKIE, ""), now())
            if found is not None:
                commands.set_preferences(
                    tx, found[1], language=told["language"], zone_name=told["zone"]
                )
    except Unusable as error:
        problems = said.by_field(error.problems)
        page = render_template(
            "access/preferences.html", typed=told, problems=problems, zones=ZONES
        )
        return page, 422
    return redirect(url_for("incidents.board"), 303)


@pages.post("/preferences/password")
def change_password() -> ResponseReturnValue:
    """Let the member choose a password of their own, then sign in with it."""
    present, chosen = request.form.get("password", ""), request.form.get("chosen", "")
    right = len(present) <= LONGEST_PASSWORD and queries.matches(
        queries.by_id(reading(), member().actor.member_id), present
    )
    try:
        with transaction() as tx:
            own = queries.by_id(tx.session, tx.actor.member_id)
            commands.change_password(tx, own, chosen, right_password=right)
    except (Unusable, commands.WrongPassword) as error:
        told = {"language": member().language, "zone": member().zone}
        wrong = isinstance(error, commands.WrongPassword)
        sentence = (
            _("This is not your present password.")
            if wrong
            else _("Choose twelve characters or more, without your address in it.")
        )
        page = render_template(
            "access/preferences.html",
            typed=told,
            problems={"password" if wrong else "chosen": (sentence, None)},
            zones=ZONES,
        )
        return page, 422
    return redirect(url_for(".sign_in"), 303)


def _door(email: str, status: int, seconds: int = 0) -> ResponseReturnValue:
    """Ask again, saying the same whatever was wrong."""
    problem = _("Address and password do not match, or too many attempts were made.")
    page = render_template("access/sign_in.html", problem=problem, email=email)
    return page, status, {"Retry-After": str(seconds)} if seconds else {}


def _own_path(after: str) -> str:
    """Return `after` if it is a page of ours that can be looked at, else the board."""
    parts = urlsplit(after)
    plain = after.isprintable() and "\\" not in after and not after.startswith("//")
    if parts.scheme or parts.netloc or not after.startswith("/") or not plain:
        return url_for("incidents.board")
    try:
        current_app.create_url_adapter(request).match(parts.path, method="GET")  # type: ignore[union-attr]  # never None inside a request
    except (RequestRedirect, HTTPException):
        return url_for("incidents.board")
    return after
