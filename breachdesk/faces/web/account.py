"""One's own account: second factors, passkeys, sessions, and proving who one is."""

from base64 import b64decode, b64encode
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from breachdesk.access import commands, errands, queries
from breachdesk.access.commands.sessions import answered, pose
from breachdesk.access.queries import factors, sessions
from breachdesk.faces.web.access import LONGEST_CODE, QUESTION, own_path, right_password
from breachdesk.faces.web.visit import (
    Row,
    at_home,
    desk,
    device,
    holder,
    member,
    now,
    sent,
    site,
    typed,
)
from breachdesk.kernel.errors import Refused, Unknown, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION

pages = Blueprint("account", __name__, url_prefix="/account")
NEW_PASSKEY = "new passkey"
ISSUER = "BreachDesk"


@pages.get("/")
def show() -> ResponseReturnValue:
    """Show what guards the account, and where it is signed in."""
    return _page()


@pages.post("/codes")
def begin_codes() -> ResponseReturnValue:
    """Show the secret for an authenticator, to be confirmed by a first code."""
    sent(())
    with at_home() as tx:
        secret = commands.begin_timed_codes(tx, _own(tx.session))
    return _page(secret=secret)


@pages.post("/codes/confirm")
def confirm_codes() -> ResponseReturnValue:
    """Confirm the authenticator by its first code, and show the recovery codes once."""
    code = sent(("code",)).get("code", "")[:LONGEST_CODE]
    errands.spend(desk().transactions, "second_factor", account=str(holder().home.member_id))
    try:
        with at_home() as tx:
            own, here = _own(tx.session), _here(tx.session)
            recovery = commands.confirm_timed_codes(tx, own, here, code)
    except commands.WrongCode:
        wrong = _("These are not the digits of now. Begin again, and mind the clock.")
        return _page(problem=wrong), 422
    return _page(recovery=recovery)


@pages.post("/codes/drop")
def drop_codes() -> ResponseReturnValue:
    """Forget the authenticator."""
    sent(())
    with at_home() as tx:
        commands.drop_timed_codes(tx, _own(tx.session))
    return redirect(url_for(".show"), 303)


@pages.post("/recovery")
def renew_recovery() -> ResponseReturnValue:
    """Show new recovery codes once."""
    sent(())
    with at_home() as tx:
        recovery = commands.renew_recovery_codes(tx, _own(tx.session))
    return _page(recovery=recovery)


@pages.post("/passkeys/options")
def ask_for_new_passkey() -> ResponseReturnValue:
    """Give the browser the options for a new passkey, to be answered once."""
    transactions, mine = desk().transactions, str(holder().home.member_id)
    errands.spend(transactions, "passkey_options", account=mine)
    with at_home() as tx:
        own = _own(tx.session)
        held = [each.credential_id for each in factors.passkeys(tx.session, own.id)]
        options, challenge = desk().passkeys.ask_for_new(
            site(), own.id, own.email, own.name, held
        )
        kept = {"challenge": b64encode(challenge).decode(), "member": str(own.id)}
        session[QUESTION] = pose(tx, NEW_PASSKEY, kept)
    return Response(options, mimetype="application/json")


@pages.post("/passkeys")
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    told = sent(("answer", "name"))
    with at_home() as tx:
        kept = answered(tx, session.pop(QUESTION, ""), NEW_PASSKEY)
    if kept is None or kept["member"] != str(holder().home.member_id):
        return _page(problem=_("It took too long. Begin again.")), 422
    challenge = b64decode(kept["challenge"])
    try:
        made = desk().passkeys.read_new(site(), challenge, told.get("answer", ""))
    except Unusable:
        return _page(problem=_("The passkey could not be made.")), 422
    with at_home() as tx:
        own, here = _own(tx.session), _here(tx.session)
        name = told.get("name") or device()
        recovery = commands.add_passkey(tx, own, here, made, name)
    return _page(recovery=recovery) if recovery else redirect(url_for(".show"), 303)


@pages.post("/passkeys/<uuid:passkey_id>/drop")
def drop_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Forget a passkey."""
    sent(())
    with at_home() as tx:
        own = _own(tx.session)
        commands.drop_passkey(tx, own, factors.passkey(tx.session, own.id, passkey_id))
    return redirect(url_for(".show"), 303)


@pages.post("/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own sessions."""
    sent(())
    with at_home() as tx:
        live = queries.live_sessions(tx.session, holder().home.member_id)
        found = next((each for each in live if each.id == session_id), None)
        if found is None:
            raise Unknown(f"there is no session {session_id}")
        commands.end_session(tx, found)
    return redirect(url_for(".show"), 303)


