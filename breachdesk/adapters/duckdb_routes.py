"""Routes as constant expressions: which paths fit, and what they capture."""

import re
from dataclasses import dataclass

from breachdesk.adapters.duckdb_engine import text
from breachdesk.datamap.terms import Pattern, People, Route
from breachdesk.datamap.terms.patterns import PieceKind
from breachdesk.scoping.terms import Question


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the path of a request fits a route, and the expressions of its keys."""

    test: str
    keys: tuple[str, ...]


def fit(route: Route, question: Question) -> Fit:
    """Return how a route is told by the paths of requests."""
    path = "whole" if route.match.endswith("/") else "cut"
    groups = _captures(route, question)
    return _around(route.pattern, path, groups) or _by_expression(route, path, groups)


def _around(pattern: Pattern, path: str, groups: list[int]) -> Fit | None:
    """Return the fit of a fixed text, or of one capture between fixed texts; None of others."""
    kinds = [piece.kind for piece in pattern.pieces]
    if kinds == [PieceKind.FIXED]:
        return Fit(f"{path} = {text(pattern.pieces[0].text)}", ())
    if kinds not in (
        [PieceKind.FIXED, PieceKind.NAMED],
        [PieceKind.FIXED, PieceKind.NAMED, PieceKind.FIXED],
    ):
        return None
    before = pattern.pieces[0].text
    after = pattern.pieces[2].text if len(kinds) > 2 else ""  # noqa: PLR2004  (the third piece)
    fixed = len(before) + len(after)
    between = f"substring({path}, {len(before) + 1}, length({path}) - {fixed})"
    tests = [f"starts_with({path}, {text(before)})"]
    if after:
        tests.append(f"ends_with({path}, {text(after)})")
    tests += [f"length({path}) > {fixed}", f"NOT contains({between}, '/')"]
    return Fit(" AND ".join(tests), tuple(between for _ in groups))


def _by_expression(route: Route, path: str, groups: list[int]) -> Fit:
    start = text(re.split(r"[{*]", route.match, maxsplit=1)[0])
    whole = text(f"^{route.pattern.regex}$")
    return Fit(
        f"starts_with({path}, {start}) AND regexp_matches({path}, {whole})",
        tuple(f"regexp_extract({path}, {whole}, {group})" for group in groups),
    )


def _captures(route: Route, question: Question) -> list[int]:
    """Return which captures of a route name a person, counted from 1."""
    if route.people is not People.ONE:
        return []
    names = route.pattern.captures
    own = [each for each in question.directories if each.store == route.store]
    columns = {each.columns["person"] for each in own or question.directories}
    named = [index for index, each in enumerate(names, start=1) if each in columns]
    return named or ([1] if len(names) == 1 else [])


def applies(route: Route) -> str:
    """Return whether method and status are those of a route; what was not logged is."""
    methods = ", ".join(text(method.upper()) for method in route.methods)
    statuses = " OR ".join(
        f"status BETWEEN {int(each[0])}00 AND {int(each[0])}99"
        if each.lower().endswith("xx")
        else f"status = {int(each)}"
        for each in route.status
    )
    return f"(method IS NULL OR method IN ({methods})) AND (status IS NULL OR {statuses})"
