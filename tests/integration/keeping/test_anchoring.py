"""A trail cut off at its end shows, even to who holds the database and the vault's head."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from breachdesk.adapters.rfc3161_stamper import Rfc3161Stamper
from breachdesk.audit import queries as audit
from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.datamap import commands as datamaps
from breachdesk.datamap import reading as datamap_reading
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.keeping.errands import anchoring
from breachdesk.keeping.errands.anchoring import Anchoring
from breachdesk.keeping.terms import Head
from breachdesk.kernel.errors import Forbidden, Refused, Unusable
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from conftest import NOW, ORGANISATION, FixedClock
from fakes import NotedMailer
from loopback_tsa import Authority, authority

SILENT = Anchoring()
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("tsa") / "authority") as served:
        yield served


@pytest.fixture(autouse=True)
def honest(tsa: Authority) -> None:
    tsa.way = "honest"


def log(transactions: Transactions, actor: Actor) -> None:
    with transactions.open(actor) as tx:
        incidents.log(tx, IncidentDraft(title="Lost laptop", aware_at=NOW))


def gap(transactions: Transactions, vault: Vault, how: Anchoring = SILENT) -> str:
    with transactions.reading(ORGANISATION) as session:
        kept = anchoring.kept(vault, ORGANISATION)
        return anchoring.gap(session, kept, how, kept_for=ORGANISATION)


class TestAnchor:
    def test_shows_a_cut_that_the_vaults_own_head_was_made_to_hide(
        self,
        transactions: Transactions,
        actor: Actor,
        vault: Vault,
        engine: Engine,
        tsa: Authority,
        clock: FixedClock,
    ) -> None:
        how = Anchoring(Rfc3161Stamper(tsa.url, tsa.roots))
        for _ in range(3):
            log(transactions, actor)
            assert anchoring.anchor(transactions, actor, how) is not None
            clock.pass_time(DAY)
        assert gap(transactions, vault, how) == ""

        with engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_entries WHERE sequence > 3"))
        with transactions.reading(ORGANISATION) as session:
            last = audit.last(session, ORGANISATION)
            assert last is not None
            (vault.folder / "heads" / f"{ORGANISATION}.sealed").unlink()
            vault.keep_head(str(ORGANISATION), last.sequence, last.digest)
            assert audit.verify(session, vault, ORGANISATION).whole

        assert "anchored at entry 4 on 2026-11-21, which is gone" in gap(transactions, vault)

    def test_is_kept_once_a_day_and_only_if_something_happened(
        self, transactions: Transactions, actor: Actor, clock: FixedClock
    ) -> None:
        log(transactions, actor)
        assert anchoring.anchor(transactions, actor, SILENT) is not None
        log(transactions, actor)
        assert anchoring.anchor(transactions, actor, SILENT) is None
        clock.pass_time(DAY)
        assert anchoring.anchor(transactions, actor, SILENT) is not None
        clock.pass_time(DAY)
        assert anchoring.anchor(transactions, actor, SILENT) is None

    def test_is_mailed_where_nobody_of_the_desk_can_delete_it(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        source = datamap_reading.source(shipped("samples") / "leadjet" / "datamap.toml")
        with transactions.open(actor) as tx:
            datamaps.import_map(tx, datamap_reading.parse(source, "datamap.toml"), source)
        mailer = NotedMailer()

        kept = anchoring.anchor(
            transactions, actor, Anchoring(address="notary@elsewhere.example", mailer=mailer)
        )

        assert kept is not None
        assert incident.title not in kept.line()
        [(address, message)] = mailer.messages
        assert address == "notary@elsewhere.example"
        assert kept.line().encode() in message.replace(b"=\r\n", b"").replace(b"=\n", b"")
        with transactions.reading(ORGANISATION) as session:
            last = audit.last(session, ORGANISATION)
        assert last is not None
        assert last.details["mailed"] is True

    @pytest.mark.parametrize(
        ("way", "says"),
        [("down", "answered 503"), ("nonsense", "no time stamp"), ("replay", "does not hold")],
    )
    def test_takes_no_stamp_from_an_authority_that_lies(
        self, tsa: Authority, way: str, says: str
    ) -> None:
        stamper = Rfc3161Stamper(tsa.url, tsa.roots)
        tsa.way = way
        if way == "replay":
            stamper.stamp(b"one")

        with pytest.raises(Refused, match=says):
            stamper.stamp(b"two")

    def test_is_kept_without_a_stamp_when_the_authority_is_down(
        self, transactions: Transactions, actor: Actor, vault: Vault, tsa: Authority
    ) -> None:
        log(transactions, actor)
        tsa.way = "down"

        anchoring.anchor(transactions, actor, Anchoring(Rfc3161Stamper(tsa.url, tsa.roots)))

        [(_, stamp)] = anchoring.kept(vault, ORGANISATION)
        assert stamp is None
        with transactions.reading(ORGANISATION) as session:
            entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
        assert entries[-1].details["stamped_by"] is None


class TestGap:
    def test_notices_a_stamp_of_another_text(
        self,
        transactions: Transactions,
        actor: Actor,
        vault: Vault,
        tsa: Authority,
    ) -> None:
        how = Anchoring(Rfc3161Stamper(tsa.url, tsa.roots))
        log(transactions, actor)
        head = anchoring.anchor(transactions, actor, how)
        assert head is not None
        [path] = (vault.folder / "anchors").rglob("*.json")
        later = Head(head.chain, head.sequence, head.digest, head.at + DAY)
        path.write_text(json.dumps({"line": later.line()}))

        assert "does not hold" in gap(transactions, vault, how)

    @pytest.mark.parametrize(
        ("ending", "said"), [(".tsr", "the stamp of entry"), (".json", "the anchor of entry")]
    )
    def test_misses_what_the_trail_says_was_kept(
        self,
        transactions: Transactions,
        actor: Actor,
        vault: Vault,
        tsa: Authority,
        ending: str,
        said: str,
    ) -> None:
        how = Anchoring(Rfc3161Stamper(tsa.url, tsa.roots))
        log(transactions, actor)
        anchoring.anchor(transactions, actor, how)
        assert gap(transactions, vault, how) == ""

        [path] = (vault.folder / "anchors").rglob(f"*{ending}")
        path.unlink()

        assert gap(transactions, vault, how).startswith(said)

    def test_tells_nobody_what_opens_the_authority(
        self, transactions: Transactions, actor: Actor, tsa: Authority
    ) -> None:
        secret = tsa.url.replace("http://", "http://desk:kelp-41@") + "kelp-42?key=kelp-43"
        stamper = Rfc3161Stamper(secret, tsa.roots)
        log(transactions, actor)
        anchoring.anchor(transactions, actor, Anchoring(stamper))
        with transactions.reading(actor) as session:
            told = [each.details for each in audit.all_of(session, anchoring.ANCHORED)]
        tsa.way = "down"
        with pytest.raises(Refused) as refused:
            stamper.stamp(b"one")

        assert told[0]["stamped_by"] == tsa.url.rstrip("/")
        assert "kelp" not in f"{told} {refused.value}"

    def test_notices_an_entry_that_is_another(
        self, transactions: Transactions, actor: Actor, vault: Vault
    ) -> None:
        log(transactions, actor)
        head = anchoring.anchor(transactions, actor, SILENT)
        assert head is not None
        [path] = (vault.folder / "anchors").rglob("*.json")
        path.write_text(json.dumps({"line": head.line().replace(head.digest, "sha256:0")}))
        assert "is not the one that was anchored" in gap(transactions, vault)

        path.write_text("{}")
        with pytest.raises(Unusable, match="is no anchor"):
            gap(transactions, vault)

    def test_reads_what_was_printed(self, tmp_path: Path) -> None:
        head = Head(ORGANISATION, 7, "sha256:7", NOW)

        assert anchoring.read_line(head.line()) == head
        with pytest.raises(Unusable, match="no head"):
            anchoring.read_line(str(tmp_path))


class TestWhoMayNot:
    def test_keeps_and_mails_nothing_and_is_noted(
        self, transactions: Transactions, actor: Actor, vault: Vault, tsa: Authority
    ) -> None:
        log(transactions, actor)
        nobody = replace(actor, permits=frozenset({"incidents.log"}))
        how = Anchoring(Rfc3161Stamper(tsa.url, tsa.roots))

        with pytest.raises(Forbidden):
            anchoring.anchor(transactions, nobody, how)

        assert list(anchoring.kept(vault, ORGANISATION)) == []
        with transactions.reading(ORGANISATION) as session:
            assert len(audit.all_of(session, "refused")) == 1
        assert anchoring.anchor(transactions, actor, how) is not None  # today is not used up
