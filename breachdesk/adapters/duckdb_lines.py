"""Text files as lines: each with its number in the file, also behind one that is no text."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from mmap import ACCESS_READ, mmap

import duckdb

from breachdesk.adapters.duckdb_engine import ITS_OWN, PACKED, Engine, text, unreadable
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping.terms import File

WHICH = "read_from_file"
"""The column with the path of a row's file; a name that no log has of its own."""
LONGEST_LINE = 16 << 20
LONGEST_KNOWN = 128 << 20
"""Longer lines may be more than the engine reads at once: it would skip them in silence."""
FIRST = 200
"""How many lines of a file are looked at to tell how it is written."""
NO_TEXT = "\ufffd"
"""A line of this alone stands for one that is no text."""
UNLIKELY = "\x01\x02\x03"
csv.field_size_limit(LONGEST_LINE)


def relation(files: Sequence[File], rejects: str) -> str:
    """Return a relation with a row for each line of text files, blank ones as NULL."""
    return (
        f"read_csv({paths(files)}, columns = {{'line': 'VARCHAR'}}, delim = {text(UNLIKELY)}, "
        "quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, "
        f"{limits(files)}, compression = {text(compression(files[0]))}, "
        f"store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', "
        f"filename = '{WHICH}', {ITS_OWN})"
    )


def first(engine: Engine, file: File, most: int, *, blank: bool = True) -> list[str]:
    """Return the first lines of a text file, or the first that say something.

    Raises Unusable where there are lines and none is text: such a file is not empty.
    """
    those = "" if blank else "WHERE line IS NOT NULL "
    try:
        found = engine.rows(
            f"SELECT line FROM {relation([file], 'rejects_header')} {those}LIMIT {most}"
        )
        # with a line to return, the engine does not say what it passed over
        lost = not found and engine.rows("SELECT 1 FROM rejects_header LIMIT 1")
        engine.run("DROP TABLE IF EXISTS rejects_header")
        engine.run("DROP TABLE IF EXISTS rejects_header_scan")
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    if lost:
        raise Unusable(Problem("has no line that is UTF-8; save it anew as UTF-8", file.name))
    return [line or "" for (line,) in found]


def numbered(engine: Engine, file: File, table: str) -> Iterator[str | None]:
    """Yield every line in order, "" for a blank one and None for one that is no text.

    The lines lie in `table` until the last was taken. Raises Unusable.
    """
    if file.path.stat().st_size == 0:
        return
    rejects = f"{table}_rejects"
    try:
        engine.read(f"CREATE TABLE {table} AS SELECT line FROM {relation([file], rejects)}")
    except duckdb.Error as error:
        raise unreadable(file.name, error) from None
    lost = {int(line) for (line,) in engine.rows(f"SELECT DISTINCT line FROM {rejects}")}
    number = 1
    for (line,) in engine.stream(f"SELECT line FROM {table}"):
        while number in lost:
            yield None
            lost.remove(number)
            number += 1
        yield line or ""
        number += 1
    yield from (None for _ in lost)
    engine.run(f"DROP TABLE {table}")


def rows(
    several: Iterable[str], delimiter: str, *, strict: bool = False
) -> Iterator[list[str]]:
    """Yield the values of each row of CSV, none of what is no row.

    Where it is `strict`, nothing but a delimiter may follow a quote that closes.
    """
    reader = csv.reader(several, delimiter=delimiter, strict=strict)
    while True:
        try:
            yield next(reader)
        except csv.Error:
            yield []
        except StopIteration:
            return


def cells(row: str, delimiter: str, *, strict: bool = False) -> list[str]:
    """Return the values of a row of CSV, which may span several lines."""
    return next(rows([row], delimiter, strict=strict), [])


def limits(files: Sequence[File]) -> str:
    """Return how long a line may be, and how much is read at once. Raises Unusable.

    Unless it is told, the engine reads 256 MiB, even for a first line. A line that does not
    go into what it reads at once it skips without a word: it is told where no line is long.
    """
    told = f"max_line_size = {LONGEST_LINE}"
    if any(compression(file) != "none" for file in files):
        return told
    for file in files:
        if not _broken_within(file, LONGEST_KNOWN):
            problem = f"has a line of more than {LONGEST_KNOWN >> 20} MiB"
            raise Unusable(Problem(problem, file.name))
    if all(_broken_within(file, LONGEST_LINE) for file in files):
        told += f", buffer_size = {2 * LONGEST_LINE}"
    return told


def _broken_within(file: File, length: int) -> bool:
    """Tell that no line of a file is twice as long as `length`; each stretch has an end."""
    size = file.path.stat().st_size
    if size <= length:
        return True
    with file.path.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as whole:
        ends = range(length, size + 1, length)
        return all(whole.rfind(b"\n", end - length, end) >= 0 for end in ends)


def compression(file: File) -> str:
    """Return how a file is packed, by its ending."""
    return PACKED.get(file.path.suffix.lower(), "none")


def paths(files: Sequence[File]) -> str:
    """Return the paths of files as the engine is told them."""
    return "[" + ", ".join(text(str(file.path)) for file in files) + "]"
