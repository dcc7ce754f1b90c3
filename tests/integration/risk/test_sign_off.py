"""A person signs; what was signed stays, and its fit to the facts is computed on each read."""

from datetime import timedelta
from typing import Any

import pytest

from breachdesk.audit import queries as audit
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.kernel.errors import Forbidden, Unusable
from breachdesk.risk import commands, queries, reading, rules
from breachdesk.risk.terms import Ground, Level, Relief, SignOff

HIGH = reading.from_mapping(
    {"cause": "stolen_token", "data_categories": ["messages_content"], "subjects_count": 9}
)
OURS_AS_PROCESSOR = reading.from_mapping(
    {"role": "processor", "cause": "stolen_token", "data_categories": ["messages_content"]}
)
ORDINARY = reading.from_mapping(
    {"cause": "stolen_token", "data_categories": ["identification_contact"]}
)


class TestSignOff:
    def test_signs_the_facts_of_the_incident(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.sign_off(tx, incident)

        with transactions.reading(actor.organisation_id) as session:
            signed = queries.latest(session, incident.id)
            trail = audit.trail_of(session, [incident.id])
        assert signed is not None
        assert (signed.level, signed.rule) == ("risk", "holder.hostile")
        assert (signed.facts, signed.version) == (incident.facts, 1)
        assert (signed.signed_by, signed.signed_at) == (actor.name, transactions.clock.now())
        assert trail[0].action == "risk.sign_off"
        assert trail[0].details["facts_digest"] == signed.facts_digest

    def test_keeps_every_version(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        for facts in (ORDINARY, HIGH):
            with transactions.open(actor) as tx:
                commands.sign_off(tx, incident, facts)

        with transactions.reading(actor.organisation_id) as session:
            found = [(row.version, row.level) for row in queries.versions(session, incident.id)]
            latest = queries.latest(session, incident.id)
        assert found == [(2, "high"), (1, "risk")]
        assert latest is not None
        assert latest.version == 2

    def test_departs_from_the_rules_for_a_reason_alone(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with (
            pytest.raises(commands.Unreasoned, match="the rules say high"),
            transactions.open(actor) as tx,
        ):
            commands.sign_off(tx, incident, HIGH, SignOff(level=Level.RISK, reason=" "))
        with transactions.open(actor) as tx:
            signed = commands.sign_off(
                tx, incident, HIGH, SignOff(level=Level.RISK, reason="test accounts only")
            )

        assert (signed.level, signed.assessed_level) == ("risk", "high")
        assert (signed.version, signed.override_reason) == (1, "test accounts only")

    def test_keeps_article_34_3_apart_from_the_level(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        claim = SignOff(relief=Relief(Ground.DISPROPORTIONATE, "no address is known"))
        with transactions.open(actor) as tx:
            signed = commands.sign_off(tx, incident, HIGH, claim)
        with (
            pytest.raises(rules.NoGround),
            transactions.open(actor) as tx,
        ):
            commands.sign_off(
                tx, incident, HIGH, SignOff(relief=Relief(Ground.UNINTELLIGIBLE, "hashed"))
            )

        with transactions.reading(actor.organisation_id) as session:
            together = queries.combined(session, incident.id)
        assert (signed.level, signed.relief_ground) == ("high", "c")
        assert together is not None
        assert (together.notify_people, together.public_communication) == (False, True)

    def test_is_refused_to_whoever_may_not(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        reader = Actor(actor.member_id, "Reader", actor.organisation_id, frozenset())

        with pytest.raises(Forbidden), transactions.open(reader) as tx:
            commands.sign_off(tx, incident)


class TestLatest:
    def test_is_the_worst_data_set_that_we_are_controller_of(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.sign_off(tx, incident, HIGH, SignOff(data_set="accounts"))
            commands.sign_off(tx, incident, ORDINARY, SignOff(data_set="newsletter"))
            commands.sign_off(tx, incident, OURS_AS_PROCESSOR, SignOff(data_set="customers"))

        with transactions.reading(actor.organisation_id) as session:
            latest = queries.latest(session, incident.id)
            together = queries.combined(session, incident.id)
            standing = [row.data_set for row in queries.standing(session, incident.id)]
        assert latest is not None
        assert latest.data_set == "accounts"
        assert standing == ["accounts", "customers", "newsletter"]
        assert together is not None
        assert (together.level, together.notify_people) == (Level.HIGH, True)

    def test_is_none_before_anybody_signed(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.reading(actor.organisation_id) as session:
            assert queries.latest(session, incident.id) is None
            assert queries.combined(session, incident.id) is None


class TestCurrent:
    def test_finds_what_changed_since_it_was_signed(
        self, transactions: Transactions, actor: Actor, incident: Incident, clock: Any
    ) -> None:
        with transactions.open(actor) as tx:
            signed = commands.sign_off(tx, incident)
        fresh = queries.current(signed, incident.facts)
        clock.pass_time(timedelta(hours=1))
        with transactions.open(actor) as tx:
            told = tx.session.merge(incident)
            incidents.tell(tx, told, {"data_categories": ["health"]}, "the logs say so")

        stale = queries.current(signed, told.facts)

        assert (fresh.stale, fresh.changed) == (False, ())
        assert (stale.stale, stale.changed) == (True, ("data_categories",))


class TestFit:
    def test_minds_for_a_data_set_only_what_was_told_later(
        self, transactions: Transactions, actor: Actor, incident: Incident, clock: Any
    ) -> None:
        with transactions.open(actor) as tx:
            signed = commands.sign_off(tx, incident, HIGH, SignOff(data_set="accounts"))
        with transactions.reading(actor.organisation_id) as session:
            fresh = queries.fit(session, signed, incident)
        told = incident
        for cause in ("phishing", "stolen_token"):
            clock.pass_time(timedelta(hours=1))
            with transactions.open(actor) as tx:
                told = tx.session.merge(told)
                incidents.tell(tx, told, {"cause": cause, "vulnerable": []}, "the logs say so")

        with transactions.reading(actor.organisation_id) as session:
            stale = queries.fit(session, signed, told)
        clock.pass_time(timedelta(hours=1))
        with transactions.open(actor) as tx:
            told = tx.session.merge(told)
            incidents.tell(tx, told, {"cause": "stolen_credentials"}, "it was no token")
        with transactions.reading(actor.organisation_id) as session:
            restored = queries.fit(session, signed, told)

        assert fresh.stale is False
        assert stale.changed == ("cause", "vulnerable")
        assert restored.changed == ("vulnerable",)


class TestAnswer:
    def test_keeps_the_facts_of_a_data_set_apart_and_says_what_changed(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.answer(tx, incident, "  Payroll  ", {"subjects_count": 40}, "")
            with pytest.raises(Unusable, match="a correction has a reason"):
                commands.answer(tx, incident, "Payroll", {"subjects_count": 41}, " ")
            with pytest.raises(Unusable, match="nothing would change"):
                commands.answer(tx, incident, "Payroll", {"subjects_count": 40}, "")
            with pytest.raises(Unusable, match="name the data set"):
                commands.answer(tx, incident, " ", {"subjects_count": 40}, "")
            with pytest.raises(Unusable, match="nearest"):
                commands.answer(tx, incident, "Payroll", {"subject_count": 40}, "")
            row = commands.answer(tx, incident, "Payroll", {"subjects_count": 41}, "recounted")
            assert (row.number, row.changed) == (2, ["subjects_count"])
        with transactions.reading(actor.organisation_id) as session:
            told = queries.facts_of(session, incident, "Payroll")
            assert told == {**incident.facts, "subjects_count": 41}
            assert queries.facts_of(session, incident, "") == incident.facts

    def test_is_what_a_sign_off_of_the_data_set_rests_on(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.open(actor) as tx:
            commands.answer(tx, incident, "Payroll", {"safety_risk": True}, "")
            row = commands.sign_off(tx, incident, sign=SignOff(data_set="Payroll"))
            assert row.level == "high"
            assert not queries.fit(tx.session, row, incident).stale
            commands.answer(tx, incident, "Payroll", {"vulnerable": ["minors"]}, "")
            fit = queries.fit(tx.session, row, incident)

        assert (fit.stale, fit.changed) == (True, ("vulnerable",))
