"""Each thing that can be wrong with an installation is found, and said with what to do."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from breachdesk.adapters.dns_names import DnsNames
from breachdesk.adapters.master_keys import KeyFile
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import reading as datamap_reading
from breachdesk.keeping import commands
from breachdesk.keeping.errands.anchoring import Anchoring
from breachdesk.keeping.errands.backing_up import back_up
from breachdesk.keeping.errands.examining import Patient, examine
from breachdesk.keeping.errands.staging import Place
from breachdesk.keeping.terms import Installation, Retention, State
from breachdesk.kernel.archive import BackupKey
from breachdesk.kernel.locks import LEADER, exclusive
from breachdesk.settings import shipped
from conftest import NOW, FixedClock
from loopback_dns import name_server
from loopback_smtp import certificates

FINE, WARNING, FAILING = State.FINE, State.WARNING, State.FAILING
DOMAIN = "leadjet.io"
GOOD = {
    DOMAIN: ("google-site=1", "v=spf1 include:sendgrid.net -all"),
    f"s1._domainkey.{DOMAIN}": ("v=DKIM1; k=rsa; p=MIIB",),
    f"_dmarc.{DOMAIN}": ("v=DMARC1; p=reject",),
}


@contextmanager
def running(server: HTTPServer) -> Iterator[int]:
    """Serve in a thread while the block runs; yield the port."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


States = Callable[..., dict[str, tuple[State, str]]]


@pytest.fixture
def patient(place: Place, transactions: Transactions, actor: Actor, tmp_path: Path) -> Patient:
    """Return an installation in order: backed up, anchored, with a published sender."""
    home = tmp_path / "home"
    home.chmod(0o700)
    if place.engine.dialect.name == "sqlite":
        Path(place.engine.url.database or "").chmod(0o600)
    source = datamap_reading.source(shipped("samples") / "leadjet" / "datamap.toml")
    with transactions.open(actor) as tx:
        datamaps.import_map(tx, datamap_reading.parse(source, "datamap.toml"), source)
    key = BackupKey(bytes(32), passphrase=False)
    back_up(transactions, actor, home / "x.bak", key, lambda *_: None)
    return Patient(
        installation=Installation(
            home=home,
            listen="127.0.0.1:8437",
            hosts=("desk.leadjet.example",),
            https=True,
            proxy="127.0.0.1",
            mailer="smtp",
            mail_host=None,
            master="a file of the home",
            dkim_selector="s1",
        ),
        place=place,
        network=DnsNames("127.0.0.1", 1),
        retention=Retention(),
        anchoring=Anchoring(),
    )


def states(patient: Patient) -> dict[str, tuple[State, str]]:
    return {each.name: (each.state, each.seen) for each in examine(patient)}


def changed(patient: Patient, **settings: object) -> Patient:
    return replace(patient, installation=replace(patient.installation, **settings))  # type: ignore[arg-type]  # fields by name


