"""The register on both databases: derived, frozen, reopened."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from breachdesk.adapters.pdf_writer import PdfWriter
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction, Transactions
from breachdesk.filings import commands as filings
from breachdesk.filings import reading
from breachdesk.filings.terms import Kind
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import IncidentDraft
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.obligations import commands as obligations
from breachdesk.register import commands, queries, rules
from breachdesk.register import reading as added
from breachdesk.register.models import RegisterLine
from breachdesk.register.terms import CODES, Row, Sought
from breachdesk.runbooks import commands as runbooks
from breachdesk.runbooks import queries as runbook_queries
from breachdesk.runbooks import reading as runbook_reading
from breachdesk.runbooks import rules as runbook_rules
from conftest import NOW, FixedClock

TOP = Path(__file__).parents[3]
TEMPLATES = TOP / "templates"
FORM = reading.form(TEMPLATES, "cnil-2023")
LAW = read_packs(None)
DUTIES = ("gdpr.33.authority", "gdpr.34.people")


def found(tx: Transaction, incident: Incident) -> Incident:
    """Return the incident as this transaction holds it."""
    return incident_queries.by_reference(tx.session, incident.reference)


def close(tx: Transaction, incident: Incident, lessons: str) -> RegisterLine:
    """Close it, whatever else of the law nobody told the facts of."""
    left = "Aucun fait ne les fait naître."
    return commands.close(tx, found(tx, incident), LAW, FORM, lessons, left_open=left)


def register(transactions: Transactions, actor: Actor, *, drills: bool = False) -> list[Row]:
    with transactions.reading(actor.organisation_id) as session:
        now = transactions.clock.now()
        return list(queries.lines(session, LAW, FORM, now, Sought(drills=drills)))


@pytest.fixture
def settled(transactions: Transactions, actor: Actor, incident: Incident) -> Incident:
    """Return an incident whose two duties were waived for a reason."""
    with transactions.open(actor) as tx:
        for duty in DUTIES:
            obligations.waive(
                tx, found(tx, incident), LAW, duty, "Données chiffrées, clé sûre."
            )
    return incident


class TestLines:
    def test_hold_every_incident_with_every_column(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        [row] = register(transactions, actor)

        assert tuple(row) == CODES
        assert (row["number"], row["status"]) == (incident.reference, "open")
        assert row["sa_decision"] == "undecided"
        assert row["journal"]

    def test_give_the_reason_where_nobody_was_told(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        [row] = register(transactions, actor)

        assert row["number"] == settled.reference
        assert row["sa_decision"] == "not_notified"
        assert row["sa_reason"] == "Données chiffrées, clé sûre."
        assert row["subjects_decision"] == "not_planned"
        assert row["subjects_reason"] == "Données chiffrées, clé sûre."

    def test_say_who_corrected_the_awareness_and_why(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        earlier = NOW - timedelta(hours=12, minutes=30)
        with transactions.open(actor) as tx:
            incidents.correct(
                tx, found(tx, incident), {"aware_at": earlier}, "The call came first."
            )
        [row] = register(transactions, actor)

        assert row["aware_at"] == earlier.isoformat()
        assert (row["aware_decided_by"], row["aware_reason"]) == (
            actor.name,
            "The call came first.",
        )

    def test_leave_drills_out_unless_asked(
        self, transactions: Transactions, actor: Actor
    ) -> None:
        with transactions.open(actor) as tx:
            incidents.log(tx, IncidentDraft(title="Exercice", aware_at=NOW, drill=True))

        assert register(transactions, actor) == []
        assert [row["drill"] for row in register(transactions, actor, drills=True)] == [True]


class TestClose:
    def test_freezes_the_line(
        self,
        transactions: Transactions,
        actor: Actor,
        settled: Incident,
        clock: FixedClock,
    ) -> None:
        with transactions.open(actor) as tx:
            line = close(tx, settled, "Raccourcir la vie des jetons.")
        [row] = register(transactions, actor)
        clock.pass_time(timedelta(days=400))

        assert register(transactions, actor) == [row]
        assert rules.digest(row) == line.digest
        assert (row["status"], row["closed_at"]) == ("closed", NOW.isoformat())
        assert row["lessons"] == "Raccourcir la vie des jetons."

    def test_waits_for_the_duties_of_the_gdpr(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        waits = pytest.raises(commands.DutiesWait, match=r"gdpr\.33\.authority")
        with waits, transactions.open(actor) as tx:
            close(tx, incident, "Rien.")
        assert register(transactions, actor)[0]["status"] == "open"

    def test_is_refused_with_the_list_of_what_is_open(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            book = runbook_reading.read_all(TOP / "runbooks")
            fitting = runbook_rules.matching(book, found(tx, settled).facts)
            assert fitting is not None
            runbooks.start(tx, found(tx, settled), fitting)
        waits = pytest.raises(commands.DutiesWait, match="still has open")
        with waits as refused, transactions.open(actor) as tx:
            commands.close(tx, found(tx, settled), LAW, FORM, "Rien.")
        with transactions.reading(actor.organisation_id) as session:
            tasks = runbook_queries.tasks_of(session, settled.id)
        assert tasks
        for name in ("gdpr.33.controller", *(f"{each.runbook}/{each.step}" for each in tasks)):
            assert name in str(refused.value)

    def test_keeps_what_was_left_open_and_why(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            close(tx, settled, "Rien.")
        [row] = register(transactions, actor)

        assert "gdpr.33.controller" in str(row["left_open"])
        assert row["left_open_reason"] == "Aucun fait ne les fait naître."

    def test_takes_a_reason_for_each_and_one_for_the_rest(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with transactions.reading(actor.organisation_id) as session:
            facts = queries.facts_of_many(session, LAW, FORM, [settled], NOW)[settled.id]
            first, rest = queries.still_open(session, settled, facts)
        assert (first, "gdpr.33.controller" in rest, len(rest) > 1) == ((), True, True)
        own = {"gdpr.33.controller": "Prévenus par leur contact."}
        waits = pytest.raises(commands.DutiesWait, match=re.escape(rest[0]))
        with waits as refused, transactions.open(actor) as tx:
            commands.close(tx, found(tx, settled), LAW, FORM, "Rien.", left_open=own)
        assert "gdpr.33.controller" not in str(refused.value)
        strange = {"": "Rien.", "gdpr.33.nobody": "Inconnue."}
        with pytest.raises(Unusable, match=r"gdpr\.33\.nobody"), transactions.open(actor) as tx:
            commands.close(tx, found(tx, settled), LAW, FORM, "Rien.", left_open=strange)
        with transactions.open(actor) as tx:
            reasons = {"": "Sans objet.", **own}
            commands.close(tx, found(tx, settled), LAW, FORM, "Rien.", left_open=reasons)
        [row] = register(transactions, actor)

        assert row["left_open"] == [*rest]
        assert row["left_open_reason"] == (
            "Sans objet.\ngdpr.33.controller: Prévenus par leur contact."
        )

    def test_leaves_the_two_of_the_gdpr_open_for_no_reason_at_all(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        waits = pytest.raises(commands.DutiesWait, match=r"gdpr\.34\.people")
        with waits, transactions.open(actor) as tx:
            close(tx, incident, "Rien.")

    def test_wants_lessons(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with pytest.raises(Unusable), transactions.open(actor) as tx:
            close(tx, settled, " ")

    def test_happens_once(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            close(tx, settled, "Rien.")
        with pytest.raises(Refused), transactions.open(actor) as tx:
            close(tx, settled, "Rien.")


class TestReopen:
    def test_derives_the_line_again_and_keeps_the_frozen_one(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            frozen = close(tx, settled, "Rien.")
        with transactions.open(actor) as tx:
            commands.reopen(tx, found(tx, settled), "Une archive est apparue.")
        [row] = register(transactions, actor)
        with transactions.reading(actor.organisation_id) as session:
            [kept] = queries.frozen_lines(session, settled.id)

        assert (row["status"], row["lessons"]) == ("open", "")
        assert (kept.digest, kept.reopened_for) == (frozen.digest, "Une archive est apparue.")

    def test_wants_a_reason_and_a_closed_incident(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        with pytest.raises(Refused), transactions.open(actor) as tx:
            commands.reopen(tx, found(tx, settled), "Pourquoi pas.")
        with transactions.open(actor) as tx:
            close(tx, settled, "Rien.")
        with pytest.raises(Unusable), transactions.open(actor) as tx:
            commands.reopen(tx, found(tx, settled), " ")


class TestExportPack:
    def test_gathers_the_same_files_on_both_databases_and_records_it(
        self, transactions: Transactions, actor: Actor, settled: Incident
    ) -> None:
        layout = reading.layout(TEMPLATES, FORM, "typ")
        stationery = commands.Stationery(
            forms={FORM.id: FORM},
            layouts={FORM.id: layout},
            register="register/register.typ",
            files=added.stationery(TEMPLATES),
        )
        with transactions.open(actor) as tx:
            kept = found(tx, settled)
            filings.draft(tx, kept, LAW, FORM, Kind.INITIAL)
        with transactions.open(actor) as tx:
            kept = found(tx, settled)
            files = commands.export_pack(tx, kept, LAW, FORM, PdfWriter(TEMPLATES), stationery)
        with transactions.reading(actor.organisation_id) as session:
            trail = queries.trail_of(session, incident_queries.by_id(session, settled.id))

        assert trail[-1]["details"] == {
            "manifest": rules.sha256(files[rules.MANIFEST]),
            "files": len(files),
        }
        assert files["filings/cnil/draft-001.pdf"].startswith(b"%PDF")
        assert json.loads(files["register.json"])["sa_reason"] == "Données chiffrées, clé sûre."
        assert b"Donn\xc3\xa9es chiffr\xc3\xa9es" in files["decisions.json"]
        assert (
            rules.manifest(
                {k: v for k, v in files.items() if k not in {rules.MANIFEST, rules.SEAL}}
            )
            == files[rules.MANIFEST]
        )

    def test_is_the_same_archive_for_the_same_files(self) -> None:
        files = {"b.txt": b"two", "a/a.txt": b"one"}

        assert rules.archive(files, NOW) == rules.archive(dict(reversed(files.items())), NOW)
