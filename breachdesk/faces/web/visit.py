"""What a request knows: the desk, its instant, who is behind it, and its one reading."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

from flask import current_app, g, request
from flask import session as forms
from sqlalchemy.orm import Session

from breachdesk.access import commands
from breachdesk.access import queries as access
from breachdesk.access.ports import Site
from breachdesk.access.queries import sessions
from breachdesk.access.rules import device_words
from breachdesk.access.terms import SESSION_NOTED, Knock, Stage
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction
from breachdesk.desk import Desk
from breachdesk.faces.web.assets import ENDPOINT
from breachdesk.faces.web.memory import remember
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION

COOKIE = "breachdesk"
UNTIL = "until"
"""What the cookie of the forms says, once somebody is signed in: how long that lasts."""
READING = "_reading"
"""Ends the name of the field that says which of two instants a local time means."""
LIVE = "Desk-Live"
"""The header of a request that the page makes by itself: it keeps no session awake."""
LAST_PAGE = 1_000_000
LONGEST_NUMBER = 9
SEAT = "Desk-Seat"
"""The header by which a page says for whom, and for which organisation, it was made."""
SECRET = frozenset({"csrf_token", "password", "chosen", "code", "answer"})
"""What is never shown again to whoever typed it."""

Row: TypeAlias = Any
"""A row of a station: a page reads it; its class is known to the station alone."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in member of this request.

    `actor` acts for the organisation that is looked at; `home` for the member's own, to which
    their sign-in, password and second factors belong.
    """

    actor: Actor
    email: str
    organisation: str
    language: str
    zone: str
    home: Actor
    session_id: UUID
    stage: str = Stage.OPEN

    @property
    def seat(self) -> str:
        """Return who sits where: a page of another seat neither writes nor is refreshed."""
        away = self.actor.organisation_id != self.home.organisation_id
        return f"{self.actor.member_id}" + (f"@{self.actor.organisation_id}" if away else "")


def desk() -> Desk:
    """Return the desk that is served."""
    return cast("Desk", current_app.extensions["desk"])


def address() -> str:
    """Return the network address that asks; a proxy's word counts only where it is trusted."""
    return request.remote_addr or ""


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


def holder() -> Visitor:
    """Return who holds the session: signed in, or about to add the second factor asked for."""
    found = visitor() or cast("Visitor | None", g.get("held"))
    if found is None:
        raise LookupError("a closed page was reached without a session")
    return found


def held() -> Visitor | None:
    """Return whose session still lacks something; None where nothing is lacking."""
    return cast("Visitor | None", g.get("held"))


def token() -> str:
    """Return what the browser shows as its sign-in; empty if it shows nothing."""
    return request.cookies.get(cookie_name(), "")


def cookie_name() -> str:
    """Return the name of the cookie: behind TLS one that no other host or path can set."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def device() -> str:
    """Return what asks, in the words by which its owner knows it."""
    return device_words(request.headers.get("User-Agent", ""))


def knock() -> Knock:
    """Return from where and with what somebody knocks at the door."""
    return Knock(address(), device())


def site() -> Site:
    """Return where the desk is met, as a browser names it."""
    secure = current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure
    host = request.host
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return Site(name, f"{'https' if secure else 'http'}://{host}")


def reading() -> Session:
    """Return the one session in which this request reads what its member may see."""
    if "reading" not in g:
        opened = desk().transactions.reading(member().actor)
        session = opened.__enter__()
        remember(session)
        g.reading = (opened, session)
    return cast("Session", g.reading[1])


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Run one command as the member who is signed in."""
    with desk().transactions.open(member().actor) as tx:
        yield tx


def sent(known: Collection[str]) -> dict[str, Any]:
    """Return the fields of the form that were filled in, their lines ended as ours are.

    Raises Unusable for a field that this form does not have.
    """
    for name in request.form:
        if name not in known and name != "csrf_token" and not name.endswith(READING):
            raise Unusable(Problem("is not known here", field=name))
    return {
        name: text.replace("\r\n", "\n")
        for name, text in request.form.items()
        if name != "csrf_token" and not name.endswith(READING) and text.strip()
    }


def number(text: str, field: str) -> int:
    """Return a whole number of a form or an address. Raises Unusable for what is none here.

    One that no database could hold is none either.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise Unusable(Problem("is not known here", field=field))
    return int(text)


def number_asked(field: str) -> int | None:
    """Return the whole number that the address asks for; None where it asks for none."""
    text = request.args.get(field, "")
    return number(text, field) if text else None


def page_asked() -> int:
    """Return which page of a long list is asked for; the first where that is no number."""
    return min(max(request.args.get("page", 1, int), 1), LAST_PAGE)


def typed() -> list[tuple[str, str]]:
    """Return what somebody wrote into the form, to be handed back: never a secret."""
    return [(name, text) for name, text in request.form.items() if name not in SECRET and text]


@contextmanager
def at_home() -> Iterator[Transaction]:
    """Run one command on the member's own account, wherever they are looking."""
    with desk().transactions.open(holder().home) as tx:
        yield tx


def find_visitor() -> None:
    """Look up who is behind the cookie, once for the request."""
    shown = token()
    if not shown or request.endpoint == ENDPOINT:
        return
    with desk().transactions.reading(EVERY_ORGANISATION) as session:
        found = access.session_of(session, shown, now())
        if found is None:
            lacking = access.held_open(session, shown, now())
            g.held = lacking and _known(session, *lacking)
            return
        g.visitor = _known(session, *found)
    forms.setdefault(UNTIL, int(found[0].expires_at.timestamp()))
    if LIVE not in request.headers and now() - found[0].seen_at >= SESSION_NOTED:
        with at_home() as tx:
            live = access.session_of(tx.session, shown, now())
            if live is not None:
                commands.stay(tx, live[0])


def _known(session: Session, web_session: Row, signed_in: Row) -> Visitor:
    """Return a member as this request knows them, in the organisation they are looking at."""
    proved_at, where = web_session.proved_at, web_session.acts_for
    seat = sessions.seat_in(session, signed_in.id, where) if where else None
    home = access.remote_actor(signed_in, proved_at=proved_at, now=now())
    away = access.remote_actor(signed_in, proved_at=proved_at, now=now(), seat=seat)
    return Visitor(
        actor=away,
        email=signed_in.email,
        organisation=access.organisation_of(session, away.organisation_id).name,
        language=signed_in.language,
        zone=signed_in.zone,
        home=home,
        session_id=web_session.id,
        stage=web_session.stage,
    )


def end_reading(error: BaseException | None) -> None:
    """Give the session of this request back."""
    del error
    if "reading" in g:
        g.pop("reading")[0].__exit__(None, None, None)
