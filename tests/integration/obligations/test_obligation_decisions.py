"""Obligations follow from rows of other stations, on both databases; decisions are kept."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Forbidden, Refused, Unknown, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Law
from breachdesk.obligations import commands, queries
from breachdesk.obligations.terms import Obligation, State
from breachdesk.risk import commands as risk
from breachdesk.risk.terms import Ground, Level, Relief, SignOff
from breachdesk.scoping import commands as scoping
from breachdesk.scoping.terms import Group, Intruder, Measurement, Question, Ring, Window
from conftest import NOW, FixedClock

LAW = read_packs()
AUTHORITY, PEOPLE = "gdpr.33.authority", "gdpr.34.people"
COMPLAINT, CUSTOMERS = "fr.lopmi.complaint", "gdpr.33.controller"


@pytest.fixture
def owed(
    transactions: Transactions, actor: Actor, incident: Incident
) -> Callable[[], dict[str, Obligation]]:
    """Return what the incident owes, read afresh."""

    def read() -> dict[str, Obligation]:
        with transactions.reading(actor.organisation_id) as session:
            asked = session.get_one(Incident, incident.id)
            return {each.duty: each for each in queries.of(session, LAW, asked)}

    return read


Owed = Callable[[], dict[str, Obligation]]


class TestOf:
    def test_shows_the_worst_case_before_anything_is_signed(self, owed: Owed) -> None:
        found = owed()

        assert {AUTHORITY, PEOPLE, CUSTOMERS, COMPLAINT} <= set(found)
        assert found[AUTHORITY].due == NOW + timedelta(hours=60)
        assert "risk" in found[AUTHORITY].assumed

    def test_leaves_out_what_few_organisations_are_and_can_tell_it(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.reading(actor.organisation_id) as session:
            besides = {e.duty for e in queries.presumed_away(session, LAW, incident)}

        assert "dora.19.initial" in besides
        assert not besides & set(owed())

    def test_counts_the_complaint_from_detection_where_nobody_told_better(
        self, owed: Owed
    ) -> None:
        assert owed()[COMPLAINT].due == NOW + timedelta(hours=59)

    def test_follows_a_corrected_awareness(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        earlier = NOW - timedelta(hours=12, minutes=30)
        with transactions.open(actor) as tx:
            merged = tx.session.merge(incident)
            incidents.correct(tx, merged, {"aware_at": earlier}, "The alert came sooner.")
        with transactions.reading(actor.organisation_id) as session:
            found = {e.duty: e for e in queries.of(session, LAW, merged)}

        assert found[AUTHORITY].due == earlier + timedelta(hours=72)

    def test_drops_what_the_signed_risk_does_not_ask(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            risk.sign_off(
                tx, incident, None, SignOff(level=Level.RISK, reason="Few people, little data.")
            )

        assert AUTHORITY in owed()
        assert PEOPLE not in owed()
        assert CUSTOMERS in owed(), "nobody told the role yet"

    def test_reads_roles_and_countries_from_the_measured_scope(
        self,
        owed: Owed,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        tmp_path: Path,
    ) -> None:
        people = tmp_path / "people"
        people.write_bytes(b"sealed elsewhere")
        group = Group(Ring.PROVEN, "en", "processor", "accounts", ("email_address",), 3)
        question = Question(
            tmp_path, "", Window(NOW, NOW), Intruder(token=("t",)), (), (), (), ()
        )
        counts = {
            "rings": {"proven": 3, "reachable": 3, "population": 3},
            "by_country": {"GB": {"proven": 3}},
            "rows_read": 3,
            "unmatched": {"unread_rows": 0},
        }
        measurement = Measurement(counts, (group,), "sha256:0", "", (), people)
        with transactions.open(actor) as tx:
            scoping.record(tx, incident.id, question, measurement, accept_unread=False)

        found = owed()

        assert {CUSTOMERS, "uk.33.controller"} <= set(found)
        assert AUTHORITY not in found
        assert "ch.24.controller" not in found


class TestFulfil:
    def test_in_time_meets_the_duty_and_starts_what_follows(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.fulfil(tx, incident, AUTHORITY, NOW, "Receipt 2026-1", LAW)

        assert owed()[AUTHORITY].state is State.MET
        assert owed()[AUTHORITY].fulfilled_at == NOW
        assert owed()["cnil.33.complement"].due == NOW + timedelta(hours=72)

    def test_late_stays_late(
        self,
        owed: Owed,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        clock: FixedClock,
    ) -> None:
        clock.pass_time(timedelta(hours=61))
        with transactions.open(actor) as tx:
            commands.explain_delay(tx, incident, LAW, AUTHORITY, "The log was encrypted.")
            commands.fulfil(tx, incident, AUTHORITY, tx.now, "Receipt 2026-1")

        assert owed()[AUTHORITY].state is State.LATE
        assert owed()[AUTHORITY].decided.delay_reason == "The log was encrypted."

    def test_is_seen_at_once_by_who_reads_in_the_same_transaction(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.fulfil(tx, incident, AUTHORITY, NOW, "Receipt 2026-1", LAW)
            found = {e.duty: e for e in queries.of(tx.session, LAW, incident)}

        assert found[AUTHORITY].state is State.MET

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"at": NOW + timedelta(seconds=1)}, "in the future"),
            ({"evidence": "  "}, "needs evidence"),
            ({"duty_code": "gdpr.33.authorities"}, "no duty 'gdpr.33.authorities'"),
        ],
    )
    def test_refuses_what_cannot_be(
        self,
        owed: Owed,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        change: dict[str, Any],
        said: str,
    ) -> None:
        told = {"duty_code": AUTHORITY, "at": NOW, "evidence": "Receipt", "law": LAW, **change}
        with pytest.raises(Unusable, match=said), transactions.open(actor) as tx:
            commands.fulfil(tx, incident, **told)

        assert owed()[AUTHORITY].state is State.OPEN


class TestWaive:
    def test_keeps_the_reason_and_names_the_law_in_the_trail(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "We are not insured.")
        with transactions.reading(actor.organisation_id) as session:
            [entry, *_] = audit.trail_of(session, [incident.id])

        assert owed()[COMPLAINT].state is State.WAIVED
        assert owed()[COMPLAINT].decided.waived_for == "We are not insured."
        assert entry.action == "obligations.waive"
        assert entry.details["law"] == LAW.version

    def test_can_be_taken_back(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "We are not insured.")
        with transactions.open(actor) as tx:
            commands.reopen(tx, incident, LAW, COMPLAINT, "The policy was found.")

        assert owed()[COMPLAINT].state is State.OPEN
        assert owed()[COMPLAINT].decided.waived_for is None

    def test_refuses_what_is_done_or_waived_already(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.fulfil(tx, incident, AUTHORITY, NOW, "Receipt 2026-1", LAW)
            commands.waive(tx, incident, LAW, COMPLAINT, "We are not insured.")

        with pytest.raises(commands.AlreadyDone), transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, AUTHORITY, "A mistake.")
        with pytest.raises(Refused, match="waived already"), transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "Again.")
        with pytest.raises(Refused, match="is not waived"), transactions.open(actor) as tx:
            commands.reopen(tx, incident, LAW, AUTHORITY, "It is done.")

    def test_refuses_a_duty_that_does_not_arise_or_does_not_exist(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(commands.DoesNotArise), transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, "dora.19.initial", "We are no bank.")
        with pytest.raises(Unknown), transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, "gdpr.35", "No such duty.")

    def test_needs_a_reason(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Unusable, match="needs a reason"), transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "\n")

    def test_is_not_for_everyone(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        nobody = Actor(actor.member_id, "Odd Reader", actor.organisation_id, frozenset())

        with pytest.raises(Forbidden), transactions.open(nobody) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "We are not insured.")

    def test_comes_with_a_signed_ground_of_article_34_3(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            risk.sign_off(
                tx,
                incident,
                None,
                SignOff(
                    level=Level.HIGH,
                    reason="Passwords were among the data.",
                    relief=Relief(Ground.RISK_REMOVED, "Every password was reset at once."),
                ),
            )
        people = owed()[PEOPLE]

        assert people.state is State.WAIVED
        assert people.decided.waived_for == (
            "GDPR art. 34(3)(b): Every password was reset at once."
        )


class TestExplainDelay:
    def test_is_refused_where_nothing_is_due(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with pytest.raises(Refused, match="no due instant"), transactions.open(actor) as tx:
            commands.explain_delay(tx, incident, LAW, PEOPLE, "Too many.")


class TestTell:
    def test_of_one_incident_changes_that_one(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        known = NOW - timedelta(hours=20)
        with transactions.open(actor) as tx:
            commands.tell(
                tx,
                incident,
                LAW,
                {"attack_known_at": (known,), "role": ("controller",), "contract_hours": (36,)},
            )

        assert owed()[COMPLAINT].due == known + timedelta(hours=72)
        assert CUSTOMERS not in owed()

    def test_of_the_organisation_stands_for_every_incident(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.tell(tx, None, LAW, {"insured": (False,), "financial_entity": (True,)})

        assert COMPLAINT not in owed()
        assert "dora.19.initial" in owed()

        with transactions.open(actor) as tx:
            commands.tell(tx, incident, LAW, {"insured": (True,)})

        assert COMPLAINT in owed()

    def test_can_be_taken_back(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        for value in ((False,), ()):
            with transactions.open(actor) as tx:
                commands.tell(tx, incident, LAW, {"insured": value})

        assert "insured" in owed()[COMPLAINT].assumed

    def test_for_a_pack_that_is_gone_answers_nothing(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.tell(tx, incident, LAW, {"insured": (False,)})
        fewer = Law((LAW.pack("eu-gdpr"),), "sha256:0")
        with transactions.reading(actor.organisation_id) as session:
            found = queries.facts_of(session, fewer, incident)

        assert "insured" not in found.told

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({}, "no fact"),
            ({"risk": ("high",)}, "assessed and signed off"),
            ({"detected_at": (NOW,)}, "fact of the incident"),
            ({"insured": (True, False)}, "told twice"),
        ],
    )
    def test_refuses_what_is_kept_elsewhere_or_says_nothing(
        self,
        transactions: Transactions,
        actor: Actor,
        incident: Incident,
        facts: dict[str, Any],
        said: str,
    ) -> None:
        with pytest.raises(Unusable, match=said), transactions.open(actor) as tx:
            commands.tell(tx, incident, LAW, facts)


class TestStale:
    def test_is_what_was_waived_on_facts_that_changed(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "no insurer asks for it")
        assert owed()[COMPLAINT].state is State.WAIVED
        with transactions.open(actor) as tx:
            commands.tell(tx, incident, LAW, {"insured": (True,)})

        assert (owed()[COMPLAINT].state, owed()[COMPLAINT].stale_for) == (
            State.STALE,
            ("insured",),
        )
        with transactions.open(actor) as tx:
            commands.waive(tx, incident, LAW, COMPLAINT, "the insurer waived it in writing")
        assert owed()[COMPLAINT].state is State.WAIVED

    def test_is_what_hangs_on_a_risk_signed_before_the_facts_got_worse(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            mine = tx.session.get_one(Incident, incident.id)
            incidents.tell(
                tx,
                mine,
                {
                    "role": "controller",
                    "cause": "misdirected_email",
                    "malicious": False,
                    "data_categories": ["email_address"],
                    "recipient_kind": "trusted_external",
                    "containment": "confirmed",
                },
                "as it seemed",
            )
            risk.sign_off(tx, mine)
        assert not {AUTHORITY, PEOPLE} & set(owed())

        with transactions.open(actor) as tx:
            worse = tx.session.get_one(Incident, incident.id)
            incidents.tell(tx, worse, {"data_categories": ["health"]}, "it was worse")
            incidents.tell(tx, worse, {"recipient_kind": "unknown"}, "nobody knows")
        found = owed()

        assert {found[duty].state for duty in (AUTHORITY, PEOPLE)} == {State.STALE}
        assert found[PEOPLE].stale_for == ("data_categories", "recipient_kind")
        with transactions.open(actor) as tx:
            risk.sign_off(tx, tx.session.get_one(Incident, incident.id))
        assert owed()[PEOPLE].state is State.OPEN

    def test_follows_a_data_set_of_its_own(
        self, owed: Owed, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            risk.answer(tx, incident, "Payroll", {"role": "controller"}, "")
            risk.sign_off(tx, incident, sign=SignOff(data_set="Payroll"))
            assert owed is not None
        level = owed()[AUTHORITY].state
        with transactions.open(actor) as tx:
            risk.answer(tx, incident, "Payroll", {"safety_risk": True}, "")

        assert level is State.OPEN
        assert owed()[PEOPLE].stale_for == ("safety_risk",)