class TestExamine:
    def test_finds_nothing_failing_in_an_installation_in_order(self, patient: Patient) -> None:
        lock = patient.installation.home / "secrets" / "leader.lock"
        with exclusive(lock, wait=False), led(patient.place.engine):
            found = [each for each in examine(patient) if each.name != "clock"]

        assert {each.name for each in found if each.state is FAILING} == set()
        assert {each.name for each in found if each.state is WARNING} == {
            "anchors",
            "TLS of desk.leadjet.example",
        }
        assert all(each.do for each in found if each.state is not FINE)

    def test_sees_who_may_look_into_the_home(self, patient: Patient) -> None:
        (patient.installation.home / "secrets" / "master.key").chmod(0o640)

        state, seen = states(patient)["home"]
        assert state is FAILING
        assert "master.key" in seen

    @pytest.mark.parametrize(
        ("settings", "state"),
        [
            ({"https": False}, FAILING),
            ({"listen": "0.0.0.0:80", "https": False, "hosts": ("localhost",)}, FAILING),
            ({"listen": "0.0.0.0:80"}, WARNING),
            ({"hosts": ("localhost",)}, WARNING),
            ({"proxy": ""}, WARNING),
            ({"hosts": ("localhost",), "https": False}, FINE),
        ],
    )
    def test_sees_an_address_without_tls(
        self, patient: Patient, settings: dict[str, object], state: State
    ) -> None:
        assert states(changed(patient, **settings))["address"][0] is state

    def test_sees_a_schema_that_is_not_of_this_program(
        self, patient: Patient, engine: Engine
    ) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

        state, seen = states(patient)["database"]
        assert (state, "is 0001, not" in seen) == (FAILING, True)

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    def test_tells_a_database_or_a_vault_that_is_lost_from_a_home_that_is_new(
        self, patient: Patient
    ) -> None:
        def told(name: str) -> tuple[State, str, str]:
            [found] = [each for each in examine(patient) if each.name == name]
            return found.state, found.seen, found.do

        database, vault = Path(patient.place.engine.url.database or ""), patient.place.vault
        vault.rename(vault.with_suffix(".lost"))
        state, seen, do = told("keys")
        assert (state, seen) == (FAILING, f"{vault} is not there")
        assert "restore the last backup" in do
        assert not vault.exists()
        vault.with_suffix(".lost").rename(vault)

        patient.place.engine.dispose()
        database.write_bytes(b"garbage" * 999)
        assert "keep it as it is" in told("database")[2]
        database.unlink()
        assert "before anything else" in told("database")[2]
        for head in (vault / "heads").iterdir():
            head.unlink()
        assert "sets a home up" in told("database")[2]

    def test_sees_another_master_key_and_none(self, patient: Patient, tmp_path: Path) -> None:
        strange = replace(patient.place, masters=KeyFile(tmp_path / "other.key"))
        assert "no master key" in states(replace(patient, place=strange))["keys"][1]
        strange.masters.read()
        state, seen = states(replace(patient, place=strange))["keys"]
        assert (state, "wrapped by the master key" in seen) == (FAILING, True)

    def test_sees_a_clock_that_was_put_back(self, patient: Patient, clock: FixedClock) -> None:
        clock.pass_time(-timedelta(hours=1))

        state, seen = states(patient)["clock"]
        assert state is FAILING
        assert "yet to come" in seen or "off the clock of the database" in seen

    def test_asks_the_servers_of_others_what_time_it_is(
        self, patient: Patient, clock: FixedClock
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.send_response(404)
                self.end_headers()

            def date_time_string(self, timestamp: float | None = None) -> str:
                del timestamp
                return format_datetime(NOW, usegmt=True)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (its name)
                """Say nothing."""

        with running(HTTPServer(("127.0.0.1", 0), Handler)) as port:
            asked = changed(patient, services=(f"http://127.0.0.1:{port}",))
            agreed = states(asked)["clock"]
            clock.pass_time(timedelta(minutes=2))
            apart = states(asked)["clock"]
        if patient.place.engine.dialect.name == "sqlite":  # else the real one of the database
            assert (agreed[0], f"127.0.0.1:{port}" in agreed[1]) == (FINE, True)
        assert apart[0] is FAILING
        assert "seconds off the clock of" in apart[1]

    def test_sees_a_certificate_that_no_browser_trusts(
        self, patient: Patient, tmp_path: Path
    ) -> None:
        tls = certificates(tmp_path).server
        server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        with running(server) as port:
            found = states(changed(patient, hosts=(f"127.0.0.1:{port}",)))

        state, seen = found[f"TLS of 127.0.0.1:{port}"]
        assert (state, "certificate" in seen or "signed" in seen) == (FAILING, True)

    def test_sees_old_backups_gaps_and_a_restore_nobody_checked(
        self,
        patient: Patient,
        transactions: Transactions,
        actor: Actor,
        clock: FixedClock,
        engine: Engine,
    ) -> None:
        with transactions.open(actor) as tx:
            commands.restore(tx, actor.member_id, "sha256:0", NOW)
        clock.pass_time(timedelta(days=3))
        found = states(patient)
        assert (found["backup"][0], found["restore"][0]) == (WARNING, WARNING)
        clock.pass_time(timedelta(days=9))
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_entries WHERE sequence = 2"))
        found = states(patient)
        assert (found["backup"][0], found["trail"][0]) == (FAILING, FAILING)
        assert "entry 2 is missing" in found["trail"][1]

    def test_sees_that_the_register_is_kept_too_short(self, patient: Patient) -> None:
        short = replace(patient, retention=Retention(register="P30M"))

        assert states(short)["retention"] == (WARNING, "the register is kept P30M")

    def test_sees_a_desk_that_is_served_without_a_clock(self, patient: Patient) -> None:
        assert states(patient)["scheduler"][0] is WARNING
        with exclusive(patient.installation.home / "secrets" / "serve.lock", wait=False):
            assert states(patient)["scheduler"][0] is FAILING

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(
        ("published", "wrong"),
        [
            (GOOD, {}),
            ({}, {"SPF": FAILING, "DKIM": FAILING, "DMARC": FAILING}),
            ({**GOOD, DOMAIN: ("v=spf1 +all",)}, {"SPF": FAILING}),
            ({**GOOD, DOMAIN: ("v=spf1 a -all", "v=spf1 -all")}, {"SPF": FAILING}),
            ({**GOOD, DOMAIN: ("v=spf1 a",)}, {"SPF": WARNING}),
            ({**GOOD, f"s1._domainkey.{DOMAIN}": ("v=DKIM1; p=",)}, {"DKIM": FAILING}),
            ({**GOOD, f"_dmarc.{DOMAIN}": ("v=DMARC1; p=none",)}, {"DMARC": WARNING}),
        ],
    )
    def test_sees_what_the_dns_says_of_the_sender(
        self,
        patient: Patient,
        published: dict[str, tuple[str, ...]],
        wrong: dict[str, State],
        listening: int,
    ) -> None:
        with name_server(published) as port:
            asking = changed(
                replace(patient, network=DnsNames("127.0.0.1", port)),
                mail_host=("127.0.0.1", listening),
            )
            found = states(asking)

        assert found["mail"][0] is FINE
        assert {name: found[f"{name} of {DOMAIN}"][0] for name in ("SPF", "DKIM", "DMARC")} == {
            "SPF": FINE,
            "DKIM": FINE,
            "DMARC": FINE,
            **wrong,
        }

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    def test_says_that_nobody_answers(self, patient: Patient) -> None:
        found = states(changed(patient, mail_host=("127.0.0.1", 1), dkim_selector=""))

        assert found["mail"][0] is FAILING
        assert found[f"SPF of {DOMAIN}"][0] is WARNING


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class led:  # noqa: N801  (read as a word in a with statement)
    """Hold the leader's lock in a database that has one."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()

    def __enter__(self) -> None:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text(f"SELECT pg_advisory_lock({LEADER})"))

    def __exit__(self, *_: object) -> None:
        self._connection.close()
