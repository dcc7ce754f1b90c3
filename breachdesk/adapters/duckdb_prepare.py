"""A question as the engine can read it: what is no CSV, NDJSON or Parquet becomes one.

Every file is looked at before: see `evidence_files`. The originals keep their digests; the
copies lie in the workplace, and go with it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import duckdb

from breachdesk.adapters import (
    duckdb_files,
    duckdb_lines,
    duckdb_ready,
    evidence_files,
    sheet_reader,
)
from breachdesk.adapters.duckdb_engine import Engine, text, unreadable
from breachdesk.adapters.duckdb_files import Source
from breachdesk.adapters.duckdb_pace import Pace, rows_of
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.reading import format_of
from breachdesk.scoping.terms import (
    Directory,
    ExportedFiles,
    File,
    FileDigest,
    Format,
    Log,
    PeopleList,
    Question,
    ReadyMade,
    Stopped,
    Watch,
)

Listed = TypeVar("Listed", PeopleList, ExportedFiles)
SAID_OF_A_LOG = 8
"""So many statements of a log of many files are kept: those of the first tell the others."""


AT_ONCE = 2
"""So many files of a log are converted at once: one of few events keeps no processor busy."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question of files that the engine reads, and what became of those it names.

    `repeated` are the files of logs that hold the same bytes as one before them; they are
    read once. `answers` are the digests of what databases answered. `rows` is about how many
    rows were read for this.
    """

    question: Question
    repeated: tuple[tuple[str, str], ...]
    answers: tuple[FileDigest, ...]
    statements: tuple[str, ...]
    rows: int


def prepared(question: Question, folder: Path, watch: Watch | None = None) -> Prepared:
    """Return what the engine is to read.

    Raises Unusable for a file that is a trick, Stopped when the `watch` says so.
    """
    for file in dict.fromkeys(file for part in question.parts for file in part.files):
        evidence_files.check(file)
    logs, repeated = _once(question.logs)
    work = _Workshop(folder, logs, watch)
    found = replace(
        question,
        logs=tuple(work.log(each) for each in logs),
        lists=tuple(work.lines(each) for each in question.lists),
        exports=tuple(work.lines(each) for each in question.exports),
        directories=tuple(work.directory(each) for each in question.directories),
    )
    return Prepared(found, repeated, tuple(work.answers), tuple(work.statements), work.rows)


def prepared_log(log: Log, folder: Path) -> Log:
    """Return one log as the engine reads it. Raises Unusable for a file that is a trick."""
    for file in log.files:
        evidence_files.check(file)
    return _Workshop(folder).log(log)


def _once(logs: tuple[Log, ...]) -> tuple[tuple[Log, ...], tuple[tuple[str, str], ...]]:
    """Return the logs with each content once, and the names of what was left out.

    Only files of one size are compared, so that nothing is read twice for this.
    """
    sizes: dict[int, int] = defaultdict(int)
    for log in logs:
        for file in log.files:
            sizes[file.path.stat().st_size] += 1
    seen: dict[tuple[object, ...], str] = {}
    kept, repeated = [], []
    for log in logs:
        files = []
        for file in log.files:
            size = file.path.stat().st_size
            if size and sizes[size] > 1:
                asked = (log.format, log.zone, log.ready and log.ready.name)
                digest = file.sha256 or rules.file_digest(file.path)
                key = (digest, asked, tuple(sorted(log.columns.items())))
                if key in seen:
                    repeated.append((file.name, seen[key]))
                    continue
                seen[key] = file.name
            files.append(file)
        kept.append(replace(log, files=tuple(files)))
    return tuple(kept), tuple(repeated)


class _Workshop:
    """Makes the copies of one measure, in its workplace."""

    def __init__(
        self, folder: Path, logs: Sequence[Log] = (), watch: Watch | None = None
    ) -> None:
        """Make them in a folder of their own there; a measure of the logs comes after."""
        self._folder = folder / "prepared"
        self._folder.mkdir()
        self._made = 0
        self._watch = watch
        converting = watch is not None and any(log.ready for log in logs)
        self._later = sum(rows_of(file) for log in logs for file in log.files if converting)
        self.rows = 0
        self.answers: list[FileDigest] = []
        self.statements: list[str] = []

    def log(self, log: Log) -> Log:
        """Return a log that the engine reads."""
        ready = log.ready
        if ready is None:
            return replace(
                log,
                files=tuple(
                    each if each.imported else self._narrowed(each) for each in log.files
                ),
            )
        there = [each for each in log.files if each.imported or each.path.stat().st_size]
        plain = [each if each.imported else self._narrowed(each) for each in there]
        raw = {each: self._next(".parquet") for each in plain if each.imported is None}
        kept = replace(log, files=tuple(raw))
        with (
            self._engine(*raw) as engine,
            Pace(engine, [kept], self._watch, self.rows, self._later) as pace,
        ):
            pace.reads(0, 0)
            self._convert(engine, ready, raw)
        self.rows += pace.expected
        files = tuple(File(raw[each], each.name) if each in raw else each for each in plain)
        return replace(log, files=files, format=Format.PARQUET)

    def _convert(self, engine: Engine, ready: ReadyMade, raw: Mapping[File, Path]) -> None:
        """Convert files, several at once. Raises Stopped once the engine was."""
        hands = [engine.beside() for _ in range(AT_ONCE)] if len(raw) > 1 else [engine]

        def convert(file: File) -> tuple[str, ...]:
            hand = hands.pop()
            try:
                if not engine.stopped:
                    duckdb_ready.convert(hand, file, ready, raw[file])
                return tuple(hand.statements)
            finally:
                hand.statements.clear()
                hands.append(hand)

        told: list[str] = []
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for number, said in enumerate(pool.map(convert, raw), start=1):
                    told += said[: SAID_OF_A_LOG - len(told)]  # the next say the same
                    engine.part = (number / len(raw),) * 2
        except Unusable:
            if not engine.stopped:
                raise
        if engine.stopped:
            raise Stopped(rules.CANCELLED)
        engine.statements += told

    def lines(self, several: Listed) -> Listed:
        """Return a list of which each file has one line for each person, or each file."""
        if several.column is None:
            return replace(several, files=tuple(self._narrowed(each) for each in several.files))
        files = tuple(
            self._lines(self._table(each, several.sheet), several.column)
            for each in several.files
        )
        return replace(several, files=files, column=None, sheet=None)

    def directory(self, directory: Directory) -> Directory:
        """Return a directory of files that the engine reads."""
        if directory.asked is not None:
            return self._answered(directory)
        files = tuple(self._table(each, directory.sheet) for each in directory.files)
        return replace(directory, files=files, sheet=None)

    def _answered(self, directory: Directory) -> Directory:
        """Ask the database, and keep its rows in an order of their own as Parquet."""
        assert directory.asked is not None  # noqa: S101  (told apart by the caller)
        said, answer = self._next(".csv"), self._next(".csv")
        target = self._next(".parquet")
        shown = f"{directory.place}.query"
        from breachdesk.adapters import sql_reader  # noqa: PLC0415  (heavy to import)

        names = sql_reader.fetch(directory.asked, directory.place, said)
        for column in directory.columns.values():
            if names.count(column) > 1:
                problem = f"returns the column {column!r} twice; name one of them otherwise"
                raise Unusable(Problem(problem, field=shown))
        columns = "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"'"
        with self._engine(File(said, shown)) as engine:
            rows = f"(FROM read_csv({text(str(said))}, {columns}) ORDER BY ALL)"
            engine.run(f"COPY {rows} TO {text(str(answer))} (FORMAT csv)")
            engine.run(f"COPY {rows} TO {text(str(target))} (FORMAT parquet)")
        self.answers.append(
            FileDigest(shown, directory.place, answer.stat().st_size, rules.file_digest(answer))
        )
        said.unlink()
        answer.unlink()
        return replace(directory, files=(File(target, shown),), asked=None)

    def _table(self, file: File, sheet: str | None) -> File:
        if format_of(file.path, None) is not Format.XLSX:
            return self._narrowed(file)
        target = self._next(".csv")
        sheet_reader.convert(file, sheet, target)
        return File(target, file.name)

    def _lines(self, file: File, column: str) -> File:
        """Return a file with what stands in a column, a line each; an empty one if nothing.

        A row that says nothing there is a line that is no text; a row of nothing is blank.
        """
        target = self._next(".txt")
        form = format_of(file.path, None) or Format.CSV
        with self._engine(file) as engine:
            found = duckdb_files.sources(engine, [file], form, {"person": column}, "list")
            values = " UNION ALL ".join(_values(each) for each in found)
            statement = (
                f"COPY ({values or 'SELECT NULL WHERE false'}) TO {text(str(target))} "
                "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"
            )
            try:
                engine.run(statement)
            except duckdb.Error as error:
                raise unreadable(file.name, error) from None
            for rejects in (each.rejects for each in found if each.rejects):
                [line] = engine.one(f"SELECT min(line) FROM {rejects}")
                if line is not None:
                    raise Unusable(Problem("is not a row of the file", file.name, line))
        return File(target, file.name)

    def _narrowed(self, file: File) -> File:
        encoding = evidence_files.marked(file)
        if encoding is None:
            return file
        suffixes = file.path.suffixes
        plain = suffixes[:-1] if suffixes[-1].lower() == ".gz" else suffixes
        target = self._next(plain[-1] if plain else ".txt")
        evidence_files.narrowed(file, encoding, target)
        return File(target, file.name)

    @contextmanager
    def _engine(self, *files: File) -> Iterator[Engine]:
        """Yield an engine that sees some files, and keep what it ran."""
        engine = Engine(self._folder, [each.path for each in files])
        try:
            yield engine
        finally:
            self.statements.extend(engine.statements)
            engine.close()

    def _next(self, ending: str) -> Path:
        self._made += 1
        return self._folder / f"{self._made}{ending}"


def _values(source: Source) -> str:
    """Return a relation with the line of each row of a list."""
    value = source.fields["person"]
    line = f"regexp_replace({value}, '[\\r\\n]+', ' ', 'g')"
    something = "true"
    if source.format is Format.CSV:
        something = "concat_ws('', *COLUMNS('^c[0-9]+$')) <> ''"
    return (
        f"SELECT CASE WHEN trim({value}) <> '' THEN {line} "
        f"WHEN {something} THEN {text(duckdb_lines.NO_TEXT)} END AS line "
        f"FROM {source.relation}"
    )
