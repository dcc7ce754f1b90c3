"""What is odd about an awareness is said; it is refused for nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from breachdesk.incidents import rules

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class TestOddities:
    @pytest.mark.parametrize(
        ("told", "odd"),
        [
            ({}, ()),
            ({"aware_at": NOW}, ()),
            ({"aware_at": NOW + HOUR}, ("future",)),
            ({"aware_at": NOW - 365 * DAY}, ()),
            ({"aware_at": NOW - 366 * DAY}, ("years_old",)),
            ({"aware_at": NOW - HOUR, "started_at": NOW}, ("before_start",)),
            ({"aware_at": NOW - HOUR, "detected_at": NOW}, ("before_detection",)),
            ({"aware_at": NOW, "qualified_at": NOW - HOUR}, ("after_qualification",)),
            ({"aware_at": NOW, "started_at": NOW, "detected_at": NOW}, ()),
        ],
    )
    def test_are_told_one_by_one(
        self, told: dict[str, datetime | None], odd: tuple[str, ...]
    ) -> None:
        assert rules.oddities(told, now=NOW) == odd
        rules.check_instants(told, now=NOW)

    def test_have_words_each(self) -> None:
        everything = {
            "aware_at": NOW + HOUR,
            "started_at": NOW + DAY,
            "detected_at": NOW + DAY,
            "qualified_at": NOW,
        }
        old = rules.oddities({"aware_at": NOW - 800 * DAY}, now=NOW)

        assert {*rules.oddities(everything, now=NOW), *old} == set(rules.ODD)
