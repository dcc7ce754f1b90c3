"""What a request knows: the desk, its instant, who is behind it, and its one reading."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast

from flask import current_app, g, request
from sqlalchemy.orm import Session

from breachdesk.access import commands
from breachdesk.access import queries as access
from breachdesk.access.terms import SESSION_NOTED
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction
from breachdesk.desk import Desk
from breachdesk.faces.web.assets import ENDPOINT
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.kernel.tables import EVERY_ORGANISATION

COOKIE = "breachdesk"
LIVE = "Desk-Live"
"""The header of a request that the page makes by itself: it keeps no session awake."""
LAST_PAGE = 1_000_000
SECRET = frozenset({"csrf_token", "password", "chosen"})
"""What is never shown again to whoever typed it."""

Row: TypeAlias = Any
"""A row of a station: a page reads it; its class is known to the station alone."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in member of this request."""

    actor: Actor
    email: str
    organisation: str
    language: str
    zone: str


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
    """Return the fields of the form that were filled in, their lines ended as ours are.

    Raises Unusable for a field that this form does not have.
    """
    for name in request.form:
        if name not in known and name != "csrf_token":
            raise Unusable(Problem("is not known here", field=name))
    return {
        name: text.replace("\r\n", "\n")
        for name, text in request.form.items()
        if name != "csrf_token" and text.strip()
    }


def page_asked() -> int:
    """Return which page of a long list is asked for; the first where that is no number."""
    return min(max(request.args.get("page", 1, int), 1), LAST_PAGE)


def typed() -> list[tuple[str, str]]:
    """Return what somebody wrote into the form, to be handed back: never a secret."""
    return [(name, text) for name, text in request.form.items() if name not in SECRET and text]


def find_visitor() -> None:
    """Look up who is behind the cookie, once for the request."""
    token = request.cookies.get(COOKIE)
    if not token or request.endpoint == ENDPOINT:
        return
    with desk().transactions.reading(EVERY_ORGANISATION) as session:
        found = access.session_of(session, token, now())
        if found is None:
            return
        web_session, signed_in = found
        g.visitor = Visitor(
            actor=access.actor(signed_in),
            email=signed_in.email,
            organisation=access.organisation_of(session, signed_in.organisation_id).name,
            language=signed_in.language,
            zone=signed_in.zone,
        )
    if LIVE not in request.headers and now() - web_session.seen_at >= SESSION_NOTED:
        with transaction() as tx:
            live = access.session_of(tx.session, token, now())
            if live is not None:
                commands.stay(tx, live[0])


def end_reading(error: BaseException | None) -> None:
    """Give the session of this request back."""
    del error
    if "reading" in g:
        g.pop("reading")[0].__exit__(None, None, None)
