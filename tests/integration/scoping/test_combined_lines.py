"""Lines of Apache and nginx are cut alike, whichever of two expressions they fit."""

import re

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.adapters import duckdb_combined

words = st.sampled_from(
    ("192.0.2.1", "-", "eve", "e ve", "[x]", "eve [a] [b", 'a"b', "\t", "\u00e9", "\u00a0", "")
)
instants = st.sampled_from(("19/Nov/2026:13:00:00 +0100", "x", "[", "]", ""))
quoted = st.lists(
    st.sampled_from(
        ("GET /users/1 HTTP/1.1", " ", "-", r"\"", "\\\\", "\\", '"', "[a] ", "\u00e9")
    ),
    max_size=4,
).map("".join)
numbers = st.sampled_from(("200", "404", "2xx", "20", "-", "12", ""))
usual = st.builds(
    '{} {} {} [{}] "{}" {} {} "{}" "{}"'.format,
    words, words, words, instants, quoted, numbers, numbers, quoted, quoted,
)  # fmt: skip
lines = usual | st.builds("{}{}".format, usual, quoted) | st.text("a []\"\\-2'", max_size=30)


def cut(line: str) -> dict[str, str]:
    """Return the groups of a line as the engine takes them."""
    of = "(SELECT $1 AS line)"
    groups = ", ".join(
        f"coalesce({duckdb_combined._group(each)}, '')"  # noqa: SLF001  (what `parts` is made of)
        for each in duckdb_combined.COMBINED_GROUPS
    )
    [found] = duckdb.execute(
        f"SELECT {groups} FROM {duckdb_combined.cut(of)}",  # noqa: S608  (our own)
        [line],
    ).fetchall()
    return dict(zip(duckdb_combined.COMBINED_GROUPS, found, strict=True))


@settings(max_examples=400, deadline=None)
@given(line=lines)
def test_are_cut_as_the_whole_expression_says(line: str) -> None:
    whole = re.compile(duckdb_combined.COMBINED, re.ASCII).fullmatch(line)
    groups = whole.groups() if whole else [""] * len(duckdb_combined.COMBINED_GROUPS)

    assert cut(line) == dict(zip(duckdb_combined.COMBINED_GROUPS, groups, strict=True))


def test_a_usual_line_needs_no_second_look() -> None:
    line = '192.0.2.1 - eve [19/Nov/2026:13:00:00 +0100] "GET /u/1 \\"x\\"" 200 - "-" "curl"'
    [(odd,)] = duckdb.execute(
        f"SELECT odd FROM {duckdb_combined.cut('(SELECT $1 AS line)')}",  # noqa: S608  (our own)
        [line],
    ).fetchall()

    assert odd is None
    assert cut(line)["user_agent"] == "curl"
