import tomllib

import pytest

from breachdesk.law.reading.places import Path, Places, dotted

TEXT = '''\
# a comment with [brackets
title = "a = b" # and "quotes [ "
"quoted key" = 1
dotted.key = 2
[table]
inline = {one = 1, two = [1, 2]}
long = [
    "[[not.a.table]]",
    {a = 1},
]
after_long = 3
text = """
[not.a.table]
key = "no"
"""
after_text = 4
one_line = \'\'\'x\'\'\'
after_one_line = 5
[[list]]
name = 1
[[list.inner]]
name = 2
[[list.inner]]
name = 3
[[list]]
name = 4
[list.sub]
name = 5
'''


class TestPlaces:
    def test_are_of_valid_toml(self) -> None:
        assert set(tomllib.loads(TEXT)) == {"title", "quoted key", "dotted", "table", "list"}

    @pytest.mark.parametrize(
        ("path", "line"),
        [
            (("title",), 2),
            (("quoted key",), 3),
            (("dotted", "key"), 4),
            (("dotted",), 4),
            (("table",), 5),
            (("table", "inline", "two", 1), 6),
            (("table", "long", 1, "a"), 7),
            (("table", "after_long"), 11),
            (("table", "after_text"), 16),
            (("table", "after_one_line"), 18),
            (("list", 0, "name"), 20),
            (("list", 0, "inner", 1, "name"), 24),
            (("list", 1), 25),
            (("list", 1, "missing"), 25),
            (("list", 1, "sub", "name"), 28),
            (("nowhere",), 1),
        ],
    )
    def test_tell_the_line_of_a_key_or_of_what_is_around_it(
        self, path: Path, line: int
    ) -> None:
        assert Places(TEXT).line(path) == line

    def test_find_no_key_inside_a_text(self) -> None:
        assert Places(TEXT).line(("table", "key")) == 5

    def test_are_written_as_people_write_them(self) -> None:
        assert dotted(("list", 1, "sub", "name")) == "list[1].sub.name"
