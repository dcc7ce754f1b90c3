import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.datamap.terms.numbers import is_siren, is_siret
from breachdesk.datamap.terms.patterns import Pattern
from breachdesk.kernel.errors import Unusable

LETTERS = "ab1._-%"
fixed = st.text(LETTERS, min_size=1, max_size=4)
segments = st.lists(
    st.one_of(fixed, st.just("*"), st.just("**"), fixed.map(lambda text: text + "*")),
    min_size=1,
    max_size=5,
)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    parts = draw(segments)
    captured = draw(st.sets(st.integers(0, len(parts) - 1), max_size=2))
    for index in captured:
        parts[index] = f"{{name{index}}}"
    return Pattern.read("/" + "/".join(parts))


@st.composite
def fitting(draw: st.DrawFn, pattern: Pattern) -> str:
    """Draw a path that fits the pattern, made from its text and not from its regex."""
    path = ""
    for part in re.findall(r"\{\w+\}|\*\*|\*|[^*{]+", pattern.text):
        if part == "**":
            path += draw(st.text(LETTERS + "/", max_size=6))
        elif part == "*":
            path += draw(st.text(LETTERS, max_size=4))
        elif part.startswith("{"):
            path += draw(fixed)
        else:
            path += part
    return path


class TestPattern:
    @given(st.data())
    def test_fits_every_path_made_after_it(self, data: st.DataObject) -> None:
        pattern = data.draw(patterns())

        assert re.fullmatch(pattern.regex, data.draw(fitting(pattern)))

    @given(st.data())
    def test_captures_whole_segments(self, data: st.DataObject) -> None:
        pattern = data.draw(patterns())
        match = re.fullmatch(pattern.regex, data.draw(fitting(pattern)))

        assert match is not None
        assert len(match.groups()) == len(pattern.captures)
        assert all(group and "/" not in group for group in match.groups())

    @pytest.mark.parametrize(
        ("pattern", "path", "captured"),
        [
            ("/users/{user_id}", "/users/42", ("42",)),
            ("/users/{user_id}", "/users/", None),
            ("/users/{user_id}", "/users/4/2", None),
            ("/users/{user_id}.json", "/users/42.json", ("42",)),
            ("/files/*", "/files/", ()),
            ("/files/*", "/files/a/b", None),
            ("/files/**", "/files/a/b", ()),
            ("/a.b", "/axb", None),
            ("/a+b/(c)", "/a+b/(c)", ()),
            ("**/export", "/v2/x/export", ()),
        ],
    )
    def test_matches_whole_and_exactly(
        self, pattern: str, path: str, captured: tuple[str, ...] | None
    ) -> None:
        match = re.fullmatch(Pattern.read(pattern).regex, path)

        assert (match.groups() if match else None) == captured

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("users", 'does not begin with "/"'),
            ("/users?page={page}", "goes past the path"),
            ("/users/{user id}", "a brace of its own"),
            ("/users/}", "a brace of its own"),
            ("/users/{", "a brace of its own"),
            ("/{id}/{id}", "the same name twice"),
            ("/{first}{second}", "two ways"),
            ("/{first}*", "two ways"),
            ("/***", "two ways"),
        ],
    )
    def test_says_what_is_wrong_with_it(self, text: str, reason: str) -> None:
        with pytest.raises(Unusable, match=re.escape(reason)):
            Pattern.read(text)

    @given(patterns(), st.data())
    def test_covers_only_what_it_fits(self, broad: Pattern, data: st.DataObject) -> None:
        narrow = data.draw(patterns())
        path = data.draw(fitting(narrow))

        assert not broad.covers(narrow) or re.fullmatch(broad.regex, path)

    @given(patterns())
    def test_covers_itself_and_is_covered_by_anything(self, pattern: Pattern) -> None:
        assert pattern.covers(pattern)
        assert Pattern.read("**").covers(pattern)

    @pytest.mark.parametrize(
        ("broad", "narrow", "covers"),
        [
            ("/a/*", "/a/{id}", True),
            ("/a/{id}", "/a/*", False),
            ("/a/{id}", "/a/b", True),
            ("/a/**", "/a/{id}/b", True),
            ("/a/*", "/a/{id}/b", False),
            ("/a/*c", "/a/{id}c", True),
            ("/a/{x}/c", "/a/{y}/c", True),
        ],
    )
    def test_compares_placeholders(self, broad: str, narrow: str, *, covers: bool) -> None:
        assert Pattern.read(broad).covers(Pattern.read(narrow)) is covers


class TestSiren:
    @pytest.mark.parametrize("siren", ["732829320", "123456782", "356000000"])
    def test_knows_a_right_one(self, siren: str) -> None:
        assert is_siren(siren)

    @given(st.integers(0, 99_999_999))
    def test_has_one_last_digit_for_eight_others(self, first: int) -> None:
        assert sum(is_siren(f"{first:08d}{last}") for last in range(10)) == 1

    @given(st.integers(0, 999_999_999), st.integers(0, 8), st.integers(1, 9))
    def test_shows_one_wrong_digit(self, number: int, place: int, by: int) -> None:
        digits = f"{number:09d}"
        wrong = str((int(digits[place]) + by) % 10)

        assert not (is_siren(digits) and is_siren(digits[:place] + wrong + digits[place + 1 :]))

    @given(st.text(max_size=12))
    def test_is_nine_digits_and_nothing_else(self, text: str) -> None:
        assert not is_siren(text) or re.fullmatch("[0-9]{9}", text)

    def test_belongs_to_its_establishments(self) -> None:
        assert is_siret("73282932000074", "732829320")
        assert not is_siret("73282932000075", "732829320")
        assert not is_siret("73282932000074", "123456782")
        assert is_siret("35600000000048", "356000000")
        assert is_siret("35600000049837", "356000000")
