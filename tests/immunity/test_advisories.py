"""The table of advisories names tests that are there, and the page is made from it."""

from pathlib import Path

from advisories import (
    PAGE,
    TOP,
    advisories,
    key,
    named_in,
    node,
    page,
    parsers,
    points,
    sabotages,
)


class TestTable:
    def test_names_tests_that_are_there(self) -> None:
        both = [*advisories(), *parsers()]
        named = {test for each in both for test in each["tests"]}
        missing = []
        for test in named - set(points()):
            path = Path(test.partition("::")[0])
            there = (TOP / path).is_file() and (
                path.as_posix() == test or test in named_in(path)
            )
            missing += [] if there else [test]

        assert missing == []

    def test_has_all_fifteen_points(self) -> None:
        assert list(points()) == [f"P{number:02}" for number in range(1, 16)]

    def test_names_readers_that_are_there(self) -> None:
        assert [each["reads"] for each in parsers() if not (TOP / each["reads"]).exists()] == []

    def test_is_the_page(self) -> None:
        assert PAGE.read_text("utf-8") == page(), "run: python tests/advisories.py"


class TestSabotages:
    """Each fault can be put in; whether it is noticed then, `bench/sabotage.py` shows."""

    def test_show_each_test_of_each_advisory_to_fail(self) -> None:
        shown = {
            (name, test)
            for each in sabotages()
            for name in each.advisory
            for test in each.fails
        }
        told = {(key(each), test) for each in advisories() for test in each["tests"]}

        assert len({key(each) for each in advisories()}) == len(advisories())
        assert shown == told

    def test_spoil_what_stands_there_once(self) -> None:
        for each in sabotages():
            assert (TOP / each.file).read_text("utf-8").count(each.found) == 1, each.what
            assert each.instead != each.found, each.what

    def test_name_tests_that_are_there(self) -> None:
        named = {node(test) for each in sabotages() for test in each.fails}
        files = {Path(test.partition("::")[0]) for test in named}

        assert named <= {test for path in files for test in named_in(path)}
