"""Builds the desk from the settings: the only file that knows every piece."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from breachdesk.access import commands as access
from breachdesk.access import queries as members
from breachdesk.access.terms import FIRST_PASSWORD, MemberDraft
from breachdesk.adapters.dns_names import DnsNames
from breachdesk.adapters.file_mailer import JOURNALS
from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.app import pieces
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import queries as datamaps
from breachdesk.desk import Desk
from breachdesk.keeping.errands import restoring
from breachdesk.keeping.errands.anchoring import Anchoring
from breachdesk.keeping.errands.examining import Patient
from breachdesk.keeping.errands.staging import Place
from breachdesk.keeping.terms import Installation, Retention
from breachdesk.kernel import ids
from breachdesk.kernel.borrowing import BorrowedVault, NoVault
from breachdesk.kernel.clock import SystemClock
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.locks import exclusive
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.kernel.vault import Vault, read_master
from breachdesk.law.reading import read_packs
from breachdesk.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

FOUNDING = frozenset({"access.found", "access.invite"})
OWNER_ROLES = ("administrator", "responder", "dpo", "communication", "legal", "approver")
OWNER = MemberDraft(email="owner@localhost", name="Owner of the home", roles=OWNER_ROLES)


def open_desk(settings: Settings) -> Desk:
    """Return the desk of a home, made and migrated at first use."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_engine(settings.database_url)
    with exclusive(settings.home / "secrets" / "setup.lock", wait=True):
        restoring.finish(place(settings, engine))
        migrate(engine, settings.migrations)
        vault = _vault(settings, engine)
        transactions = Transactions(engine, SystemClock(), vault)
        _found_first(transactions)
    carrier = pieces.mailer(settings)
    return Desk(
        home=settings.home,
        transactions=transactions,
        law=read_packs(settings.law),
        population=pieces.population(settings),
        renderer=JinjaRenderer(settings.templates),
        mailer=carrier,
        mail_host=(pieces.mail_host(settings) or ("",))[0],
        ear=pieces.ear(settings),
        witness=pieces.witness(settings),
        names=DnsNames(),
        guests=settings.guests,
        first_password=settings.first_password,
        passkeys=pieces.passkeys(),
        leaked=pieces.leaked_passwords(settings),
        elsewhere=pieces.elsewhere(settings),
        writers=pieces.writers(settings.templates),
        templates=settings.templates,
        runbooks=settings.runbooks,
        samples=settings.samples,
        evidence=settings.evidence,
        webhook=pieces.webhook(settings),
        retention=Retention(settings.keep_register, settings.keep_people),
        anchoring=Anchoring(pieces.stamper(settings), settings.anchor_mail, carrier),
    )


def place(settings: Settings, engine: "Engine | None" = None) -> Place:
    """Return where the desk stands, or is to stand; nothing is made or opened for it."""
    journals = settings.outbox / JOURNALS
    return Place(
        engine=engine or open_engine(settings.database_url),
        home=settings.home,
        vault=settings.vault,
        migrations=settings.migrations,
        masters=pieces.master_keys(settings),
        clock=SystemClock(),
        evidence=settings.mailer == "sendgrid"
        or (settings.mailer == "file" and journals.is_dir()),
    )


def patient(settings: Settings) -> Patient:
    """Return what `doctor` examines; nothing is made or opened for it."""
    kept = "the environment" if settings.master_key_given else "a file of the home"
    return Patient(
        installation=Installation(
            home=settings.home,
            listen=settings.listen,
            hosts=settings.hosts,
            https=settings.https,
            proxy=settings.proxy,
            mailer=settings.mailer,
            mail_host=pieces.mail_host(settings),
            master="the care of a program" if settings.master_key_command else kept,
            dkim_selector=settings.dkim_selector,
            services=pieces.services(settings),
        ),
        place=place(settings),
        network=DnsNames(),
        retention=Retention(settings.keep_register, settings.keep_people),
        anchoring=Anchoring(pieces.stamper(settings), settings.anchor_mail),
    )


