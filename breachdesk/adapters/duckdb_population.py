"""The scoping engine: DuckDB, imported only when a question is asked."""

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from breachdesk.adapters import evidence_files, evidence_looks
from breachdesk.adapters.plain_paths import PlainPaths
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel.locks import Held, exclusive
from breachdesk.scoping.terms import (
    Change,
    Comparison,
    File,
    Import,
    Log,
    Measurement,
    Person,
    Progress,
    Question,
    Ring,
    Sample,
    Watch,
)

HELD = "held"
LINKS = "links"


class DuckDBPopulation:
    """Finds people in files with DuckDB, in a sandbox and a private folder."""

    def __init__(self, folder: Path) -> None:
        """Work in folders made under `folder`."""
        self._folder = folder

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Yield a private folder that is gone, with all that is in it, after the block.

        What a process that was killed left behind goes first.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as held:
            with exclusive(self._folder.with_suffix(".lock"), wait=True):
                self._sweep()
                folder = Path(tempfile.mkdtemp(dir=self._folder)).resolve()
                held.callback(shutil.rmtree, folder, ignore_errors=True)
                held.enter_context(exclusive(folder / HELD, wait=True))
            yield folder

    def _sweep(self) -> None:
        """Remove the folders that no living process holds."""
        for left in self._folder.iterdir():
            try:
                with exclusive(left / HELD, wait=False):
                    shutil.rmtree(left, ignore_errors=True)
            except Held:
                continue

    def measure(
        self,
        question: Question,
        datamap: DataMap,
        folder: Path,
        progress: Progress,
        watch: Watch | None = None,
    ) -> Measurement:
        """Answer the question, leaving the list of people in `folder`.

        Raises Unusable for a file that cannot be read to its end or lacks a column, Stopped
        when the `watch` says so.
        """
        from breachdesk.adapters import (  # noqa: PLC0415  (heavy to import)
            duckdb_measure,
            duckdb_prepare,
        )

        started = time.perf_counter()
        with evidence_looks.looked_at(question) as digests:
            plain = PlainPaths(folder / LINKS).question(question)
            ready = duckdb_prepare.prepared(plain, folder, watch)
            kept = _without_periods(datamap, question.legal_hold)
            found = duckdb_measure.run(
                ready.question, kept, folder, progress, watch, ready.rows
            )
            files = (*digests(), *ready.answers)
        seconds = time.perf_counter() - started
        counts: dict[str, Any] = {
            **found.counts,
            "repeated_files": [list(each) for each in ready.repeated],
            "seconds": round(seconds, 3),
            "rows_per_second": round(found.counts["rows_read"] / seconds),
        }
        statements = ";\n".join((*ready.statements, found.statements))
        return replace(found, counts=counts, statements=statements, files=files)

    def convert(self, log: Log, folder: Path, only: File | None = None) -> Iterator[Import]:
        """Yield each file of a log, or one `only`, converted once, in `folder`.

        Raises Unusable for a file that cannot be read, and a column that no file has.
        """
        from breachdesk.adapters import (  # noqa: PLC0415  (heavy to import)
            duckdb_imports,
            duckdb_prepare,
        )

        plain = PlainPaths(folder / LINKS)
        if log.ready is None:
            inner = folder / "import-checked"
            inner.mkdir()
            every = duckdb_prepare.prepared_log(plain.part(log), inner)
            duckdb_imports.check(every, inner)
            shutil.rmtree(inner)
        for number, file in enumerate(log.files if only is None else (only,)):
            inner = folder / f"import-{number}"
            inner.mkdir()
            evidence_files.check_whole(file)
            one = replace(log, files=(plain.file(file),))
            ready = duckdb_prepare.prepared_log(one, inner)
            for prepared in ready.files:
                made = duckdb_imports.convert(prepared, ready, inner, number)
                yield Import(log, file, *made)
            shutil.rmtree(inner)

    def sample(self, file: File, sheet: str | None) -> Sample:
        """Return the first rows of a file nobody knows yet. Raises Unusable."""
        from breachdesk.adapters import duckdb_samples  # noqa: PLC0415  (heavy to import)

        with self.workplace() as folder:
            found = PlainPaths(folder / LINKS).file(file)
            return duckdb_samples.take(found, sheet, folder)

    def people(self, listed: Path, ring: Ring, *, mixed: bool = False) -> Iterator[Person]:
        """Yield everyone of a ring from a list that `measure` left, ordered by key.

        When `mixed`, by a digest of the key.
        """
        from breachdesk.adapters import duckdb_lists  # noqa: PLC0415  (heavy to import)

        return duckdb_lists.people(listed, ring, mixed=mixed)

    def cut(self, listed: Path, customer: str, target: Path) -> None:
        """Write to `target` a list of a customer's own people and data, out of a whole one."""
        from breachdesk.adapters import duckdb_cuts  # noqa: PLC0415  (heavy to import)

        duckdb_cuts.cut(listed, customer, target)

    def person(self, listed: Path, person_key: str) -> tuple[Ring, Person] | None:
        """Return the innermost ring of one person, and the person; None if not listed."""
        from breachdesk.adapters import duckdb_lists  # noqa: PLC0415  (heavy to import)

        return duckdb_lists.person(listed, person_key)

    def changes(self, earlier: Path, later: Path, ring: Ring) -> Iterator[tuple[str, Change]]:
        """Yield the key of everyone in whom a ring of two lists differs, and how."""
        from breachdesk.adapters import duckdb_lists  # noqa: PLC0415  (heavy to import)

        return duckdb_lists.changes(earlier, later, ring)

    def compare(self, earlier: Path, later: Path, ring: Ring) -> Comparison:
        """Say how a ring of two lists differs."""
        from breachdesk.adapters import duckdb_lists  # noqa: PLC0415  (heavy to import)

        return duckdb_lists.compare(earlier, later, ring)


def _without_periods(datamap: DataMap, held: Collection[str]) -> DataMap:
    """Return the data map as it was while a legal hold kept everyone in some stores."""
    stores = (
        replace(each, retention=None) if each.id in held else each for each in datamap.stores
    )
    return replace(datamap, stores=tuple(stores))
