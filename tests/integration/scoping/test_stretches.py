"""A large packed log is read in stretches: no line is lost, cut or read twice between two."""

import gzip
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoping_world as world
from breachdesk.adapters import evidence_stretches
from breachdesk.adapters.duckdb_population import DuckDBPopulation
from breachdesk.kernel.errors import Unusable
from breachdesk.scoping import reading
from breachdesk.scoping.terms import File, Format, Ring

AT = "2026-11-19T12:00:00Z"
LINE = '{{"ts": "{at}", "t": "{token}", "p": "/users/{key}", "n": "{noise}"}}\n'
NAME = "large.ndjson.gz"


def packed(folder: Path, content: bytes) -> File:
    path = folder / NAME
    path.write_bytes(gzip.compress(content, 1))
    return File(path, NAME)


def question(folder: Path) -> str:
    """Return who of a hundred is touched by a log of that name."""
    people = "".join(f"u{number}\n" for number in range(100))
    (folder / "people.csv").write_text(f"user_id\n{people}")
    log = {"files": [NAME], "format": "ndjson", "map": {"at": "ts", "token": "t", "path": "p"}}
    of = {"files": ["people.csv"], "store": "accounts", "map": {"person": "user_id"}}
    return world.question(evidence=[log], directory=[of], intruder={"token": ["tok"]})


def large(path: Path, rows: int) -> int:
    """Write a log of which every hundred-thousandth row names somebody; return its bytes."""
    dice = random.Random(1)  # noqa: S311  (not a secret)
    noise = [f"{dice.getrandbits(64):016x}{'.' * 180}" for _ in range(1000)]
    size = 0
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as target:
        for row in range(rows):
            named = row % 100_000 == 0
            size += target.write(
                LINE.format(
                    at=AT,
                    token="tok" if named else "x",
                    key=f"u{row // 100_000}" if named else f"nobody{dice.getrandbits(40)}",
                    noise=noise[row % 1000],
                )
            )
    return size


