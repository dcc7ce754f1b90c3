"""Every published case gets the answer its authority gave."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from breachdesk.risk import reading, rules

CASES = Path(__file__).parents[2] / "cases"


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((CASES / name).read_text("utf-8"))["cases"]
    return found


PUBLISHED = cases("risk_published.toml")
OURS = cases("risk_ours.toml")


class TestPublished:
    @pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["id"])
    def test_answers_as_the_authority_did(self, case: dict[str, Any]) -> None:
        assessment = rules.assess(reading.from_mapping(case["inputs"]))

        if "authority" in case:
            assert assessment.notify_authority is case["authority"]
        if "people" in case:
            assert assessment.notify_people is (case["people"] and not case.get("strict"))

    @pytest.mark.parametrize(
        "case", [each for each in PUBLISHED if "enisa" in each], ids=lambda case: case["id"]
    )
    def test_scores_as_a_careful_reader_of_enisa_would(self, case: dict[str, Any]) -> None:
        assessment = rules.assess(reading.from_mapping(case["inputs"]))

        assert assessment.enisa.score == case["enisa"]

    def test_departs_from_one_authority_alone(self) -> None:
        assert [case["id"] for case in PUBLISHED if case.get("strict")] == ["PL-MBANK"]


class TestOurs:
    @pytest.mark.parametrize("case", OURS, ids=lambda case: case["id"])
    def test_answers_as_argued_beside_the_case(self, case: dict[str, Any]) -> None:
        assessment = rules.assess(reading.from_mapping(case["inputs"]))

        assert (assessment.level, assessment.rule) == (case["level"], case["rule"])
