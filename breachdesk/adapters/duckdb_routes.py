"""Routes as joins and constant expressions: which paths fit, and what they capture."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from breachdesk.adapters.duckdb_engine import text
from breachdesk.datamap.terms import Pattern, People, Route
from breachdesk.datamap.terms.patterns import Piece, PieceKind
from breachdesk.scoping.terms import Question


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the path of a request fits a route, and the expressions of its keys."""

    test: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the routes have in common that one join tells of paths of so many `segments`.

    Some places, counted from 1, hold captures, and some of these name a person; all others are
    fixed. With `slash` there is one at the end. `about` is what else is told of these routes.
    """

    slash: bool
    segments: int
    captured: tuple[int, ...]
    keys: tuple[int, ...]
    about: str

    @property
    def fixed(self) -> list[int]:
        """Return the places of what does not change."""
        every = range(1, self.segments + 1)
        return [place for place in every if place not in self.captured]


def hits(
    routes: Sequence[Route],
    question: Question,
    table: str,
    columns: str,
    about: Callable[[Route, int], str],
) -> tuple[list[str], int]:
    """Return queries of the rows of a table that fit routes, and how many keys one has at most.

    A query has some columns, the route, what is told `about` it and how many keys it has, and
    the keys. However many routes there are, a path is compared with those of a shape at once.
    """
    shapes: dict[Shape, list[str]] = {}
    fits: list[tuple[str, Fit]] = []
    for number, route in enumerate(routes):
        groups = _captures(route, question)
        told = about(route, len(groups))
        slash = route.match.endswith("/")
        fixed = _fixed(route.pattern)
        if fixed is None:
            path = _path(slash=slash)
            fit = _around(route.pattern, path, groups) or _by_expression(route, path, groups)
            fits.append((f"{number}, {told}", fit))
            continue
        captured = [place for place, each in enumerate(fixed, start=1) if each is None]
        keys = tuple(captured[group - 1] for group in groups)
        shape = Shape(slash, len(fixed), tuple(captured), keys, told)
        there = text("/".join(each for each in fixed if each is not None))
        shapes.setdefault(shape, []).append(f"({there}, {number})")
    several = (*(each.keys for each in shapes), *(fit.keys for _, fit in fits))
    most = max(map(len, several), default=0)
    parts = [_joined(shape, each, table, columns, most) for shape, each in shapes.items()]
    parts += [
        f"SELECT {columns}, {told}{_padded(fit.keys, most)} FROM {table} WHERE {fit.test}"
        for told, fit in fits
    ]
    return parts, most


def _path(*, slash: bool) -> str:
    """Return the column of the path, with a slash at its end or without."""
    return "whole" if slash else "cut"


def _padded(keys: Sequence[str], most: int) -> str:
    missing = ["CAST(NULL AS VARCHAR)"] * (most - len(keys))
    return "".join(f", {each}" for each in (*keys, *missing))


def _fixed(pattern: Pattern) -> list[str | None] | None:
    """Return the segments of a pattern, None for a capture; None if one is neither."""
    segments: list[list[Piece]] = [[]]
    for piece in pattern.pieces:
        if piece.kind is not PieceKind.FIXED:
            segments[-1].append(piece)
            continue
        for place, part in enumerate(piece.text.split("/")):
            if place:
                segments.append([])
            if part:
                segments[-1].append(Piece(PieceKind.FIXED, part))
    if any(len(each) > 1 or _is_wild(each) for each in segments):
        return None
    return [
        None if each and each[0].kind is PieceKind.NAMED else "".join(one.text for one in each)
        for each in segments
    ]


def _is_wild(segment: Sequence[Piece]) -> bool:
    return any(each.kind in {PieceKind.SEGMENT_PART, PieceKind.ANYTHING} for each in segment)


def _joined(shape: Shape, routes: Sequence[str], table: str, columns: str, most: int) -> str:
    """Return the query of the rows that fit routes of one shape."""
    fixed = " || '/' || ".join(f"segments[{place}]" for place in shape.fixed)
    full = "".join(f" AND segments[{place}] <> ''" for place in shape.captured)
    keys = _padded([f"segments[{place}]" for place in shape.keys], most)
    segments = f"string_split({_path(slash=shape.slash)}, '/') AS segments"
    return (
        f"SELECT {columns}, r.route, {shape.about}{keys} "
        f"FROM (SELECT *, {segments} FROM {table}) AS q "
        f"JOIN (VALUES {', '.join(routes)}) AS r(fixed, route) ON {fixed} = r.fixed "
        f"WHERE len(segments) = {shape.segments}{full}"
    )


def _around(pattern: Pattern, path: str, groups: list[int]) -> Fit | None:
    """Return the fit of one capture between fixed texts; None of others."""
    kinds = [piece.kind for piece in pattern.pieces]
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


def applies(route: Route, _keys: int) -> str:
    """Return whether method and status are those of a route; what was not logged is."""
    methods = ", ".join(text(method.upper()) for method in route.methods)
    statuses = " OR ".join(
        f"status BETWEEN {int(each[0])}00 AND {int(each[0])}99"
        if each.lower().endswith("xx")
        else f"status = {int(each)}"
        for each in route.status
    )
    return f"(method IS NULL OR method IN ({methods})) AND (status IS NULL OR {statuses})"
