"""Looks at an installation from all sides, and says of each finding what to do."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from breachdesk.access import queries as access
from breachdesk.audit import queries as audit
from breachdesk.audit.transaction import Transactions
from breachdesk.keeping import queries, rules
from breachdesk.keeping.errands import anchoring, sending
from breachdesk.keeping.errands.anchoring import ANCHORED, Anchoring
from breachdesk.keeping.errands.staging import Place
from breachdesk.keeping.ports import Network
from breachdesk.keeping.terms import Finding, Installation, Retention, State
from breachdesk.kernel.database import latest, revision_of
from breachdesk.kernel.errors import BreachDeskError
from breachdesk.kernel.locks import LEADER, Held, exclusive
from breachdesk.kernel.tables import EVERY_ORGANISATION
from breachdesk.kernel.vault import Vault

FINE, WARNING, FAILING = State.FINE, State.WARNING, State.FAILING
OTHERS = 0o077
HTTPS = 443
KEY_BACK = "put the master key back from where it is kept apart, or mend what keeps it"
NEW = "run any command: the first one sets a home up"
GONE = (
    "put it back, or run `breachdesk restore FILE` with the last backup, before anything else: "
    "any other command would begin an empty one beside the keys of this home"
)
AWAY = "see that it can be reached, and look again"
DAMAGED = "it is damaged or none of ours: keep it as it is, and restore the last backup"
UNBROKEN = "run `breachdesk trail verify`, keep everything as it is, and find out who wrote"


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined, and by what means."""

    installation: Installation
    place: Place
    network: Network
    retention: Retention
    anchoring: Anchoring


def examine(patient: Patient) -> tuple[Finding, ...]:
    """Return every finding, in the order in which one mends them. Changes nothing."""
    found = [_home(patient), rules.address(patient.installation), _disk(patient)]
    schema = _guarded("database", _schema, patient, do=AWAY)
    found += schema
    if any(each.state is FAILING for each in schema):
        return tuple(found)
    vault = _guarded("keys", _keys, patient, do=KEY_BACK)
    found += vault
    if any(each.state is FAILING for each in vault):
        return tuple(found)
    for name, look in (
        ("TLS", _certificates),
        ("clock", _clock),
        ("trail", _trail),
        ("anchors", _anchors),
        ("backup", _backup),
        ("retention", _retention),
        ("scheduler", _scheduler),
        ("mail", _mail),
        ("sender", _sender),
    ):
        found += _guarded(name, look, patient)
    return tuple(found)


def _guarded(
    name: str, look: Callable[[Patient], Iterator[Finding]], patient: Patient,
    do: str = "mend this first",
) -> list[Finding]:  # fmt: skip
    """Return what a look finds; what it cannot look at is a finding too."""
    try:
        return list(look(patient))
    except BreachDeskError as fault:
        return [Finding(name, FAILING, str(fault), do)]
    except (SQLAlchemyError, OSError) as fault:
        seen = f"cannot be looked at ({type(fault).__name__})"
        away = isinstance(fault, OSError | OperationalError)
        return [Finding(name, FAILING, seen, AWAY if away else DAMAGED)]


def _home(patient: Patient) -> Finding:
    home = patient.installation.home
    if not home.is_dir():
        return Finding("home", FAILING, f"{home} is not there", "set BREACHDESK_HOME")
    private = (home, home / "secrets", *(home / "secrets").glob("*"), patient.place.vault,
               *(patient.place.vault / "keys").glob("*"))  # fmt: skip
    database = Path(patient.place.engine.url.database or "")
    if patient.place.engine.dialect.name == "sqlite" and home not in database.parents:
        private = (*private, database)
    open_ = [path for path in private if path.exists() and path.stat().st_mode & OTHERS]
    if open_:
        do = f"chmod go-rwx {open_[0]}" + (f" and {len(open_) - 1} more" if open_[1:] else "")
        return Finding("home", FAILING, f"others may look into {open_[0]}", do)
    return Finding("home", FINE, "its owner's alone")


def _disk(patient: Patient) -> Finding:
    home = patient.installation.home
    return rules.room(shutil.disk_usage(home if home.exists() else Path("/")).free)


def _schema(patient: Patient) -> Iterator[Finding]:
    url = patient.place.engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        lost = any((patient.place.vault / "heads").glob("*.sealed"))
        yield Finding(
            "database", FAILING, f"{url.database} is not there", GONE if lost else NEW
        )
        return
    with patient.place.engine.connect() as connection:
        present = revision_of(connection)
    wanted = latest(patient.place.migrations)
    if present == wanted:
        yield Finding("database", FINE, f"{patient.place.engine.dialect.name}, {present}")
        return
    seen = "it is empty" if present is None else f"the schema is {present}, not {wanted}"
    do = "run any command of this version; it migrates. A later schema needs a later program"
    yield Finding("database", FAILING, seen, do)


def _keys(patient: Patient) -> Iterator[Finding]:
    kept = patient.installation.master
    if not patient.place.masters.present():
        yield Finding("keys", FAILING, "there is no master key", KEY_BACK)
        return
    if not patient.place.vault.is_dir():
        do = "put it back, or restore the last backup: what it seals is read by nothing else"
        yield Finding("keys", FAILING, f"{patient.place.vault} is not there", do)
        return
    vault = Vault(patient.place.vault, patient.place.masters)
    following = patient.installation.home / "secrets" / "master.next"
    if following.exists():
        do = "run `breachdesk vault rotate` again to finish it"
        yield Finding("keys", WARNING, "a rotation was cut short", do)
        return
    yield Finding("keys", FINE, f"master key {vault.master_mark} in {kept} opens the vault")