def find_actor(desk: Desk, settings: Settings) -> Actor:
    """Return who acts in a terminal: the member that the settings name, else the owner."""
    with desk.transactions.reading(EVERY_ORGANISATION) as session:
        everywhere = members.organisations(session)
        if settings.organisation is not None:
            chosen = members.organisation(session, settings.organisation)
        elif len(everywhere) == 1:
            chosen = everywhere[0]
        else:
            names = ", ".join(each.name for each in everywhere)
            raise Unusable(f"there are several organisations; BREACHDESK_ORGANISATION: {names}")
    with desk.transactions.reading(chosen.id) as session:
        if settings.actor is None:
            return members.actor(members.members(session)[0])
        return members.actor(members.member(session, settings.actor))


def zone_of(settings: Settings) -> str | None:
    """Return the zone that the organisation's data map names, if one can be told."""
    desk = open_desk(settings)
    try:
        chosen = find_actor(desk, settings).organisation_id
    except Unusable:  # several organisations, and none was named
        return None
    with desk.transactions.reading(chosen) as session:
        version = datamaps.current_version(session)
        return None if version is None else datamaps.parsed(version).organisation.zone


def create_app(desk: Desk, settings: Settings) -> "Flask":
    """Return the web face of the desk."""
    from breachdesk.faces.web import context  # noqa: PLC0415  (the terminal need not load it)

    secret = read_master(settings.session_key)
    return context.create_app(desk, secret, hosts=settings.hosts, https=settings.https)


@contextmanager
def serve(desk: Desk, actor: Actor, settings: Settings, *, jobs: bool) -> Iterator[str]:
    """Serve the desk while the block runs, and yield its address; one server for a home."""
    from breachdesk.faces.jobs import runner  # noqa: PLC0415  (only who serves needs these)
    from breachdesk.faces.web import security, uploads  # noqa: PLC0415
    from breachdesk.faces.web.serving import open_server  # noqa: PLC0415

    if isinstance(desk.transactions.vault, BorrowedVault):
        raise NoVault(f"{settings.vault} is not there; the desk is served where its vault is")
    held = f"{desk.home} is served already by another process"
    with exclusive(desk.home / "secrets" / "serve.lock", wait=False, held=held):
        web = create_app(desk, settings)
        try:
            server = open_server(
                web,
                listen=settings.listen,
                proxy=settings.proxy,
                room=uploads.room_of(web),
                headers=security.headers(https=settings.https),
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise Refused(
                f"cannot listen on {settings.listen} ({why}); set BREACHDESK_LISTEN"
            ) from None
        thread = threading.Thread(target=server.run, name="web", daemon=True)
        stop_jobs = runner.run_in_background(desk, actor) if jobs else None
        thread.start()
        try:
            yield f"http://{settings.listen}/"
        finally:
            if stop_jobs is not None:
                stop_jobs()
            server.close()


@contextmanager
def work(desk: Desk, actor: Actor) -> Iterator[None]:
    """Run the clock and the senders while the block runs."""
    from breachdesk.faces.jobs import runner  # noqa: PLC0415  (only who works needs a clock)

    stop = runner.run_in_background(desk, actor)
    try:
        yield
    finally:
        stop()


def _vault(settings: Settings, engine: "Engine") -> Vault:
    """Return the vault of the home; without one, beside a desk that has one, keys are lent."""
    if engine.dialect.name == "postgresql" and not settings.vault.exists():
        clock = SystemClock()
        borrowed = BorrowedVault(clock)
        everywhere = Transactions(engine, clock, borrowed).reading(EVERY_ORGANISATION)
        with everywhere as session:
            if members.organisations(session):
                return borrowed
    return Vault(settings.vault, pieces.master_keys(settings))


def _found_first(transactions: Transactions) -> None:
    """Found the first organisation of a new home, with the owner of the home in it."""
    with transactions.reading(EVERY_ORGANISATION) as session:
        if members.organisations(session) or members.anybody(session):
            return  # an organisation that is gone is for `trail verify` to tell, not to mend
    found_organisation(transactions, "Organisation", OWNER)


def found_organisation(
    transactions: Transactions, name: str, owner: MemberDraft, holds: str = FIRST_PASSWORD
) -> str:
    """Found an organisation and let its first member in; return their first password."""
    now = transactions.clock.now()
    founder = Actor(ids.new_id(now), "installation", ids.new_id(now), FOUNDING)
    with transactions.open(founder) as tx:
        access.found(tx, name)
        _, password = access.invite(tx, owner, holds)
    return password