@pages.post("/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End every session of one's own but this one."""
    sent(())
    with at_home() as tx:
        commands.end_other_sessions(tx, _own(tx.session), _here(tx.session))
    return redirect(url_for(".show"), 303)


@pages.post("/organisation")
def work_for() -> ResponseReturnValue:
    """Turn this session to another organisation in which one has a seat, or back home."""
    asked = sent(("organisation",)).get("organisation", "")
    with desk().transactions.reading(EVERY_ORGANISATION) as everywhere:
        seats = sessions.seats_of(everywhere, member().home.member_id)
        places = {str(place.id): place for _seat, place in seats}
        home = queries.organisation_of(everywhere, member().home.organisation_id)
        places[str(home.id)] = home
    if asked not in places:
        raise Unknown("there is no such organisation for you")
    with at_home() as tx:
        commands.work_for(tx, _here(tx.session), places[asked])
    session.clear()  # a form that was opened there is no form of here
    return redirect(url_for("incidents.board"), 303)


@pages.get("/prove")
def ask_proof() -> ResponseReturnValue:
    """Ask who is there, once more."""
    return proof_page(200)


@pages.post("/prove")
def prove() -> ResponseReturnValue:
    """Note that whoever sits there has shown who they are, and lead back."""
    told = sent(("password", "code", "answer"))
    errands.spend(desk().transactions, "prove", account=str(member().home.member_id))
    passkey = "answer" in told and _passkey_is_theirs(told["answer"])
    right = "password" in told and right_password(told["password"])
    with at_home() as tx:
        shown = commands.prove(
            tx,
            _here(tx.session),
            _own(tx.session),
            code=told.get("code", "")[:LONGEST_CODE],
            right_password=right,
            passkey=passkey,
        )
    if not shown:
        return proof_page(422, problem=_("This is not right."))
    return redirect(own_path(request.args.get("after", "")), 303)


def proof_page(status: int, *, problem: str | None = None) -> ResponseReturnValue:
    """Ask for a proof; what was typed into a form on the way here is handed back."""
    with desk().transactions.reading(member().home.organisation_id) as home:
        has_codes, keys = _has_codes(home), factors.passkeys(home, member().home.member_id)
        asks = "password" if not has_codes and not keys else "code"
    asked_before = request.endpoint not in {"account.ask_proof", "account.prove"}
    page = render_template(
        "access/prove.html",
        asks=asks,
        has_codes=has_codes,
        passkeys=keys,
        problem=problem,
        after=_came_from() if asked_before else request.args.get("after"),
        typed=typed() if asked_before else (),
    )
    return page, status


def _came_from() -> str:
    """Return the page of ours that holds the form: the nearest above its address."""
    parts = request.path.strip("/").split("/")
    above = ["/".join(["", *parts[:count]]) for count in range(len(parts) - 1, 0, -1)]
    pages_above = [page for each in above for page in (each, each + "/")]
    return next((each for each in pages_above if own_path(each) == each), own_path("/"))


def _passkey_is_theirs(answer: str) -> bool:
    question = session.pop(QUESTION, "")
    transactions, passkeys = desk().transactions, desk().passkeys
    try:
        found = errands.check_passkey(transactions, passkeys, site(), question, answer)
    except (Refused, Unusable):
        return False
    return found == member().home.member_id


def _page(
    *,
    secret: str | None = None,
    recovery: tuple[str, ...] = (),
    problem: str | None = None,
) -> str:
    who = holder()
    with desk().transactions.reading(who.home.organisation_id) as home:
        house = queries.organisation_of(home, who.home.organisation_id)
        shown = {
            "has_codes": _has_codes(home),
            "passkeys": factors.passkeys(home, who.home.member_id),
            "recovery_left": len(factors.recovery_codes(home, who.home.member_id)),
            "sessions": sessions.open_sessions(home, who.home.member_id, now()),
            "asked": house.asks_second_factor,
        }
    with desk().transactions.reading(EVERY_ORGANISATION) as everywhere:
        seats = sessions.seats_of(everywhere, who.home.member_id)
    return render_template(
        "access/account.html",
        who=who,
        house=house,
        seats=[place for _seat, place in seats],
        secret=secret,
        square=_square(secret, who.email) if secret else None,
        recovery=recovery,
        problem=problem,
        **shown,
    )


def _square(secret: str, email: str) -> Markup:
    """Draw what an authenticator reads from the screen."""
    import pyotp  # noqa: PLC0415  (only this page draws)
    import segno  # noqa: PLC0415

    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    drawn = segno.make(address, error="m", micro=False)
    title = _("Square code for an authenticator")
    return Markup(drawn.svg_inline(scale=5, border=4, light="#fff", title=title))  # noqa: S704  (drawn from our own secret)


def _has_codes(home: Session) -> bool:
    row = factors.timed_code(home, holder().home.member_id)
    return row is not None and row.confirmed_at is not None


def _own(home: Session) -> Row:
    return queries.by_id(home, holder().home.member_id)


def _here(home: Session) -> Row:
    live = queries.live_sessions(home, holder().home.member_id)
    return next(each for each in live if each.id == holder().session_id)