def _clock(patient: Patient) -> Iterator[Finding]:
    clock = patient.place.clock
    told: dict[str, tuple[datetime, datetime]] = {}
    if patient.place.engine.dialect.name == "postgresql":
        with patient.place.engine.connect() as connection:
            theirs: Any = connection.scalar(select(func.clock_timestamp()))
            told["the database"] = (theirs.astimezone(UTC), clock.now())
    for service in patient.installation.services:
        at = patient.network.time_at(service)
        if at is not None:
            told[service] = (at, clock.now())
    newest = None
    with _reading(patient).reading(EVERY_ORGANISATION) as session:
        for house in access.organisations(session):
            last = audit.last(session, house.id)
            newest = last.at if last and (newest is None or last.at > newest) else newest
    yield rules.clocks(told, clock.now(), newest)


def _certificates(patient: Patient) -> Iterator[Finding]:
    if patient.installation.https:
        for host in sorted({*patient.installation.hosts} - rules.LOOPBACK):
            met = urlsplit(f"https://{host.removeprefix('.')}")
            until = patient.network.certificate(met.hostname or "", met.port or HTTPS)
            yield rules.certificate(host, until, patient.place.clock.now())


def _trail(patient: Patient) -> Iterator[Finding]:
    transactions = _reading(patient)
    with transactions.reading(EVERY_ORGANISATION) as session:
        found = [
            (house.name, audit.verify(session, transactions.vault, house.id))
            for house in access.organisations(session)
        ]
    gaps = [f"{name}: {each.gap}" for name, each in found if each.gap is not None]
    whole = rules.trail([each for _, each in found])
    yield Finding("trail", FAILING, gaps[0], UNBROKEN) if gaps else whole


def _anchors(patient: Patient) -> Iterator[Finding]:
    transactions, how = _reading(patient), patient.anchoring
    with transactions.reading(EVERY_ORGANISATION) as session:
        for house in access.organisations(session):
            kept = anchoring.kept(transactions.vault, house.id)
            gap = anchoring.gap(session, kept, how, kept_for=house.id)
            if gap:
                yield Finding("anchors", FAILING, f"{house.name}: {gap}", UNBROKEN)
                return
        last = audit.last_of(session, ANCHORED)
    if how.stamper is None and not how.address:
        do = "set BREACHDESK_ANCHOR_MAIL or BREACHDESK_ANCHOR_URL, or print `trail head`"
        yield Finding("anchors", WARNING, "the trail's head leaves this machine nowhere", do)
    elif last is None:
        yield Finding("anchors", WARNING, "none yet", "let `work` or `run` run for a day")
    elif (how.stamper and not last.details["stamped_by"]) or (
        how.address and not last.details["mailed"]
    ):
        do = "see that the authority answers and the mail leaves"
        yield Finding("anchors", FAILING, "the last was not stamped or mailed as it ought", do)
    else:
        yield Finding("anchors", FINE, f"the last at {last.at.isoformat(timespec='minutes')}")


def _backup(patient: Patient) -> Iterator[Finding]:
    with _reading(patient).reading(EVERY_ORGANISATION) as session:
        last = queries.last_backup(session)
        restored = queries.unchecked_restore(session)
    yield rules.backup(last, patient.place.clock.now())
    if restored is not None:
        do = "look at `breachdesk purge --dry-run`, set the holds that stand, purge by hand"
        yield Finding("restore", WARNING, "nobody has checked the desk since its restore", do)


def _retention(patient: Patient) -> Iterator[Finding]:
    kept = patient.retention
    if rules.too_short(kept, patient.place.clock.now()):
        do = "keep it three years at least: the authority may ask (Art. 33(5) GDPR)"
        yield Finding("retention", WARNING, f"the register is kept {kept.register}", do)
    else:
        yield Finding("retention", FINE, f"register {kept.register}, people {kept.people}")


def _scheduler(patient: Patient) -> Iterator[Finding]:
    secrets = patient.installation.home / "secrets"
    if _someone_leads(patient.place.engine, secrets / "leader.lock"):
        yield Finding("scheduler", FINE, "somebody leads")
    else:
        do = "run `breachdesk run`, or `breachdesk work` beside `breachdesk serve`"
        seen = "no clock is running: no reminder is given and nothing is sent"
        yield Finding(
            "scheduler", FAILING if _held(secrets / "serve.lock") else WARNING, seen, do
        )


def _someone_leads(engine: Engine, lock: Path) -> bool:
    if engine.dialect.name != "postgresql":
        return _held(lock)
    with engine.connect() as connection:
        held = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND objsubid = 1 AND classid = :high AND objid = :low"
        )
        halves = {"high": LEADER >> 32, "low": LEADER & 0xFFFFFFFF}
        return bool(connection.scalar(held, halves))


def _held(lock: Path) -> bool:
    if not lock.exists():
        return False
    try:
        with exclusive(lock, wait=False):
            return False
    except Held:
        return True


def _mail(patient: Patient) -> Iterator[Finding]:
    yield sending.carrier(patient.installation, patient.network)


def _sender(patient: Patient) -> Iterator[Finding]:
    if patient.installation.mail_host is not None:
        yield from sending.sender(patient.installation, patient.network, _reading(patient))


def _reading(patient: Patient) -> Transactions:
    place = patient.place
    return Transactions(place.engine, place.clock, Vault(place.vault, place.masters))
