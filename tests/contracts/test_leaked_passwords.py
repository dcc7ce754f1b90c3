"""Passwords that were stolen elsewhere: found in a file of digests, and said to nobody."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breachdesk.adapters.leaked_passwords import LeakedPasswordFile
from breachdesk.kernel.errors import BreachDeskError, Unavailable, Unusable

quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
SECRET = "a sentence of nineteen"


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def written(path: Path, lines: list[str], *, end: str = "\n") -> Path:
    path.write_bytes("".join(f"{each}{end}" for each in sorted(lines)).encode())
    return path


class TestKnows:
    @quick
    @given(
        st.sets(st.text(max_size=12), min_size=1, max_size=40),
        st.text(max_size=12),
        st.sampled_from(["\n", "\r\n"]),
        st.integers(1, 10**9),
    )
    def test_what_is_in_the_file_and_nothing_else(
        self, tmp_path: Path, stolen: set[str], other: str, end: str, count: int
    ) -> None:
        lines = [f"{digest(each)}:{count}" for each in stolen]
        file = LeakedPasswordFile(written(tmp_path / "stolen.txt", lines, end=end))

        assert all(file.knows(each) for each in stolen)
        assert file.knows(other) == (other in stolen)

    def test_the_last_line_without_an_end_and_lines_without_a_count(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "stolen.txt"
        path.write_text("\n".join(sorted(map(digest, ("a", "b", "c")))), "ascii")
        file = LeakedPasswordFile(path)

        assert [file.knows(each) for each in ("a", "b", "c", "d")] == [True, True, True, False]

    @quick
    @given(st.binary(max_size=400))
    def test_comes_to_an_end_whatever_follows_the_first_line(
        self, tmp_path: Path, garbage: bytes
    ) -> None:
        path = tmp_path / "stolen.txt"
        path.write_bytes(f"{digest(SECRET)}:1\n".encode() + garbage)

        assert LeakedPasswordFile(path).knows("nobody has this one") is False


class TestFile:
    @pytest.mark.parametrize(
        "content",
        [b"", b"\n", b"password\n", b"\xff" * 40, digest("x").lower().encode(), b"<html>"],
    )
    def test_that_is_none_of_digests_is_refused_by_name(
        self, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "stolen.txt"
        path.write_bytes(content)

        with pytest.raises(Unusable, match=r"stolen\.txt:1"):
            LeakedPasswordFile(path)
        with pytest.raises(Unusable, match=r"gone\.txt"):
            LeakedPasswordFile(tmp_path / "gone.txt")

    @pytest.mark.parametrize("lose", [Path.unlink, become_a_folder])
    def test_that_is_gone_later_lets_no_password_pass_and_repeats_none(
        self, tmp_path: Path, lose: Callable[[Path], None]
    ) -> None:
        path = written(tmp_path / "stolen.txt", [f"{digest(SECRET)}:1"])
        file = LeakedPasswordFile(path)
        lose(path)

        with pytest.raises(Unavailable) as refusal:
            file.knows(SECRET)
        assert isinstance(refusal.value, BreachDeskError)
        told = f"{refusal.value!r} {refusal.value.__context__!r} {file!r}"
        assert SECRET not in told
        assert digest(SECRET) not in told
