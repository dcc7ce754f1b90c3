from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Role
from breachdesk.obligations.rules import gathering

FACTS = read_packs().facts()
ATTACK = "attack_on_information_system"


class TestGather:
    def test_reads_an_attack_from_its_cause(self) -> None:
        found = gathering.gather(FACTS, {}, {"cause": "ransomware"}, None)

        assert found[ATTACK] is True

    def test_reads_that_there_was_none_from_a_slip(self) -> None:
        found = gathering.gather(FACTS, {}, {"cause": "misdirected_email"}, None)

        assert found[ATTACK] is False

    def test_leaves_open_what_the_cause_does_not_tell(self) -> None:
        assert ATTACK not in gathering.gather(FACTS, {}, {"cause": "unknown"}, None)

    def test_puts_what_a_person_told_first(self) -> None:
        found = gathering.gather(FACTS, {ATTACK: False}, {"cause": "ransomware"}, None)

        assert found[ATTACK] is False

    def test_counts_people_by_country_where_a_scope_was_measured(self) -> None:
        found = gathering.gather(FACTS, {}, {}, {"GB": 12, "US": 700})

        assert (found["uk_people"], found["california_residents"]) == (12, 700)
        assert found["swiss_people"] == 0

    def test_counts_nobody_where_none_was(self) -> None:
        assert "uk_people" not in gathering.gather(FACTS, {}, {}, None)


class TestPresume:
    def test_fills_in_only_what_nobody_answered(self) -> None:
        found = gathering.presume(FACTS, {"financial_entity": True})

        assert found["financial_entity"] is True
        assert found["telecom_provider"] is False
        assert found["uk_people"] == 0
        assert "insured" not in found

    def test_takes_the_widest_ring_of_each_country(self) -> None:
        counts = {"by_country": {"FR": {"proven": 3, "reachable": 9}, "GB": {}}}

        assert gathering.people_by_country(counts) == {"FR": 9, "GB": 0}


class TestRoles:
    def test_told_decide_alone(self) -> None:
        found = gathering.roles(["processor"], "controller", ["controller"])

        assert found == {Role.PROCESSOR}

    def test_of_incident_and_affected_stores_count_together(self) -> None:
        found = gathering.roles([], "joint_controller", ["processor"])

        assert found == {Role.CONTROLLER, Role.PROCESSOR}

    def test_are_none_where_nobody_knows(self) -> None:
        assert gathering.roles([], None, []) == frozenset()
        assert gathering.roles([], "unknown", []) == frozenset()


class TestRisk:
    def test_is_the_worst_of_what_we_control(self) -> None:
        signed = [("controller", "risk"), ("joint_controller", "high"), ("processor", "high")]

        assert gathering.worst_risk(signed) == "high"
        assert gathering.worst_risk(signed[:1]) == "risk"

    def test_is_not_known_from_what_we_only_process(self) -> None:
        assert gathering.worst_risk([("processor", "unlikely")]) is None


class TestRelief:
    def test_needs_a_ground_for_each_high_risk_of_ours(self) -> None:
        excused = ("controller", "high", "a", "encrypted")
        open_ = ("controller", "high", None, None)

        assert gathering.relief([excused]) == "GDPR art. 34(3)(a): encrypted"
        assert gathering.relief([excused, open_]) is None
        assert gathering.relief([excused, ("processor", "high", None, None)]) is not None

    def test_by_public_communication_is_none(self) -> None:
        assert gathering.relief([("controller", "high", "c", "too many")]) is None

    def test_is_none_without_a_high_risk(self) -> None:
        assert gathering.relief([("controller", "risk", "a", "encrypted")]) is None
