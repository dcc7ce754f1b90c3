"""The years of the register: what is counted, and a drawing that is read aloud."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from breachdesk.register import rules
from breachdesk.register.terms import CODES, Row, Sought

SVG = "{http://www.w3.org/2000/svg}"


def row(number: str, **told: Any) -> Row:
    return {
        **dict.fromkeys(CODES),
        "number": number,
        "title": "Fuite",
        "status": "closed",
        "causes": [],
        "sa_decision": "notified",
        "communications": [],
        **told,
    }


LINES = [
    row(
        "BD-2025-0001",
        causes=["external_malicious", "unknown"],
        occurred_from="2025-03-01T00:00:00+00:00",
        detected_at="2025-03-02T06:00:00+00:00",
        sa_on_time=True,
        people_count=100,
        communications=[{"people": 100, "accepted": 60, "delivered": 30}],
    ),
    row(
        "BD-2025-0002",
        occurred_from="2025-03-01T00:00:00+00:00",
        detected_at="2025-03-01T00:30:00+00:00",
        sa_on_time=False,
    ),
    row("BD-2025-0003", status="open", sa_decision="undecided", facts="Une CLÉ perdue"),
    row("BD-2024-0009", sa_decision="not_required", causes=["external_malicious"]),
]


class TestYearly:
    def test_counts_causes_delays_punctuality_and_people(self) -> None:
        later, earlier = rules.yearly(LINES)

        assert (later.year, earlier.year) == (2025, 2024)
        assert (later.lines, later.open) == (3, 1)
        assert later.causes == {"external_malicious": 1, "unknown": 3}
        assert {name: n for name, n in later.delays.items() if n} == {
            "hour": 1,
            "three_days": 1,
            "unknown": 1,
        }
        assert later.median_hours == 15.2
        assert later.punctuality == {"on_time": 1, "late": 1, "waiting": 1, "not_owed": 0}
        assert later.on_time_share == 0.5
        assert (later.affected, later.told, later.not_told) == (100, 90, 10)
        assert earlier.on_time_share is None
        assert earlier.median_hours is None


class TestCharts:
    @pytest.mark.parametrize("year", [0, 1])
    def test_say_in_words_all_that_they_draw(self, year: int) -> None:
        figures = rules.yearly(LINES)[year]
        for chart in rules.charts(figures, rules.FRENCH, {"external_malicious": "A & <B>"}):
            drawing = ET.fromstring(rules.drawn(chart))  # noqa: S314  (our own drawing)
            title, description = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
            assert title is not None
            assert description is not None
            assert drawing.get("role") == "img"
            assert (
                drawing.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
            )
            assert title.text == chart.title
            texts = [each.text for each in drawing.iter(f"{SVG}text")]
            for bar in chart.bars:
                assert bar.name in texts
                assert f"{bar.name}\u00a0: {bar.said}" in (description.text or "")


class TestMeets:
    @pytest.mark.parametrize(
        ("sought", "found"),
        [
            (Sought(), 4),
            (Sought(cause="external_malicious"), 2),
            (Sought(notified=True), 2),
            (Sought(notified=False), 2),
            (Sought(late=True), 1),
            (Sought(text="une clé"), 1),
            (Sought(text="2025-0002"), 1),
        ],
    )
    def test_sifts_by_what_the_line_says(self, sought: Sought, found: int) -> None:
        assert sum(rules.meets(each, sought) for each in LINES) == found
