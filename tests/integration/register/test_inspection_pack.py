"""The inspection pack: whole as it is handed over, and telling when it no longer is."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from breachdesk.__main__ import run
from references import logged_today

SAMPLES = Path(__file__).parents[3] / "samples" / "leadjet"
REFERENCE = logged_today(1)
MANIFEST, SEAL = "manifest.sha256", "pack.sha256"

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return an unpacked pack of an incident with a draft, and what the trail says of it."""
    place = tmp_path_factory.mktemp("pack")
    (place / "r.txt").write_text("Accusé de réception nº FR-1", "utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BREACHDESK_HOME", str(place / "home"))
        for command in (
            ("datamap", "import", str(SAMPLES / "datamap.toml")),
            ("incident", "log", str(SAMPLES / "incident.toml")),
            ("filing", "draft", REFERENCE, "-o", str(place / "draft.json")),
            ("filing", "draft", REFERENCE, "--form", "edpb-1.0", "-o", str(place / "e.json")),
            (
                "filing",
                "draft",
                REFERENCE,
                "--authority",
                "police",
                "-o",
                str(place / "p.json"),
            ),
            (
                "filing",
                "receipt",
                REFERENCE,
                "--number",
                "FR-1",
                "--file",
                str(place / "r.txt"),
                "--at",
                "2026-11-20T12:00:00+01:00",
            ),
            ("register", "pack", REFERENCE, "-o", str(place / "pack.zip")),
            ("register", "pack", REFERENCE, "-o", str(place / "later.zip")),
        ):
            assert run([*command]) == 0
    for name in ("pack", "later"):
        with zipfile.ZipFile(place / f"{name}.zip") as packed:
            packed.extractall(place / name)
    last = (place / "later" / "trail.jsonl").read_text("utf-8").splitlines()[-1]
    return place / "pack", json.loads(last)


