"""Rules beside the published cases: contradictions, art. 34(3), several data sets, scales."""

from itertools import product
from typing import Any

import pytest

from breachdesk.risk import reading, rules
from breachdesk.risk.rules import data, enisa, level
from breachdesk.risk.terms import (
    Assessment,
    Category,
    Facts,
    Ground,
    Level,
    Relief,
    Role,
    Scale,
)

ORDINARY = {"data_categories": ["identification_contact"], "subjects_count": 5}


def assess(**told: Any) -> Assessment:
    return rules.assess(reading.from_mapping({**ORDINARY, **told}))


class TestContradictions:
    @pytest.mark.parametrize(
        ("told", "field", "expected"),
        [
            (
                {"special_categories": "none", "data_categories": ["health"]},
                "special_categories",
                Level.HIGH,
            ),
            (
                {
                    "exfiltration": "excluded",
                    "publicly_disclosed": True,
                    "data_categories": ["bank_account"],
                },
                "exfiltration",
                Level.HIGH,
            ),
            (
                {"recipient_kind": "none", "exfiltration": "confirmed"},
                "recipient_kind",
                Level.RISK,
            ),
            (
                {"protection": "encrypted", "key_safe": True, "targeted_or_misused": True},
                "protection",
                Level.HIGH,
            ),
            ({"safety_risk": False, "consequences": ["physical_harm"]}, "safety_risk", "high"),
            (
                {"breach_types": ["availability"], "exfiltration": "confirmed"},
                "breach_types",
                Level.RISK,
            ),
            (
                {"recipient_kind": "attacker", "containment": "confirmed"},
                "containment",
                Level.RISK,
            ),
            (
                {"breach_types": ["availability"], "permanent_loss": True, "backup": "full"},
                "backup",
                Level.RISK,
            ),
        ],
    )
    def test_count_at_their_worse_and_are_told(
        self, told: dict[str, Any], field: str, expected: Level
    ) -> None:
        assessment = assess(**told)

        assert assessment.level == expected
        assert field in assessment.contradictions
        assert "contradict" in assessment.reason["en"]
        assert "contredisent" in assessment.reason["fr"]

    def test_are_silent_where_a_default_gave_way(self) -> None:
        assessment = assess(data_categories=["health"], recipient_kind="attacker")

        assert assessment.level is Level.HIGH
        assert assessment.contradictions == ()


class TestReasons:
    def test_exist_for_every_rule_in_both_languages_and_no_other(self) -> None:
        ids = {rule.id for rule in (*level.DISCLOSURE, *level.LOSS, *level.PEOPLE)}

        assert set(data.RULES) == ids
        for row in data.RULES.values():
            assert set(row) == {"level", "likelihood", "fr", "en"}

    def test_name_the_group_that_is_worse_off(self) -> None:
        assessment = assess(
            recipient_kind="known_untrusted",
            subgroups=[{"name": "patients", "data_categories": ["health"]}],
        )

        assert "patients" in assessment.reason["fr"]


class TestCategories:
    def test_are_each_described(self) -> None:
        assert set(data.CATEGORIES) == {category.value for category in Category}
        for row in data.CATEGORIES.values():
            assert 1 <= row["severity"] <= 4
            assert 1 <= row["enisa"]["points"] <= 4


class TestEnisa:
    @pytest.mark.parametrize(
        ("score", "band"),
        [
            (0.25, "low"), (1.75, "low"), (2.0, "medium"), (2.75, "medium"),
            (3.0, "high"), (3.75, "high"), (4.0, "very_high"), (6.0, "very_high"),
        ],
    )  # fmt: skip
    def test_band_begins_at_its_lower_bound(self, score: float, band: str) -> None:
        assert enisa.band(score) == band

    @pytest.mark.parametrize(
        ("malicious", "exfiltration", "kind"),
        [*product([True, False], ["excluded", "confirmed"], ["attacker", "known_untrusted"])],
    )
    def test_score_is_data_times_identification_plus_circumstances(
        self, malicious: bool, exfiltration: str, kind: str
    ) -> None:
        found = assess(
            malicious=malicious, exfiltration=exfiltration, recipient_kind=kind
        ).enisa

        assert found.score == found.data * found.identification + found.circumstances
        assert 0.25 <= found.score <= 6

    def test_flags_stand_beside_the_score(self) -> None:
        few, many = assess(subjects_count=100).enisa, assess(subjects_count=101).enisa

        assert few.score == many.score
        assert (few.flags, many.flags) == ((), ("more_than_100_people",))

    def test_decides_nothing(self) -> None:
        assessment = assess(
            data_categories=["identification_contact", "date_of_birth"],
            subjects_count=100_000,
            cause="stolen_device",
            exfiltration="possible",
        )

        assert (assessment.enisa.band, assessment.level) == ("low", Level.HIGH)


