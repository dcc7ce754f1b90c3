"""What is computed when somebody looks is what it always was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from breachdesk.law.reading import read_packs
from breachdesk.obligations import rules
from breachdesk.obligations.terms import BreachFacts

LAW = read_packs(None)
AWARE = datetime(2026, 11, 20, 8, tzinfo=UTC)


def breach(hours: int = 0, zone: str = "Europe/Paris") -> BreachFacts:
    return BreachFacts(aware_at=AWARE + timedelta(hours=hours), zone=ZoneInfo(zone))


class TestArisingEach:
    def test_answers_as_one_by_one(self) -> None:
        many = [breach(hours, zone) for hours in (0, 9, 900) for zone in ("UTC", "Asia/Tokyo")]

        assert list(rules.arising_each(many, LAW)) == [
            rules.arising(each, LAW) for each in many
        ]


class TestExplanation:
    def test_is_there_in_two_languages_and_no_other(self) -> None:
        explanation = rules.arising(breach(), LAW)[0].explanation

        assert list(explanation) == ["fr", "en"]
        assert len(explanation) == 2
        assert dict(explanation) == {each: explanation[each] for each in ("fr", "en")}
        with pytest.raises(KeyError):
            explanation["de"]

    def test_says_where_no_calendar_is_at_hand(self) -> None:
        [authority] = [
            each
            for each in rules.arising(breach(zone="UTC"), LAW)
            if each.duty == "gdpr.33.authority"
        ]

        assert authority.readings.working_days_touched is None
        assert authority.readings.hour_rounded is not None
        assert (
            "No calendar of public holidays is at hand for UTC" in authority.explanation["en"]
        )