@pytest.fixture
def pack(handed_over: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """Return a copy of the pack, to be altered."""
    return Path(shutil.copytree(handed_over[0], tmp_path / "pack"))


GENESIS = "sha256:" + "0" * 64


def verify(pack: Path, *anchors: str) -> tuple[int, str]:
    """Run the pack's own program as an inspector would: a bare Python, nothing installed."""
    given = (word for each in anchors for word in ("--anchor", each))
    ended = subprocess.run(  # noqa: S603  (our own program, on our own folder)
        [sys.executable, "-I", str(pack / "verify.py"), *given],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def seal_again(pack: Path) -> None:
    """Write the manifest anew, as one would who covers what was altered."""
    made = {MANIFEST, SEAL}
    files = [each for each in pack.rglob("*") if each.is_file() and each.name not in made]
    (pack / MANIFEST).write_text(
        "".join(
            f"{hashlib.sha256(each.read_bytes()).hexdigest()}  "
            f"{each.relative_to(pack).as_posix()}\n"
            for each in files
        ),
        "utf-8",
    )
    digest = hashlib.sha256((pack / MANIFEST).read_bytes()).hexdigest()
    (pack / SEAL).write_text(f"{digest}  {MANIFEST}\n", "utf-8")


def replace(path: str, old: str, new: str, *, covered: bool) -> Change:
    def change(pack: Path) -> None:
        text = (pack / path).read_text("utf-8")
        assert old in text
        (pack / path).write_text(text.replace(old, new), "utf-8")
        if covered:
            seal_again(pack)

    return change


def without_a_line(pack: Path) -> None:
    trail = pack / "trail.jsonl"
    lines = trail.read_text("utf-8").splitlines(keepends=True)
    trail.write_text("".join(reversed(lines)), "utf-8")
    seal_again(pack)


class TestPack:
    def test_is_whole_as_it_is_handed_over(self, pack: Path) -> None:
        code, said = verify(pack)

        assert (code, said.startswith("The pack is whole")) == (0, True)

    def test_holds_what_an_inspector_asks_for(self, pack: Path) -> None:
        files = {
            each.relative_to(pack).as_posix() for each in pack.rglob("*") if each.is_file()
        }

        assert files == {
            "LISEZMOI.txt", "verify.py", MANIFEST, SEAL, "register.json", "register.pdf",
            "chronology.json", "decisions.json", "scope.json", "delivery.json", "tasks.json",
            "delivery/parcels.json",
            "evidence.json", "trail.jsonl", "head.json", "filings/receipts.json",
            "filings/cnil/draft-001.json", "filings/cnil/draft-001.pdf",
            "filings/cnil/draft-002.json", "filings/cnil/draft-002.pdf",
            "filings/cnil/receipt-001.txt", "filings/police/draft-001.json",
            "filings/police/draft-001.pdf", "notices/notices.json",
        }  # fmt: skip
        assert (pack / "filings" / "cnil" / "draft-002.pdf").read_bytes().startswith(b"%PDF")
        register = json.loads((pack / "register.json").read_text("utf-8"))
        assert register["number"] == REFERENCE

    def test_is_named_on_the_trail_by_the_digest_of_its_manifest(
        self, handed_over: tuple[Path, dict[str, Any]]
    ) -> None:
        pack, entry = handed_over
        digest = hashlib.sha256((pack / MANIFEST).read_bytes()).hexdigest()

        assert entry["action"] == "register.export_pack"
        assert entry["details"]["manifest"] == f"sha256:{digest}"

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (
                replace("decisions.json", "{", "{ ", covered=False),
                "decisions.json: was altered",
            ),
            (lambda pack: (pack / "tasks.json").unlink(), "tasks.json: is missing"),
            (
                lambda pack: (pack / "more.txt").write_text("x"),
                "more.txt: is not in the manifest",
            ),
            (
                replace("trail.jsonl", "incidents.log", "incidents.cut", covered=True),
                "was altered",
            ),
            (without_a_line, "is out of order"),
            (
                replace("filings/cnil/draft-001.json", "Leadjet", "Else", covered=True),
                "its digest is not",
            ),
            (
                replace("head.json", '"sequence": ', '"sequence": -', covered=True),
                "goes beyond",
            ),
            (replace("trail.jsonl", '"chain"', '"chains"', covered=True), "cannot be read"),
        ],
    )
    def test_tells_what_was_done_to_it(self, pack: Path, change: Change, said: str) -> None:
        change(pack)

        code, told = verify(pack)

        assert code == 1
        assert said in told

    @pytest.mark.parametrize(
        "cut", [slice(0, -1), slice(1, None), slice(0, 0), slice(0, None, 2)]
    )
    def test_misses_an_entry_of_the_trail_though_every_digest_was_made_anew(
        self, pack: Path, cut: slice
    ) -> None:
        anchor = f"sha256:{hashlib.sha256((pack / MANIFEST).read_bytes()).hexdigest()}"
        assert verify(pack, anchor)[0] == 0
        trail, head = pack / "trail.jsonl", pack / "head.json"
        trail.write_text("".join(trail.read_text("utf-8").splitlines(keepends=True)[cut]))
        seal_again(pack)
        assert "were handed over" in verify(pack)[1]

        told = {**json.loads(head.read_text("utf-8"))}
        told["entries"] = len(trail.read_text("utf-8").splitlines())
        head.write_text(json.dumps(told))
        seal_again(pack)

        assert f"this is not the pack of {anchor}" in verify(pack, anchor)[1]
        assert verify(pack, anchor)[0] == 1

    def test_is_held_to_heads_of_the_trail_that_were_kept_elsewhere(
        self, pack: Path, tmp_path: Path
    ) -> None:
        lines = (pack / "trail.jsonl").read_text("utf-8").splitlines()
        entry, head = json.loads(lines[1]), json.loads((pack / "head.json").read_text("utf-8"))
        other = "01935000-0000-7000-8000-000000000000"
        line = f"{entry['chain']} {entry['sequence']} {{}} 2026-11-20T09:00:00+00:00"
        kept = tmp_path / "heads.txt"
        kept.write_text(f"{line.format(entry['digest'])}\n{other} 1 {GENESIS} 2026-11-20\n")
        beyond = f"{entry['chain']} {head['sequence'] + 1} {GENESIS} 2026-11-20"

        assert verify(pack, str(kept))[0] == 0
        assert "is not the one that was anchored" in verify(pack, line.format(GENESIS))[1]
        assert "was anchored" in verify(pack, beyond)[1]
        assert "says nothing of this pack" in verify(pack, f"{other} 1 {GENESIS} x")[1]
        assert verify(pack, "nothing at all")[0] == 1

    def test_tells_of_each_file_that_was_altered_or_is_gone(self, pack: Path) -> None:
        files = [each for each in sorted(pack.rglob("*")) if each.is_file()]
        for each in files:
            if each.name == "verify.py":
                continue
            kept = each.read_bytes()
            place = each.relative_to(pack).as_posix()
            for at in {0, len(kept) // 2, len(kept) - 1}:
                each.write_bytes(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
                code, said = verify(pack)
                assert code == 1
                assert re.search(rf"{re.escape(place)}(:| was)", said), said
            each.unlink()
            assert verify(pack)[0] == 1
            each.write_bytes(kept)
        assert verify(pack)[0] == 0

    def test_is_verified_where_nothing_else_is(self, pack: Path, tmp_path: Path) -> None:
        bare = tmp_path / "bare"
        shutil.copytree(pack, bare)
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py"],
            cwd=bare,
            env={},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert b"FR-1" in (bare / "filings" / "cnil" / "receipt-001.txt").read_bytes()

    def test_is_checked_by_the_common_tool_as_well(self, pack: Path) -> None:
        for name in (MANIFEST, SEAL):
            for line in (pack / name).read_text("utf-8").splitlines():
                digest, path = line.split("  ")
                assert hashlib.sha256((pack / path).read_bytes()).hexdigest() == digest
