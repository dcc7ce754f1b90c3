"""The desk's own program as a scanner meets it: it does not tire, and forgets where bidden.

    python bench/scanned_desk.py serve

What may be tried how often is without an end here, else the limits would answer in the place
of the desk. A request with the header `Scan` runs every statement as any other, and all of it
is undone when it was answered: a form is asked a thousand times from the same state. The clock
stands still for it, so that pages differ where what was sent makes them differ, and nowhere
else. Its answer names what the desk looked for in the query and in the form, and a carrier's
report is signed as the carrier signs it.
"""

import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from itsdangerous import TimestampSigner
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import run_wsgi_app

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from breachdesk.access import reading
from breachdesk.access.commands import limits
from breachdesk.access.terms import Limit, Rate
from breachdesk.audit import transaction
from breachdesk.faces.web import serving, uploads, visit
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.vault import Vault
from sendgrid_reports import signed

SCAN, UNDO, NAMES = "HTTP_SCAN", "undo", "Scan-Names"
WIDE = Rate(1_000_000, timedelta(days=1))
"""So often that no scanner meets an end of it."""


class Here(threading.local):
    """What is known of the request that this thread answers."""

    connection: Connection | None = None
    names: frozenset[str] = frozenset()


HERE = Here()
TURN = threading.Lock()
"""One scan after the other: SQLite has one writer, and the next would wait too long."""
ENGINES: list[Engine] = []
STILL: list[datetime] = []
"""The instant of the first scan, at which its clock stands: who asks has signed in before."""


class Sessions:
    """Opens sessions on the database, or inside what is undone after the request."""

    def __init__(self, engine: Engine, **kinds: Any) -> None:
        """Know both ways. What only reads needs no point to which it goes back."""
        self._usual: sessionmaker[Session] = sessionmaker(engine, **kinds)
        writes = engine.get_execution_options().get("immediate", False)
        self._joins: Any = "create_savepoint" if writes else "rollback_only"
        ENGINES.append(engine)

    def __call__(self) -> Session:
        """Return a session that reads."""
        if HERE.connection is None:
            return self._usual()
        return self._usual(bind=HERE.connection, join_transaction_mode=self._joins)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a session that writes, in a transaction of its own."""
        with self() as session, session.begin():
            yield session


class Sent(ImmutableMultiDict[str, Any]):
    """A query or a form that notes what is looked for in it."""

    def get(self, key: str, *rest: Any, **more: Any) -> Any:
        """Return what stands under a name."""
        HERE.names |= {key}
        return super().get(key, *rest, **more)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is such a name."""
        HERE.names |= {str(key)}
        return super().__contains__(key)

    def getlist(self, key: str, *rest: Any) -> Any:
        """Return all that stands under a name."""
        HERE.names |= {key}
        return super().getlist(key, *rest)


class Undone:
    """The web face, whose answers to a scan leave nothing behind."""

    def __init__(self, app: serving.Wsgi) -> None:
        """Stand before `app`."""
        self.app = app

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer; what a scan asked for is undone."""
        if environ.get(SCAN) != UNDO:
            kept = start if SCAN not in environ else _cookieless(start)
            return self.app(environ, kept)
        STILL[:] = STILL or [datetime.now(UTC)]
        HERE.names = frozenset()
        with TURN, ENGINES[-1].execution_options(immediate=True).connect() as connection:
            connection.begin()
            HERE.connection = connection
            try:
                body, status, headers = run_wsgi_app(self.app, _signed(environ), buffered=True)
            finally:
                HERE.connection = None
                connection.rollback()
        if status.startswith("5"):
            asked = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
            print("fell:", status, *asked, file=sys.stderr)
        start(status, [*headers, (NAMES, ",".join(sorted(HERE.names)))])
        return body


def _cookieless(start: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a scanner no cookies: those it came with, and the tokens of its forms, stay good."""

    def begin(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
        return start(status, [each for each in headers if each[0] != "Set-Cookie"], *fault)

    return begin


def _signed(environ: dict[str, Any]) -> dict[str, Any]:
    """Sign what is posted in the name of a carrier."""
    if environ["PATH_INFO"].startswith("/carriers/"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        for name, value in signed(body, STILL[0]).items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def now(_clock: SystemClock) -> datetime:
    """Return the instant it is; for a scan always the same."""
    return datetime.now(UTC) if HERE.connection is None else STILL[0]


def wide() -> dict[str, Limit]:
    """Return every limit, without an end."""
    return {
        name: replace(each, account=each.account and WIDE, address=each.address and WIDE)
        for name, each in LIMITS.items()
    }


def sent(known: Collection[str]) -> dict[str, Any]:
    """Note what a form may hold, and return what was sent."""
    HERE.names |= frozenset(known)
    return SENT(known)


def keep_head(vault: Vault, chain: str, sequence: int, digest: str) -> None:
    """Seal the head of a trail that stays."""
    if HERE.connection is None:
        KEEP_HEAD(vault, chain, sequence, digest)


def get_timestamp(signer: TimestampSigner) -> int:
    """Return the second at which a form is signed."""
    return STAMP(signer) if HERE.connection is None else int(STILL[0].timestamp())


def open_server(app: serving.Wsgi, **told: Any) -> serving.Server:
    """Serve what stands before the web face."""
    return OPEN_SERVER(Undone(app), **told)


LIMITS, SENT, KEEP_HEAD = reading.read_limits(), visit.sent, Vault.keep_head
OPEN_SERVER, STAMP = serving.open_server, TimestampSigner.get_timestamp
for place, name, stand_in in (
    (transaction, "sessionmaker", Sessions), (limits, "read_limits", wide),
    (visit, "sent", sent), (Vault, "keep_head", keep_head), (SystemClock, "now", now),
    (uploads.DeskRequest, "parameter_storage_class", Sent),
    (serving, "open_server", open_server), (TimestampSigner, "get_timestamp", get_timestamp),
):  # fmt: skip
    setattr(place, name, stand_in)

from breachdesk.__main__ import main  # noqa: E402  (its pages take `sent` as it now is)

main()
