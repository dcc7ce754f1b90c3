"""The table of advisories names tests that are there, and the page is made from it."""

from pathlib import Path

from advisories import PAGE, TOP, advisories, named_in, page, parsers, points


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
