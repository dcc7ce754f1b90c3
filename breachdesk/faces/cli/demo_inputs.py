"""Makes up the demonstration's inputs: people, an API's logs, and the question about them.

Everything follows from the seed: the same seed gives the same bytes. Names are common ones put
together by chance; every mailbox is under a domain that RFC 2606 or RFC 6761 keeps free, every
address of the network under one that RFC 5737 or RFC 3849 does. A file is written beside its
place and moved there when it is whole; the question comes last, so that where it lies,
everything that it names lies too.
"""

import csv
import gzip
import io
import json
import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from breachdesk.faces.cli.demo_people import ACCOUNT_COLUMNS, CONTACT_COLUMNS, Crowd, crowd
from breachdesk.faces.cli.demo_traffic import traffic
from breachdesk.kernel.errors import Unusable

FEWEST_PEOPLE = 10
FEWEST_ROWS = 100
SAMPLE = "leadjet"
EVERY = 2_000
"""How many rows are written between two calls of `progress`."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DemoInputs:
    """Where the inputs lie."""

    directory: tuple[Path, ...]
    logs: tuple[Path, ...]
    question: Path
    incident: Path
    datamap: Path


def check(people: int, log_rows: int) -> None:
    """Refuse numbers too small to tell a story. Raises Unusable."""
    if people < FEWEST_PEOPLE:
        raise Unusable(f"the demonstration needs at least {FEWEST_PEOPLE} people, not {people}")
    if log_rows < FEWEST_ROWS:
        raise Unusable(f"the demonstration needs at least {FEWEST_ROWS} rows, not {log_rows}")


def generate(
    folder: Path,
    *,
    samples: Path,
    people: int,
    log_rows: int,
    seed: int,
    progress: Progress,
) -> DemoInputs:
    """Write directories of `people` people and `log_rows` lines of log into `folder`.

    Question, incident and data map are those of the sample organisation in `samples`; only the
    names of the files differ. `progress` is told how many of all rows are written.
    Raises Unusable for numbers too small to tell a story.
    """
    check(people, log_rows)
    chance = random.Random(seed)  # noqa: S311  (made-up data must be the same for a seed)
    sample = samples / SAMPLE
    question = folder / "question.toml"
    folder.mkdir(parents=True, exist_ok=True)
    question.unlink(missing_ok=True)
    shutil.rmtree(folder / "logs", ignore_errors=True)
    (folder / "logs").mkdir()
    tell = _counted(progress, people + log_rows)
    everyone = crowd(people, chance)
    directory = _write_directory(folder, everyone, tell)
    logs = _write_logs(folder / "logs", traffic(everyone, log_rows, chance), tell)
    for name in ("incident.toml", "datamap.toml"):
        _write(folder / name, (sample / name).read_bytes())
    _write(question, _question(sample / question.name))
    progress(people + log_rows, people + log_rows)
    return DemoInputs(
        directory=directory,
        logs=logs,
        question=question,
        incident=folder / "incident.toml",
        datamap=folder / "datamap.toml",
    )


def _write_directory(
    folder: Path, everyone: Crowd, tell: Callable[[], None]
) -> tuple[Path, ...]:
    accounts, contacts = folder / "accounts.csv.gz", folder / "contacts.csv.gz"
    _write_table(accounts, ACCOUNT_COLUMNS, everyone.accounts, tell)
    _write_table(contacts, CONTACT_COLUMNS, everyone.contacts, tell)
    return accounts, contacts


def _write_table(
    path: Path,
    columns: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    tell: Callable[[], None],
) -> None:
    with _whole(path) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
        table = csv.writer(text, lineterminator="\n")
        table.writerow(columns)
        for row in rows:
            table.writerow(row)
            tell()


def _write_logs(
    folder: Path, lines: Iterator[tuple[str, str]], tell: Callable[[], None]
) -> tuple[Path, ...]:
    """Write one file a day; `lines` are days and lines in the order of time."""
    paths = []
    for day, today in groupby(lines, key=itemgetter(0)):
        path = folder / f"access-{day}.ndjson.gz"
        paths.append(path)
        with _whole(path) as file:
            for _, line in today:
                file.write(line.encode())
                tell()
    return tuple(paths)


def _question(sample: Path) -> bytes:
    """Return the sample's question with the generated files' names in it."""
    text = sample.read_text(encoding="utf-8")
    for shipped, generated in (
        ("logs/access-*.ndjson", "logs/access-*.ndjson.gz"),
        ("accounts.csv", "accounts.csv.gz"),
        ("contacts.csv", "contacts.csv.gz"),
    ):
        text = text.replace(json.dumps(shipped), json.dumps(generated))
    return text.encode()


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


@contextmanager
def _whole(path: Path) -> Iterator[gzip.GzipFile]:
    """Yield a gzip file that stands at `path` only when all of it is written."""
    partial = path.with_name(path.name + ".partial")
    with (
        partial.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=3, fileobj=raw, mtime=0) as packed,
    ):
        yield packed
    partial.replace(path)


def _counted(progress: Progress, total: int) -> Callable[[], None]:
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if done % EVERY == 0:
            progress(min(done, total), total)

    return tell
