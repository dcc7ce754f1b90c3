"""One measure, step by step: directories, evidence, touches, rings, counts."""

from pathlib import Path

import duckdb

from breachdesk.adapters import (
    duckdb_directory,
    duckdb_evidence,
    duckdb_leaks,
    duckdb_reasons,
    duckdb_rings,
    duckdb_touches,
)
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_evidence import Read
from breachdesk.datamap.terms import DataMap
from breachdesk.scoping.terms import Measurement, Progress, Question


def run(question: Question, datamap: DataMap, folder: Path, progress: Progress) -> Measurement:
    """Answer a question; the list of people is left in `folder`."""
    engine = Engine(folder, duckdb_evidence.paths_of(question))
    try:
        return _measure(engine, question, datamap, progress)
    except duckdb.Error as error:
        raise unreadable(question.file.name, error) from None
    finally:
        engine.close()


def _measure(
    engine: Engine, question: Question, datamap: DataMap, progress: Progress
) -> Measurement:
    steps = len(question.logs) + 4
    progress(0, steps)
    duckdb_directory.load(engine, question, datamap)
    duckdb_directory.load_addresses(engine, question.lists)
    engine.run(duckdb_evidence.REQUESTS)
    read = Read()
    for number, log in enumerate(question.logs):
        progress(1 + number, steps)
        read += duckdb_evidence.load_log(engine, number, log, question)
    read += duckdb_leaks.load_lists(engine, question.lists)
    progress(steps - 3, steps)
    duckdb_touches.find(engine, question, datamap)
    progress(steps - 2, steps)
    duckdb_rings.find(engine, question, datamap)
    duckdb_reasons.write(engine, question)
    progress(steps - 1, steps)
    listed = engine.folder / "people.parquet"
    result = duckdb_rings.write(engine, listed)
    counts = duckdb_rings.counts(engine, question, datamap)
    counts["unmatched"]["unread_rows"] = read.unread
    counts["rows_read"] = read.rows
    groups = duckdb_rings.groups(engine)
    progress(steps, steps)
    return Measurement(counts, groups, result, ";\n".join(engine.statements), (), listed)
