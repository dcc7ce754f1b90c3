"""Signing in and out."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
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
from breachdesk.access.terms import LONGEST_PASSWORD, SESSION_LIFE, Entrance, Stage
from breachdesk.faces.web import said
from breachdesk.faces.web.language import ZONES
from breachdesk.faces.web.visit import (
    at_home,
    cookie_name,
    desk,
    held,
    holder,
    knock,
    member,
    now,
    sent,
    site,
    token,
    visitor,
)
from breachdesk.kernel.errors import Refused, Unknown, Unusable

pages = Blueprint("access", __name__)
QUESTION = "question"
LONGEST_CODE = 64


@pages.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask who is there."""
    return _door("", 200)


@pages.post("/sign-in")
def let_in() -> ResponseReturnValue:
    """Begin a session, or say that address and password do not match, whatever the cause."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        entered = errands.sign_in(desk().transactions, email, password, knock())
    except commands.TooMany as error:
        return _door(email, 429, _mismatch(), error.seconds)
    except commands.FirstPasswordOver:
        over = _("This first password holds no more. Ask an administrator to invite you again.")
        return _door(email, 422, over)
    return _door(email, 422, _mismatch()) if entered is None else _enter(entered)


@pages.get("/sign-in/second")
def ask_factor() -> ResponseReturnValue:
    """Ask for the second factor."""
    return _second(200) if held() is not None else redirect(url_for(".sign_in"), 303)


@pages.post("/sign-in/second")
def pass_factor() -> ResponseReturnValue:
    """Open the session for a right code."""
    code = request.form.get("code", "")[:LONGEST_CODE]
    try:
        entered = errands.pass_factor(desk().transactions, token(), code, knock())
    except commands.TooMany as error:
        return _second(429, _mismatched_code(), error.seconds)
    return _second(422, _mismatched_code()) if entered is None else _enter(entered)


@pages.post("/sign-in/passkey/options")
def ask_for_passkey() -> ResponseReturnValue:
    """Give a browser the options for one of our passkeys, to be answered once."""
    known = held() or visitor()
    who = None if known is None else known.home.member_id
    transactions, passkeys = desk().transactions, desk().passkeys
    options, question = errands.ask_for_passkey(transactions, passkeys, site(), knock(), who)
    session[QUESTION] = question
    return Response(options, mimetype="application/json")


@pages.post("/sign-in/passkey")
def enter_by_passkey() -> ResponseReturnValue:
    """Begin a session for whoever's passkey answered."""
    question, answer = session.pop(QUESTION, ""), request.form.get("answer", "")
    transactions, passkeys = desk().transactions, desk().passkeys
    try:
        entered = errands.enter_by_passkey(
            transactions, passkeys, site(), question, answer, knock()
        )
    except commands.TooMany as error:
        return _door("", 429, _mismatch(), error.seconds)
    except (Refused, Unusable):
        return _door("", 422, _("This passkey opens nothing here, or it took too long."))
    return _enter(entered)


@pages.post("/sign-in/service")
def go_elsewhere() -> ResponseReturnValue:
    """Lead the browser to the organisation's own sign-in service."""
    elsewhere = desk().elsewhere
    if elsewhere is None:
        raise Unknown("there is no sign-in service here")
    back = url_for(".come_back", _external=True, _scheme=site().origin.partition(":")[0])
    try:
        url, question = errands.begin_sign_on(desk().transactions, elsewhere, back, knock())
    except commands.TooMany as error:
        return _door("", 429, _mismatch(), error.seconds)
    except Refused:
        return _door("", 502, _("The sign-in service does not answer. Use another way."))
    session[QUESTION], session["after"] = question, request.args.get("after", "")
    return render_template("access/elsewhere.html", url=url, label=elsewhere.told.label)


