"""Why each person is on the list: numbers that suffice to find the row, and their words."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachdesk.adapters.duckdb_engine import Engine
from breachdesk.adapters.duckdb_evidence import ROW_BITS
from breachdesk.adapters.duckdb_touches import HOWS, NO_STORE, categories_of, said, stores_of
from breachdesk.adapters.duckdb_values import timestamp
from breachdesk.datamap.terms import DataMap
from breachdesk.scoping.terms import Question

IN_A_STORE = "in a store that the question asks about"
TOUCHED, EXPORTED, LISTED, TAKEN = range(4)
TAKEN_FILE, TAKEN_EXPORT = range(2)
TAKEN_HOWS = ("taken file", "taken export")
"""How a file that was taken named somebody: by its path, or as it held a whole store."""


def write(engine: Engine, question: Question) -> None:
    """Make `reasons`: what is proven of a person, as numbers of files, rows and routes."""
    engine.read(f"""CREATE TABLE reasons AS
WITH exports_first AS (SELECT route, min_by(request, (instant, request)) AS request,
    min(instant) AS instant FROM exports WHERE NOT mixed GROUP BY route),
parts AS (
  SELECT id, {TOUCHED} AS place, route, how, n, first_at AS instant, request FROM ways
  UNION ALL
  SELECT w.id, {EXPORTED}, w.route, {HOWS.index("whole store")}, w.n, e.instant, e.request
  FROM whole AS w JOIN exports_first AS e ON w.route = e.route
  UNION ALL
  SELECT m.id, {LISTED}, NULL, NULL, 1, NULL, m.file * {1 << ROW_BITS} + m.row
  FROM matched AS m SEMI JOIN leaked AS l ON m.id = l.id WHERE m.route IS NULL
  UNION ALL
  SELECT m.id, {TAKEN}, m.route, {TAKEN_FILE}, count(*), NULL,
    min(m.file * {1 << ROW_BITS} + m.row)
  FROM matched AS m SEMI JOIN leaked AS l ON m.id = l.id WHERE m.route IS NOT NULL
  GROUP BY m.id, m.route
  {_taken_whole(question)})
SELECT id, list({{'place': place::UTINYINT, 'route': route::SMALLINT, 'how': how::UTINYINT,
    'n': n::INTEGER, 'instant': instant, 'request': request}}) AS reasons
FROM parts GROUP BY id""")


def _taken_whole(question: Question) -> str:
    """Return the reasons of whole stores that were taken; none without files of exports."""
    if not question.exports:
        return ""
    since = timestamp(question.window.since)
    return f"""UNION ALL
  SELECT s.id, {TAKEN}, t.route, {TAKEN_EXPORT}, t.n, NULL, t.line
  FROM taken_whole AS t JOIN routes AS r ON t.route = r.route
  JOIN members AS s ON r.store = s.store SEMI JOIN leaked AS l ON s.id = l.id
  WHERE s.erased IS NULL OR s.erased >= {since}"""


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers of a list stand for; kept inside the list."""

    files: tuple[str, ...]
    routes: tuple[str, ...]
    categories: tuple[str, ...]
    stores: tuple[str, ...]
    openings: tuple[tuple[int, str, int | None, str | None], ...]
    """For each store that stood open: its number, how, and the request with its instant."""
    route_stores: tuple[int, ...] = ()
    """The number of each route's store, by the number of the route."""

    @classmethod
    def of(cls, engine: Engine, datamap: DataMap, openings: Iterable[Any]) -> "Words":
        """Return the words of a measure."""
        return cls(
            tuple(engine.files),
            tuple(said(datamap)),
            categories_of(datamap),
            stores_of(datamap),
            tuple(
                (store, text, request, None if at is None else _instant(at))
                for store, text, request, at in openings
            ),
            tuple(
                NO_STORE if each.store is None else stores_of(datamap).index(each.store)
                for each in datamap.routes
            ),
        )

    def as_json(self) -> str:
        """Return the words as one text."""
        return json.dumps(
            {name: getattr(self, name) for name in self.__dataclass_fields__},
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "Words":
        """Return what `as_json` said."""
        found = json.loads(text)
        openings = tuple(tuple(each) for each in found.pop("openings"))
        return cls(**{name: tuple(each) for name, each in found.items()}, openings=openings)

    def names(self, of: str, mask: int) -> tuple[str, ...]:
        """Return the sorted names of the categories or stores whose bits are set."""
        return tuple(sorted(n for bit, n in enumerate(getattr(self, of)) if mask >> bit & 1))

    def why(
        self, ring: int, present: int, reasons: list[Mapping[str, Any]] | None
    ) -> tuple[str, ...]:
        """Return the sentences that say why somebody is in a ring."""
        if reasons:
            ordered = sorted(
                (each["place"], each["route"] or 0, self._sentence(each)) for each in reasons
            )
            return tuple(sentence for _, _, sentence in ordered)
        opened = sorted(
            (store, text, "" if request is None else f": {self._place(request, at)}")
            for store, text, request, at in self.openings
            if ring == 1 and present >> store & 1
        )
        return tuple(text + place for _, text, place in opened) or (IN_A_STORE,)

    def _sentence(self, reason: Mapping[str, Any]) -> str:
        request = reason["request"]
        if reason["place"] == LISTED:
            return f"{self._line(request)}: on the list"
        if reason["place"] == TAKEN:
            lines = f" ({reason['n']} lines)" if reason["n"] > 1 else ""
            route, how = self.routes[reason["route"]], TAKEN_HOWS[reason["how"]]
            return f"{self._line(request)}: {route}, {how}{lines}"
        rows = f" ({reason['n']} rows)" if reason["n"] > 1 else ""
        place = self._place(request, _instant(reason["instant"]))
        return f"{place}: {self.routes[reason['route']]}, {HOWS[reason['how']]}{rows}"

    def _line(self, request: int) -> str:
        row = request & ((1 << ROW_BITS) - 1)
        return f"{self.files[request >> ROW_BITS]} line {row}"

    def _place(self, request: int, at: str | None) -> str:
        row = request & ((1 << ROW_BITS) - 1)
        if at is None:  # a line of a list of files
            return self._line(request)
        return f"{self.files[request >> ROW_BITS]} row {row}, {at}"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
