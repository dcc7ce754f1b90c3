"""What a picture of numbers is made of: shares of a width and of a height, nothing drawn yet.

Pure: a page draws it with `charts.html`, which adds title, description and the table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WHOLE = 100.0
SERIES = 6
"""How many series can be told apart; more belong into a table alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """One series of one row: where it begins and how far it goes, in hundredths."""

    series: int
    start: float
    size: float
    value: float


@dataclass(frozen=True, slots=True)
class Row:
    """One bar, column or point: its label, its parts, its total."""

    label: str
    parts: tuple[Part, ...]
    total: float
    at: float
    """Where its middle stands along the chart, in hundredths."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of numbers: `kind` is bars, columns or line."""

    kind: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    most: float
    """The value at the far end of the scale."""

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to see."""
        return not any(row.total for row in self.rows)

    @property
    def step(self) -> float:
        """Return the room of one row along the chart, in hundredths."""
        return WHOLE / max(len(self.rows), 1)


def bars(
    rows: Sequence[tuple[str, Sequence[float]]],
    series: Sequence[str] = ("",),
    *,
    most: float | None = None,
) -> Chart:
    """Return lying bars, one a row, each of as many parts as there are `series`.

    `most` is the end of the scale, where it is not the longest bar: 100 for per cents.
    Raises ValueError for a row of another number of values, or a negative one.
    """
    return _stacked("bars", rows, series, most)


def columns(
    rows: Sequence[tuple[str, Sequence[float]]],
    series: Sequence[str] = ("",),
    *,
    most: float | None = None,
) -> Chart:
    """Return standing columns, one a step of time, each of as many parts as `series`."""
    return _stacked("columns", rows, series, most)


def line(
    rows: Sequence[tuple[str, Sequence[float]]],
    series: Sequence[str] = ("",),
    *,
    most: float | None = None,
) -> Chart:
    """Return lines by time, one for each of `series`; nothing is added up."""
    _check(rows, series)
    top = _top((value for _, values in rows for value in values), most)
    drawn = tuple(
        Row(
            label,
            tuple(Part(i, 0.0, _share(value, top), value) for i, value in enumerate(values)),
            sum(values),
            WHOLE * number / max(len(rows) - 1, 1),
        )
        for number, (label, values) in enumerate(rows)
    )
    return Chart("line", tuple(series), drawn, top)


def points(chart: Chart, series: int) -> str:
    """Return the points of one line, from the top left, as SVG wants them."""
    return " ".join(
        f"{row.at:g},{round(WHOLE - row.parts[series].size, 2):g}" for row in chart.rows
    )


def _stacked(
    kind: str,
    rows: Sequence[tuple[str, Sequence[float]]],
    series: Sequence[str],
    most: float | None,
) -> Chart:
    _check(rows, series)
    top = _top((sum(values) for _, values in rows), most)
    step = WHOLE / max(len(rows), 1)
    drawn = tuple(
        Row(label, _parts(values, top), sum(values), step * (number + 0.5))
        for number, (label, values) in enumerate(rows)
    )
    return Chart(kind, tuple(series), drawn, top)


def _parts(values: Sequence[float], top: float) -> tuple[Part, ...]:
    parts, reached = [], 0.0
    for number, value in enumerate(values):
        size = _share(value, top)
        parts.append(Part(number, round(reached, 3), size, value))
        reached += size
    return tuple(parts)


def _share(value: float, top: float) -> float:
    return round(WHOLE * min(value / top, 1.0), 3)


def _top(totals: Iterable[float], most: float | None) -> float:
    found = max(totals, default=0.0)
    return float(most if most is not None else found) or 1.0


def _check(rows: Sequence[tuple[str, Sequence[float]]], series: Sequence[str]) -> None:
    if not 1 <= len(series) <= SERIES:
        raise ValueError(f"{len(series)} series; 1 to {SERIES} can be told apart")
    for label, values in rows:
        if len(values) != len(series):
            raise ValueError(f"{label}: {len(values)} values for {len(series)} series")
        if any(value < 0 for value in values):
            raise ValueError(f"{label}: a negative value cannot be drawn")
