"""Drafting, answering and recording on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transaction, Transactions
from breachdesk.datamap import commands as datamap
from breachdesk.datamap import reading as datamap_reading
from breachdesk.filings import commands, queries, reading, rules
from breachdesk.filings.commands import Receipt
from breachdesk.filings.terms import Draft, Field, Kind
from breachdesk.incidents import commands as incidents
from breachdesk.incidents import queries as incident_queries
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Refused, Unknown, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.obligations import queries as obligations
from breachdesk.obligations.terms import State
from conftest import NOW, FixedClock

ROOT = Path(__file__).parents[3]
FORM = reading.form(ROOT / "templates", "cnil-2023")
LAW = read_packs(None)
LATER = NOW - timedelta(hours=1)


def found(tx: Transaction, incident: Incident) -> Incident:
    """Return the incident as this transaction holds it."""
    return incident_queries.by_reference(tx.session, incident.reference)


def drafted(
    transactions: Transactions, actor: Actor, incident: Incident, kind: Kind = Kind.INITIAL
) -> Draft:
    with transactions.open(actor) as tx:
        return queries.as_draft(
            incident, commands.draft(tx, found(tx, incident), LAW, FORM, kind)
        )


def field(draft: Draft, code: str) -> Field:
    [found] = [each for each in draft.fields if each.code == code]
    return found


def record(
    transactions: Transactions, actor: Actor, incident: Incident, receipt: Receipt
) -> None:
    with transactions.open(actor) as tx:
        commands.record_receipt(tx, found(tx, incident), LAW, FORM, receipt)


class TestDraft:
    def test_of_an_incident_just_logged_lists_what_is_missing(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        draft = drafted(transactions, actor, incident)

        assert draft.number == 1
        assert field(draft, "timeline.aware_at").text == "19/11/2026 à 22:00"
        assert field(draft, "breach.causes").value == ["external_malicious"]
        assert "controller.siren" in [each.code for each in draft.missing]

    def test_takes_the_controller_from_the_data_map(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        source = (ROOT / "samples" / "leadjet" / "datamap.toml").read_text("utf-8")
        with transactions.open(actor) as tx:
            datamap.import_map(tx, datamap_reading.parse(source, "datamap.toml"), source)
        draft = drafted(transactions, actor, incident)

        assert field(draft, "controller.legal_name").text == "Leadjet"
        assert field(draft, "controller.siren").source == "datamap"
        assert field(draft, "contact.email").text == "dpo@leadjet.io"

    def test_quotes_measures_in_french_with_their_time(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            incidents.add_measure(
                tx,
                found(tx, incident),
                MeasureDraft(
                    phase=Phase.AFTER,
                    text={"fr": "Jeton révoqué", "en": "Token revoked"},
                    done_at=LATER,
                ),
            )
        draft = drafted(transactions, actor, incident)

        assert field(draft, "measures.after").text == (
            "– Jeton révoqué (fait le 20/11/2026 à 09:00)"
        )

    def test_that_reads_the_same_is_the_same_draft(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        first = drafted(transactions, actor, incident)

        assert drafted(transactions, actor, incident) == first
        with transactions.open(actor) as tx:
            commands.answer(tx, found(tx, incident), FORM, "people.count", "12")
        again = drafted(transactions, actor, incident)
        assert again.number == 2
        assert again.digest != first.digest

    def test_is_kept_as_it_stood(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        draft = drafted(transactions, actor, incident)
        with transactions.reading(actor.organisation_id) as session:
            [kept] = queries.drafts_of(session, incident.id)
            assert queries.as_draft(incident, kept) == draft
            assert rules.digest(queries.fields_in(kept)) == draft.digest


class TestAnswer:
    def test_stands_before_the_facts_until_withdrawn(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.answer(tx, found(tx, incident), FORM, "breach.causes", "unknown")
        typed = field(drafted(transactions, actor, incident), "breach.causes")
        with transactions.open(actor) as tx:
            commands.withdraw(tx, found(tx, incident), FORM, "breach.causes")
        again = field(drafted(transactions, actor, incident), "breach.causes")

        assert (typed.value, typed.source) == (["unknown"], "typed by Awa Responder")
        assert again.value == ["external_malicious"]

    def test_of_the_same_instant_counts_in_the_order_it_was_typed(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        for told in ("1", "2", "3"):
            with transactions.open(actor) as tx:
                commands.answer(tx, found(tx, incident), FORM, "people.count", told)

        assert field(drafted(transactions, actor, incident), "people.count").value == 3

    def test_is_refused_where_it_does_not_fit_and_nothing_is_kept(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Unusable, match="SIREN"), transactions.open(actor) as tx:
            commands.answer(tx, found(tx, incident), FORM, "controller.siren", "123")
        with transactions.reading(actor.organisation_id) as session:
            assert queries.answers_of(session, incident.id, "cnil") == {}

    def test_cannot_be_withdrawn_where_there_is_none(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Refused), transactions.open(actor) as tx:
            commands.withdraw(tx, found(tx, incident), FORM, "people.count")


class TestConfirm:
    def test_ends_a_proposal_for_as_long_as_it_reads_the_same(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.confirm(tx, found(tx, incident), LAW, FORM, "breach.causes")
        confirmed = field(drafted(transactions, actor, incident), "breach.causes")
        with transactions.open(actor) as tx:
            incidents.tell(tx, found(tx, incident), {"cause": "outage"}, "It was an outage.")
        moved = field(drafted(transactions, actor, incident), "breach.causes")

        assert confirmed.source == "fact, confirmed by Awa Responder"
        assert not confirmed.proposed
        assert moved.proposed

    def test_is_refused_where_nothing_is_proposed(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Refused), transactions.open(actor) as tx:
            commands.confirm(tx, found(tx, incident), LAW, FORM, "timeline.aware_at")


class TestReceipt:
    def test_meets_the_duty_to_notify_at_the_instant_the_authority_took_it(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        drafted(transactions, actor, incident)
        record(transactions, actor, incident, Receipt("FR-1", LATER, "sha256:ab"))
        with transactions.reading(actor.organisation_id) as session:
            [kept] = queries.receipts_of(session, incident.id)
            duties = {each.duty: each for each in obligations.of(session, LAW, incident)}
            actions = [each.action for each in audit.trail_of(session, [incident.id])]

        assert (kept.kind, kept.filed_at) == ("initial", LATER)
        assert duties["gdpr.33.authority"].state is State.MET
        assert duties["gdpr.33.authority"].fulfilled_at == LATER
        assert {"filings.record_receipt", "obligations.fulfil"} <= set(actions)

    def test_is_recorded_once(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        record(transactions, actor, incident, Receipt("FR-1", LATER))
        with pytest.raises(Refused):
            record(transactions, actor, incident, Receipt("FR-1", LATER))

    @pytest.mark.parametrize(
        ("receipt", "error"),
        [
            (Receipt(" ", LATER), Unusable),
            (Receipt("FR-1", NOW + timedelta(seconds=1)), Unusable),
            (Receipt("FR-1", LATER, draft=7), Unknown),
        ],
    )
    def test_is_refused_whole(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        receipt: Receipt,
        error: type[Exception],
    ) -> None:
        with pytest.raises(error):
            record(transactions, actor, incident, receipt)
        with transactions.reading(actor.organisation_id) as session:
            assert not queries.receipts_of(session, incident.id)


class TestComplement:
    def test_lacks_the_earlier_number_until_there_is_one(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        snapshot = drafted(transactions, actor, incident, Kind.COMPLEMENTARY)

        assert snapshot.missing[0].code == "filing.previous_reference"

    def test_carries_the_number_and_says_what_changed(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        clock: FixedClock,
    ) -> None:
        drafted(transactions, actor, incident)
        record(transactions, actor, incident, Receipt("FR-1", LATER))
        clock.pass_time(timedelta(hours=80))
        with transactions.open(actor) as tx:
            commands.answer(tx, found(tx, incident), FORM, "people.count", "12")
        draft = drafted(transactions, actor, incident, Kind.COMPLEMENTARY)
        record(transactions, actor, incident, Receipt("FR-1-C", clock.now()))
        with transactions.reading(actor.organisation_id) as session:
            kinds = [each.kind for each in queries.receipts_of(session, incident.id)]

        assert field(draft, "filing.previous_reference").text == "FR-1"
        assert [change.code for change in draft.changes] == ["people.count"]
        assert not field(draft, "timeline.delay_reasons").required
        assert kinds == ["initial", "complementary"]
