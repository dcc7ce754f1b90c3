"""Puts into our code the faults by which others were broken, and looks who notices.

    python bench/sabotage.py                       # every fault of sabotage.toml
    python bench/sabotage.py --only password       # those with a word in them
    python bench/sabotage.py --workers 2           # each in a clone of its own

Works on clones of what was committed, in a temporary folder. First the tests that are named
must pass there. Then each fault is put in alone, its tests are run, and it is taken out again.
A fault is caught if each of its tests fails; a program that does not even start is no catch.
Tests that know both databases are run on SQLite: the code is the same.

Prints a line for each fault, with the first test that failed and why. Ends with 1 if a fault
was not caught, or if an advisory of tests/cases/advisories.toml has none.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from advisories import TOP, Sabotage, advisories, key, node, sabotages

FAILED = re.compile(r"^FAILED ([^\[\s]+)(?:\[.*?\])?(?: - (.*))?$", re.MULTILINE)
BROKEN = re.compile(r"(?:Attribute|Import|ModuleNotFound|Name|Syntax|Type|UnboundLocal)Error\b")
"""So a test ends where the spoiled code is no program: that is no catch."""
FAILURES = 1
"""How pytest ends if tests ran and some failed; more than that is no verdict."""
SHOWN = 110
"""Characters of a failure that are printed."""


@dataclass(frozen=True)
class Verdict:
    """What the tests said of one fault: which failed, and what speaks against a catch."""

    failed: Sequence[str]
    why: str = ""
    against: str = ""


def run(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module with the interpreter that runs this, inside a clone."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("PY")}
    return subprocess.run(  # noqa: S603  (our own tests, in a clone of ours)
        [sys.executable, "-m", *words], cwd=clone, env=told | {"COLUMNS": "400"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def tested(clone: Path, names: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Run tests in a clone, all of them whatever fails."""
    return run(
        clone, "pytest", "-q", "--tb=no", "-rf", "-p", "no:cacheprovider",
        "-k", "not postgresql", "--basetemp", f"{clone}.tests",
        *dict.fromkeys(map(node, names)),
    )  # fmt: skip


def cloned(folder: Path) -> Path:
    """Return a fresh clone of what was committed, whose code is the one that is imported."""
    subprocess.run(["git", "clone", "-q", str(TOP), str(folder)], check=True)  # noqa: S603, S607  (our own top)
    where = "import breachdesk, sys; sys.exit(breachdesk.__file__)"
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", where], cwd=folder, capture_output=True, text=True, check=False
    )
    if not Path(done.stderr.strip()).is_relative_to(folder.resolve()):
        sys.exit(f"a clone imports {done.stderr.strip()}, which does not lie in it")
    return folder


def put(path: Path, text: str) -> None:
    """Write a file, and forget what was compiled of it."""
    path.write_text(text, "utf-8")
    if path.suffix == ".py":
        Path(cache_from_source(str(path))).unlink(missing_ok=True)


def judged(clone: Path, fault: Sabotage) -> Verdict:
    """Put a fault into a clone, run its tests, and take it out again."""
    path = clone / fault.file
    whole = path.read_text("utf-8")
    if whole.count(fault.found) != 1 or fault.instead == fault.found:
        stands = (
            f"what is to be spoiled stands {whole.count(fault.found)} times in {fault.file}"
        )
        return Verdict((), against=stands)
    put(path, whole.replace(fault.found, fault.instead))
    try:
        return _seen(clone, fault)
    finally:
        put(path, whole)


def _seen(clone: Path, fault: Sabotage) -> Verdict:
    """Say what the tests see of a fault that was put in."""
    if fault.file.endswith(".py"):
        sound = run(clone, "ruff", "check", "-q", "--isolated", "--select", "F821", fault.file)
        if sound.returncode:
            return Verdict((), against=f"the spoiled file is no program: {sound.stdout}")
    done = tested(clone, fault.fails)
    told = FAILED.findall(done.stdout)
    found = {name: why for name, why in reversed(told) if not BROKEN.match(why)}
    missed = [each for each in fault.fails if not _among(node(each), found)]
    against = ""
    if done.returncode != FAILURES:
        against = f"pytest ended with {done.returncode}: {(done.stdout + done.stderr)[-300:]}"
    elif missed:
        against = f"not noticed by {', '.join(missed)}"
    return Verdict(sorted(found), next(iter(found.values()), ""), against)


def _among(test: str, failed: Iterable[str]) -> bool:
    """Tell whether a test, or one of a file of tests, is among those that failed."""
    return any(each == test or each.startswith(f"{test}::") for each in failed)


def tried(clones: "SimpleQueue[Path]", fault: Sabotage) -> bool:
    """Judge a fault in a clone that is free, say what came of it, and if it was caught."""
    clone, began = clones.get(), time.monotonic()
    try:
        verdict = judged(clone, fault)
    finally:
        clones.put(clone)
    took = time.monotonic() - began
    ends = "NOT CAUGHT" if verdict.against else "caught"
    names = ", ".join(each.rpartition("/")[2] for each in verdict.failed)
    print(
        f"{took:5.0f} s  {ends}: {'; '.join(fault.advisory)}",
        f"{fault.what} ({fault.file})",
        verdict.against or f"{names}: {verdict.why[:SHOWN]}",
        sep="\n         ",
        flush=True,
    )
    return not verdict.against


def pass_unspoiled(clone: Path, faults: Iterable[Sabotage]) -> None:
    """Run every test that is named, with no fault put in. Ends the program if one fails."""
    began = time.monotonic()
    done = tested(clone, (name for each in faults for name in each.fails))
    if done.returncode:
        sys.exit(f"the tests fail without any fault:\n{done.stdout}{done.stderr}")
    print(f"{time.monotonic() - began:5.0f} s  unspoiled: {done.stdout.splitlines()[-1]}")


def main() -> int:
    """Try what is asked for; return 1 if a fault was not caught, or an advisory has none."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", default="", help="a word of the advisory, the fault or a test"
    )
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    every = sabotages()
    bare = {key(each) for each in advisories()} - {
        name for each in every for name in each.advisory
    }
    faults = [each for each in every if options.only.casefold() in str(each).casefold()]
    clones: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.workers) as pool:
        first, *others = [cloned(Path(folder) / str(n)) for n in range(options.workers)]
        pass_unspoiled(first, faults)
        for clone in (first, *others):
            clones.put(clone)
        caught = sum(pool.map(lambda fault: tried(clones, fault), faults))
    for name in sorted(bare):
        print(f"no fault is told for {name}")
    print(f"caught {caught} of {len(faults)}")
    return int(bool(bare) or caught < len(faults))


if __name__ == "__main__":
    sys.exit(main())
