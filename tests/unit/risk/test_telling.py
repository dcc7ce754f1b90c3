"""What counts as an answer to a question of the interview."""

import pytest

from breachdesk.risk import rules


class TestIsTold:
    @pytest.mark.parametrize("answer", [False, 0, "", [], "high"])
    def test_takes_every_answer_for_one(self, answer: object) -> None:
        assert rules.is_told(answer)

    @pytest.mark.parametrize("answer", [None, "unknown"])
    def test_takes_not_knowing_for_none(self, answer: object) -> None:
        assert not rules.is_told(answer)
