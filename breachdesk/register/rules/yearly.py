"""Counting a year of the register: causes, delays, filings on time, people told."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from statistics import median

from breachdesk.register.terms import Row, Yearly

DELAYS = (
    ("hour", timedelta(hours=1)),
    ("day", timedelta(days=1)),
    ("three_days", timedelta(days=3)),
    ("week", timedelta(days=7)),
    ("month", timedelta(days=30)),
    ("longer", timedelta.max),
)
"""The bands of detection delay: from the beginning of a breach to its first sign."""
UNKNOWN = "unknown"
_ACCEPTED = ("accepted", "delivered")


def year_of(row: Row) -> int:
    """Return the year that a line's number is of."""
    return int(str(row["number"]).split("-")[-2])


class Years:
    """Counts lines by year as they pass, one at a time."""

    def __init__(self) -> None:
        """Begin with no line."""
        self._years: dict[int, _Count] = {}

    def passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows as they come, and count each."""
        for row in rows:
            self._years.setdefault(year_of(row), _Count()).add(row)
            yield row

    def figures(self) -> tuple[Yearly, ...]:
        """Return the figures of each year that has a line, the latest first."""
        return tuple(self._years[year].figures(year) for year in sorted(self._years)[::-1])

    @property
    def lines(self) -> int:
        """Return how many lines have passed."""
        return sum(each.lines for each in self._years.values())


def yearly(rows: Iterable[Row]) -> tuple[Yearly, ...]:
    """Return the figures of each year that has a line, the latest first."""
    years = Years()
    for _ in years.passing(rows):
        pass
    return years.figures()


def by_month(rows: Iterable[Row]) -> tuple[tuple[str, int, int], ...]:
    """Return each month of awareness with how many filings were owed, and how many in time.

    Months of which nothing was owed are left out; what still waits is not counted.
    """
    owed: Counter[str] = Counter()
    in_time: Counter[str] = Counter()
    for row in rows:
        stands, aware = _punctual(row), row["aware_at"]
        if stands in {"on_time", "late"} and isinstance(aware, str):
            owed[aware[:7]] += 1
            in_time[aware[:7]] += stands == "on_time"
    return tuple((month, owed[month], in_time[month]) for month in sorted(owed))


class _Count:
    """Adds lines up, one at a time."""

    def __init__(self) -> None:
        self.lines, self.open, self.affected, self.told, self.not_told = 0, 0, 0, 0, 0
        self.causes: Counter[str] = Counter()
        self.delays: Counter[str] = Counter()
        self.punctuality: Counter[str] = Counter()
        self.hours: list[float] = []

    def add(self, row: Row) -> None:
        self.lines += 1
        self.open += row["status"] == "open"
        causes = row["causes"]
        self.causes.update(
            map(str, causes if isinstance(causes, list) and causes else [UNKNOWN])
        )
        self.punctuality[_punctual(row)] += 1
        affected = row["people_count"]
        self.affected += affected if isinstance(affected, int) else 0
        letters = row["communications"]
        for letter in letters if isinstance(letters, list) else ():
            if isinstance(letter, dict):
                told = sum(int(letter.get(name) or 0) for name in _ACCEPTED)
                self.told += told
                self.not_told += int(letter.get("people") or 0) - told
        self._delay(row)

    def _delay(self, row: Row) -> None:
        began, seen = row["occurred_from"], row["detected_at"]
        if not (isinstance(began, str) and isinstance(seen, str)):
            self.delays[UNKNOWN] += 1
            return
        took = max(datetime.fromisoformat(seen) - datetime.fromisoformat(began), timedelta())
        self.hours.append(took / timedelta(hours=1))
        self.delays[next(name for name, most in DELAYS if took <= most)] += 1

    def figures(self, year: int) -> Yearly:
        on_time, late = self.punctuality["on_time"], self.punctuality["late"]
        due = on_time + late
        return Yearly(
            year=year,
            lines=self.lines,
            open=self.open,
            causes=dict(self.causes.most_common()),
            delays={name: self.delays[name] for name in [*(n for n, _ in DELAYS), UNKNOWN]},
            median_hours=round(median(self.hours), 1) if self.hours else None,
            punctuality={
                name: self.punctuality[name]
                for name in ("on_time", "late", "waiting", "not_owed")
            },
            on_time_share=round(on_time / due, 4) if due else None,
            affected=self.affected,
            told=self.told,
            not_told=self.not_told,
        )


def _punctual(row: Row) -> str:
    """Return how the notification of one line stands: told, late, waiting or not owed."""
    on_time = row.get("sa_on_time")
    if isinstance(on_time, bool):
        return "on_time" if on_time else "late"
    return "waiting" if row["sa_decision"] in {"to_notify", "undecided"} else "not_owed"
