"""Which paths fit which routes, however many: what the engine finds is what each says alone."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import scoping_world as world
from breachdesk.adapters import duckdb_routes
from breachdesk.adapters.duckdb_engine import Engine, text
from breachdesk.datamap.terms import People, Route
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.terms import Question

SEGMENTS = (
    "users",
    "me",
    "a.b",
    "{user_id}",
    "{other}",
    "x-{user_id}",
    "{other}.json",
    "*",
    "**",
    "",
)
PARTS = ("users", "me", "a.b", "a+b", "x-", "x-1", "1.json", ".json", "é", "", "u%2F1", "'")
MATCHES = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=5).map(
    lambda several: "/" + "/".join(several)
)
PATHS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map(
    lambda several: "/" + "/".join(several)
)


def asked(folder: Path) -> Question:
    """Return a question whose directory names people by `user_id`."""
    (folder / "people.csv").write_text("user_id\n")
    directory = {"files": ["people.csv"], "store": "accounts", "map": {"person": "user_id"}}
    said = world.question(directory=[directory], intruder={"token": ["t"]})
    return reading.parse(said, folder / "question.toml", world.datamap())


def is_one(match: str) -> bool:
    """Tell whether a pattern can be read in one way."""
    try:
        return Route(match, People.ONE, "accounts").pattern is not None
    except Unusable:
        return False


def found(folder: Path, routes: list[Route], paths: list[str]) -> set[tuple[str | int, ...]]:
    """Return the path, the route, and the captures that name a person."""
    engine = Engine(folder, [])
    rows = ", ".join(f"({text(path)}, {text(path.removesuffix('/'))})" for path in paths)
    engine.run(f"CREATE TABLE seen AS SELECT * FROM (VALUES {rows}) AS v(whole, cut)")  # noqa: S608  (our own words)
    parts, most = duckdb_routes.hits(
        routes, asked(folder), "seen", "whole", lambda _route, keys: str(keys)
    )
    hits = {
        (path, route, *captured[:keys])
        for path, route, keys, *captured in engine.rows(" UNION ALL ".join(parts))
        if len(captured) == most
    }
    engine.close()
    return hits


def expected(route: Route, number: int, path: str) -> tuple[str | int, ...] | None:
    """Return the same by the route's own expression."""
    cut = path if route.match.endswith("/") else path.removesuffix("/")
    fitting = re.fullmatch(route.pattern.regex, cut)
    if fitting is None:
        return None
    names = route.pattern.captures
    own = [each for each in names if each == "user_id"] or (names if len(names) == 1 else [])
    return (path, number, *(fitting[names.index(each) + 1] for each in own))


@given(
    st.lists(MATCHES.filter(is_one), min_size=1, max_size=8),
    st.lists(PATHS, min_size=1, max_size=12, unique=True),
)
@example(["/users/{user_id}", "/users/{user_id}/", "/users/me"], ["/users/me", "/users/me/"])
@example(["/{user_id}/{other}"], ["/a/b", "/a/", "//b", "/a/b/c"])
@example(["/users", "/users/x-{user_id}"], ["/users", "/users/x-1", "/users/x-"])
def test_together_they_find_what_each_finds_alone(
    tmp_path_factory: pytest.TempPathFactory, matches: list[str], paths: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("routes")
    routes = [Route(match, People.ONE, "accounts") for match in matches]

    hits = found(folder, routes, paths)

    alone = {
        expected(route, number, path) for number, route in enumerate(routes) for path in paths
    }
    assert hits == alone - {None}