class Watch:
    """Notes how far a measure says it is."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def seen(self, rows: int, of: int) -> None:
        assert rows <= of
        self.rows.append(rows)

    def stopping(self) -> bool:
        return False


class TestStretches:
    @settings(max_examples=200, deadline=None)
    @given(
        lines=st.lists(st.text("ab\r\0\u00e9", max_size=30), max_size=20),
        ended=st.booleans(),
        most=st.integers(1, 100),
        members=st.integers(1, 3),
    )
    def test_are_whole_lines_and_together_the_file(
        self, lines: list[str], *, ended: bool, most: int, members: int
    ) -> None:
        content = "\n".join(lines).encode() + (b"\n" if ended else b"")
        step = len(content) // members + 1
        with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            patch.setattr(evidence_stretches, "STRETCH", most)
            folder = Path(name)
            (folder / NAME).write_bytes(
                b"".join(
                    gzip.compress(content[at : at + step])
                    for at in range(0, len(content) or 1, step)
                )
            )
            parts, done = [], [0.0]
            for stretch in evidence_stretches.unpacked(File(folder / NAME, NAME), folder):
                parts.append(stretch.path.read_bytes())
                done.append(stretch.done)
            left = [each.name for each in folder.iterdir()]

        assert b"".join(parts) == content
        assert all(part.endswith(b"\n") for part in parts[:-1])
        assert all(parts)
        longest = max((len(line) for line in content.split(b"\n")), default=0)
        assert all(len(part) <= 2 * most + longest + 1 for part in parts)
        assert done == sorted(done)
        assert done[-1] in {0.0, 1.0}
        assert left == [NAME]

    def test_do_not_grow_with_a_line_that_is_longer_than_any_may_be(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(evidence_stretches, "STRETCH", 1 << 20)
        monkeypatch.setattr(evidence_stretches, "LONGEST_LINE", 1 << 20)
        file = packed(tmp_path, b"x" * (16 << 20))

        sizes = [
            stretch.path.stat().st_size
            for stretch in evidence_stretches.unpacked(file, tmp_path)
        ]

        assert sum(sizes) == 16 << 20
        assert max(sizes) <= 3 << 20

    @pytest.mark.parametrize(
        ("name", "form", "size", "fits"),
        [
            ("a.ndjson.gz", Format.NDJSON, 8 << 20, True),
            ("a.gz", Format.NDJSON, 8 << 20, True),
            ("a.jsonl.GZ", Format.NDJSON, 8 << 20, True),
            ("a.ndjson.gz", Format.NDJSON, (8 << 20) - 1, False),
            ("a.ndjson.zst", Format.NDJSON, 8 << 20, False),
            ("a.ndjson", Format.NDJSON, 8 << 20, False),
            ("a.csv.gz", Format.CSV, 8 << 20, False),
            ("a.csv.gz", Format.NDJSON, 8 << 20, False),
            ("access.log.2.gz", Format.COMBINED, 8 << 20, True),
        ],
    )
    def test_are_made_of_large_packed_files_of_lines(
        self, tmp_path: Path, name: str, form: Format, size: int, *, fits: bool
    ) -> None:
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)

        assert evidence_stretches.fits(File(tmp_path / name, name), form) is fits


def test_a_log_of_several_stretches_is_read_to_its_end(tmp_path: Path) -> None:
    size = large(tmp_path / NAME, 1_500_001)
    assert size > evidence_stretches.STRETCH
    assert (tmp_path / NAME).stat().st_size >= evidence_stretches.LARGE
    population, watch = DuckDBPopulation(tmp_path / "scoping"), Watch()
    asked = reading.parse(question(tmp_path), tmp_path / "q.toml", world.datamap())

    with population.workplace() as folder:
        found = population.measure(asked, world.datamap(), folder, lambda *_: None, watch)
        people = {
            each.person_key: each for each in population.people(found.people, Ring.PROVEN)
        }
        left = [each.name for each in folder.iterdir() if each.is_file()]

    assert found.counts["rows_read"] == 1_500_001
    assert found.counts["unmatched"]["unread_rows"] == 0
    assert set(people) == {f"u{number}" for number in range(16)}
    for number in range(16):  # the row is that of the file, not of the stretch
        assert f"{NAME} row {number * 100_000 + 1}, " in people[f"u{number}"].why[0]
    assert found.statements.count("INSERT INTO log_0_0\n") == 1
    assert watch.rows == sorted(watch.rows)
    assert sorted(left) == ["held", "people.parquet"]


class TestDamage:
    @pytest.fixture
    def content(self, tmp_path: Path) -> bytearray:
        large(tmp_path / NAME, 700_000)
        content = bytearray((tmp_path / NAME).read_bytes())
        assert len(content) >= evidence_stretches.LARGE
        return content

    def refused(self, folder: Path, content: bytearray) -> str:
        (folder / NAME).write_bytes(content)
        with pytest.raises(Unusable) as refusal:
            world.counts(folder, question(folder))
        assert not list((folder / "scoping").iterdir())
        return str(refusal.value)

    def test_to_the_checksum_is_seen(self, tmp_path: Path, content: bytearray) -> None:
        content[-6] ^= 1

        said = self.refused(tmp_path, content)

        assert said == f"{NAME}: is damaged: its checksum does not fit; fetch it again"

    def test_that_cuts_the_end_off_is_seen(self, tmp_path: Path, content: bytearray) -> None:
        said = self.refused(tmp_path, content[:-1000])

        assert said == f"{NAME}: is cut off or is not gzip; fetch it again, or unpack it"

    def test_that_leaves_no_gzip_is_seen(self, tmp_path: Path, content: bytearray) -> None:
        said = self.refused(tmp_path, content[1:])

        assert said == f"{NAME}: is cut off or is not gzip; fetch it again, or unpack it"