class TestScales:
    def test_keep_severity_apart_from_likelihood(self) -> None:
        kept = assess(
            data_categories=["health"], recipient_kind="internal", containment="confirmed"
        )

        assert (kept.severity, kept.likelihood) == (Scale.MAXIMAL, Scale.NEGLIGIBLE)

    def test_make_a_high_risk_significant_at_least(self) -> None:
        high = assess(vulnerable=["minors"], recipient_kind="attacker")

        assert high.level is Level.HIGH
        assert high.severity.rank >= Scale.SIGNIFICANT.rank

    def test_find_a_page_behind_a_link_less_likely_to_harm_than_one_for_all(self) -> None:
        linked, published = assess(publication="link_only"), assess(publication="published")

        assert linked.likelihood.rank < published.likelihood.rank

    def test_find_nothing_to_fear_from_unreadable_data(self) -> None:
        assert assess(protection="encrypted", key_safe=True).severity is Scale.NEGLIGIBLE


READABLE = Facts()
UNREADABLE = reading.from_mapping({"protection": "encrypted", "key_safe": True})


class TestCheckRelief:
    def test_takes_unreadable_data_that_are_not_lost(self) -> None:
        claim = Relief(Ground.UNINTELLIGIBLE, "AES-256, key in the vault")

        rules.check_relief(UNREADABLE, Level.HIGH, claim)
        with pytest.raises(rules.NoGround, match=r"34\(3\)\(a\)"):
            rules.check_relief(READABLE, Level.HIGH, claim)

    def test_needs_a_reason_and_a_high_risk(self) -> None:
        with pytest.raises(rules.NoGround, match="written reason"):
            rules.check_relief(READABLE, Level.HIGH, Relief(Ground.RISK_REMOVED, " "))
        with pytest.raises(rules.NoGround, match="risk is high"):
            rules.check_relief(READABLE, Level.RISK, Relief(Ground.RISK_REMOVED, "done"))

    def test_only_changes_the_channel_where_the_effort_is_out_of_proportion(self) -> None:
        assert Relief(Ground.DISPROPORTIONATE, "no addresses").public_communication
        assert not Relief(Ground.RISK_REMOVED, "tokens revoked").public_communication


class TestCombined:
    def test_is_nothing_while_nothing_is_signed(self) -> None:
        assert rules.combined([]) is None

    def test_takes_the_worst_and_asks_nothing_of_a_processor(self) -> None:
        found = rules.combined(
            [
                (Level.RISK, Role.CONTROLLER, None, "holder.hostile"),
                (Level.HIGH, Role.PROCESSOR, None, "data.lever"),
            ]
        )

        assert found is not None
        assert (found.level, found.rules) == (Level.HIGH, ("data.lever",))
        assert (found.notify_authority, found.notify_people) == (True, False)

    def test_tells_people_while_one_high_data_set_has_no_relief(self) -> None:
        relieved = (Level.HIGH, Role.CONTROLLER, Relief(Ground.DISPROPORTIONATE, "x"), "r")
        open_ = (Level.HIGH, Role.CONTROLLER, None, "r")

        alone = rules.combined([relieved])
        both = rules.combined([relieved, open_])

        assert alone is not None
        assert both is not None
        assert (alone.notify_people, alone.public_communication) == (False, True)
        assert (both.notify_people, both.public_communication) == (True, True)


class TestChanged:
    def test_names_the_fields_that_differ(self) -> None:
        assert rules.changed({"a": 1, "b": 2}, {"b": 3, "c": 4}) == ("a", "b", "c")
        assert rules.changed({"a": 1}, {"a": 1}) == ()


class TestIsStale:
    def test_minds_what_was_answered_and_not_the_order(self) -> None:
        signed = reading.from_mapping({"vulnerable": ["minors", "patients"], "cause": "outage"})
        same = reading.from_mapping({"cause": "outage", "vulnerable": ["patients", "minors"]})
        other = reading.from_mapping({"cause": "unknown", "vulnerable": ["patients", "minors"]})

        assert not rules.is_stale(rules.digest(signed), same)
        assert rules.is_stale(rules.digest(signed), other)


class TestVocabulary:
    def test_lists_every_field_with_words_that_can_be_read(self) -> None:
        for name, field in rules.vocabulary().items():
            for word in field["words"]:
                told = [word] if field["kind"] == "words" else word

                reading.from_mapping({name: told})

    def test_writes_defaults_that_read_as_if_they_were_left_out(self) -> None:
        told = {
            name: field["default"]
            for name, field in rules.vocabulary().items()
            if field["default"] is not None and field["default"] != "unknown"
        }

        assert rules.assess(reading.from_mapping(told)).level is rules.assess(Facts()).level