@pages.get("/sign-in/service/back")
def come_back() -> ResponseReturnValue:
    """Begin a session for whom the sign-in service vouches."""
    elsewhere = desk().elsewhere
    if elsewhere is None:
        raise Unknown("there is no sign-in service here")
    back = url_for(".come_back", _external=True, _scheme=site().origin.partition(":")[0])
    question, after = session.pop(QUESTION, ""), session.pop("after", "")
    try:
        entered = errands.finish_sign_on(
            desk().transactions, elsewhere, back, question, request.args, knock()
        )
    except commands.TooMany as error:
        return _door("", 429, _mismatch(), error.seconds)
    except (Refused, Unusable):
        sentence = _("The sign-in service did not vouch for you here. Ask an administrator.")
        return _door("", 422, sentence)
    return _enter(entered, after)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session here and on the server."""
    with at_home() as tx:
        found = queries.session_of(tx.session, token(), now())
        found = found or queries.held_open(tx.session, token(), now())
        if found is not None:
            commands.sign_out(tx, found[0])
    session.clear()
    response = make_response(redirect(url_for(".sign_in"), 303))
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(cookie_name(), httponly=True, samesite="Lax", secure=secure)
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
        with at_home() as tx:
            found = queries.session_of(tx.session, token(), now())
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
    errands.spend(desk().transactions, "prove", account=str(member().home.member_id))
    right = right_password(present)
    try:
        with at_home() as tx:
            own = queries.by_id(tx.session, tx.actor.member_id)
            commands.change_password(
                tx, own, chosen, right_password=right, leaked=desk().leaked
            )
    except (Unusable, commands.WrongPassword) as error:
        told = {"language": member().language, "zone": member().zone}
        wrong = isinstance(error, commands.WrongPassword)
        sentence = (
            _("This is not your present password.")
            if wrong
            else _(
                "Choose twelve characters or more, without your address in it, that are not "
                "mostly names or rows of keys, and that nobody has stolen elsewhere."
            )
        )
        page = render_template(
            "access/preferences.html",
            typed=told,
            problems={"password" if wrong else "chosen": (sentence, None)},
            zones=ZONES,
        )
        return page, 422
    return redirect(url_for(".sign_in"), 303)


def right_password(text: str) -> bool:
    """Tell whether this is the password of whoever holds the session."""
    with desk().transactions.reading(holder().home.organisation_id) as home:
        own = queries.by_id(home, holder().home.member_id)
        return len(text) <= LONGEST_PASSWORD and queries.matches(own, text)


def _enter(entered: Entrance, after: str = "") -> ResponseReturnValue:
    """Hand over the token of a session, and lead to the page that was asked for."""
    session.clear()  # forms of before are not forms of the member
    after = after or request.args.get("after", "")
    where = {
        Stage.OPEN: lambda: own_path(after),
        Stage.FACTOR: lambda: url_for(".ask_factor", after=after or None),
        Stage.ENROL: lambda: url_for("account.show"),
    }[entered.stage]()
    response = make_response(redirect(where, 303))
    response.set_cookie(
        cookie_name(),
        entered.token,
        max_age=SESSION_LIFE,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure,
    )
    return response


def _door(
    email: str, status: int, problem: str | None = None, seconds: int = 0
) -> ResponseReturnValue:
    """Ask who is there, saying the same whatever was wrong."""
    elsewhere = desk().elsewhere
    page = render_template(
        "access/sign_in.html",
        problem=problem,
        email=email,
        service=elsewhere and elsewhere.told.label,
    )
    return page, status, {"Retry-After": str(seconds)} if seconds else {}


def _second(status: int, problem: str | None = None, seconds: int = 0) -> ResponseReturnValue:
    page = render_template("access/second.html", problem=problem)
    return page, status, {"Retry-After": str(seconds)} if seconds else {}


def _mismatch() -> str:
    return str(_("Address and password do not match, or too many attempts were made."))


def _mismatched_code() -> str:
    return str(_("This is no code of now, or too many attempts were made."))


def own_path(after: str) -> str:
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
