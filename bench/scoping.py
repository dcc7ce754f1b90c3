"""How fast people are found in logs: against plain Python, the bare engine and bare reading.

Run `python bench/scoping.py [--rows N] [--people N] [--format FORMAT] [--growth N]`. All read
the same generated files in the same run, each in a process of its own, and both ends of
every ratio are printed: seconds of the clock, and of the processor, which count where others
work on the same machine. Plain Python and Polars have to find the same people.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from scoping_data import FILES, Sizes, datamap, directory, log, others

Spent = dict[str, float]
WAYS = Path(__file__).parent / "scoping_ways.py"
TARGETS = {
    "csv": (("plain Python", "engine", 12.0), ("engine", "count", 2.2)),
    "ndjson": (("engine", "count", 1.5), ("engine", "gzip", 1.0)),
    "parquet": (("plain Python", "engine", 40.0), ("engine", "columns", 1.5)),
}
"""The slower, the quicker and the ratio: at least for plain Python, at most for the others."""


def spend(way: str, folder: Path, form: str, *more: str) -> Spent:
    """Run one way in a process of its own; return what it took and found."""
    ran = subprocess.run(  # noqa: S603  (our own file)
        [sys.executable, str(WAYS), way, str(folder), form, *more],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    spent: Spent = json.loads(ran.stdout.splitlines()[-1])
    print(
        f"  {way:>14}  {spent['wall']:8.2f} s  {spent['cpu']:8.2f} CPU s  "
        f"{spent['memory']:7.0f} MB  found {spent['found']:,.0f}",
        flush=True,
    )
    return spent


def ratio(label: str, over: Spent, under: Spent, wanted: str) -> None:
    """Print a ratio with both its ends."""
    wall, cpu = over["wall"] / under["wall"], over["cpu"] / under["cpu"]
    print(
        f"  {label:<46} {over['wall']:.2f} / {under['wall']:.2f} s = {wall:.2f}; "
        f"{over['cpu']:.2f} / {under['cpu']:.2f} CPU s = {cpu:.2f}  (wanted {wanted})",
        flush=True,
    )


def compare(folder: Path, sizes: Sizes, form: str, *, slow: bool) -> None:
    """Run every way on one format and print the ratios."""
    path = log(folder, sizes, form)
    print(f"{path.name}: {sizes.rows:,} rows, {path.stat().st_size >> 20} MB", flush=True)
    found = {"count": spend("count", folder, form)}
    if form == "ndjson":
        found["gzip"] = spend("gzip", folder, form)
    found["columns"] = spend("columns", folder, form)
    for way in ("bare", "engine", "measure"):
        found[way] = spend(way, folder, form)
    if slow:
        found["polars"] = spend("polars", folder, form)
        log(folder, sizes, "csv")
        python = "ndjson" if form == "ndjson" else "csv"
        found["plain Python"] = spend("python", folder, python)
        same = {found[way]["found"] for way in ("measure", "polars", "plain Python")}
        assert len(same) == 1, f"they do not find the same people: {same}"
    ratio("whole measure / bare engine query", found["measure"], found["bare"], "<= 1.4")
    for over, under, wanted in TARGETS[form]:
        if over in found and under in found:
            sign = ">=" if over == "plain Python" else "<="
            ratio(f"{over} / {under}", found[over], found[under], f"{sign} {wanted}")
    imported(folder, form, found)


def imported(folder: Path, form: str, found: dict[str, Spent]) -> None:
    """Import the log, ask again, and print the ratios of that."""
    found["import"] = spend("import", folder, form)
    found["imported"] = spend("imported", folder, form)
    ratio("import / measure", found["import"], found["measure"], "< 1 in addition")
    ratio("imported engine / columns", found["imported"], found["columns"], "<= 1.5")
    if "plain Python" in found:
        ratio("plain Python / imported", found["plain Python"], found["imported"], ">= 40")


def growth(folder: Path, sizes: Sizes, times: int) -> None:
    """Measure the same people with a fifth of the rows and with all of them."""
    print(f"growth: {sizes.rows // times:,} to {sizes.rows:,} rows", flush=True)
    with TemporaryDirectory(dir=folder) as name:
        small = Path(name)
        few = Sizes(sizes.rows // times, sizes.people // times)
        directory(small, few)
        datamap(small)
        log(small, few, "parquet")
        little = spend("measure", small, "parquet")
    ratio("times the rows", spend("measure", folder, "parquet"), little, f"<= {1.1 * times:g}")


def main() -> None:
    """Generate, run every way on every format, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--format", choices=FILES, help="only this one")
    parser.add_argument("--growth", type=int, default=5, help="how many times the rows; 0: no")
    parser.add_argument("--everyone", action="store_true", help="everyone in the window too")
    parser.add_argument("--quick", action="store_true", help="without plain Python and Polars")
    parser.add_argument(
        "--copies",
        type=int,
        default=1,
        help="so many Parquet files of so many rows, all unlike",
    )
    parser.add_argument("--folder", type=Path, help="keep the files here, and use them again")
    given = parser.parse_args()
    sizes = Sizes(given.rows, given.people)
    with TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(exist_ok=True)
        directory(folder, sizes)
        datamap(folder)
        if given.copies > 1:
            log(folder, sizes, "parquet")
            others(folder, given.copies)
            spend("measure", folder, "parquet", f"--copies={given.copies}")
            spend("everyone", folder, "parquet", f"--copies={given.copies}")
            return
        for form in [given.format] if given.format else list(FILES):
            compare(folder, sizes, form, slow=not given.quick)
            if given.everyone:
                spend("everyone", folder, form)
        if given.growth:
            log(folder, sizes, "parquet")
            growth(folder, sizes, given.growth)


if __name__ == "__main__":
    main()
