"""Pictures of numbers: nothing is left out, nothing goes over the edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from breachdesk.faces.web import charts

values = some.floats(min_value=0, max_value=1e9, allow_nan=False)
rows = some.integers(1, charts.SERIES).flatmap(
    lambda count: some.lists(
        some.tuples(some.text(max_size=8), some.lists(values, min_size=count, max_size=count)),
        min_size=1,
        max_size=20,
    )
)


def series_of(given_rows: list[tuple[str, list[float]]]) -> list[str]:
    return [f"s{number}" for number in range(len(given_rows[0][1]))]


class TestStacked:
    @given(rows)
    def test_stays_inside_and_in_proportion(self, told: list[tuple[str, list[float]]]) -> None:
        drawn = charts.bars(told, series_of(told))

        top = max(sum(each) for _, each in told) or 1
        for row, (label, amounts) in zip(drawn.rows, told, strict=True):
            assert row.label == label
            assert row.total == sum(amounts)
            assert [part.value for part in row.parts] == amounts
            end = sum(part.size for part in row.parts)
            assert end <= 100.01
            assert end == pytest.approx(100 * sum(amounts) / top, abs=0.01)

    @given(rows)
    def test_lays_parts_end_to_end(self, told: list[tuple[str, list[float]]]) -> None:
        for row in charts.columns(told, series_of(told)).rows:
            for before, after in zip(row.parts, row.parts[1:], strict=False):
                assert after.start == pytest.approx(before.start + before.size, abs=0.01)

    def test_keeps_the_scale_it_is_given(self) -> None:
        [row] = charts.columns([("2026-11", [50])], most=100).rows

        assert row.parts[0].size == 50

    def test_is_empty_when_there_is_nothing(self) -> None:
        assert charts.bars([]).empty
        assert charts.bars([("a", [0])]).empty
        assert not charts.bars([("a", [1])]).empty


class TestLine:
    def test_goes_from_edge_to_edge(self) -> None:
        drawn = charts.line([("a", [0]), ("b", [5]), ("c", [10])])

        assert charts.points(drawn, 0) == "0,100 50,50 100,0"


class TestRefuses:
    @pytest.mark.parametrize(
        ("told", "series"),
        [
            ([("a", [1, 2])], ["one"]),
            ([("a", [-1])], ["one"]),
            ([("a", [])], []),
            ([("a", [1] * 7)], list("abcdefg")),
        ],
    )
    def test_what_cannot_be_drawn(
        self, told: list[tuple[str, list[float]]], series: list[str]
    ) -> None:
        with pytest.raises(ValueError, match=r"series|negative"):
            charts.bars(told, series)
